"""One apply at a time in one folder, by a lock that the system releases when its holder dies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cocsync.errors import LocalFailure, Refused

WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.1


@contextmanager
def exclusive(path: Path, *, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Holds the lock file `path`. Raises `Refused` after `wait` seconds, `LocalFailure` where there can be no lock."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise LocalFailure(f"no lock file {path}: {error.strerror}") from None
    with file:
        deadline = time.monotonic() + wait
        while not _try_lock(file):
            if time.monotonic() >= deadline:
                raise Refused(f"another apply is running in this folder (lock {path}): wait for it and run again")
            time.sleep(_POLL_SECONDS)
        yield


try:
    import fcntl
except ImportError:  # pragma: platform
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
else:

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
