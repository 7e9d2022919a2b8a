"""The fault script: which requests go wrong, and how often.

A fault's text form is `[SELECTOR:]KIND[=VALUE][*TIMES]`. SELECTOR is any of `k=N` (the N-th matching request since the
fault was armed), a method and a path pattern, separated by spaces; TIMES is a number, or `*` alone for ever. Examples:
`k=3:lost-after-commit`, `POST *:503*2`, `GET /v1/job/scripts/*:403*`, `429=30`, `k=2 GET:hang=5`.

`cocsync.sim.faults.kinds` lists the kinds and does what they say. In process, those that leave a caller without an
answer raise one of the exceptions of `cocsync.sim.faults.unanswered`; over a socket the caller meets the real thing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cocsync.sim.faults.kinds import InvalidFault, check
from cocsync.sim.faults.pages import PAGE_KINDS
from cocsync.sim.faults.unanswered import ConnectionLost, ConnectionRefused, ReadTimeout, Unanswered
from cocsync.sim.wire import Request

__all__ = [
    "ConnectionLost",
    "ConnectionRefused",
    "Fault",
    "FaultScript",
    "InvalidFault",
    "ReadTimeout",
    "Unanswered",
    "parse",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    It strikes matching requests from number `at` on (the first is 1, counted since the fault was armed): `times` of
    them, or all with None. `path` is a pattern as of a shell. Raises InvalidFault for an unknown kind or value.
    """

    kind: str
    value: str = ""
    at: int = 1
    times: int | None = 1
    method: str = "*"
    path: str = "*"

    def __post_init__(self) -> None:
        check(self.kind, self.value)
        if self.at < 1 or (self.times is not None and self.times < 1):
            raise InvalidFault("a fault strikes from the first request on, and at least once")

    def matches(self, request: Request) -> bool:
        """Whether the fault's method and path fit a request."""
        return fnmatchcase(request.method, self.method) and fnmatchcase(request.path, self.path)

    def __str__(self) -> str:
        pattern = "" if self.method == self.path == "*" else f"{self.method} {self.path}"
        words = " ".join(filter(None, (f"k={self.at}" if self.at > 1 else "", pattern)))
        value = f"={self.value}" if self.value else ""
        times = "*" if self.times is None else f"*{self.times}" if self.times > 1 else ""
        return f"{words}:{self.kind}{value}{times}" if words else f"{self.kind}{value}{times}"


_TEXT = re.compile(
    r"(?:(?P<selector>(?:(?:k=[0-9]+|[A-Z]+|\*|[/*][^\s:]*)(?:\s+|(?=:)))+):)?"
    r"(?P<kind>[a-z0-9-]+)(?:=(?P<value>.*?))?(?:\*(?P<times>[0-9]*))?",
    re.DOTALL,
)


def parse(text: str) -> Fault:
    """The fault that a text form describes; raises InvalidFault."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise InvalidFault(f"{text!r} is not a fault; write [k=N] [METHOD] [PATH]:KIND[=VALUE][*TIMES]")
    fault: dict[str, str] = {}
    at = 1
    for word in (match["selector"] or "").split():
        if word.startswith("k="):
            at = int(word[2:])
        elif "/" in word or "method" in fault:
            fault["path"] = word
        else:
            fault["method"] = word
    times = 1 if match["times"] is None else int(match["times"]) if match["times"] else None
    return Fault(kind=match["kind"], value=match["value"] or "", at=at, times=times, **fault)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0
    struck: int = 0

    @property
    def due(self) -> bool:
        return self.seen >= self.fault.at

    @property
    def spent(self) -> bool:
        return self.struck == self.fault.times


class FaultScript:
    """The faults that are armed. Thread-safe. `is_page` tells the requests that a fault of lists can strike."""

    def __init__(self, is_page: Callable[[Request], bool]) -> None:
        self._is_page = is_page
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []

    def arm(self, *faults: Fault | str) -> None:
        """Add faults, each counting from here; raises InvalidFault and then adds none."""
        parsed = [_Armed(parse(fault) if isinstance(fault, str) else fault) for fault in faults]
        with self._lock:
            self._armed += parsed

    def take(self, request: Request) -> Fault | None:
        """The fault that strikes this request; of several the one armed first, and the others wait for the next."""
        with self._lock:
            matching = [armed for armed in self._armed if self._is_meant(armed.fault, request)]
            for armed in matching:
                armed.seen += 1
            striking = next((armed for armed in matching if armed.due), None)
            if striking is None:
                return None
            striking.struck += 1
            self._armed = [armed for armed in self._armed if not armed.spent]
            return striking.fault

    def _is_meant(self, fault: Fault, request: Request) -> bool:
        return fault.matches(request) and (fault.kind not in PAGE_KINDS or self._is_page(request))

    @property
    def armed(self) -> tuple[Fault, ...]:
        """The faults that may still strike."""
        with self._lock:
            return tuple(armed.fault for armed in self._armed)

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed = []
