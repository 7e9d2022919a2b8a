"""One throttle for all workers of a run: unlimited until COC says 429, then just below what COC allows.

COC publishes no limit, so the rate has to be found by asking. Halving it after each 429 and raising it by a little
would spend most of the time far below what COC allows. After a 429 the rate follows a curve over time instead, that of
TCP's CUBIC: quickly back to near the rate that was refused, long close to it, then faster and faster, until COC says
429 again or there is nothing left to limit. With t the time since the pause ended and T the length of the curve:

    rate(t) = level * (1 + DEPTH * (t / T - 1) ** 3)

It begins a tenth below the level, is flat at the level when t = T, and is a tenth above it, hence about at the refused
rate, when t = 2 T. The flat part is where most requests are sent; the steep end finds out that a limit was lifted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A moment to send at that is kept for one request; a 429 makes it void."""

    moment: float
    epoch: int


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
        return self._acquire(1)[0]

    def acquire_two(self) -> tuple[int, Turn]:
        """Waits like `acquire`, and keeps the turn right behind for `take`: no other request comes between the two."""
        return self._acquire(2)

    def take(self, turn: Turn) -> int | None:
        """Waits for a kept turn. None where a 429 came meanwhile: then everybody queues anew."""
        wait = turn.moment - self._clock()
        if wait > 0:
            self._sleep(wait)
        return turn.epoch if self._holds(turn) else None

    def _acquire(self, turns: int) -> tuple[int, Turn]:
        first, last = self._reserve(turns)
        while (wait := first.moment - self._clock()) > 0:
            if self._sleep(wait):
                break
            if not self._holds(first):
                first, last = self._reserve(turns)
        return first.epoch, last

    def _holds(self, turn: Turn) -> bool:
        return turn.epoch == self._epoch and turn.moment >= self._opens

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

    def _reserve(self, turns: int) -> tuple[Turn, Turn]:
        """The first and the last of so many turns in a row."""
        with self._lock:
            moment = max(self._next, self._clock())
            rates = [rate for rate in (self._max_rate, self._curve(moment)) if rate]
            gap = 1 / min(rates) if rates else 0.0
            self._next = moment + turns * gap
            last = Turn(moment=moment + (turns - 1) * gap, epoch=self._epoch)
            return Turn(moment=moment, epoch=self._epoch), last

    def _curve(self, moment: float) -> float | None:
        """Requests a second at that time, None for no limit."""
        if self._level is None:
            return None
        late = (moment - self._opens) / self._seconds - 1
        rate = self._level * (1 + DEPTH * late**3)
        return rate if rate < UNLIMITED else None
