"""What git knows of the repository. Where there is no git, no repository or no whole history, nothing is known."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from cocsync.planning.plan import Source

_NAME = re.compile(r"\+[ -]*name:[ \t]*[\"']?([^\"'#\s]+)")


def source(root: Path) -> Source:
    """The commit that is checked out, and whether anything below `root` differs from it."""
    lines = _git(root, "status", "--porcelain=v2", "--branch", "--", ".")
    if lines is None:
        return Source()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid")), None)
    dirty = any(not line.startswith("#") for line in lines)
    return Source(commit=None if commit == "(initial)" else commit, dirty=dirty)


def names_ever(root: Path, sources: tuple[str, ...]) -> frozenset[str] | None:
    """Every name that a manifest below `sources` had in any commit; None where the history is not here, or cut."""
    if _git(root, "rev-parse", "--is-shallow-repository") != ["false"]:
        return None
    changes = ("log", "--all", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--format=", "--", *sources)
    lines = _git(root, *changes) if _git(root, "rev-parse", "--verify", "--quiet", "HEAD") else None
    if lines is None:
        return None
    return frozenset(found[1] for line in lines if (found := _NAME.match(line)))


def _git(root: Path, *arguments: str) -> list[str] | None:
    """The lines of a command's output, None where it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False, errors="replace"
        )
    except OSError:
        return None
    return done.stdout.splitlines() if done.returncode == 0 else None
