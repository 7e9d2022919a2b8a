"""Records in Git refs of a remote repository, each moved only from the commit that was read: a lease.

A record is a file in a commit of its own. The commits of a ref are a chain that begins with an orphan, so a record has
its history and nothing of the project's. Two that move a ref from the same commit cannot both win.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from cocsync.system.gitcommand import Git, GitFailed

MAX_BYTES = 1 << 20
"""The largest record that is read."""

_IDENTITY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "cocsync"), ("EMAIL", "cocsync@localhost.invalid"))
}
_NONCE_BYTES = 16
_READS = 3
_MADE = (" ", "*", "+", "-")
"""Flags by which `git push --porcelain` reports a ref as moved. `=`, up to date, is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """What a ref holds: the commit, and the bytes of its record, None where it has no such file, or a huge one."""

    commit: str
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How a move ended. `tip` is what the ref holds now; None where it is gone."""

    won: bool
    tip: Tip | None


class Refs:
    """The refs of one remote address. `file` is the name of the record in every commit.

    Commits are made in the repository of `git`, where they are left for its garbage collection; no hook of it runs.
    Every method raises `GitFailed` where the remote cannot be reached, refuses, or does not answer in time.
    """

    def __init__(self, git: Git, address: str, *, file: str) -> None:
        self._git = git
        self._address = address
        self._file = file

    def read(self, ref: str) -> Tip | None:
        """What the ref holds; None where there is no such ref."""
        return self.read_all(ref).get(ref)

    def read_all(self, pattern: str) -> dict[str, Tip]:
        """What each ref holds that the pattern names: a whole ref, or one that ends in `/*`."""
        for _ in range(_READS):
            commits = self._listed(pattern)
            if not commits or self._fetched(commits):
                return {ref: Tip(commit=commit, data=self._record(commit)) for ref, commit in commits.items()}
        raise GitFailed(f"{pattern} moves faster than it can be read: try again")

    def move(self, ref: str, data: bytes, *, lease: str | None, message: str) -> Moved:
        """Puts a record into the ref, whose commit must still be `lease`; None: there must be no such ref.

        Won is only what git reports as moved and what a read then finds to be exactly the new commit. A move that was
        cut and may have arrived is not won, whatever the ref holds. Raises `GitFailed` where the ref did not move and
        nobody else moved it.
        """
        commit = self._commit(data, lease, message)
        reported, why = self._pushed(f"{commit}:{ref}", ref, lease)
        tip = self.read(ref)
        now = tip.commit if tip else None
        if not reported and now == lease:
            raise GitFailed(f"{ref} cannot be moved: {why}")
        return Moved(won=reported and now == commit, tip=tip)

    def delete(self, ref: str, *, lease: str) -> None:
        """Deletes the ref, whose commit must still be `lease`."""
        reported, why = self._pushed(f":{ref}", ref, lease)
        if not reported:
            raise GitFailed(f"{ref} cannot be deleted: {why}")

    def _listed(self, pattern: str) -> dict[str, str]:
        """Commits by ref. A pattern of `ls-remote` also fits refs that only end in it."""
        lines = self._git.checked("ls-remote", "--quiet", "--", self._address, pattern).lines
        found = {ref: commit for commit, _, ref in (line.partition("\t") for line in lines)}
        if pattern.endswith("/*"):
            return {ref: commit for ref, commit in found.items() if ref.startswith(pattern[:-1])}
        return {ref: commit for ref, commit in found.items() if ref == pattern}

    def _fetched(self, commits: dict[str, str]) -> bool:
        """Whether all of the commits are here; not where one was replaced since, by something that does not hold it."""
        if self._have(commits.values()):
            return True
        # Without a depth: that would make a whole repository a shallow one.
        done = self._git(
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--", self._address),
            *sorted(commits),
        )
        if done.code and self._listed_still(commits):
            raise GitFailed(f"git fetch failed: {done.err}")
        return self._have(commits.values())

    def _listed_still(self, commits: dict[str, str]) -> bool:
        return all(self._listed(ref).get(ref) == commit for ref, commit in commits.items())

    def _have(self, commits: Iterable[str]) -> bool:
        asked = "".join(f"{commit}\n" for commit in commits).encode()
        return not any(
            line.endswith(" missing") for line in self._git.checked("cat-file", "--batch-check", data=asked).lines
        )

    def _record(self, commit: str) -> bytes | None:
        blob = f"{commit}:{self._file}"
        size = self._git("cat-file", "-s", blob)
        if size.code or int(size.out) > MAX_BYTES:
            return None
        return self._git.checked("cat-file", "blob", blob).out

    def _commit(self, data: bytes, parent: str | None, message: str) -> str:
        """The nonce makes it another commit than anybody else's, also with the same record in the same second."""
        blob = self._git.checked("hash-object", "-w", "--stdin", data=data).lines[0]
        tree = self._git.checked("mktree", data=f"100644 blob {blob}\t{self._file}\n".encode()).lines[0]
        text = f"{message}\n\nNonce: {secrets.token_hex(_NONCE_BYTES)}\n"
        parents = ("-p", parent) if parent else ()
        return self._git.checked("commit-tree", *parents, tree, data=text.encode(), identity=_IDENTITY).lines[0]

    def _pushed(self, refspec: str, ref: str, lease: str | None) -> tuple[bool, str]:
        """Whether git reports the ref as moved, and otherwise why it was not. A cut push is not reported as moved."""
        try:
            done = self._git(
                *("push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed"),
                *(f"--force-with-lease={ref}:{lease or ''}", "--", self._address, refspec),
            )
        except GitFailed as failed:
            return False, str(failed)
        told = (line.split("\t") for line in done.lines)
        report = next((parts for parts in told if len(parts) == 3 and parts[1].endswith(f":{ref}")), None)  # noqa: PLR2004
        if report is None:
            return False, done.err or "git reports nothing of it"
        return report[0] in _MADE and done.code == 0, report[2] if not done.err else f"{report[2]}: {done.err}"


def push_address(git: Git, remote: str) -> str:
    """The one address that a push to the remote goes to. Raises `GitFailed` where there is none, or more than one."""
    done = git("remote", "get-url", "--push", "--all", "--", remote)
    if done.code:
        raise GitFailed(f"there is no remote `{remote}`: name one with `run.remote`, or an address with `run.claims`")
    if len(done.lines) != 1:
        raise GitFailed(f"remote `{remote}` has {len(done.lines)} push addresses: name one with `run.claims`")
    return done.lines[0]
