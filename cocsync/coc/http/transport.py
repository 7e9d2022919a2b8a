"""HTTP to one endpoint: one attempt a call, bounded in size and in time. The only module that imports httpx.

An attempt ends as a `Reply`, or raises `NotSent` or `OutcomeUnknown`. What a status means is not known here.
"""

from __future__ import annotations

import json
import ssl
import zlib
from collections.abc import Callable, Generator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from cocsync.coc.http.answer import Reply, code_of
from cocsync.coc.http.deadline import BoundBackend, Deadline
from cocsync.coc.http.errors import NotSent, OutcomeUnknown, TokenRenewed
from cocsync.coc.http.outgoing import LOOKED_FOR, Authenticator, Handler, Outgoing
from cocsync.coc.http.proofs import reply_without_proofs
from cocsync.coc.http.request import BODY_MAX

ATTEMPT_SECONDS = 30.0
"""From the first byte sent to the last one received, however slowly they come."""

CONNECT_SECONDS = 10.0

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


class Transport:
    """Connections to one endpoint, kept alive between requests. Thread-safe. A `handler` answers in its place."""

    def __init__(
        self,
        endpoint: str,
        *,
        authenticator: Authenticator | None = None,
        handler: Handler | None = None,
        connections: int = 64,
        attempt_seconds: float = ATTEMPT_SECONDS,
    ) -> None:
        self._deadline = Deadline()
        self._attempt_seconds = attempt_seconds
        self._authenticator = authenticator
        try:
            self._http = httpx.Client(
                base_url=endpoint,
                auth=_Auth(authenticator, lambda: self._deadline.set(attempt_seconds)) if authenticator else None,
                transport=_InProcess(handler) if handler else None,
                timeout=httpx.Timeout(attempt_seconds, connect=min(CONNECT_SECONDS, attempt_seconds)),
                limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
                headers={"Accept": "application/json", "Accept-Encoding": "gzip"},
                follow_redirects=False,
                verify=not endpoint.startswith("http://"),  # certificates take 50 ms to load
                trust_env=not endpoint.startswith("http://"),  # a proxy would read what is sent to this machine
            )
        except (OSError, ImportError, ValueError, httpx.InvalidURL) as error:
            raise _unusable(endpoint, error) from None
        _bind(self._http, self._deadline)

    def close(self) -> None:
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        may_renew: bool = True,
        body_max: int = BODY_MAX,
    ) -> Reply:
        """One attempt. Without `may_renew` a 401 is final. An answer of more than `body_max` bytes has no body.

        A PUT or DELETE whose token is refused raises `TokenRenewed`; anything else is sent again with the new one.
        """
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        self._deadline.set(self._attempt_seconds)
        try:
            with self._http.stream(
                method,
                _with_query(path, query),
                content=content,
                headers=headers,
                extensions={_MAY_RENEW: may_renew},
            ) as response:
                reply = Reply(
                    status=response.status_code,
                    headers=_lowered(response.headers),
                    body=_body(response, body_max),
                )
                if self._authenticator and (not response.is_success or code_of(reply)):
                    return reply_without_proofs(reply, _lowered(response.request.headers))
                return reply
        except _NOT_SENT as error:
            raise _not_sent(method, path, self._http.base_url.host, error) from None
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL, httpx.StreamError) as error:
            raise OutcomeUnknown(f"{method} {path}: the answer was lost ({type(error).__name__})") from None

    def advice(self, code: str) -> str:
        """What a user can do about a 401 with this error code; "" where nothing was proven to COC."""
        return self._authenticator.advice(code) if self._authenticator else ""


def _with_query(path: str, query: Mapping[str, str] | None) -> str:
    """The query in the one form that a signature covers: sorted, with `%20` for a space."""
    return f"{path}?{urlencode(sorted(query.items()), quote_via=quote)}" if query else path


def post_json(url: str, body: Mapping[str, Any], *, timeout: float = ATTEMPT_SECONDS) -> Reply:
    """One POST to an address outside the endpoint, without authentication: the request for a token."""
    split = httpx.URL(url)
    transport = Transport(str(split.copy_with(raw_path=b"/")), attempt_seconds=timeout)
    try:
        return transport.send("POST", split.raw_path.decode("ascii"), body=body)
    finally:
        transport.close()


def _unusable(endpoint: str, error: Exception) -> NotSent:
    """Certificates or a proxy that the environment names and that cannot be used."""
    return NotSent(
        f"no connection to {endpoint} can be made ({error}): check HTTPS_PROXY and ALL_PROXY, which take http:// and "
        "https:// addresses, and SSL_CERT_FILE and SSL_CERT_DIR",
        reason=str(error),
        may_pass=False,
    )


def _not_sent(method: str, path: str, host: str, error: Exception) -> NotSent:
    untrusted = isinstance(_root_cause(error), ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error)
    return NotSent(
        f"{method} {path}: no connection to {host} ({error}); nothing was sent",
        reason=str(error) or type(error).__name__,
        may_pass=not untrusted,
    )


def _root_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _body(response: httpx.Response, limit: int) -> bytes | None:
    """The body, or None where it is larger than `limit`.

    Raises `httpx.DecodingError`. httpx would unpack a few bytes to any size before it shows how many they are.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        unpack: Callable[[bytes, int], bytes] = lambda part, _: part  # noqa: E731
    elif encoding == "gzip":
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
    else:
        raise httpx.DecodingError(f"content-encoding {encoding}, which was not asked for")
    body = bytearray()
    try:
        for part in response.iter_raw():
            body += unpack(part, limit + 1 - len(body))
            if len(body) > limit:
                return None
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from None
    return bytes(body)


_MAY_RENEW = "cocsync_may_renew"


class _Auth(httpx.Auth):
    """Lets an `Authenticator` see each attempt as it leaves, and once more after a 401."""

    requires_request_body = True

    def __init__(self, authenticator: Authenticator, begin: Callable[[], None]) -> None:
        """`begin` starts the attempt's time anew: waiting for a token is no part of it."""
        self._authenticator = authenticator
        self._begin = begin

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        sent = self._authenticator.headers(_outgoing(request))
        request.headers.update(sent)
        self._begin()
        response = yield request
        may_renew = request.extensions.get(_MAY_RENEW, True)
        if response.status_code == httpx.codes.UNAUTHORIZED and may_renew and self._authenticator.renew(sent):
            _drop(response)
            if request.method in LOOKED_FOR:  # getting a token takes time, and a look is then not fresh any more
                raise TokenRenewed(
                    f"{request.method} {request.url.path}: COC refused the token, and there is a new one"
                )
            sent = self._authenticator.headers(_outgoing(request))
            request.headers.update(sent)
            self._begin()
            response = yield request
        if response.is_success:
            self._authenticator.accepted(sent)


def _drop(response: httpx.Response) -> None:
    """Closes it unread, so that httpx does not read it whole, however large it is, before it goes on."""
    response.close()
    response._content = b""  # noqa: SLF001


def _lowered(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _outgoing(request: httpx.Request) -> Outgoing:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Outgoing(
        method=request.method,
        host=request.headers.get("Host", request.url.host),
        path=path,
        query=query,
        headers=_lowered(request.headers),
        body=request.read(),
    )


class _InProcess(httpx.BaseTransport):
    """Asks a handler instead of the network. Answers are streams, read as any other."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            reply = self.handler.handle(_outgoing(request))
        except ConnectionRefusedError as error:
            raise httpx.ConnectError(str(error)) from None
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error)) from None
        return httpx.Response(reply.status, headers=dict(reply.headers), stream=httpx.ByteStream(reply.body or b""))

    def close(self) -> None:
        self.handler.close()


def _bind(client: httpx.Client, deadline: Deadline) -> None:
    """Has every connection of the client, also those through a proxy, keep the deadline.

    httpx has no public place for this; without it an answer that drips its headers could hold a worker for hours.
    """
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = BoundBackend(deadline)  # noqa: SLF001
