"""A backup back into the manifests: files only, COC is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cocsync.errors import LocalFailure, Refused
from cocsync.export.manifest import MANIFEST_NAME, safe_name
from cocsync.manifests import files, yaml_source, yaml_text
from cocsync.model.fields import CONTENT_MAX_BYTES
from cocsync.system import storage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saved:
    """One script of a backup. `content_name` is relative to `folder`."""

    name: str
    folder: Path
    manifest: bytes
    content_name: str

    def content(self) -> bytes:
        try:
            return files.read_file(self.folder, self.content_name, CONTENT_MAX_BYTES * 4)
        except files.Unreadable as error:
            raise LocalFailure(f"content file `{self.content_name}` of {self.folder} {error}") from None


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

    `manifests` says which file holds which script now. Before anything is written it raises `Refused` where a file
    would be replaced and `overwrite` is off, or a manifest shares its file with others, and `LocalFailure` where the
    backup cannot be read.
    """
    found = [saved for folder in _folders(backup) if (saved := _read(folder))]
    chosen = {saved: saved.content() for saved in found if name in (None, saved.name)}
    if not chosen:
        what = f"no script {name}" if name else "no script"
        raise LocalFailure(f"{backup} holds {what}: name a folder of .cocsync/backups, as in its listing")
    places = {saved: _place(saved, manifests, root, source) for saved in chosen}
    if not overwrite:
        for saved, place in places.items():
            _refuse_to_replace(saved, place, root)
    for saved, place in places.items():
        _write(place.parent / saved.content_name, chosen[saved])
        _write(place, saved.manifest)
    return tuple(place.relative_to(root).as_posix() for place in places.values())


def _folders(backup: Path) -> list[Path]:
    try:
        backup = storage.named(backup)
        if (backup / MANIFEST_NAME).is_file():
            return [backup]
        return sorted(storage.named(path) for path in backup.iterdir() if (path / MANIFEST_NAME).is_file())
    except OSError as error:
        raise LocalFailure(f"the backup {backup} cannot be read: {error.strerror}") from None


def _read(folder: Path) -> _Saved | None:
    """Reads a manifest; None where the file holds none."""
    try:
        data = files.read_file(folder, MANIFEST_NAME, yaml_text.MAX_BYTES)
    except files.Unreadable as error:
        raise LocalFailure(f"{folder / MANIFEST_NAME} {error}") from None
    documents, _ = yaml_source.parse(data, MANIFEST_NAME)
    fields = documents[0].data if len(documents) == 1 and isinstance(documents[0].data, dict) else {}
    if not fields.get("name"):
        return None
    content_name = str(fields.get("content_file", ""))
    return _Saved(name=str(fields["name"]), folder=folder, manifest=data, content_name=content_name)


def _place(saved: _Saved, manifests: Mapping[str, str], root: Path, source: str) -> Path:
    """The manifest file to write."""
    now = manifests.get(saved.name)
    if now is None:
        return root / source / safe_name(saved.name) / MANIFEST_NAME
    if list(manifests.values()).count(now) > 1:
        raise Refused(f"{now} holds several manifests, {saved.name} among them: restore it by hand from {saved.folder}")
    return root / now


def _refuse_to_replace(saved: _Saved, place: Path, root: Path) -> None:
    """A file may be there of which the manifests do not know: one with errors, or one for other targets."""
    for path in (place, place.parent / saved.content_name):
        if path.exists():
            shown = path.relative_to(root).as_posix()
            raise Refused(f"{saved.name} would replace {shown}: pass --overwrite to do that, git shows what changes")


def _write(path: Path, data: bytes) -> None:
    try:
        storage.write(path, data)
    except OSError as error:
        raise LocalFailure(f"{path} cannot be written: {error.strerror}") from None
