"""What git knows of the repository. Where there is no git, no repository or no whole history, nothing is known.

git is asked in the folder that holds `.git`, so that nothing which a commit holds can pass for a repository, and with
everything switched off by which a configuration or an attribute starts a program, writes or reaches a server.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from cocsync import programs
from cocsync.planning.plan import Source
from cocsync.programs import Program

_NAME = re.compile(r"\+[ -]*name:[ \t]*[\"']?([^\"'#\s]+)")
_FILTER = re.compile(r"filter\..*\.(?:clean|smudge|process|required)", re.DOTALL)

_USERS = ("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
"""Where the user's own configuration lies: `safe.directory` counts only there."""

_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
}
_SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.untrackedCache": "false",
    "log.showSignature": "false",
    "protocol.allow": "never",
    "submodule.recurse": "false",
}
_OPTIONS = ("--no-pager", *(part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")))
_NO_PROGRAMS = ("--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")


def source(root: Path) -> Source:
    """The commit that is checked out, and whether anything below `root` differs from it.

    Filters that attributes name (as Git LFS has) do not run: a file of theirs differs once it was touched.
    """
    options = ("--porcelain=v2", "--branch", "--untracked-files=normal", "--ignore-submodules=all")
    unfiltered = _no_filters(root)
    lines = None if unfiltered is None else _git(root, *unfiltered, "status", *options, "--", _below(root, "."))
    if lines is None:
        return Source()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid")), None)
    dirty = any(not line.startswith("#") for line in lines)
    return Source(commit=None if commit == "(initial)" else commit, dirty=dirty)


def names_ever(root: Path, sources: tuple[str, ...]) -> frozenset[str] | None:
    """Every name that a manifest below `sources` had in any commit; None where the history is not here, or cut."""
    if _git(root, "rev-parse", "--is-shallow-repository") != ["false"]:
        return None
    changes = ("log", "--all", "--patch", "--unified=0", *_NO_PROGRAMS, "--format=", "--")
    places = (_below(root, source) for source in sources)
    lines = _git(root, *changes, *places) if _git(root, "rev-parse", "--verify", "--quiet", "HEAD") else None
    if lines is None:
        return None
    return frozenset(found[1] for line in lines if (found := _NAME.match(line)))


def tracks(root: Path, path: str) -> bool | None:
    """Whether a file at `path` below `root`, or in that folder, is in git's index, in upper or lower case.

    False where there is no repository, None where git is missing or refuses to say.
    """
    if programs.checkout(root) is None:
        return False
    lines = _git(root, "ls-files", "--", _below(root, path, case="icase,"))
    return None if lines is None else bool(lines)


def _no_filters(root: Path) -> tuple[str, ...] | None:
    """Options that empty every configured filter: `status` would run one where an attribute in the checkout says so."""
    lines = _git(root, "config", "--null", "--name-only", "--list")
    if lines is None:
        return None
    names = {name for name in "\n".join(lines).split("\0") if _FILTER.fullmatch(name)}
    values = {name: "false" if name.endswith(".required") else "" for name in sorted(names)}
    return tuple(part for name, value in values.items() for part in ("-c", f"{name}={value}"))


def _below(root: Path, path: str, case: str = "") -> str:
    """The path below `root` as git takes it in the folder that it is asked in."""
    prefix = root.resolve().relative_to(programs.checkout(root) or root.resolve())
    return f":({case}literal){(prefix / path).as_posix()}"


def _git(root: Path, *arguments: str) -> list[str] | None:
    """The lines of a command's output, None where it fails or `root` lies in no checkout."""
    top, git = programs.checkout(root), _program(root)
    if top is None or git is None:
        return None
    done = git.run(*_OPTIONS, "-C", str(top), *arguments)
    return done.stdout.splitlines() if done and done.returncode == 0 else None


def _program(root: Path) -> Program | None:
    above = str((programs.checkout(root) or root).parent)
    given = {name: os.environ[name] for name in _USERS if name in os.environ}
    return programs.find("git", root, {**given, **_VARIABLES, "GIT_CEILING_DIRECTORIES": above})
