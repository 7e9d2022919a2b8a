"""`cocsync import`."""

from __future__ import annotations

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.feedback import watching
from cocsync.cli.parts.run import Run, verb
from cocsync.engine.imports import import_scripts
from cocsync.engine.requests import ImportRequest
from cocsync.engine.workspace import open_workspace
from cocsync.errors import UsageError
from cocsync.export.record import Import


@verb(Import)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Every script that has no manifest here.")
@click.option("--dir", "folder", metavar="DIR", help="Folder for the new manifests; the first of `sources` otherwise.")
@click.option("--overwrite", is_flag=True, help="Bring what differs into manifests that are there.")
def import_(run: Run, *, names: tuple[str, ...], everything: bool, folder: str | None, overwrite: bool) -> None:
    """Write manifests and content files for scripts that are in COC. Reads only there; overwrites nothing here.

    Afterwards `cocsync plan --adopt-all` shows adoptions, and no other difference.
    """
    if bool(names) == everything:
        raise UsageError("name the scripts to import, or pass --all for every one that has no manifest")
    with watching(run) as watch:
        workspace = open_workspace(run.place, run.environ, watch.feedback)
        request = ImportRequest(names=names, folder=folder, overwrite=overwrite)
        report = import_scripts(workspace, request, watch.feedback)
    reports.emit(run, report)
