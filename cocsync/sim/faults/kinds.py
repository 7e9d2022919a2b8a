"""The kinds of faults: what each one does to the exchange of a request for an answer.

Unless its line below says otherwise, a kind strikes before the request is done. VALUE stands behind the kind's name.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from cocsync.sim.faults.exchange import Exchange, Kind
from cocsync.sim.faults.pages import PAGE_KINDS, null
from cocsync.sim.faults.unanswered import ConnectionLost, ConnectionRefused, ReadTimeout
from cocsync.sim.wire import Rejection, Response, answer, encode

MEGABYTE = 1 << 20


class InvalidFault(ValueError):
    """A fault that cannot be understood; the message says what can."""


def strike(kind: str, value: str, exchange: Exchange) -> Response:
    """The answer to a request that a fault strikes; raises `Rejection`, or `Unanswered` where there is none."""
    return _effect(kind)(value, exchange)


def check(kind: str, value: str) -> None:
    """Raise InvalidFault for a kind that does not exist, or a value that it cannot have."""
    _effect(kind)
    if kind in _NUMERIC and value and not re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", value):
        raise InvalidFault(f"the value of {kind} is a number, not {value!r}")


def _effect(kind: str) -> Kind:
    if kind in KINDS:
        return KINDS[kind]
    status = re.fullmatch(r"([1-9][0-9]{2})(-after-commit)?", kind)
    if status is None:
        raise InvalidFault(f"there is no fault {kind!r}; known are an HTTP status and: {', '.join(sorted(KINDS))}")
    return _status(int(status[1]), after_commit=bool(status[2]))


def _refused(_: str, exchange: Exchange) -> Response:
    raise ConnectionRefused(f"connection refused: {exchange.request.method} was not sent")


def _lost_before_commit(_: str, __: Exchange) -> Response:
    raise ConnectionLost("the connection was closed without an answer")


def _lost_after_commit(_: str, exchange: Exchange) -> Response:
    exchange.done()
    raise ConnectionLost("the connection was closed without an answer")


def _reset(_: str, __: Exchange) -> Response:
    raise ConnectionLost("the connection was reset", reset=True)


def _reset_after_commit(_: str, exchange: Exchange) -> Response:
    exchange.done()
    raise ConnectionLost("the connection was reset", reset=True)


def _cut(_: str, exchange: Exchange) -> Response:
    raise ConnectionLost("the connection was closed in the middle of the answer", response=exchange.done())


def _hang(value: str, _: Exchange) -> Response:
    raise ReadTimeout("no answer came", seconds=float(value or 30))


def _hang_after_commit(value: str, exchange: Exchange) -> Response:
    exchange.done()
    raise ReadTimeout("no answer came", seconds=float(value or 30))


def _drip(value: str, exchange: Exchange) -> Response:
    raise ReadTimeout("the answer came too slowly", seconds=float(value or 1), response=exchange.done())


def _slow(value: str, exchange: Exchange) -> Response:
    exchange.sleep(float(value or 1))
    return exchange.done()


def _truncated(_: str, exchange: Exchange) -> Response:
    whole = exchange.done()
    return replace(whole, body=whole.body[: len(whole.body) // 2])


def _garbage(_: str, exchange: Exchange) -> Response:
    return replace(exchange.done(), body=b"\x00\xff\xfe{]" + bytes(range(128, 256)))


def _empty(_: str, exchange: Exchange) -> Response:
    return replace(exchange.done(), body=b"")


def _wrong_charset(_: str, exchange: Exchange) -> Response:
    whole = exchange.done()
    return replace(whole, body=whole.body.decode("utf-8", "replace").encode("utf-16"))


def _login_page(_: str, __: Exchange) -> Response:
    page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method=post></form></body></html>"
    return Response(status=200, headers={"content-type": "text/html; charset=utf-8"}, body=page)


def _gzip(_: str, exchange: Exchange) -> Response:
    whole = exchange.done()
    return _gzipped(whole, gzip.compress(whole.body, mtime=0))


def _gzip_bomb(value: str, exchange: Exchange) -> Response:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    chunk = b" " * MEGABYTE
    squeezed = b"".join(squeeze.compress(chunk) for _ in range(int(float(value or 200))))
    return _gzipped(exchange.done(), squeezed + squeeze.flush())


def _gzipped(response: Response, body: bytes) -> Response:
    return replace(response, headers={**response.headers, "content-encoding": "gzip"}, body=body)


def _huge(value: str, exchange: Exchange) -> Response:
    padding = b" " * int(float(value or 64) * MEGABYTE)
    whole = exchange.done()
    return replace(whole, body=padding + whole.body)


def _wrong_shape(_: str, exchange: Exchange) -> Response:
    return replace(exchange.done(), body=encode({"data": 7}))


def _error_in_200(value: str, _: Exchange) -> Response:
    return answer({"error_code": value or "COC.00040701", "error_msg": "Internal server error"})


def _success_in_500(_: str, exchange: Exchange) -> Response:
    return replace(exchange.done(), status=500)


def _expire_tokens(_: str, exchange: Exchange) -> Response:
    exchange.drop_tokens()
    return exchange.done()


_STATUS_TEXTS: Mapping[int, tuple[str, str]] = {
    401: ("APIGW.0301", "The authentication information is not valid."),
    403: ("APIGW.0302", "The user has no permission for this API."),
    404: ("APIGW.0101", "There is no such API."),
    429: ("APIGW.0308", "Too many requests: the limit of this API was exceeded."),
    500: ("COC.00040701", "Internal server error"),
    502: ("APIGW.0202", "The backend could not be reached."),
    503: ("APIGW.0204", "The backend is not available."),
    504: ("APIGW.0201", "The backend did not answer in time."),
}


def _status(status: int, *, after_commit: bool) -> Kind:
    def effect(value: str, exchange: Exchange) -> Response:
        if after_commit:
            exchange.done()
        if status == HTTPStatus.NO_CONTENT:
            return Response(status=status)
        code, message = _STATUS_TEXTS.get(status, ("APIGW.0106", "The request failed."))
        if status in {429, 503}:
            raise Rejection(status, code, message, {"retry-after": value} if value else None)
        raise Rejection(status, value or code, message)

    return effect


KINDS: Mapping[str, Kind] = {
    "refused": _refused,  # no connection; a socket that is open already is reset instead
    "lost-before-commit": _lost_before_commit,  # closed without an answer
    "lost-after-commit": _lost_after_commit,  # the same, after the request was done
    "reset": _reset,  # RST
    "reset-after-commit": _reset_after_commit,
    "cut": _cut,  # done; closed after half of the answer's body
    "hang": _hang,  # silent for VALUE seconds (30), then closed
    "hang-after-commit": _hang_after_commit,
    "drip": _drip,  # done; VALUE seconds (1) before each byte of the body
    "slow": _slow,  # done after VALUE seconds (1)
    "truncated": _truncated,  # done; half of the body, with a length that says so
    "garbage": _garbage,  # done; a body that is neither UTF-8 nor JSON
    "empty": _empty,  # done; no body
    "wrong-charset": _wrong_charset,  # done; the body in UTF-16
    "login-page": _login_page,  # 200 and HTML, as from a proxy
    "gzip": _gzip,  # done; compressed, asked for or not
    "gzip-bomb": _gzip_bomb,  # done; VALUE megabytes (200) of spaces, compressed
    "huge": _huge,  # done; VALUE megabytes (64) of spaces before the body
    "null": null,  # done; null in place of the list, or of `data`
    "wrong-shape": _wrong_shape,  # done; `data` is a number
    "error-in-200": _error_in_200,  # 200 with the error code VALUE (COC.00040701)
    "500-with-success": _success_in_500,  # done; 500 with the body of a success
    "expire-tokens": _expire_tokens,  # every token given out so far is refused from now on
    **PAGE_KINDS,
}
"""Beside these, every HTTP status is a kind, alone or with `-after-commit`: 429 and 503 take `Retry-After` as VALUE,
others the error code."""

_NUMERIC = frozenset({"hang", "hang-after-commit", "drip", "slow", "gzip-bomb", "huge", "limit", "total"})
