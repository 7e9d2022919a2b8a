"""Whether what is checked out is what the reviewed branch of the remote holds."""

from __future__ import annotations

from collections.abc import Iterable

from cocsync.errors import Refused
from cocsync.system.gitcommand import Git

SHALLOW = "the history here is cut: check out all of it (`fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab)"


def refuse_changes(git: Git, paths: Iterable[str]) -> None:
    """Raises `Refused` where a file at or below one of the paths differs from the commit, or is in none.

    Paths are relative to the folder of the project file.
    """
    done = git.checked("status", "--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=none", "--", *paths)
    changed = [entry[3:] for entry in done.out.decode("utf-8", "replace").split("\0") if entry]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise Refused(f"{changed[0]}{more} differs from the commit: commit it, and run from a clean checkout")


def reviewed(git: Git, remote: str, branch: str | None, files: Iterable[str]) -> str:
    """The commit that is checked out. `branch` None is the one that the remote's HEAD names.

    Raises `Refused` unless the commit is the tip of the branch or an ancestor, and the tip, the commit and the folder
    hold the same text of each of the files; `GitFailed` where the remote cannot be read.
    """
    head = git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if head.code:
        raise Refused("nothing is committed here: a run is carried out from a commit of the reviewed branch")
    commit = head.lines[0]
    ref, tip = _tip(git, remote, branch)
    git.checked(
        *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="),
        *("--", remote, ref),
    )
    _refuse_others(git, commit, tip, ref)
    for file in files:
        _refuse_another(git, file, commit, tip, ref)
    return commit


def _tip(git: Git, remote: str, branch: str | None) -> tuple[str, str]:
    """The full name of the branch and its commit."""
    wanted = "HEAD" if branch is None else f"refs/heads/{branch}"
    pairs = [line.split("\t", 1) for line in git.checked("ls-remote", "--symref", "--", remote, wanted).lines]
    named = next(
        (text.removeprefix("ref: ") for text, name in pairs if text.startswith("ref: ") and name == "HEAD"), wanted
    )
    commit = next((text for text, name in pairs if name == wanted and not text.startswith("ref: ")), None)
    if commit is None or named == "HEAD":
        raise Refused(f"`{remote}` has no branch `{branch or 'HEAD'}`: name the reviewed one with `run.branch`")
    return named, commit


def _refuse_others(git: Git, commit: str, tip: str, ref: str) -> None:
    if git("merge-base", "--is-ancestor", commit, tip).code == 0:
        return
    if git.checked("rev-parse", "--is-shallow-repository").lines == ["true"]:
        raise Refused(f"that commit {commit[:12]} belongs to {ref} cannot be proven: {SHALLOW}")
    raise Refused(f"commit {commit[:12]} is not part of {ref} on the remote: merge it there first, and run from there")


def _refuse_another(git: Git, file: str, commit: str, tip: str, ref: str) -> None:
    texts = [_blob(git, f"{commit}:./{file}"), _blob(git, f"{tip}:./{file}")]
    if texts[0] is None or texts[0] != texts[1]:
        raise Refused(f"{ref} holds another {file} now: check out its newest commit")
    here = git("hash-object", "--", file)
    if here.code or here.lines != [texts[0]]:
        raise Refused(f"{file} differs from the commit: commit it, and run from a clean checkout")


def _blob(git: Git, name: str) -> str | None:
    done = git("rev-parse", "--verify", "--quiet", name)
    return done.lines[0] if done.code == 0 else None
