"""What git knows of the repository. Where there is no git, no repository or no whole history, nothing is known.

git is asked in the folder that holds `.git`, so that nothing which a commit holds can pass for a repository, and with
everything switched off by which a configuration or an attribute starts a program, writes or reaches a server.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cocsync.model.history import Gap
from cocsync.model.source import Source
from cocsync.system import programs
from cocsync.system.programs import Program

_BATCH_BYTES = 64 << 20
"""So much of the history may be in memory at once."""

_VERSION = re.compile(
    r":(?P<old_mode>\d{6}) (?P<mode>\d{6}) (?P<old>[0-9a-f]+) (?P<blob>[0-9a-f]+) [A-Z]\d*\0(?P<path>[^\0]*)\0"
)
_FILTER = re.compile(r"filter\..*\.(?:clean|smudge|process|required)", re.DOTALL)

_USERS = ("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
"""Where the user's own configuration lies: `safe.directory` counts only there. What lies in the checkout does not."""

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


def gap(root: Path) -> Gap | None:
    """Why the history of what is checked out cannot be had, None where it is here as a whole."""
    top = programs.checkout(root)
    if top is None:
        return Gap(cause="this folder is in no git repository", fix="commit the manifests to one")
    if _program(root) is None:
        return Gap(cause="git is not installed", fix="install git")
    shallow = _git(root, "rev-parse", "--is-shallow-repository")
    if shallow is None:
        trust = f"git config --global --add safe.directory {shlex.quote(str(top))}"
        return Gap(cause="git refuses to read this checkout", fix=f"where another user owns it, `{trust}`")
    if shallow != ["false"]:
        fetch = "`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` in GitLab, else `git fetch --unshallow`"
        return Gap(cause="this is a shallow clone", fix=f"fetch the whole history ({fetch})")
    if not _git(root, "rev-parse", "--verify", "--quiet", "HEAD"):
        return Gap(cause="nothing is committed yet", fix="commit the manifests")
    return None


def files_ever(root: Path, sources: Iterable[str], suffixes: tuple[str, ...]) -> frozenset[str] | None:
    """The ids of every version of the files below `sources` with these suffixes, None where git does not tell.

    Only what the checked out branch had counts, merges as a whole: what a branch had and took away again before it was
    merged is not in it. Names that begin with a dot are passed over, as they are where manifests are read.
    """
    places = [_below(root, source) for source in sources]
    options = ("--first-parent", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", "--format=", *_NO_PROGRAMS)
    answer = _answer(root, "log", *options, "HEAD", "--", *places)
    if answer is None:
        return None
    folders = [place.partition(")")[2] for place in places]
    return frozenset(
        blob
        for found in _VERSION.finditer(answer)
        if found["path"].lower().endswith(suffixes) and any(_is_visible(found["path"], folder) for folder in folders)
        for mode, blob in ((found["mode"], found["blob"]), (found["old_mode"], found["old"]))
        if mode.startswith("100")
    )


def texts(root: Path, blobs: Iterable[str], max_bytes: int) -> Iterator[str]:
    """The texts of these files in the history, without those of more than `max_bytes`. Raises `LookupError`.

    It is raised where git has not all of them here.
    """
    answer = _answer(root, "cat-file", "--batch-check", text="".join(f"{blob}\n" for blob in blobs))
    lines = [line.split() for line in (answer or "").splitlines()]
    if answer is None or not all(len(line) == 3 for line in lines):  # noqa: PLR2004 - id, type and size
        raise LookupError("git lacks files of the history")
    batch: list[str] = []
    held = 0
    for blob, _, size in lines:
        if int(size) > max_bytes:
            continue
        if held + int(size) > _BATCH_BYTES:
            yield from _contents(root, batch)
            batch, held = [], 0
        batch.append(blob)
        held += int(size)
    yield from _contents(root, batch)


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


def _contents(root: Path, blobs: Sequence[str]) -> list[str]:
    """Each behind a line that no content can hold, since nobody knows it before."""
    border = secrets.token_hex(16)
    answer = _answer(root, "cat-file", f"--batch={border}", text="".join(f"{blob}\n" for blob in blobs))
    if answer is None:
        raise LookupError("git cannot read files of the history")
    return answer.split(f"{border}\n")[1:]


def _is_visible(path: str, folder: str) -> bool:
    below = path if folder == "." else path.removeprefix(f"{folder}/")
    return not any(part.startswith(".") for part in below.split("/"))


def _git(root: Path, *arguments: str) -> list[str] | None:
    """The lines of a command's output, None where it fails or `root` lies in no checkout."""
    answer = _answer(root, *arguments)
    return None if answer is None else answer.splitlines()


def _answer(root: Path, *arguments: str, text: str = "") -> str | None:
    """A command's output to the text on its stdin, None where it fails or `root` lies in no checkout."""
    top, git = programs.checkout(root), _program(root)
    if top is None or git is None:
        return None
    done = git.run(*_OPTIONS, "-C", str(top), *arguments, text=text)
    return done.stdout if done and done.returncode == 0 else None


def _program(root: Path) -> Program | None:
    above = str((programs.checkout(root) or root).parent)
    given = {
        name: place for name in _USERS if (place := os.environ.get(name)) and programs.is_outside(Path(place), root)
    }
    return programs.find("git", root, {**given, **_VARIABLES, "GIT_CEILING_DIRECTORIES": above})
