"""`cocsync restore`."""

from __future__ import annotations

from pathlib import Path

import click

from cocsync.cli.parts.run import Run, say, verb
from cocsync.engine.feedback import Feedback
from cocsync.engine.requests import RestoreRequest
from cocsync.engine.restoring import restore as bring_back
from cocsync.engine.workspace import open_workspace


@verb()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("name", required=False)
@click.option("--overwrite", is_flag=True, help="Replace the manifest that has this name now.")
def restore(run: Run, *, folder: Path, name: str | None, overwrite: bool) -> None:
    """Bring a backup back into the manifests: DIR is a folder below .cocsync/backups, NAME one script of it.

    Writes files here and nothing to COC: `cocsync plan` then shows what an apply would bring back. Sensitive values
    are in no backup, so their sources are to be checked.
    """
    workspace = open_workspace(run.place, run.environ, Feedback(note=run.note))
    for path in bring_back(workspace, RestoreRequest(backup=folder, name=name, overwrite=overwrite)):
        say(f"restored  {path}")
    run.note("Next: look at the difference with git, then cocsync plan.")
