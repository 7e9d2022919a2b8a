"""Ctrl-C and SIGTERM: once, a run ends in order; twice, the process leaves. Never a traceback, never a bare signal."""

from __future__ import annotations

import _thread
import os
import signal
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from cocsync.errors import ExitCode

if TYPE_CHECKING:
    from types import FrameType

    from cocsync.cli.parts.run import Run

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupt_on_signals() -> None:
    """The first signal raises `KeyboardInterrupt`, the next one leaves: right where nothing can have been written."""

    def handle(_signal: int, _frame: object) -> None:
        leave_on_signals(ExitCode.INTERRUPTED)
        raise KeyboardInterrupt

    _handle(handle)


def leave_on_signals(code: int) -> None:
    """From here on a signal ends the process at once, with this code."""
    _handle(lambda _signal, _frame: os._exit(code))


class Stop(Event):
    """Set by the first signal; the next one leaves with `code`, which says whether something may have been written.

    The handler stays when the writes have ended, so that a signal neither cuts a report off nor ends the process.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.code = ExitCode.INTERRUPTED
        self._run = run
        self._asked = False
        self._doing = "writes under way end, no new one begins"
        _handle(self._signalled)

    def is_set(self) -> bool:
        """Whether a signal came: at once, also before those that wait for it are woken."""
        return self._asked or super().is_set()

    def writing(self) -> None:
        """A change begins."""
        self.code = ExitCode.PARTIAL

    def written(self) -> None:
        """No write is under way any more."""
        self._doing = "the reports are written"

    def reported(self) -> None:
        """The reports are written, too: what follows ends at once, and need not be announced."""
        self._doing = ""

    def _signalled(self, _signal: int, _frame: object) -> None:
        if self._asked:
            os._exit(self.code)
        self._asked = True
        # Not from here: the handler interrupts the main thread, which holds the event's lock while it begins to wait.
        _thread.start_new_thread(self.set, ())
        if self._doing:
            self._run.note(f"Stopping: {self._doing}. Once more to leave at once.")


def _handle(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in _SIGNALS:
        signal.signal(number, handler)
