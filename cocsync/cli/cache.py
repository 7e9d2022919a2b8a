"""`cocsync cache`: what is remembered between runs."""

from __future__ import annotations

import click

from cocsync.cli.parts.run import Run, say, verb
from cocsync.engine.feedback import Feedback
from cocsync.engine.workspace import Workspace, open_workspace
from cocsync.errors import LocalFailure


@click.group()
def cache() -> None:
    """Look at what is remembered of COC, or remove it. It makes runs faster and holds no name, content or value."""


@verb()
def info(run: Run) -> None:
    """Say what the cache holds for the target."""
    workspace = _workspace(run)
    held = workspace.cache()
    entries, cuts = held.load()
    size = held.path.stat().st_size if held.path.is_file() else 0
    say(f"{held.path}: {size} bytes; target {workspace.target.name}: {len(entries)} scripts, {len(cuts)} cuts")


@verb()
def clear(run: Run) -> None:
    """Remove the cache, of every target."""
    held = _workspace(run).cache()
    try:
        held.clear()
    except OSError as error:
        raise LocalFailure(f"{held.path} cannot be removed: {error.strerror}") from None
    say("The cache is removed.")


def _workspace(run: Run) -> Workspace:
    return open_workspace(run.place, run.environ, Feedback(note=run.note))


for command in (info, clear):
    cache.add_command(command)
