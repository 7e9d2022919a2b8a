"""Threads in virtual time: one runs at a time, and time jumps to whoever wakes next. The same course in every run."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from threading import Event, Lock, Thread
from typing import Any

from tests.support import children


class Crowd:
    """Runs jobs that wait only by `sleep`. A job that waits for another in any other way stops everything."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._order = count()
        self._asleep: list[tuple[float, int, Any]] = []
        self._done = Event()
        self._failures: list[BaseException] = []

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Called by a job: lets the others go on until it is this one's time."""
        turn = self._turn(self._now + seconds)
        self._wake_next()
        turn.acquire()

    def run(self, *jobs: Callable[[], object]) -> None:
        """Returns when all jobs have ended, and raises what the first of them raised."""
        threads = [Thread(target=self._run, args=(self._turn(self._now), job), daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        self._done.clear()
        self._wake_next()
        assert self._done.wait(children.SECONDS), "a job waits for something that is not time"
        children.join(*threads)
        if self._failures:
            raise self._failures[0]

    def _run(self, turn: Any, job: Callable[[], object]) -> None:
        turn.acquire()
        try:
            job()
        except BaseException as failure:  # noqa: BLE001 - it is raised again by `run`
            self._failures.append(failure)
        finally:
            self._wake_next()

    def _turn(self, at: float) -> Any:
        turn = Lock()
        turn.acquire()
        heappush(self._asleep, (at, next(self._order), turn))
        return turn

    def _wake_next(self) -> None:
        if not self._asleep:
            self._done.set()
            return
        at, _, turn = heappop(self._asleep)
        self._now = max(self._now, at)
        turn.release()
