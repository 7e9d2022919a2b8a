"""One client for a run: each request until it succeeds or is known not to, at a pace that COC accepts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event, local
from typing import Any

from cocsync.coc.http.answer import Answer, judge
from cocsync.coc.http.echo import Screen
from cocsync.coc.http.errors import ApiError, NotSent, Rejected, TokenRenewed
from cocsync.coc.http.retry import delay_before_next
from cocsync.coc.http.throttle import Throttle, Turn
from cocsync.coc.http.transport import Transport

_GUARDED = ("PUT", "DELETE")
"""What somebody else's version may be lost by: never sent later than at once without a fresh look."""


class WriteInReadOnlyRun(RuntimeError):
    """A bug: a run that must not write tried to. Raised before anything is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One attempt, as logs may show it: no header, no query, no body."""

    method: str
    path: str
    attempt: int
    seconds: float
    status: int | None = None
    code: str = ""
    request_id: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Time and chance, so that tests have their own. `clock` is monotonic, `now` in epoch seconds.

    Without a `sleep` the client waits, and `close` ends the wait.
    """

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] | None = None
    jitter: Callable[[], float] = random.random


class Client:
    """Requests to one endpoint. Thread-safe. With `writable=False` anything but GET is a bug and is not sent.

    Every request ends as an `Answer` or as one of `coc.errors`. No error and no log repeats what was added to
    `screen`. A PUT or DELETE is sent again only with an `again`,
    which looks whether COC still holds what was meant: it is called after every wait, right before the request is
    sent, and what it raises ends the request.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        writable: bool,
        max_rate: float | None = None,
        log: Callable[[Logged], None] | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._transport = transport
        self._writable = writable
        self._log = log
        self._around = surroundings or Surroundings()
        self.screen = Screen()
        self._closed = Event()
        self._thread = local()
        self._sleep = self._around.sleep or self._closed.wait
        self._throttle = Throttle(clock=self._around.clock, sleep=self._sleep, max_rate=max_rate)

    def close(self) -> None:
        """Ends the waits of other threads too: their requests raise `NotSent`."""
        self._closed.set()
        self._transport.close()

    def get(self, path: str, query: Mapping[str, str] | None = None, *, before_write: bool = False) -> Answer:
        """With `before_write` the PUT or DELETE that this thread sends next has its turn right behind this request."""
        return self._send("GET", path, query=query, before_write=before_write)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self._send("POST", path, body=body)

    def put(self, path: str, body: Mapping[str, Any], *, again: Callable[[], object] | None = None) -> Answer:
        return self._send("PUT", path, body=body, again=again)

    def delete(self, path: str, *, again: Callable[[], object] | None = None) -> Answer:
        return self._send("DELETE", path, again=again)

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        before_write: bool = False,
        again: Callable[[], object] | None = None,
    ) -> Answer:
        if method != "GET" and not self._writable:
            raise WriteInReadOnlyRun(f"{method} {path}")
        attempt, spent, may_renew = 0, 0.0, True
        while True:
            epoch = self._turn(method, before_write=before_write, again=again)
            if self._closed.is_set():
                raise NotSent(f"{method} {path}: the run has ended")
            attempt += 1
            began = self._around.clock()
            try:
                return self._attempt(method, path, query, body, attempt, may_renew=may_renew)
            except ApiError as error:
                spent += self._around.clock() - began
                may_renew = may_renew and not isinstance(error, TokenRenewed)
                jitter, now = self._around.jitter(), self._around.now()
                delay = delay_before_next(method, error, attempt=attempt, spent=spent, jitter=jitter, now=now)
                if isinstance(error, Rejected) and error.is_throttled:
                    self._throttle.refused(epoch, delay or 0.0)
                if delay is None or (method in _GUARDED and again is None):
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
        while kept and again and method in _GUARDED:
            if (taken := self._throttle.take(kept)) is not None or self._closed.is_set():
                return taken or 0
            again()
            kept, self._thread.kept = self._thread.kept, None
        return self._throttle.acquire()

    def _advised(self, error: ApiError) -> ApiError:
        """The error with what to do about it, where the credentials were refused."""
        if isinstance(error, Rejected) and error.status == HTTPStatus.UNAUTHORIZED:
            return error.advised(self._transport.advice(error.code))
        return error

    def _attempt(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        attempt: int,
        *,
        may_renew: bool,
    ) -> Answer:
        started = self._around.clock()
        status: int | None = None
        request_id: str | None = None
        failure: ApiError | None = None
        try:
            reply = self._transport.send(method, path, query=query, body=body, may_renew=may_renew)
            status = reply.status
            answer = judge(method, path, reply, self.screen)
            request_id = answer.request_id
        except ApiError as error:
            failure, request_id = error, error.request_id
            raise
        finally:
            if self._log:
                self._log(
                    Logged(
                        method=method,
                        path=path,
                        attempt=attempt,
                        seconds=self._around.clock() - started,
                        status=status,
                        code=failure.code if isinstance(failure, Rejected) else "",
                        request_id=request_id or "",
                        failure=type(failure).__name__ if failure else "",
                    )
                )
        return answer
