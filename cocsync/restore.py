"""A backup back into the manifests: files only, COC is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cocsync import files, yaml_source
from cocsync.errors import LocalFailure, Refused
from cocsync.exporter import MANIFEST_NAME
from cocsync.model import CONTENT_MAX_BYTES


def restore_into(
    manifests: Mapping[str, str],
    *,
    backup: Path,
    root: Path,
    source: str,
    name: str | None,
    overwrite: bool,
) -> tuple[str, ...]:
    """Writes each script of the backup below `source`, or over its own manifest, and returns the manifests written.

    `manifests` says which file holds which script now. Raises `Refused` before anything is written where one would be
    replaced and `overwrite` is off, or shares its file with others; `LocalFailure` where the backup cannot be read.
    """
    found = {script: folder for folder in _folders(backup) if (script := _name_in(folder))}
    chosen = {script: folder for script, folder in found.items() if name in (None, script)}
    if not chosen:
        what = f"no script {name}" if name else "no script"
        raise LocalFailure(f"{backup} holds {what}: name a folder of .cocsync/backups, as in its listing")
    places = {script: _place(script, folder, manifests, root, source, overwrite) for script, folder in chosen.items()}
    return tuple(_copy(chosen[script], place, root) for script, place in sorted(places.items()))


def _folders(backup: Path) -> list[Path]:
    if (backup / MANIFEST_NAME).is_file():
        return [backup]
    try:
        return sorted(path for path in backup.iterdir() if (path / MANIFEST_NAME).is_file())
    except OSError as error:
        raise LocalFailure(f"the backup {backup} cannot be read: {error.strerror}") from None


def _document(folder: Path) -> yaml_source.Document | None:
    try:
        data = files.read_file(folder, MANIFEST_NAME, yaml_source.MAX_BYTES)
    except files.Unreadable as error:
        raise LocalFailure(f"{folder / MANIFEST_NAME} {error}") from None
    documents, _ = yaml_source.parse(data, MANIFEST_NAME)
    return documents[0] if len(documents) == 1 and isinstance(documents[0].data, dict) else None


def _name_in(folder: Path) -> str:
    document = _document(folder)
    return str(document.data.get("name", "")) if document else ""


def _place(script: str, folder: Path, manifests: Mapping[str, str], root: Path, source: str, overwrite: bool) -> Path:
    """The manifest file to write."""
    now = manifests.get(script)
    if now is None:
        return root / source / folder.name / MANIFEST_NAME
    if not overwrite:
        raise Refused(f"{script} has a manifest, {now}: pass --overwrite to replace it, git shows what changes")
    if sum(file == now for file in manifests.values()) > 1:
        raise Refused(f"{now} holds several manifests, {script} among them: restore it by hand from {folder}")
    return root / now


def _copy(folder: Path, manifest: Path, root: Path) -> str:
    document = _document(folder)
    content_file = str(document.data.get("content_file", "")) if document else ""
    try:
        content = files.read_file(folder, content_file, CONTENT_MAX_BYTES * 4)
        manifest.parent.mkdir(parents=True, exist_ok=True)
        (manifest.parent / content_file).write_bytes(content)
        manifest.write_bytes((folder / MANIFEST_NAME).read_bytes())
    except files.Unreadable as error:
        raise LocalFailure(f"{folder / content_file} {error}") from None
    except OSError as error:
        raise LocalFailure(f"{error.filename} cannot be written: {error.strerror}") from None
    return manifest.relative_to(root).as_posix()
