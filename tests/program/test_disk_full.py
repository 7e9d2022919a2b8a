"""A disk that is full, read-only or broken: what cannot be saved first is not written, and nothing is half there."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocsync.sim import Simulator
from tests.support import children
from tests.support.program import EXECUTABLE, Program
from tests.support.repository import Repository

BY_HAND = "echo by hand\n"


@pytest.fixture
def edited(cocsync: Program, repository: Repository, simulator: Simulator) -> Repository:
    """A script of ours that was edited by hand, so that it must be saved before it is healed, and a new one."""
    repository.manifest("scripts/a.yaml", name="a")
    assert cocsync.here("apply", "--yes").code == 0
    simulator.edit("a", content=BY_HAND)
    repository.manifest("scripts/b.yaml", name="b")
    return repository


def failing(call: Callable[..., Any], error: int) -> Callable[..., Any]:
    """The system call, which fails for a file below the folder of backups."""

    def fail(target: Any, *arguments: Any, dir_fd: int | None = None, **options: Any) -> Any:
        folder = target if isinstance(target, int) else dir_fd
        path = Path() if folder is None else Path(f"/proc/self/fd/{folder}").readlink()
        if "backups" in (path if isinstance(target, int) else path / target).parts:
            raise OSError(error, os.strerror(error))
        return call(target, *arguments, **options if dir_fd is None else {**options, "dir_fd": dir_fd})

    return fail


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("call", ["open", "fsync", "mkdir"])
def test_without_its_copy_a_script_is_not_written_and_the_others_are(
    cocsync: Program,
    edited: Repository,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    error: int,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(getattr(os, call), error))
        done = cocsync.here("apply", "--yes")
    assert done.code == 4
    assert "no backup of a in .cocsync/backups" in done.out.replace(f"{edited.root}/", "")
    assert os.strerror(error) in done.out
    assert (simulator.script("a").content, simulator.script("b").content) == (BY_HAND, "df -h\n")
    assert list(edited.root.glob(".cocsync/backups/*/*/*")) == []

    assert cocsync.here("apply", "--yes").code == 0
    (copy,) = edited.root.glob(".cocsync/backups/*/a/*.sh")
    assert copy.read_text() == BY_HAND
    assert simulator.script("a").content == "df -h\n"


def test_a_process_that_can_write_no_file_at_all_still_says_what_it_did(
    cocsync: Program, edited: Repository, simulator: Simulator, serving: Callable[[Simulator], str]
) -> None:
    """Neither backup nor cache nor report nor log: the file system takes no byte."""
    environ = {name: value for name, value in cocsync.environ.items() if not name.startswith("COV")}
    done = children.run(
        [EXECUTABLE, "apply", "--yes", "--endpoint", serving(simulator), "--log-file", "log.jsonl"],
        cwd=edited.root,
        env=environ,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 4, done.stderr
    assert "no backup of a" in done.stdout
    assert "is not kept" in done.stderr
    assert (simulator.script("a").content, simulator.script("b").content) == (BY_HAND, "df -h\n")
