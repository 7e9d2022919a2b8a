"""What is told of each request: a line on stderr with -v, a JSON line with --log-file. No header, query or body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from threading import Lock
from typing import IO, TYPE_CHECKING

import click

from cocsync.errors import LocalFailure
from cocsync.terminal import harmless

if TYPE_CHECKING:
    from cocsync.cli.common import Run
    from cocsync.coc.client import Logged


@contextmanager
def request_log(run: Run) -> Iterator[Callable[[Logged], None] | None]:
    """Takes each attempt from any thread; None where nobody listens. Raises `LocalFailure` for an unusable file."""
    with ExitStack() as stack:
        file: IO[str] | None = None
        if run.log_file:
            try:
                file = stack.enter_context(run.log_file.open("a", encoding="utf-8"))
            except OSError as error:
                raise LocalFailure(f"the log {run.log_file} cannot be written: {error.strerror}") from None
        lock = Lock()

        def log(attempt: Logged) -> None:
            with lock:
                if run.verbose:
                    click.echo(_line(attempt), err=True)
                if file:
                    file.write(_json(attempt))

        yield log if run.verbose or file else None


def _line(attempt: Logged) -> str:
    ended = attempt.failure if attempt.status is None else f"{attempt.status} {attempt.code}".strip()
    parts = [f"{attempt.method} {harmless(attempt.path)}", harmless(ended), f"{attempt.seconds * 1000:.0f} ms"]
    if attempt.request_id:
        parts.append(f"request {harmless(attempt.request_id)}")
    if attempt.attempt > 1:
        parts.append(f"attempt {attempt.attempt}")
    return "  ".join(parts)


def _json(attempt: Logged) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = asdict(attempt)
    milliseconds = round(told.pop("seconds") * 1000, 1)
    return json.dumps({"time": now, **told, "ms": milliseconds}) + "\n"
