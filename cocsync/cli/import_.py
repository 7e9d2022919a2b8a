"""`cocsync import`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.run import Run, verb
from cocsync.errors import LocalFailure, Refused, UsageError
from cocsync.export.record import Import, Skipped, Updated
from cocsync.system import storage

if TYPE_CHECKING:
    from cocsync.engine.session import Session
    from cocsync.export.manifest import Conventions
    from cocsync.export.merge import Merged
    from cocsync.manifests.yaml_source import Document
    from cocsync.model.desired import Desired, Manifest
    from cocsync.model.live import Live, Observed
    from cocsync.model.normalise import Normalisation


@verb(Import)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Every script that has no manifest here.")
@click.option("--dir", "folder", metavar="DIR", help="Folder for the new manifests; the first of `sources` otherwise.")
@click.option("--overwrite", is_flag=True, help="Bring what differs into manifests that are there.")
def import_(run: Run, *, names: tuple[str, ...], everything: bool, folder: str | None, overwrite: bool) -> None:
    """Write manifests and content files for scripts that are in COC. Reads only there; overwrites nothing here.

    Afterwards `cocsync plan --adopt-all` shows adoptions, and no other difference.
    """
    from cocsync.cli.parts.planning import READERS, read_desired
    from cocsync.engine.session import open_session

    if bool(names) == everything:
        raise UsageError("name the scripts to import, or pass --all for every one that has no manifest")
    session = open_session(run)
    desired = read_desired(session)
    with session.api(writable=False) as api:
        observed = session.observe(api, parallelism=READERS)
    normalisation = session.target.normalisation
    lives, desired = _chosen(observed, names, normalisation), desired.under(normalisation)
    conventions = _conventions(session)
    made = _plan(session, lives, desired, folder or session.project.sources[0], conventions)
    made = replace(made, skipped=(*made.skipped, *_unreadable(observed, names)))
    for script in made.imported:
        _write_folder(session.root, script.folder, dict(script.files))
    merged = _merge(session, lives, desired, conventions) if overwrite else ()
    left = tuple(name for name in made.left if Updated(name=name) not in merged)
    reports.emit(run, replace(made, left=left, updated=merged))


def _chosen(observed: Observed, names: tuple[str, ...], normalisation: Normalisation) -> tuple[Live, ...]:
    missing = set(names) - {live.name for live in observed.scripts} - {row.name for row in observed.forbidden}
    if missing:
        raise Refused(f"COC has no script named {', '.join(sorted(missing))}")
    return tuple(live.under(normalisation) for live in observed.scripts if not names or live.name in names)


def _unreadable(observed: Observed, names: tuple[str, ...]) -> tuple[Skipped, ...]:
    rows = sorted(row.name for row in observed.forbidden if not names or row.name in names)
    return tuple(Skipped(name=name, why="COC refuses to show it (403)") for name in rows)


def _conventions(session: Session) -> Conventions:
    from cocsync.export.manifest import Conventions
    from cocsync.export.variables import Variables

    defaults = session.project.document.data.get("defaults", {})
    variables = Variables(_variables(session))
    return Conventions(defaults=defaults, people=frozenset(session.project.people), variable=variables.name)


def _variables(session: Session) -> Iterator[str]:
    """Those that manifests name already, also for other targets."""
    from cocsync.export.variables import in_use
    from cocsync.manifests import files, yaml_source

    root = session.root
    for file in {file for source in session.project.sources for file in files.manifest_files(root, source).files}:
        data = files.read_file(root, file, yaml_source.MAX_BYTES)
        for document in yaml_source.parse(data, file)[0]:
            yield from in_use(document.data)


def _plan(session: Session, lives: tuple[Live, ...], desired: Desired, folder: str, conventions: Conventions) -> Import:
    from cocsync.export.new_files import plan_import
    from cocsync.manifests.files import Unreadable, inside

    try:
        below = inside(folder)
    except Unreadable as error:
        raise UsageError(f"--dir {folder} {error}") from None
    sources = [PurePosixPath(inside(source)) for source in session.project.sources]
    if not any(PurePosixPath(below).is_relative_to(source) for source in sources):
        raise UsageError(f"--dir {folder} lies below none of `sources`: a manifest there would not be read")
    there = session.root / below
    taken = frozenset(f"{below}/{path.name}" for path in there.iterdir()) if there.is_dir() else frozenset()
    return plan_import(
        lives,
        {manifest.name: manifest for manifest in desired.manifests},
        folder=below,
        taken=taken,
        conventions=conventions,
        modeline=_modeline(session.root, below),
    )


def _modeline(root: Path, folder: str) -> str:
    """Where editors find the schema, if the repository keeps it."""
    schema = "schemas/manifest.schema.json"
    if not (root / schema).is_file():
        return ""
    return f"# yaml-language-server: $schema={'../' * (len(PurePosixPath(folder).parts) + 1)}{schema}\n"


def _write_folder(root: Path, folder: str, texts: dict[str, str]) -> None:
    place = root / folder
    try:
        storage.write_folder(place, {Path(path).name: text.encode() for path, text in texts.items()})
    except OSError as error:
        raise LocalFailure(f"{place} cannot be written: {error.strerror}") from None


def _merge(
    session: Session, lives: tuple[Live, ...], desired: Desired, conventions: Conventions
) -> tuple[Updated, ...]:
    """Brings what differs into the manifests that are there; what became of each that differed.

    A name that COC has several times says nothing of what its manifest should hold.
    """
    from cocsync.export.merge import Unmergeable, merge
    from cocsync.manifests import files, yaml_source

    done = []
    manifests = {manifest.name: manifest for manifest in desired.manifests}
    times = Counter(live.name for live in lives)
    for live in sorted(lives, key=lambda each: each.name):
        if (manifest := manifests.get(live.name)) is None or times[live.name] > 1:
            continue
        try:
            data = files.read_file(session.root, manifest.file, yaml_source.MAX_BYTES)
            document = _document(data, manifest)
            merged = merge(live, manifest, document, data.decode("utf-8-sig"), conventions)
        except (Unmergeable, files.Unreadable) as error:
            done.append(Updated(name=live.name, why_not=str(error)))
            continue
        if merged is not None:
            _write_merged(session.root, manifest, merged)
            done.append(Updated(name=live.name))
    return tuple(done)


def _document(data: bytes, manifest: Manifest) -> Document:
    from cocsync.export.merge import Unmergeable
    from cocsync.manifests import yaml_source

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
