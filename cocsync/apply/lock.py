"""One apply at a time in one folder, by a lock that the system releases when its holder dies."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cocsync.errors import LocalFailure, Refused
from cocsync.system import storage

WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.1


@contextmanager
def exclusive(
    path: Path, *, wait: float = WAIT_SECONDS, on_wait: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Holds the lock file `path`; `on_wait` is called once where another run has it.

    Raises `Refused` after `wait` seconds, `LocalFailure` where there can be no lock.
    """
    try:
        file = storage.open_state(path)
    except OSError as error:
        raise LocalFailure(f"no lock file {path}: {error.strerror}") from None
    with file:
        try:
            if not _try_lock(file):
                on_wait()
                _wait_for(file, path, time.monotonic() + wait)
        except OSError as error:
            raise LocalFailure(
                f"the file system of {path} takes no lock ({error.strerror}), and two applies at once are not safe: "
                "work in a checkout on a local disk"
            ) from None
        yield


def _wait_for(file: IO[bytes], path: Path, deadline: float) -> None:
    while not _try_lock(file):
        if time.monotonic() >= deadline:
            raise Refused(f"another apply is running in this folder (lock {path}): wait for it and run again")
        time.sleep(_POLL_SECONDS)


try:
    import fcntl
except ImportError:  # pragma: platform
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        """Takes the lock if it is free, and says whether it did. Raises OSError where the file system has no locks."""
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except PermissionError:
            return False
        return True
else:

    def _try_lock(file: IO[bytes]) -> bool:
        """Takes the lock if it is free, and says whether it did. Raises OSError where the file system has no locks."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
