"""`cocsync render`."""

from __future__ import annotations

import click

from cocsync.cli.parts.run import Run, say, verb
from cocsync.engine.feedback import Feedback
from cocsync.engine.rendering import render as rendered
from cocsync.engine.workspace import open_workspace


@verb()
@click.argument("name", required=False)
def render(run: Run, *, name: str | None) -> None:
    """Print what the target gets: each manifest, or NAME's, with defaults and overrides merged in. Offline."""
    workspace = open_workspace(run.place, run.environ, Feedback(note=run.note))
    say(rendered(workspace, name), nl=False)
