"""One apply at a time in one folder."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cocsync.apply.lock import exclusive
from cocsync.errors import LocalFailure, Refused

HOLD = "import sys; from pathlib import Path; from cocsync.apply.lock import exclusive\n"
HOLD += "with exclusive(Path(sys.argv[1])):\n"


@contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The lock, in the hands of another process."""
    script = HOLD + " print('held', flush=True); sys.stdin.read()\n"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield holder
        finally:
            holder.kill()


def test_nobody_else_holds_it_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "state" / "lock"
    told: list[None] = []
    with (
        exclusive(path, on_wait=lambda: pytest.fail("nobody has it")),
        pytest.raises(Refused, match=r"another apply is running .*lock"),
        exclusive(path, wait=0, on_wait=lambda: told.append(None)),
    ):
        pytest.fail("both hold it")
    assert told == [None]


def test_it_is_free_again_after_the_block_however_that_ends(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(KeyError), exclusive(tmp_path / "lock", wait=0):
            raise KeyError


def test_the_file_stays_and_means_nothing(tmp_path: Path) -> None:
    """What it says is kept: only the system knows who holds it."""
    (tmp_path / "lock").write_text("left by a crash")
    with exclusive(tmp_path / "lock", wait=0):
        pass
    assert (tmp_path / "lock").read_text() == "left by a crash"


def test_one_that_waits_goes_on_once_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with held(tmp_path / "lock") as holder:

        def let_go(_seconds: float) -> None:
            holder.kill()
            holder.wait()

        monkeypatch.setattr(time, "sleep", let_go)
        with exclusive(tmp_path / "lock"):
            assert holder.returncode is not None


def test_the_system_releases_it_when_its_holder_is_killed(tmp_path: Path) -> None:
    with held(tmp_path / "lock") as holder:
        with pytest.raises(Refused), exclusive(tmp_path / "lock", wait=0):
            pytest.fail("both hold it")
        holder.kill()
        holder.wait()
        with exclusive(tmp_path / "lock", wait=0):
            pass


def test_it_waits_ten_seconds_before_it_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    with exclusive(tmp_path / "lock"), pytest.raises(Refused), exclusive(tmp_path / "lock"):
        pytest.fail("both hold it")
    assert 10 <= now[0] < 10.2


def test_where_there_can_be_no_lock_file_there_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(LocalFailure, match=r"no lock file .*state"), exclusive(tmp_path / "state" / "lock"):
        pytest.fail("it runs")


@pytest.mark.skipif(os.name != "posix", reason="needs flock")
@pytest.mark.parametrize("error", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL])
def test_a_file_system_without_locks_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr("fcntl.flock", unsupported)
    with (
        pytest.raises(LocalFailure, match=r"the file system of .*lock takes no lock .*: work in a checkout on a local"),
        exclusive(tmp_path / "lock"),
    ):
        pytest.fail("it runs")
