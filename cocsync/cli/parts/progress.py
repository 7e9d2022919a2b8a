"""One live line on a terminal: what is being done, how far it is, how fast it goes. Nothing of it in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocsync.cli.parts.run import Run

_SECONDS_BETWEEN = 0.1
_CLEAR = "\r\x1b[2K"


class StatusLine:
    """Overwrites itself on stderr. Thread-safe; silent where `shown` is False."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._lock = Lock()
        self._word = ""
        self._began = self._last = 0.0

    def __call__(self, word: str, done: int, total: int) -> None:
        """So many of so many; a total of 0 is not known."""
        with self._lock:
            if not self._shown:
                return
            now = time.monotonic()
            if word != self._word:
                self._word, self._began, self._last = word, now, 0.0
            if now - self._last < _SECONDS_BETWEEN and done != total:
                return
            self._last = now
            rate = done / (now - self._began) if now > self._began else 0.0
            of = f" of {total}" if total else ""
            self._write(f"{_CLEAR}{word} {done}{of}, {rate:.0f}/s")

    def clear(self) -> None:
        """Leaves nothing of the line behind, until something is reported again."""
        with self._lock:
            if self._shown and self._word:
                self._write(_CLEAR)
            self._word = ""

    def close(self) -> None:
        """Leaves nothing of the line behind, whatever other threads still report."""
        self.clear()
        with self._lock:
            self._shown = False

    def _write(self, text: str) -> None:
        """A terminal that is gone stops nothing."""
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            self._shown = False


@contextmanager
def status_line(run: Run) -> Iterator[StatusLine]:
    """A line for this part of the run: at a terminal that can, where nobody asked for quiet or for a line a request."""
    terminal = sys.stderr.isatty() and run.environ.get("TERM") != "dumb"
    line = StatusLine(shown=terminal and not run.quiet and not run.verbose)
    try:
        yield line
    finally:
        line.close()
