"""Requests and answers as both faces of the simulator see them, and the bodies of COC's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request.

    `path` is the path as it stood on the request line (still percent-encoded, no query); `query` holds decoded pairs
    in the order sent; `headers` has lower-case names; `body` the exact bytes.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter, None where it was not sent."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP answer; `headers` has lower-case names and no content-length, which the transport knows itself."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Refusal(Exception):
    """A request that COC answers with `error_code` and `error_msg` (API reference, table 4-9)."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class Rejection(Exception):
    """A request that the API gateway answers before COC sees it, in the gateway's own shape."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def response(self, request_id: str) -> Response:
        """The answer to the request of this id."""
        body = {"error_code": self.code, "error_msg": self.message, "request_id": request_id}
        return answer(body, self.status, self.headers)


def encode(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(status=status, headers={"content-type": JSON_TYPE, **(headers or {})}, body=encode(value))


def data(value: object) -> Response:
    """Success in COC's envelope."""
    return answer({"data": value})


def refused(refusal: Refusal) -> Response:
    """A refusal by the COC service itself."""
    return answer({"error_code": refusal.code, "error_msg": refusal.message}, refusal.status)
