"""`cocsync render`."""

from __future__ import annotations

import click

from cocsync.cli.parts.run import Run, say, verb
from cocsync.engine.feedback import Feedback
from cocsync.engine.workspace import open_workspace
from cocsync.errors import Refused
from cocsync.export.manifest import render as render_manifest


@verb()
@click.argument("name", required=False)
def render(run: Run, *, name: str | None) -> None:
    """Print what the target gets: each manifest, or NAME's, with defaults and overrides merged in. Offline."""
    workspace = open_workspace(run.place, run.environ, Feedback(note=run.note))
    manifests = [m for m in workspace.desired().manifests if name in (None, m.name)]
    if name is not None and not manifests:
        raise Refused(f"there is no manifest {name} for target {workspace.target.name}")
    say("".join(render_manifest(manifest) for manifest in manifests), nl=False)
