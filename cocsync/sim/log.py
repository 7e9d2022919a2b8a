"""Which requests came: what tests count."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fnmatch import fnmatchcase

from cocsync.sim.wire import Request


class RequestLog:
    """Method and path of the requests that came, the last 100,000 of them, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._seen: deque[tuple[str, str]] = deque(maxlen=100_000)

    def __len__(self) -> int:
        return len(self._seen)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(tuple(self._seen))

    def add(self, request: Request) -> None:
        """Note a request."""
        self._seen.append((request.method, request.path))

    def count(self, method: str = "*", path: str = "*") -> int:
        """How many requests came whose method and path match these patterns, as of a shell."""
        return sum(fnmatchcase(seen[0], method) and fnmatchcase(seen[1], path) for seen in self)

    def clear(self) -> None:
        """Forget them."""
        self._seen.clear()
