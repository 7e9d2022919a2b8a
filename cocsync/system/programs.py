"""The one place that starts other programs: git, bash and shellcheck.

What is in a checkout is not ours, and neither a program nor a variable may come from it or reach it by us. Therefore a
program is found by an absolute entry of the path outside the checkout, starts in its own folder, and gets an
environment that is written down here: no token, key or proxy, nothing that changes what it does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT = 60.0
"""Seconds for one program, which takes milliseconds."""

INHERITED = ("SYSTEMROOT",)
"""Variables that every program gets as they are; beside them only PATH, without the checkout, and LC_ALL."""

_OWN_FOLDER = Path(sys.executable).parent
"""cocsync runs from here, wherever it is: who can write there needs no other way in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program outside the checkout. `variables` are what it gets beside the common ones."""

    path: str
    search_path: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, text: str = "", timeout: float = TIMEOUT) -> subprocess.CompletedProcess[str] | None:
        """Its answer to the text on its stdin; None where it cannot be run or does not end in time.

        It has no terminal to ask at. Output that is not UTF-8 has escapes in its place.
        """
        try:
            return subprocess.run(
                [self.path, *arguments],
                input=text,
                capture_output=True,
                check=False,
                cwd=Path(self.path).parent,
                encoding="utf-8",
                errors="backslashreplace",
                env=self._environment(),
                start_new_session=True,
                timeout=timeout,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return None

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return {**inherited, "PATH": self.search_path, "LC_ALL": "C.UTF-8", **self.variables}


def find(name: str, root: Path, variables: Mapping[str, str] | None = None) -> Program | None:
    """The program of that name for a run in the repository at `root`: beside our own, else the first on the path.

    Entries of the path that are relative, or lie in the checkout, are passed over, and so is a link that leads there.
    None where no program is left.
    """
    entries = os.environ.get("PATH", "").split(os.pathsep)
    folders = [entry for entry in entries if is_outside(Path(entry), root)]
    beside = _executable(_OWN_FOLDER, name) if sys.executable else None
    outside = (found for folder in folders if (found := _executable(Path(folder), name)) and is_outside(found, root))
    if (path := beside or next(outside, None)) is None:
        return None
    return Program(path=str(path), search_path=os.pathsep.join(folders), variables=variables or {})


def checkout(root: Path) -> Path | None:
    """The folder that git checked out and `root` lies in, None where it lies in none.

    It is where a `.git` is, which no commit can hold. What a commit can hold, a repository without working tree, is
    not looked for.
    """
    here = root.resolve()
    return next((folder for folder in (here, *here.parents) if os.path.lexists(folder / ".git")), None)


def is_outside(path: Path, root: Path) -> bool:
    """Whether it is absolute and leads, links followed, to nothing in the checkout that `root` lies in."""
    try:
        return path.is_absolute() and not path.resolve().is_relative_to(checkout(root) or root.resolve())
    except (OSError, ValueError):
        return False


def _executable(folder: Path, name: str) -> Path | None:
    """The program in that folder alone: `shutil.which` would on Windows look into the current one first."""
    path = folder / (f"{name}.exe" if os.name == "nt" else name)
    try:
        return path if path.is_file() and os.access(path, os.X_OK) else None
    except (OSError, ValueError):
        return None
