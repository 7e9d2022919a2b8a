"""What is told of each request: a line on stderr with -v, a JSON line with --log-file. No header, query or body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING

from cocsync.cli.parts.run import say
from cocsync.errors import LocalFailure
from cocsync.report.terminal import sanitised
from cocsync.system import storage

if TYPE_CHECKING:
    from cocsync.cli.parts.run import Run
    from cocsync.model.logged import Logged


@contextmanager
def request_log(run: Run) -> Iterator[Callable[[Logged], None] | None]:
    """Takes each attempt from any thread; None where nobody listens. Raises `LocalFailure` for an unusable file.

    A file that takes no more is said once and ends nothing: writes to COC may be under way.
    """
    with ExitStack() as stack:
        file = stack.enter_context(_opened(run.log_file)) if run.log_file else None
        lock = Lock()

        def log(attempt: Logged) -> None:
            nonlocal file
            with lock:
                if run.verbose:
                    say(_line(attempt), err=True)
                if file:
                    try:
                        file.write(_json(attempt))
                    except OSError as error:
                        run.note(f"The log {run.log_file} ends here: {error.strerror}.")
                        file = None

        yield log if run.verbose or file else None


def _opened(path: Path) -> IO[bytes]:
    try:
        return storage.open_named(path, append=True, buffering=0)
    except OSError as error:
        raise LocalFailure(f"the log {path} cannot be written: {error.strerror}") from None


def _line(attempt: Logged) -> str:
    ended = attempt.failure if attempt.status is None else f"{attempt.status} {attempt.code}".strip()
    parts = [f"{attempt.method} {sanitised(attempt.path)}", sanitised(ended), f"{attempt.seconds * 1000:.0f} ms"]
    if attempt.request_id:
        parts.append(f"request {sanitised(attempt.request_id)}")
    if attempt.attempt > 1:
        parts.append(f"attempt {attempt.attempt}")
    return "  ".join(parts)


def _json(attempt: Logged) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = asdict(attempt)
    milliseconds = round(told.pop("seconds") * 1000, 1)
    return json.dumps({"time": now, **told, "ms": milliseconds}).encode() + b"\n"
