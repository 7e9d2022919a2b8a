"""One client for a run: each request until it succeeds or is known not to, at a pace that COC accepts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event, local
from typing import Any

from cocsync.coc.http.answer import Answer, interpret
from cocsync.coc.http.echo import Screen
from cocsync.coc.http.errors import ApiError, NotSent, Rejected, TokenRenewed
from cocsync.coc.http.outgoing import LOOKED_FOR
from cocsync.coc.http.reach import is_execution, is_operation
from cocsync.coc.http.request import BODY_MAX, Request
from cocsync.coc.http.retry import delay_before_next
from cocsync.coc.http.throttle import Throttle, Turn
from cocsync.coc.http.transport import Transport
from cocsync.model.logged import Logged


class WriteInReadOnlyRun(RuntimeError):
    """A bug: a client was to send what its kind must not. Raised before anything is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSource:
    """Time and chance, so that tests have their own. `clock` is monotonic, `now` in epoch seconds.

    Without a `sleep` the client waits, and `close` ends the wait.
    """

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] | None = None
    jitter: Callable[[], float] = random.random


class Client:
    """Requests to one endpoint. Thread-safe. With `writable=False` anything but GET is a bug and is not sent.

    What executes a script or steers a ticket is not among its requests either: that takes a client of another kind.

    Every request ends as an `Answer` or as one of `coc.http.errors`. No error and no log repeats what was added to
    `screen`. A PUT or DELETE is sent again only with an `again`, which looks whether COC still holds what was meant: it
    is called after every wait, right before the request is sent, and what it raises ends the request.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        writable: bool,
        max_rate: float | None = None,
        log: Callable[[Logged], None] | None = None,
        surroundings: TimeSource | None = None,
    ) -> None:
        self._transport = transport
        self._writable = writable
        self._log = log
        self._around = surroundings or TimeSource()
        self.screen = Screen()
        self._closed = Event()
        self._thread = local()
        self._sleep = self._around.sleep or self._closed.wait
        self._throttle = Throttle(clock=self._around.clock, sleep=self._sleep, max_rate=max_rate)

    def close(self) -> None:
        """Ends the waits of other threads too: their requests raise `NotSent`."""
        self._closed.set()
        self._transport.close()

    def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        before_write: bool = False,
        refusals: AbstractSet[str] = frozenset(),
        body_max: int = BODY_MAX,
    ) -> Answer:
        """With `before_write` the PUT or DELETE that this thread sends next has its turn right behind this request.

        `refusals` and `body_max` are those of a `Request`.
        """
        request = Request(method="GET", path=path, query=query, refusals=refusals, body_max=body_max)
        return self._send(request, before_write=before_write)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self._send(Request(method="POST", path=path, body=body))

    def put(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        again: Callable[[], object] | None = None,
        refusals: AbstractSet[str] = frozenset(),
    ) -> Answer:
        return self._send(Request(method="PUT", path=path, body=body, refusals=refusals), again=again)

    def delete(
        self, path: str, *, again: Callable[[], object] | None = None, refusals: AbstractSet[str] = frozenset()
    ) -> Answer:
        return self._send(Request(method="DELETE", path=path, refusals=refusals), again=again)

    def _send(
        self, request: Request, *, before_write: bool = False, again: Callable[[], object] | None = None
    ) -> Answer:
        method, path = request.method, request.path
        if not self._may_send(method, path):
            raise WriteInReadOnlyRun(f"{method} {path}")
        attempt, spent, may_renew = 0, 0.0, True
        while True:
            epoch = self._turn(method, before_write=before_write, again=again)
            if self._closed.is_set():
                raise NotSent(f"{method} {path}: the run has ended")
            attempt += 1
            began = self._around.clock()
            try:
                return self._attempt(request, attempt, may_renew=may_renew)
            except ApiError as error:
                spent += self._around.clock() - began
                may_renew = may_renew and not isinstance(error, TokenRenewed)
                jitter, now = self._around.jitter(), self._around.now()
                delay = delay_before_next(method, error, attempt=attempt, spent=spent, jitter=jitter, now=now)
                if isinstance(error, Rejected) and error.is_throttled:
                    self._throttle.refused(epoch, delay or 0.0)
                if delay is None or (method in LOOKED_FOR and again is None):
                    raise self._advised(error) from None
            self._sleep(delay)
            spent += delay
            if again:
                again()

    def _turn(self, method: str, *, before_write: bool, again: Callable[[], object] | None) -> int:
        """Waits for the request's turn; a write that has to wait anew looks anew."""
        kept: Turn | None = getattr(self._thread, "kept", None)
        self._thread.kept = None
        if before_write:
            epoch, self._thread.kept = self._throttle.acquire_two()
            return epoch
        while kept and again and method in LOOKED_FOR:
            if (taken := self._throttle.take(kept)) is not None or self._closed.is_set():
                return taken or 0
            again()
            kept, self._thread.kept = self._thread.kept, None
        return self._throttle.acquire()

    def _may_send(self, method: str, path: str) -> bool:
        """What this kind of client is for: reads, and writes where they are wanted, but never on hosts."""
        return method == "GET" or (self._writable and not (is_execution(method, path) or is_operation(method, path)))

    def _advised(self, error: ApiError) -> ApiError:
        """The error with what to do about it, where the credentials were refused."""
        if isinstance(error, Rejected) and error.status == HTTPStatus.UNAUTHORIZED:
            return error.advised(self._transport.advice(error.code))
        return error

    def _attempt(self, request: Request, attempt: int, *, may_renew: bool) -> Answer:
        started = self._around.clock()
        status: int | None = None
        request_id: str | None = None
        failure: ApiError | None = None
        try:
            reply = self._transport.send(
                request.method,
                request.path,
                query=request.query,
                body=request.body,
                may_renew=may_renew,
                body_max=request.body_max,
            )
            status = reply.status
            answer = interpret(request.method, request.path, reply, self.screen, request.refusals)
            request_id = answer.request_id
        except ApiError as error:
            failure, request_id = error, error.request_id
            raise
        finally:
            if self._log:
                self._log(
                    Logged(
                        method=request.method,
                        path=request.path,
                        attempt=attempt,
                        seconds=self._around.clock() - started,
                        status=status,
                        code=failure.code if isinstance(failure, Rejected) else "",
                        request_id=request_id or "",
                        failure=type(failure).__name__ if failure else "",
                    )
                )
        return answer
