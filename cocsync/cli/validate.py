"""`cocsync validate`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cocsync.cli import reports
from cocsync.cli.common import Run, verb
from cocsync.cli.reports import Checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cocsync.desired import Desired
    from cocsync.diagnostics import Diagnostic
    from cocsync.errors import ExitCode
    from cocsync.manifests.project import Project
    from cocsync.policy.programs.deep import Deep

MEMORY = "lint.json"
"""What `--deep` remembers, below the state folder. It may be deleted at any time."""
_MEMORY_MAX_BYTES = 1 << 24


@verb(*reports.VALIDATE)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--deep", is_flag=True, help="Also judge syntax, and what shellcheck says where it is installed.")
def validate(run: Run, paths: tuple[str, ...], *, deep: bool) -> ExitCode:
    """Check the project file and the manifests, offline. With PATH, report only what stands in these files or folders.

    Every target is checked unless --target names one. Exits with 1 where there is an error.
    """
    from cocsync.cli.session import find_root
    from cocsync.diagnostics import errors
    from cocsync.errors import ExitCode
    from cocsync.manifests.project import load

    root = find_root(run.directory)
    places = tuple(_place(run, root, path) for path in paths)
    project, found = load(root)
    checked = Checked(found=found)
    if project:
        checked = _check(run, root, project, deep=deep)
        _refuse_nothing(places, paths, checked)
        checked = _chosen(checked, places)
    reports.emit(run, reports.VALIDATE, checked)
    return ExitCode.ERROR if errors(checked.found) else ExitCode.OK


def _check(run: Run, root: Path, project: Project, *, deep: bool) -> Checked:
    from cocsync.cli.session import validated_in
    from cocsync.diagnostics import in_order
    from cocsync.manifests.manifest import load

    targets = (project.target(run.target),) if run.target else project.targets
    checks = _remembering(run, root, project) if deep else None
    validated = validated_in(root)
    desired = [load(project, root, target.name, run.environ, checks, validated) for target in targets]
    validated.save()
    if checks:
        _remember(run, root, checks)
    manifests = [manifest for one in desired for manifest in one.manifests]
    found = in_order(d for one in desired for d in one.diagnostics if _holds(d, desired))
    places = {d.at.file for d in found if d.at} | {m.file for m in manifests} | {m.content_file for m in manifests}
    return Checked(
        found=found,
        scripts=len({manifest.name for manifest in manifests}),
        files=frozenset(place for place in places if place is not None),
    )


def _holds(diagnostic: Diagnostic, desired: Sequence[Desired]) -> bool:
    """A waiver that is needed for one target is needed."""
    from cocsync.policy.waivers import UNUSED

    if diagnostic.code != UNUSED or diagnostic.at is None:
        return True
    file = diagnostic.at.file
    judging = [one for one in desired if any(file in (m.file, m.content_file) for m in one.manifests)]
    return all(diagnostic in one.diagnostics for one in judging)


def _remembering(run: Run, root: Path, project: Project) -> Deep:
    from cocsync.cli.session import STATE_FOLDER
    from cocsync.manifests import files
    from cocsync.policy.programs.deep import Deep, available

    tools, missing = available(project.policy)
    for rule in missing:
        run.note(f"The rule {rule} is not judged: its program is not installed here. For shellcheck: cocsync[lint].")
    try:
        memory = files.read_file(root, f"{STATE_FOLDER}/{MEMORY}", _MEMORY_MAX_BYTES).decode("utf-8", "replace")
    except files.Unreadable:
        memory = ""
    return Deep(tools, memory)


def _remember(run: Run, root: Path, checks: Deep) -> None:
    from cocsync.applying.backup import write_durably
    from cocsync.cli.session import STATE_FOLDER

    folder = root / STATE_FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(folder / MEMORY, checks.memory)
    except OSError as error:
        run.note(f"What --deep found is not remembered in {folder / MEMORY}: {error.strerror}.")


def _place(run: Run, root: Path, path: str) -> str:
    """A PATH as diagnostics write it: relative to the repository."""
    from cocsync.errors import UsageError

    absolute = ((run.directory or Path.cwd()) / path).resolve()
    if not absolute.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    if not absolute.is_relative_to(root):
        raise UsageError(f"{path} lies outside the repository {root}")
    return absolute.relative_to(root).as_posix()


def _refuse_nothing(places: tuple[str, ...], paths: tuple[str, ...], checked: Checked) -> None:
    """Raises `UsageError` for a PATH where nothing was looked at: success there would say nothing."""
    from cocsync.errors import UsageError
    from cocsync.manifests.project import PROJECT_FILE

    for place, path in zip(places, paths, strict=True):
        if not any(_is_at(file, place) for file in (PROJECT_FILE, *checked.files)):
            raise UsageError(f"{path} holds no manifest: name a file or folder below `sources`, or a content file")


def _chosen(checked: Checked, places: tuple[str, ...]) -> Checked:
    """What concerns these places; everything where there is none."""

    def concerns(file: str) -> bool:
        return not places or any(_is_at(file, place) for place in places)

    found = tuple(d for d in checked.found if d.at is None or concerns(d.at.file))
    return replace(checked, found=found, files=frozenset(filter(concerns, checked.files)))


def _is_at(file: str, place: str) -> bool:
    return place in (".", file) or file.startswith(f"{place}/")
