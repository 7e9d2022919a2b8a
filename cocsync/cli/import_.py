"""`cocsync import`."""

from __future__ import annotations

import json
from typing import Any

import click

from cocsync import __version__
from cocsync.cli.parts.feedback import watching
from cocsync.cli.parts.run import Run, verb
from cocsync.engine.imports import ImportReport, import_scripts
from cocsync.engine.requests import ImportRequest
from cocsync.engine.workspace import open_workspace
from cocsync.errors import UsageError
from cocsync.plan.plan import FORMAT_VERSION
from cocsync.report.terminal import visible


@verb("text", "json")
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
    run.emit({"text": lambda _: _text(report), "json": lambda _: _json(report)})


def _text(report: ImportReport) -> str:
    made, merged = report.new, report.merged
    cut = "  (its description was too long for the mark, and is cut)"
    lines = [f"  + imported  {visible(script.folder)}{cut if script.cut else ''}" for script in made.imported]
    lines += [f"  ~ updated  {visible(name)}" for name, why in merged if not why]
    lines += [f"  ! left  {visible(name)} {why}" for name, why in merged if why]
    lines += [f"  ! not imported  {visible(script.name)}: {visible(script.why)}" for script in made.skipped]
    values = [f"{script.name}[{name}]" for script in made.imported for name in script.sources]
    if values:
        lines += ["", f"Sensitive values to provide (see each `value_from`): {visible(', '.join(values))}"]
        lines += ['`secrets.env` of cocsync.yaml has to name their variables: `secrets: {env: ["APP_*"]}`']
    updated = sum(not why for _, why in merged)
    counts = [f"{len(made.imported)} imported", *([f"{updated} updated"] if updated else [])]
    counts += [f"{len(made.left)} left as they are", f"{len(made.skipped)} not possible"]
    lines += ["", f"Import: {', '.join(counts)}. Next: cocsync plan --adopt-all"]
    return "\n".join(lines) + "\n"


def _json(report: ImportReport) -> str:
    made, merged = report.new, report.merged
    body: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "tool_version": __version__,
        "summary": {
            "imported": len(made.imported),
            "left": len(made.left),
            "skipped": len(made.skipped),
            "updated": sum(not why for _, why in merged),
        },
        "imported": [
            {"name": s.name, "folder": s.folder, "cut": s.cut, "sensitive_params": list(s.sources)}
            for s in made.imported
        ],
        "left": list(made.left),
        "skipped": [{"name": s.name, "why": s.why} for s in made.skipped],
        "updated": [{"name": name, "why_not": why or None} for name, why in merged],
    }
    return json.dumps(body, indent=2) + "\n"
