"""One throttle for all workers of a run: unlimited until COC says 429, then as fast as COC allows."""

from __future__ import annotations

import threading
from collections.abc import Callable

FIRST_RATE = 10.0
"""Requests a second after the first 429 of a run: there is nothing yet to estimate from."""

SLOW_DOWN = 0.7
GROWTH = 0.2
GROWTH_MIN = 2.0
"""The rate grows by this share of itself, and at least by this many requests a second, each second without a 429."""

UNLIMITED = 500.0
"""Requests a second from which on no gap is kept."""


class Throttle:
    """Lets requests go one after the other at a rate that a 429 lowers and successes raise. Thread-safe.

    `max_rate` is a limit of the user's, in requests a second. `clock` counts seconds, `sleep` waits for some.
    """

    def __init__(
        self, *, clock: Callable[[], float], sleep: Callable[[float], None], max_rate: float | None = None
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._max_rate = max_rate
        self._rate = max_rate
        self._lock = threading.Lock()
        self._next = 0.0
        self._epoch = 0

    def acquire(self) -> int:
        """Waits until a request may go. What it returns is handed to `refused`."""
        while True:
            with self._lock:
                now = self._clock()
                if now >= self._next:
                    gap = 1 / self._rate if self._rate else 0.0
                    self._next = max(self._next, now - gap) + gap
                    return self._epoch
                wait = self._next - now
            self._sleep(wait)

    def refused(self, epoch: int, pause: float) -> None:
        """COC said 429: everybody waits `pause` seconds. Requests of the same wave slow the rate down once."""
        with self._lock:
            self._next = max(self._next, self._clock() + pause)
            if epoch == self._epoch:
                self._epoch += 1
                self._rate = max(self._rate * SLOW_DOWN, 0.2) if self._rate else FIRST_RATE

    def succeeded(self) -> None:
        """COC answered: a little faster from here."""
        with self._lock:
            if self._rate is None:
                return
            faster = self._rate + max(GROWTH_MIN, self._rate * GROWTH) / self._rate
            self._rate = min(faster, self._max_rate) if self._max_rate else faster if faster < UNLIMITED else None
