"""Copies of live scripts, taken before something that cocsync did not write is overwritten or deleted."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from cocsync.errors import LocalFailure
from cocsync.importing.exporter import MANIFEST_NAME, export, safe_name
from cocsync.live import Live


@dataclass(frozen=True, slots=True)
class Backups:
    """Where one run keeps its copies: a folder of its own, readable by its user only, without sensitive values."""

    folder: Path

    def save(self, live: Live, secrets: frozenset[str] = frozenset()) -> Path:
        """Writes the script's manifest and content to disk and returns its folder.

        `secrets` are params whose values are sensitive whatever COC says of them. Raises `LocalFailure` where it
        cannot: then the script must not be written.
        """
        protocol = live.script.protocol or (live.mark.protocol if live.mark else "")
        protected = live.mark is not None and live.mark.protected
        hidden = tuple(replace(p, value="", sensitive=True) if p.name in secrets else p for p in live.script.params)
        exported = export(replace(live.script, protocol=protocol, params=hidden), protected=protected)
        folder = self.folder / safe_name(live.name)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = _new_folder(folder, live.uuid)
            write_durably(folder / exported.content_name, exported.content)
            write_durably(folder / MANIFEST_NAME, exported.manifest)
        except OSError as error:
            raise LocalFailure(f"no backup of {live.name} in {folder}: {error.strerror}; it is not written") from None
        return folder


def _new_folder(folder: Path, uuid: str) -> Path:
    """A folder that no other script's copy is in: two may share a name, also where case does not count."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        folder = folder.with_name(f"{folder.name}_{safe_name(uuid)}")
        folder.mkdir(mode=0o700)
    return folder


def write_durably(path: Path, text: str) -> None:
    """A file of mode 0600 with exactly this text, on disk when this returns; never half of it under its name."""
    partial = path.with_name(path.name + ".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("utf-8", "surrogatepass"))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    if os.name == "posix":  # pragma: platform
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """The file's name is on disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
