"""One HTTP client for a run, and what each request ends as. The only module that imports httpx.

A request returns an `Answer` or raises one of `coc.errors`. It never decides what a status means for a script.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from cocsync.coc.errors import NOT_FOUND, NotSent, OutcomeUnknown, Rejected

if TYPE_CHECKING:
    from cocsync.sim import Simulator

BODY_MAX = 16 * 1024 * 1024
"""Bytes of an answer that are read; a page of 100 scripts is far below."""

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


class WriteInReadOnlyRun(RuntimeError):
    """A bug: a run that must not write tried to. Raised before anything is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A success: COC's `data`, unwrapped, and the headers that matter."""

    data: Any
    request_id: str | None = None


class Client:
    """Sends requests to one endpoint. Thread-safe. With `writable=False` anything but GET is a bug and is not sent."""

    def __init__(
        self,
        endpoint: str,
        *,
        writable: bool,
        transport: httpx.BaseTransport | None = None,
        parallelism: int = 32,
        on_request: Callable[[str, str], None] | None = None,
    ) -> None:
        self._writable = writable
        self._on_request = on_request
        self._http = httpx.Client(
            base_url=endpoint,
            transport=transport,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=parallelism, max_keepalive_connections=parallelism),
            headers={"Accept": "application/json"},
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        return self._send("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self._send("POST", path, body=body)

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self._send("PUT", path, body=body)

    def delete(self, path: str) -> Answer:
        return self._send("DELETE", path)

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        if method != "GET" and not self._writable:
            raise WriteInReadOnlyRun(f"{method} {path}")
        if self._on_request:
            self._on_request(method, path)
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            with self._http.stream(method, path, params=query, content=content, headers=headers) as response:
                payload = _read_bounded(response)
        except _NOT_SENT as error:
            raise NotSent(
                f"{method} {path}: no connection to {self._http.base_url.host} ({error}); nothing was sent"
            ) from None
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
            raise OutcomeUnknown(f"{method} {path}: the answer was lost ({type(error).__name__})") from None
        return _judge(method, path, response, payload)


def simulator_transport(simulator: Simulator) -> httpx.BaseTransport:
    """A transport that asks an embedded simulator instead of the network."""
    return _SimulatorTransport(simulator)


class _SimulatorTransport(httpx.BaseTransport):
    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        from cocsync.sim import ConnectionRefused, Request, Unanswered

        asked = Request(
            method=request.method,
            path=request.url.path,
            query=tuple(request.url.params.multi_items()),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.read(),
        )
        try:
            answer = self._simulator.handle(asked)
        except ConnectionRefused as error:
            raise httpx.ConnectError(str(error)) from None
        except Unanswered as error:
            raise httpx.ReadError(str(error)) from None
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    def close(self) -> None:
        self._simulator.close()


def _read_bounded(response: httpx.Response) -> bytes | None:
    """The body, or None where it is larger than anything COC would send."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > BODY_MAX:
            return None
        parts.append(part)
    return b"".join(parts)


def _judge(method: str, path: str, response: httpx.Response, payload: bytes | None) -> Answer:
    status, request_id = response.status_code, response.headers.get("X-Request-Id")
    document = _decode(payload)
    code, text, inner_id = _error_in(document)
    request_id = request_id or inner_id
    rejected = Rejected(status, code, text, method=method, path=path, request_id=request_id)
    if response.is_success:
        if code:
            raise rejected
        if isinstance(document, dict) and document.get("data") is not None:
            return Answer(data=document["data"], request_id=request_id)
        raise OutcomeUnknown(f"{method} {path}: COC answered {status} without readable data", request_id=request_id)
    if response.is_server_error and method != "GET" and not (method != "POST" and code in NOT_FOUND):
        raise OutcomeUnknown(f"{method} {path}: COC answered {status} {code}: {text}", request_id=request_id)
    raise rejected


def _decode(payload: bytes | None) -> Any:
    if payload is None:
        return None
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


_SUCCESS_CODES = frozenset({"", "COC.00000000", "GOM.00000000"})


def _error_in(document: Any) -> tuple[str, str, str | None]:
    """Code, text and request id in any of the shapes in use (facts 1.6), also one level down; empty where none."""
    levels = [document, *document.values()] if isinstance(document, dict) else []
    for level in levels:
        if not isinstance(level, dict):
            continue
        for code_key, text_key in (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")):
            code = level.get(code_key)
            if isinstance(code, str) and code not in _SUCCESS_CODES:
                text = level.get(text_key)
                request_id = level.get("request_id")
                return code, text if isinstance(text, str) else "", request_id if isinstance(request_id, str) else None
    return "", "", None
