"""What a fault strikes: the exchange of a request for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cocsync.sim.wire import Request, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request that is struck, and what a fault can do with it: let it be done, wait, withdraw all tokens."""

    request: Request
    proceed: Callable[[Request], Response]
    sleep: Callable[[float], None]
    drop_tokens: Callable[[], None]

    def done(self) -> Response:
        """Do the request as it came."""
        return self.proceed(self.request)


Kind = Callable[[str, Exchange], Response]
"""What a fault does, by its value: the answer; may raise `Rejection` and `Unanswered`."""
