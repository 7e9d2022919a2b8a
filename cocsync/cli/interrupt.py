"""Ctrl-C and SIGTERM during an apply: once, no new write begins; twice, the process leaves."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from cocsync.errors import ExitCode

if TYPE_CHECKING:
    from cocsync.cli.common import Run

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_on_signals(run: Run) -> Iterator[Event]:
    """An event that the first signal sets. A second one ends the process with 4: writes may be under way."""
    stop = Event()

    def handle(_signal: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(ExitCode.PARTIAL)
        stop.set()
        run.note("Stopping: writes under way end, no new one begins. Once more to leave at once.")

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
