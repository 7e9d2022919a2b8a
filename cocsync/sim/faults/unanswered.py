"""What a request in process meets where a caller over a socket would get no whole answer."""

from __future__ import annotations

from cocsync.sim.wire import Response


class Unanswered(Exception):
    """A request to which no whole answer came."""


class ConnectionRefused(Unanswered):
    """No connection was made: certainly nothing was sent or done."""


class ConnectionLost(Unanswered):
    """The connection ended after the request was sent; whether the request was done is for the caller to find out.

    `reset` says that it ended with RST; `response` is the answer whose first half was on its way, if any.
    """

    def __init__(self, message: str, *, reset: bool = False, response: Response | None = None) -> None:
        super().__init__(message)
        self.reset = reset
        self.response = response


class ReadTimeout(Unanswered):
    """No whole answer came in the time that the caller has.

    `seconds` is how long a socket stays silent, or with a `response`, the pause before each of its bytes.
    """

    def __init__(self, message: str, *, seconds: float, response: Response | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.response = response
