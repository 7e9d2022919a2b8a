"""`cocsync validate`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cocsync.cli.common import Run, verb

if TYPE_CHECKING:
    from cocsync.diagnostics import Diagnostic
    from cocsync.errors import ExitCode
    from cocsync.terminal import Style


@verb("text", "json")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
def validate(run: Run, paths: tuple[str, ...]) -> ExitCode:
    """Check the project file and the manifests, offline. With PATH, report only what stands in these files or folders.

    Every target is checked unless --target names one. Exits with 1 where there is an error.
    """
    from cocsync import __version__
    from cocsync.diagnostics import errors, in_order
    from cocsync.errors import ExitCode
    from cocsync.report.json import diagnostics_json

    found, manifests, root = _check(run)
    places = tuple(_place(run, root, path) for path in paths)
    chosen = tuple(d for d in in_order(found) if _concerns(d, places))
    run.emit(
        {
            "text": lambda style: _text(run, chosen, manifests, style),
            "json": lambda _: diagnostics_json(chosen, tool_version=__version__, files=manifests),
        }
    )
    return ExitCode.ERROR if errors(chosen) else ExitCode.OK


def _check(run: Run) -> tuple[list[Diagnostic], int, Path]:
    """Everything found, the number of scripts that the manifests of all targets describe, and the repository."""
    from cocsync.cli.session import find_root, open_session
    from cocsync.errors import ManifestsInvalid

    try:
        session = open_session(replace(run, endpoint=None, environ={**run.environ, "COCSYNC_ENDPOINT": ""}))
    except ManifestsInvalid as error:
        return list(error.diagnostics), 0, find_root(run.directory)
    targets = (session.target,) if run.target else session.project.targets
    desired = [replace(session, target=target).desired() for target in targets]
    names = {manifest.name for one in desired for manifest in one.manifests}
    return [d for one in desired for d in one.diagnostics], len(names), session.root


def _text(run: Run, chosen: tuple[Diagnostic, ...], manifests: int, style: Style) -> str:
    from cocsync.report.text import diagnostics_text

    return diagnostics_text(chosen, style=style, width=run.width) + f"{manifests} scripts checked.\n"


def _place(run: Run, root: Path, path: str) -> str:
    """A PATH as diagnostics write it: relative to the repository."""
    from cocsync.errors import UsageError

    absolute = ((run.directory or Path.cwd()) / path).resolve()
    if not absolute.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    if not absolute.is_relative_to(root):
        raise UsageError(f"{path} lies outside the repository {root}")
    return absolute.relative_to(root).as_posix()


def _concerns(diagnostic: Diagnostic, places: tuple[str, ...]) -> bool:
    if not places or "." in places or diagnostic.at is None:
        return True
    return any(diagnostic.at.file == place or diagnostic.at.file.startswith(f"{place}/") for place in places)
