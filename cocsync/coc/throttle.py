"""One throttle for all workers of a run: unlimited until COC says 429, then just below what COC allows.

After a 429 the rate follows a curve over time, that of TCP's CUBIC: quickly back to near the rate that was refused,
long close to it, then faster and faster, until COC says 429 again or there is nothing left to limit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

FIRST_RATE = 10.0
"""Requests a second that the first curve levels out at: nothing is known yet of what COC allows."""

FIRST_SECONDS = 1.0
"""How long the first curve takes until it is level; short, since its rate is a guess."""

SECONDS = 4.0
"""How long every other curve takes. So a 429 comes every eight seconds or so, whatever the rate."""

LEVEL = 0.9
"""Of a refused rate, where the next curve is level."""

DEPTH = 0.1
"""Of the level, by how much a curve begins below it."""

UNLIMITED = 500.0
"""Requests a second from which on a curve limits nothing."""


class Throttle:
    """Hands out moments to send at, first come first served, at a rate that a 429 lowers and time raises. Thread-safe.

    `max_rate` is a limit of the user's, in requests a second. `clock` counts seconds, `sleep` waits for some,
    and says True where nobody is to wait any more.
    """

    def __init__(
        self, *, clock: Callable[[], float], sleep: Callable[[float], object], max_rate: float | None = None
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._max_rate = max_rate
        self._lock = threading.Lock()
        self._next = 0.0
        self._opens = 0.0
        self._epoch = 0
        self._level: float | None = None
        self._seconds = FIRST_SECONDS

    def acquire(self) -> int:
        """Waits until a request may go. What it returns is handed to `refused`."""
        moment, epoch = self._reserve()
        while (wait := moment - self._clock()) > 0:
            if self._sleep(wait):
                break
            if epoch != self._epoch or moment < self._opens:
                moment, epoch = self._reserve()
        return epoch

    def refused(self, epoch: int, pause: float) -> None:
        """COC said 429: everybody waits `pause` seconds. Requests of the same wave slow the rate down once."""
        with self._lock:
            now = self._clock()
            if epoch == self._epoch:
                self._epoch += 1
                self._slow_down(self._curve(now))
                self._next = now
            self._opens = max(self._opens, now + pause)
            self._next = max(self._next, self._opens)

    def _slow_down(self, refused: float | None) -> None:
        if refused is None:
            self._level, self._seconds = FIRST_RATE, FIRST_SECONDS
        else:
            self._level, self._seconds = min(refused, self._max_rate or refused) * LEVEL, SECONDS

    def _reserve(self) -> tuple[float, int]:
        with self._lock:
            moment = max(self._next, self._clock())
            rates = [rate for rate in (self._max_rate, self._curve(moment)) if rate]
            self._next = moment + (1 / min(rates) if rates else 0.0)
            return moment, self._epoch

    def _curve(self, moment: float) -> float | None:
        """Requests a second at that time, None for no limit."""
        if self._level is None:
            return None
        late = (moment - self._opens) / self._seconds - 1
        rate = self._level * (1 + DEPTH * late**3)
        return rate if rate < UNLIMITED else None
