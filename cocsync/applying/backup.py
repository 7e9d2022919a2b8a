"""Copies of live scripts, taken before something that cocsync did not write is overwritten or deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cocsync import storage
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
            folder = _new_folder(folder, live.uuid)
            for name, text in ((exported.content_name, exported.content), (MANIFEST_NAME, exported.manifest)):
                storage.write(folder / name, text.encode("utf-8", "surrogatepass"), private=True, durable=True)
        except OSError as error:
            raise LocalFailure(f"no backup of {live.name} in {folder}: {error.strerror}; it is not written") from None
        return folder


def _new_folder(folder: Path, uuid: str) -> Path:
    """A folder that no other script's copy is in: two may share a name, also where case does not count."""
    try:
        storage.new_folder(folder)
    except FileExistsError:
        folder = folder.with_name(f"{folder.name}_{safe_name(uuid)}")
        storage.new_folder(folder)
    return folder
