"""A bare repository and clones of it, for tests of claims and of the reviewed branch. Real git, no network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from cocsync.system.gitcommand import Git

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main")


def run(folder: Path, *arguments: str) -> str:
    """The output of a git command that must succeed."""
    done = subprocess.run(["git", "-C", folder, *IDENTITY, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Remote:
    """A bare repository `origin.git` below `folder`, whose branch main holds one commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bare = folder / "origin.git"
        self.bare.mkdir(parents=True)
        run(self.bare, "init", "--quiet", "--bare")
        first = self.clone("first")
        self.commit(first, "README.md", "one\n")

    @property
    def url(self) -> str:
        return f"file://{self.bare}"

    def clone(self, name: str, *options: str) -> Path:
        place = self.folder / name
        run(self.folder, "clone", "--quiet", *options, self.url, str(place))
        return place

    def commit(self, clone: Path, file: str, text: str, *, push: bool = True) -> str:
        """Commits a file on the clone's branch, and pushes it."""
        (clone / file).parent.mkdir(parents=True, exist_ok=True)
        (clone / file).write_text(text)
        run(clone, "add", "--all")
        run(clone, "commit", "--quiet", "--message", f"Change {file}")
        if push:
            run(clone, "push", "--quiet", "origin", "HEAD")
        return run(clone, "rev-parse", "HEAD")

    def hook(self, name: str, text: str) -> None:
        """A hook of the server."""
        place = self.bare / "hooks" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\n{text}\n")
        place.chmod(0o755)

    def refs(self, prefix: str = "refs/cocsync/") -> dict[str, str]:
        lines = run(self.bare, "for-each-ref", "--format=%(refname) %(objectname)", prefix).splitlines()
        return dict(line.split() for line in lines)


def git(clone: Path, **changes: float) -> Git:
    return Git(root=clone, environ=dict(os.environ), **changes)
