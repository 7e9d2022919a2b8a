"""Checking the project file and the manifests of every target, offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cocsync.diagnostics import Checked, Diagnostic, in_order
from cocsync.engine.feedback import Feedback
from cocsync.engine.requests import Place, ValidateRequest
from cocsync.engine.workspace import find_root, memory_of, validated_in
from cocsync.errors import UsageError
from cocsync.manifests import files
from cocsync.manifests.manifest import load
from cocsync.manifests.project import PROJECT_FILE, Project
from cocsync.manifests.project import load as load_project
from cocsync.model.desired import Desired
from cocsync.policy.programs.deep import Deep, available
from cocsync.policy.waivers import UNUSED
from cocsync.system import storage

MEMORY = "lint.json"
"""What the deep rules remember, below the folder for that. It may be deleted at any time."""
_MEMORY_MAX_BYTES = 1 << 24


def check(place: Place, request: ValidateRequest, environ: Mapping[str, str], feedback: Feedback) -> Checked:
    """Everything that is to be reported about the files, for every target unless one is named.

    Raises `UsageError` for a path that is not there, lies outside the repository, or at which there is no file of it.
    """
    root = find_root(place.directory)
    here = place.directory or Path.cwd()
    places = tuple(_relative(here / path, path, root) for path in request.paths)
    project, found = load_project(root)
    if project is None:
        return Checked(found=found)
    targets = (project.target(place.target).name,) if place.target else tuple(t.name for t in project.targets)
    desired = _load(root, project, targets, request, environ, feedback)
    checked = _summed_up(desired)
    _refuse_nothing(places, request.paths, checked)
    return _chosen(checked, places)


def _load(
    root: Path,
    project: Project,
    targets: Sequence[str],
    request: ValidateRequest,
    environ: Mapping[str, str],
    feedback: Feedback,
) -> list[Desired]:
    folder = memory_of(environ, root)
    deep = _remembering(root, folder, project, feedback) if request.deep else None
    validated = validated_in(folder)
    desired = [load(project, root, target, environ, deep, validated) for target in targets]
    validated.save()
    if deep:
        _remember(folder, deep, feedback)
    return desired


def _summed_up(desired: list[Desired]) -> Checked:
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
    if diagnostic.code != UNUSED or diagnostic.at is None:
        return True
    file = diagnostic.at.file
    judging = [one for one in desired if any(file in (m.file, m.content_file) for m in one.manifests)]
    return all(diagnostic in one.diagnostics for one in judging)


def _remembering(root: Path, folder: Path, project: Project, feedback: Feedback) -> Deep:
    tools, missing = available(project.policy, root)
    for rule in missing:
        feedback.note(
            f"The rule {rule} is not checked: its program is not installed here. For shellcheck: cocsync[lint]."
        )
    try:
        memory = files.read_file(folder, MEMORY, _MEMORY_MAX_BYTES).decode("utf-8", "replace")
    except files.Unreadable:
        memory = ""
    return Deep(tools, memory)


def _remember(folder: Path, deep: Deep, feedback: Feedback) -> None:
    try:
        storage.write(folder / MEMORY, deep.memory.encode("utf-8", "surrogatepass"), private=True)
    except OSError as error:
        feedback.note(f"What --deep found is not remembered in {folder / MEMORY}: {error.strerror}.")


def _relative(absolute: Path, path: str, root: Path) -> str:
    """A path as diagnostics write it: relative to the repository."""
    resolved = absolute.resolve()
    if not resolved.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    if not resolved.is_relative_to(root):
        raise UsageError(f"{path} lies outside the repository {root}")
    return resolved.relative_to(root).as_posix()


def _refuse_nothing(places: tuple[str, ...], paths: tuple[str, ...], checked: Checked) -> None:
    """Raises `UsageError` for a path where nothing was looked at: success there would say nothing."""
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
