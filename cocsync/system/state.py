"""Where cocsync keeps what is not the user's.

What saves work is in the user's cache folder, where no commit reaches it. What belongs to the checkout (simulator,
backups, reports of applies, lock) is in `.cocsync` there, and refused where a commit or a link may have put it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from cocsync.errors import LocalFailure, Refused
from cocsync.system import git, programs

FOLDER = ".cocsync"
REPOSITORIES = "repositories"
"""Below the cache folder: what is remembered of repositories. Tokens lie beside it, and pipelines keep only this."""


def cache_folder(environ: Mapping[str, str], home: Path, *, windows: bool = os.name == "nt") -> Path:
    """Where cocsync keeps what it may lose. A relative XDG_CACHE_HOME counts as unset, as its specification has it."""
    given = environ.get("LOCALAPPDATA" if windows else "XDG_CACHE_HOME", "")
    default = home / "AppData" / "Local" if windows else home / ".cache"
    return (Path(given) if Path(given).is_absolute() else default) / "cocsync"


def memory(environ: Mapping[str, str], home: Path, root: Path) -> Path:
    """The folder for what is remembered of the repository at `root` from run to run.

    Where the cache folder itself lies in the checkout, a path below which nothing is and nothing can be made.
    """
    folder, place = cache_folder(environ, home), root.resolve()
    if folder.resolve().is_relative_to(programs.checkout(place) or place):
        return Path(os.devnull)
    return folder / REPOSITORIES / hashlib.sha256(os.fsencode(place)).hexdigest()[:32]


def refuse_foreign(root: Path) -> None:
    """Raises `Refused` where git tracks something in the state folder, or a link or device is in its place or in it.

    Raises `LocalFailure` where it cannot be looked into.
    """
    folder = root / FOLDER
    try:
        if (mode := _mode(folder)) is None:
            return
        entries = [folder, *(folder.iterdir() if stat.S_ISDIR(mode) else ())]
        strange = [entry for entry in entries if not _is_plain(entry)]
    except OSError as error:
        raise LocalFailure(f"{folder} cannot be looked into: {error.strerror}") from None
    if strange:
        raise Refused(f"{min(strange)} is neither a file nor a folder, so that nothing is kept there: remove it")
    if git.tracks(root, FOLDER):
        raise Refused(
            f"git tracks files in {folder}, which would be believed as cocsync's own: take them out with "
            f"`git rm -r --cached {FOLDER}` and put `{FOLDER}/` into .gitignore"
        )


def _is_plain(path: Path) -> bool:
    """Whether the entry is a file or a folder; also true for what another run has just removed."""
    mode = _mode(path)
    return mode is None or stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _mode(path: Path) -> int | None:
    """The mode of the entry itself, None where there is none."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None
