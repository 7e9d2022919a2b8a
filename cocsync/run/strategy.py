"""How a run proceeds: batches, pauses, and how many hosts may fail. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cocsync.run.limits import BATCH_HOSTS, DEFAULT_TIMEOUT, MAX_RUN_HOSTS

DEFAULT_BATCHES = (1, 10)
START_SECONDS = 15
"""What a batch takes beside the hosts' own time."""

_FAILURES = re.compile(r"(\d{1,5})(%?)")
_TENTHS = 1000
"""100 percent, in the tenths of a percent that COC takes."""


class Pause(StrEnum):
    """After which batches a run pauses: the first, each, or none."""

    CANARY = "canary"
    EACH = "each"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxFailures:
    """How many hosts may fail: a number of hosts, or a percentage of all hosts of the run."""

    number: int = 0
    percent: bool = False

    @classmethod
    def parse(cls, text: str) -> MaxFailures:
        """From `2` or `10%`. Raises ValueError, whose text goes on from the value."""
        match = _FAILURES.fullmatch(text)
        number = int(match[1]) if match else 0
        if match is None or (match[2] and number > 100) or number > MAX_RUN_HOSTS:  # noqa: PLR2004 - percent
            raise ValueError("must be a number of hosts, or a percentage of 0 to 100 as in `10%`")
        return cls(number=number, percent=bool(match[2]))

    def of(self, hosts: int) -> int:
        """The number of hosts that may fail, of so many."""
        return hosts * self.number // 100 if self.percent else self.number

    def __str__(self) -> str:
        return f"{self.number}{'%' if self.percent else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """`batches` are sizes, the last of which repeats. `timeout` is in seconds a host."""

    batches: tuple[int, ...] = DEFAULT_BATCHES
    pause_after: Pause = Pause.CANARY
    max_failures: MaxFailures = MaxFailures()
    timeout: int = DEFAULT_TIMEOUT
    user: str = "root"


def sizes(text: str) -> tuple[int, ...]:
    """Batch sizes from `1,5,10`. Raises ValueError, whose text goes on from the value."""
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if problem := sizes_problem(found):
        raise ValueError(problem)
    return found


def sizes_problem(batches: Sequence[int]) -> str:
    """What is wrong with batch sizes, going on from their name; empty where nothing is."""
    if not batches or not all(1 <= size <= BATCH_HOSTS for size in batches):
        return f"must be sizes of 1 to {BATCH_HOSTS}, as in 1,5,10: COC takes no larger batch"
    return ""


def pauses(batches: int, pause_after: Pause, *, first: bool) -> tuple[bool, ...]:
    """After which batches of a ticket it pauses. `first`: it is the first ticket, the one with the canary.

    The last batch never pauses: behind it there is nothing to go on with.
    """
    wanted = {Pause.NONE: 0, Pause.CANARY: int(first), Pause.EACH: batches}[pause_after]
    return tuple(index < wanted and index < batches - 1 for index in range(batches))


def success_rate(batches: Sequence[int], failures: int) -> float:
    """The rate to send with a ticket of these batch sizes, of which so many hosts may fail.

    COC documents neither whether the rate counts in a batch or in the ticket, nor how it rounds: this one stops a
    ticket under neither reading before more hosts failed. Percent with one decimal, from 1 to 100.
    """
    lowest = min(_TENTHS * (size - failures) // size for size in batches)
    return max(lowest, _TENTHS // 100) / 10


def longest_seconds(batches: int, timeout: int) -> int:
    """How long so many batches may take, pauses left out."""
    return batches * (timeout + START_SECONDS)


def threshold(failures: int, hosts: int) -> str:
    """In words: `stops after the 3rd failure of 40 hosts`."""
    if failures >= hosts:
        return f"does not stop at failures: {failures} of {hosts} hosts may fail"
    return f"stops after the {_ordinal(failures + 1)} failure of {hosts} host{'' if hosts == 1 else 's'}"


def _ordinal(number: int) -> str:
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
