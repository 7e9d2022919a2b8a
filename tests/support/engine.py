"""The engine's API client on a simulator, with a clock that sleeping moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cocsync.coc.http.client import Client, TimeSource
from cocsync.coc.http.outgoing import Authenticator
from cocsync.coc.http.transport import Transport
from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.simulated import Simulated
from cocsync.sim import Simulator


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@contextmanager
def api_for(
    simulator: Simulator, *, writable: bool, clock: Clock | None = None, authenticator: Authenticator | None = None
) -> Iterator[ScriptsApi]:
    """The script endpoints of an embedded simulator, which stays open."""
    time = clock or Clock()
    transport = Transport("http://simulator", handler=Simulated(Open(simulator)), authenticator=authenticator)
    surroundings = TimeSource(clock=time.now, now=time.now, sleep=time.sleep, jitter=lambda: 0.5)
    client = Client(transport, writable=writable, surroundings=surroundings)
    try:
        yield ScriptsApi(client)
    finally:
        client.close()


class Open(Simulator):
    """Somebody else's simulator: closing the client leaves it open."""

    def __init__(self, simulator: Simulator) -> None:
        self.handle = simulator.handle  # type: ignore[method-assign]

    def close(self) -> None:
        pass
