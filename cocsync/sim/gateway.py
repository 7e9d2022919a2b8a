"""What stands before COC: the rate limit, then the question who asks; and IAM under the same roof."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from email.utils import formatdate

from cocsync.sim.auth.store import TokenStore
from cocsync.sim.auth.tokens import TOKENS, Authenticator
from cocsync.sim.router import Router
from cocsync.sim.settings import Settings
from cocsync.sim.wire import Rejection, Request, Response


class Gateway:
    """Lets a request through to its operation in the name of its user, or raises Rejection.

    Requests for a token go to IAM, which is another service and has no limit here.
    """

    def __init__(self, router: Router, tokens: TokenStore, clock: Callable[[], float]) -> None:
        self._router = router
        self._clock = clock
        self._authenticator = Authenticator(tokens, clock)
        self._throttle = Throttle(clock)

    def answer(self, request: Request, settings: Settings) -> Response:
        """The answer to a request."""
        if (request.method, request.path) == ("POST", TOKENS):
            return self._authenticator.issue(request, settings)
        wait = self._throttle.wait(settings.rate_limit, settings.rate_burst) if settings.rate_limit else 0.0
        if wait:
            limit = f"{settings.rate_limit:g} requests a second"
            raise Rejection(
                429, "APIGW.0308", f"Too many requests: the limit is {limit}.", self._retry_after(wait, settings)
            )
        return self._router.answer(request, self._authenticator.user(request, settings), settings)

    def _retry_after(self, wait: float, settings: Settings) -> dict[str, str]:
        seconds = max(1, math.ceil(wait))
        match settings.retry_after:
            case "none":
                return {}
            case "seconds":
                return {"retry-after": str(seconds)}
            case "date":
                return {"retry-after": formatdate(math.ceil(self._clock()) + seconds, usegmt=True)}
        return {"retry-after": settings.retry_after}


class Throttle:
    """A bucket of tokens, one for each request, which fills up again at a steady rate. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = math.inf
        self._filled = clock()

    def wait(self, rate: float, burst: int) -> float:
        """0 and a token less where a request may pass, else the seconds until the next one may."""
        with self._lock:
            now = self._clock()
            self._tokens = min(max(burst, 1), self._tokens + max(0.0, now - self._filled) * rate)
            self._filled = now
            if self._tokens < 1:
                return (1 - self._tokens) / rate
            self._tokens -= 1
            return 0.0
