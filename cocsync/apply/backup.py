"""Copies of live scripts, taken before anything in COC is overwritten or deleted."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from cocsync.errors import LocalFailure
from cocsync.export.manifest import MANIFEST_NAME, export, safe_name
from cocsync.model.live import Live
from cocsync.system import storage

FOLDER = "backups"
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_STAMPED = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{6}Z")


@dataclass(frozen=True, slots=True)
class Backups:
    """Where one run keeps its copies: a folder of its own, readable by its user only, without sensitive values."""

    folder: Path

    @classmethod
    def of_run(cls, state: Path, now: datetime) -> Backups:
        """Copies of a run that began at `now`, in UTC, below the folder of what cocsync keeps beside the repository."""
        return cls(state / FOLDER / stamp(now))

    def save(self, live: Live, secrets: frozenset[str] = frozenset()) -> Path:
        """Writes the script's manifest and content to disk and returns its folder.

        `secrets` are params whose values are sensitive whatever COC says of them. Raises `LocalFailure` where it
        cannot: then the script must not be written.
        """
        protected = live.mark is not None and live.mark.protected
        hidden = tuple(replace(p, value="", sensitive=True) if p.name in secrets else p for p in live.script.params)
        exported = export(replace(live.script, protocol=live.protocol, params=hidden), protected=protected)
        folder = self.folder / safe_name(live.name)
        try:
            folder = _new_folder(folder, live.uuid)
            for name, text in ((exported.content_name, exported.content), (MANIFEST_NAME, exported.manifest)):
                storage.write(folder / name, text.encode("utf-8", "surrogatepass"), private=True, durable=True)
        except OSError as error:
            raise LocalFailure(f"no backup of {live.name} in {folder}: {error.strerror}; it is not written") from None
        return folder


def stamp(now: datetime) -> str:
    """A time in UTC as the name of a folder or file: names sort as their times do."""
    return now.strftime(_STAMP)


def forget_old(state: Path, keep: int) -> None:
    """Removes the oldest copies of each script beyond the newest `keep`. Never follows a link.

    What cannot be removed stays. Only folders that are named as those of runs are looked into.
    """
    root = state / FOLDER
    if state.is_symlink() or root.is_symlink():
        return
    copies: Counter[str] = Counter()
    for run in sorted(_folders(root), reverse=True):
        if not _STAMPED.fullmatch(run.name):
            continue
        for copy in _folders(run):
            copies[copy.name] += 1
            if copies[copy.name] > keep:
                shutil.rmtree(copy, ignore_errors=True)
        with suppress(OSError):
            run.rmdir()


def _folders(parent: Path) -> list[Path]:
    """Folders in it, links to folders left out; none where it cannot be read."""
    with suppress(OSError), os.scandir(parent) as entries:
        return [parent / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _new_folder(folder: Path, uuid: str) -> Path:
    """A folder that no other copy is in: two scripts may share a name, also where case does not count."""
    other = f"{folder.name}_{safe_name(uuid)}"
    names = chain((folder.name, other), (f"{other}_{number}" for number in count(2)))
    while True:
        chosen = folder.with_name(next(names))
        with suppress(FileExistsError):
            storage.new_folder(chosen)
            return chosen
