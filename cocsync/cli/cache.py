"""`cocsync cache`: what is remembered between runs."""

from __future__ import annotations

import click

from cocsync.cli.parts.run import Run, say, verb
from cocsync.errors import LocalFailure


@click.group()
def cache() -> None:
    """Look at what is remembered of COC, or remove it. It makes runs faster and holds no name, content or value."""


@verb()
def info(run: Run) -> None:
    """Say what the cache holds for the target."""
    from cocsync.engine.session import open_session

    session = open_session(run)
    held = session.cache()
    entries, cuts = held.load()
    size = held.path.stat().st_size if held.path.is_file() else 0
    say(f"{held.path}: {size} bytes; target {session.target.name}: {len(entries)} scripts, {len(cuts)} cuts")


@verb()
def clear(run: Run) -> None:
    """Remove the cache, of every target."""
    from cocsync.engine.session import open_session

    held = open_session(run).cache()
    try:
        held.clear()
    except OSError as error:
        raise LocalFailure(f"{held.path} cannot be removed: {error.strerror}") from None
    say("The cache is removed.")


for command in (info, clear):
    cache.add_command(command)
