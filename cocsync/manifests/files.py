"""Reading the user's files: only regular ones, only below a root, never through a symbolic link, never without end.

Paths are relative to the root, with `/`, as manifests and reports write them.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cocsync.errors import CocsyncError

MANIFEST_SUFFIXES = (".yaml", ".yml")
RESERVED = (".git", ".cocsync")
"""Folders that no path of a manifest leads through, at any depth: keys, hooks and state are in them."""

_SHORT = re.compile(r"(?:git|cocsyn)~\d+")
"""Their names of eight characters on Windows."""
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
"""What the file system of a Mac passes over in a name."""

_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # which a platform may lack
    _OPEN_FLAGS |= getattr(os, _flag, 0)


class Unreadable(CocsyncError):
    """A file that is not read. The text goes on from the file's name: "is missing"."""

    def __init__(self, reason: str, *, missing: bool = False) -> None:
        super().__init__(reason)
        self.missing = missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The manifest files below a source, sorted, and what was not looked into, with the reason."""

    files: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()


def read_file(root: Path, relative: str, max_bytes: int) -> bytes:
    """The bytes of a regular file below `root`, at most `max_bytes`. Raises `Unreadable`.

    The file is judged by its open descriptor, so that it cannot be swapped between the look and the read.
    """
    path = inside(relative)
    try:
        _refuse_links(root, path)
        with open(f"{root}/{path}", "rb", opener=_open) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable("is not a regular file")
            data = file.read(min(found.st_size, max_bytes) + 1)
            if len(data) > found.st_size:  # grown since, or of a file system that tells no sizes
                data += file.read(max_bytes + 1 - len(data))
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    if len(data) > max_bytes:
        raise Unreadable(f"is larger than {max_bytes} bytes")
    return data


def inside(relative: str) -> str:
    """The path without `.` and `..`; raises `Unreadable` where it is absolute, leaves the root or is not the user's."""
    path = posixpath.normpath(relative)
    if not relative or "\0" in relative:
        raise Unreadable("is not a valid path")
    if path.startswith("/") or os.path.splitdrive(path)[0] or "\\" in path:
        raise Unreadable("is absolute or has a backslash: give a path with `/`, relative and inside the repository")
    if path == ".." or path.startswith("../"):
        raise Unreadable("lies outside the repository: move it inside")
    refuse_reserved(path.split("/"))
    return path


def refuse_reserved(parts: Iterable[str]) -> None:
    """Raises `Unreadable` for a path through a folder of git's or cocsync's own, in every spelling of a file system."""
    for part in parts:
        spelt = _IGNORED.sub("", unicodedata.normalize("NFC", part)).casefold().partition(":")[0].rstrip(". ")
        if spelt in RESERVED or _SHORT.fullmatch(spelt):
            raise Unreadable(f"lies in `{part}`, which is not part of the repository's own files: move it out of there")


def manifest_files(root: Path, source: str) -> Found:
    """Every `*.yaml` and `*.yml` below the folder `source`. Raises `Unreadable` where that is no folder to be read.

    Names that begin with a dot are passed over. A linked folder and a name that is not UTF-8 are refused, since a
    manifest that silently vanished would look like a script to delete.
    """
    relative = inside(source)
    try:
        _refuse_links(root, relative)
        found = sorted(_entries(root / relative))
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    named = [(posixpath.normpath(f"{relative}/{name}"), reason) for name, reason in found]
    return Found(
        files=tuple(name for name, reason in named if not reason),
        refused=tuple((_printable(name), reason) for name, reason in named if reason),
    )


def _entries(root: Path) -> Iterator[tuple[str, str]]:
    """Path below the root, and why it is refused or ""."""
    folders = [""]
    while folders:
        below = folders.pop()
        with os.scandir(root / below) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
        for entry in visible:
            name = below + entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append(f"{name}/")
            elif entry.is_symlink() and entry.is_dir():
                yield name, "is a link to a folder: put the folder itself there, or leave it out"
            elif name.lower().endswith(MANIFEST_SUFFIXES):
                yield name, "" if _printable(name) == name else "has a name that is not UTF-8: rename it"


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _refuse_links(root: Path, relative: str) -> None:
    """Refuses links, also among the folders on the way: one may lead out of the root."""
    path = str(root)
    for part in relative.split("/"):
        path = f"{path}/{part}"
        if os.path.islink(path):  # noqa: PTH114 - making a `Path` of each takes longer than the look
            raise Unreadable("is, or lies behind, a symbolic link: put the file itself there")


def _open(path: str, _flags: int) -> int:
    return os.open(path, _OPEN_FLAGS)


def _unreadable(error: Exception) -> Unreadable:
    if isinstance(error, FileNotFoundError):
        return Unreadable("is missing", missing=True)
    if isinstance(error, IsADirectoryError):
        return Unreadable("is a folder: name a file")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Unreadable(f"cannot be read: {reason}")
