"""Importing: live scripts become manifests, new ones or differences in those that are there. Reads only in COC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from cocsync.engine.connection import connect
from cocsync.engine.feedback import Feedback
from cocsync.engine.look import READERS
from cocsync.engine.requests import ImportRequest
from cocsync.engine.workspace import Workspace
from cocsync.errors import LocalFailure, Refused, UsageError
from cocsync.export.manifest import Conventions
from cocsync.export.merge import Merged, Unmergeable, merge
from cocsync.export.new_files import plan_import
from cocsync.export.record import Import, Skipped, Updated
from cocsync.export.variables import Variables, in_use
from cocsync.manifests import files, yaml_source, yaml_text
from cocsync.manifests.yaml_source import Document
from cocsync.model.desired import Desired, Manifest
from cocsync.model.live import Live, Observed
from cocsync.observe.reading import observe
from cocsync.system import storage


def import_scripts(workspace: Workspace, request: ImportRequest, feedback: Feedback) -> Import:
    """Writes manifests and content files for the chosen scripts. Raises `Refused` for a name that COC does not have."""
    desired = workspace.desired()
    with connect(workspace, feedback) as connection:
        observed = observe(connection.scripts, parallelism=READERS, progress=feedback.progress)
    lives = _chosen(workspace, observed, request.names)
    desired = desired.under(workspace.target.normalisation)
    conventions = _conventions(workspace)
    made = _plan(workspace, lives, desired, request.folder or workspace.project.sources[0], conventions)
    made = replace(made, skipped=(*made.skipped, *_unreadable(observed, request.names)))
    for script in made.imported:
        _write_folder(workspace.root / script.folder, dict(script.files))
    merged = _merge(workspace, lives, desired, conventions) if request.overwrite else ()
    left = tuple(name for name in made.left if Updated(name=name) not in merged)
    return replace(made, left=left, updated=merged)


def _chosen(workspace: Workspace, observed: Observed, names: tuple[str, ...]) -> tuple[Live, ...]:
    missing = set(names) - {live.name for live in observed.scripts} - {row.name for row in observed.forbidden}
    if missing:
        raise Refused(f"COC has no script named {', '.join(sorted(missing))}")
    normalisation = workspace.target.normalisation
    return tuple(live.under(normalisation) for live in observed.scripts if not names or live.name in names)


def _unreadable(observed: Observed, names: tuple[str, ...]) -> tuple[Skipped, ...]:
    rows = sorted(row.name for row in observed.forbidden if not names or row.name in names)
    return tuple(Skipped(name=name, why="COC refuses to show it (403)") for name in rows)


def _conventions(workspace: Workspace) -> Conventions:
    defaults = workspace.project.document.data.get("defaults", {})
    variables = Variables(_variables(workspace))
    return Conventions(defaults=defaults, people=frozenset(workspace.project.people), variable=variables.name)


def _variables(workspace: Workspace) -> Iterator[str]:
    """Those that manifests name already, also for other targets."""
    root, sources = workspace.root, workspace.project.sources
    for file in {file for source in sources for file in files.manifest_files(root, source).files}:
        data = files.read_file(root, file, yaml_text.MAX_BYTES)
        for document in yaml_source.parse(data, file)[0]:
            yield from in_use(document.data)


def _plan(
    workspace: Workspace, lives: tuple[Live, ...], desired: Desired, folder: str, conventions: Conventions
) -> Import:
    try:
        below = files.inside(folder)
    except files.Unreadable as error:
        raise UsageError(f"--dir {folder} {error}") from None
    sources = [PurePosixPath(files.inside(source)) for source in workspace.project.sources]
    if not any(PurePosixPath(below).is_relative_to(source) for source in sources):
        raise UsageError(f"--dir {folder} lies below none of `sources`: a manifest there would not be read")
    there = workspace.root / below
    taken = frozenset(f"{below}/{path.name}" for path in there.iterdir()) if there.is_dir() else frozenset()
    return plan_import(
        lives,
        {manifest.name: manifest for manifest in desired.manifests},
        folder=below,
        taken=taken,
        conventions=conventions,
        modeline=_modeline(workspace.root, below),
    )


def _modeline(root: Path, folder: str) -> str:
    """Where editors find the schema, if the repository keeps it."""
    schema = "schemas/manifest.schema.json"
    if not (root / schema).is_file():
        return ""
    return f"# yaml-language-server: $schema={'../' * (len(PurePosixPath(folder).parts) + 1)}{schema}\n"


def _write_folder(place: Path, texts: dict[str, str]) -> None:
    try:
        storage.write_folder(place, {Path(path).name: text.encode() for path, text in texts.items()})
    except OSError as error:
        raise LocalFailure(f"{place} cannot be written: {error.strerror}") from None


def _merge(
    workspace: Workspace, lives: tuple[Live, ...], desired: Desired, conventions: Conventions
) -> tuple[Updated, ...]:
    """Brings what differs into the manifests that are there; what became of each that differed.

    A name that COC has several times says nothing of what its manifest should hold.
    """
    done = []
    manifests = {manifest.name: manifest for manifest in desired.manifests}
    times = Counter(live.name for live in lives)
    for live in sorted(lives, key=lambda each: each.name):
        if (manifest := manifests.get(live.name)) is None or times[live.name] > 1:
            continue
        try:
            data = files.read_file(workspace.root, manifest.file, yaml_text.MAX_BYTES)
            document = _document(data, manifest)
            merged = merge(live, manifest, document, data.decode("utf-8-sig"), conventions)
        except (Unmergeable, files.Unreadable) as error:
            done.append(Updated(name=live.name, why_not=str(error)))
            continue
        if merged is not None:
            _write_merged(workspace.root, manifest, merged)
            done.append(Updated(name=live.name))
    return tuple(done)


def _document(data: bytes, manifest: Manifest) -> Document:
    documents, _ = yaml_source.parse(data, manifest.file)
    for document in documents:
        if document.data.get("name") == manifest.name:
            return document
    raise Unmergeable("changed while it was imported: run it again")


def _write_merged(root: Path, manifest: Manifest, merged: Merged) -> None:
    """The content first: a manifest that is not rewritten yet still says what is in COC of everything else."""
    texts = [(manifest.content_file, merged.content), (manifest.file, merged.manifest)]
    for file, text in texts:
        if file is None or text is None:
            continue
        path = root / file
        try:
            storage.write(path, text.encode())
        except OSError as error:
            raise LocalFailure(f"{path} cannot be written: {error.strerror}") from None
