"""`cocsync restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cocsync.cli.parts.run import Run, say, verb

if TYPE_CHECKING:
    from cocsync.engine.session import Session


@verb()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("name", required=False)
@click.option("--overwrite", is_flag=True, help="Replace the manifest that has this name now.")
def restore(run: Run, *, folder: Path, name: str | None, overwrite: bool) -> None:
    """Bring a backup back into the manifests: DIR is a folder below .cocsync/backups, NAME one script of it.

    Writes files here and nothing to COC: `cocsync plan` then shows what an apply would bring back. Sensitive values
    are in no backup, so their sources are to be checked.
    """
    from cocsync.engine.session import open_session
    from cocsync.export.restore import restore_into

    session = open_session(run)
    written = restore_into(
        _manifests(session),
        backup=folder,
        root=session.root,
        source=session.project.sources[0],
        name=name,
        overwrite=overwrite,
    )
    for path in written:
        say(f"restored  {path}")
    run.note("Next: look at the difference with git, then cocsync plan.")


def _manifests(session: Session) -> dict[str, str]:
    """Where each script's manifest is now, by name."""
    return {manifest.name: manifest.file for manifest in session.desired().manifests}
