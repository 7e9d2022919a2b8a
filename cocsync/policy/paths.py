"""Folders of a system, and disks, as scripts name them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

SYSTEM = "bin|boot|dev|etc|home|lib|lib32|lib64|opt|proc|root|run|sbin|srv|sys|usr|var"
DISK = r"(?:[shv]d|xvd)[a-z*?\[]|nvme[\d*?\[]|mmcblk[\d*?\[]|md[\d/*?\[]|dm-[\d*?\[]|[rn]bd\d|mapper/|disk/|block/"

_SYSTEM = frozenset(SYSTEM.split("|"))
_HOME = re.compile(r"\$HOME(?!\w)|\$\{HOME(?::?[?-][^}]*)?\}|~(?=/|\Z)")
_EVERYTHING = re.compile(r"[.*?\[\]!^]*\*[.*?\[\]!^]*")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_BRACES_MAX = 64

_DISK = re.compile(rf"/dev/(?:{DISK}).*", re.DOTALL)
_UNKNOWN_DISK = re.compile(r"/dev/[\"']?\$\{?\w+\}?\d?")

_DRIVE = re.compile(r"(?:[a-z]|%%[a-z]):|%systemdrive%|\$env:systemdrive|\$\{env:systemdrive\}")
_WINDOWS = frozenset({"windows", "users", "program files", "program files (x86)", "programdata"})
_WINDOWS_VARIABLE = re.compile(r"[%$](?:\{?env:)?(?:systemroot|windir|userprofile|programfiles|programdata)[%}]?")


def joined(folder: str, path: str) -> str:
    """`path` seen from `folder`; "" where that is not known."""
    if path.startswith(("/", "~", "$")) or not path:
        return path
    return f"{folder}/{path}" if folder else ""


def is_root(pattern: str, folder: str = "") -> bool:
    """A root, a home or a system folder, or all that is in one. `pattern` is that of a word, seen from `folder`."""
    return any(_is_root(path, folder) for path in _alternatives(pattern))


def _is_root(path: str, folder: str) -> bool:
    home = _HOME.match(path)
    path = f"/root{path[home.end() :]}" if home else path
    if not path.startswith("/"):
        home = _HOME.match(folder)
        folder = f"/root{folder[home.end() :]}" if home else folder
        if not folder.startswith("/"):
            return False
        path = f"{folder}/{path}"
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    while parts and _EVERYTHING.fullmatch(parts[-1]):
        del parts[-1]
    return not parts or (len(parts) == 1 and parts[0] in _SYSTEM)


def _alternatives(pattern: str) -> Iterator[str]:
    """What braces make of it."""
    rest = [pattern]
    for _ in range(_BRACES_MAX):
        if not rest:
            return
        path = rest.pop()
        if braces := _BRACES.search(path):
            rest += [path[: braces.start()] + part + path[braces.end() :] for part in braces[1].split(",")]
        else:
            yield path


def is_disk(text: str) -> bool:
    return _DISK.fullmatch(text) is not None


def may_be_disk(text: str) -> bool:
    """Also a device that only a variable names."""
    return is_disk(text) or _UNKNOWN_DISK.fullmatch(text) is not None


def is_windows_root(text: str, folder: str = "") -> bool:
    """A drive, or a folder of Windows' own, or all that is in one."""
    path = text.strip("\"'").lower().replace("/", "\\").removeprefix("\\\\?\\")
    drive = _DRIVE.match(path)
    variable = _WINDOWS_VARIABLE.match(path)
    if not drive and not variable and not path.startswith("\\"):
        return bool(folder) and is_windows_root(f"{folder}\\{path}")
    prefix = drive or variable
    parts = [part for part in path[prefix.end() if prefix else 0 :].split("\\") if part not in ("", ".")]
    while parts and parts[-1] in ("*", "*.*"):
        del parts[-1]
    return not parts or (not variable and len(parts) == 1 and parts[0] in _WINDOWS)


def is_drive(text: str) -> bool:
    return _DRIVE.fullmatch(text.strip("\"'").lower()) is not None
