"""An endpoint with canned answers, in place of a simulator: for what the simulator would never answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

from cocsync.coc.http.client import Client, TimeSource
from cocsync.coc.http.transport import Transport
from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.simulated import Simulated
from cocsync.sim import Request, Response, Simulator
from tests.support.engine import Clock

Answer = Callable[[Request], Response]
AnyClient = TypeVar("AnyClient", bound=Client)


def data(value: Any) -> Response:
    """A success in COC's envelope."""
    return Response(status=200, body=json.dumps({"data": value}).encode())


def error(status: int, code: str = "", text: str = "") -> Response:
    """A refusal by COC."""
    return Response(status=status, body=json.dumps({"error_code": code, "error_msg": text}).encode())


class Canned:
    """Answers every request by `answer`, and keeps the requests."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answer(request)

    def close(self) -> None:
        pass

    @property
    def last_body(self) -> Any:
        return json.loads(self.requests[-1].body)

    @property
    def queries(self) -> list[dict[str, str]]:
        return [dict(request.query) for request in self.requests]

    def transport(self) -> Transport:
        return Transport("http://coc.test", handler=Simulated(cast("Simulator", self)))

    def api(self, *, writable: bool = True) -> ScriptsApi:
        """The script endpoints on it."""
        return ScriptsApi(self.client(Client, writable=writable))

    def client(self, kind: type[AnyClient], *, writable: bool = True) -> AnyClient:
        """A client of that kind. Time passes only while somebody sleeps."""
        time = Clock()
        around = TimeSource(clock=time.now, now=time.now, sleep=time.sleep, jitter=lambda: 0.5)
        return kind(self.transport(), writable=writable, surroundings=around)
