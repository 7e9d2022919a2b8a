"""What an answer means: success, or one of `coc.http.errors` ("Errors" in docs/coc-api.md). Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from cocsync.coc.http.echo import Screen
from cocsync.coc.http.errors import AnswerTooLarge, OutcomeUnknown, Refusal, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer as it came. `body` is None where it was larger than anything COC would send."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A success: COC's `data`, unwrapped."""

    data: Any
    headers: Mapping[str, str]
    request_id: str | None = None


def interpret(
    method: str, path: str, reply: Reply, screen: Screen | None = None, refusals: AbstractSet[str] = frozenset()
) -> Answer:
    """The answer, where it is a success: a 2xx with `data` and without an error code in it.

    Raises `Rejected` where nothing was done, `OutcomeUnknown` where nobody can say: a write answered by a 5xx with a
    code that is not one of the operation's `refusals`, or a 2xx that cannot be read. Both say no more of COC's words
    than the screen lets through.
    """
    screen = screen or Screen()
    document = _decode(reply.body)
    code, text, inner_id = _error_in(document, with_text=_is_success(reply.status))
    request_id = screen.name(reply.headers.get("x-request-id") or inner_id or "") or None
    if _is_success(reply.status) and not code:
        if isinstance(document, dict) and document.get("data") is not None:
            return Answer(data=document["data"], headers=reply.headers, request_id=request_id)
        if reply.body is None:
            raise AnswerTooLarge(f"{method} {path}: COC's answer is too long to be read", request_id=request_id)
        raise OutcomeUnknown(
            f"{method} {path}: COC answered {reply.status} in a form that COC does not use: "
            "check the endpoint, and for a proxy in between",
            request_id=request_id,
        )
    if method != "GET" and _is_server_error(reply.status) and code not in refusals:
        words = f"{reply.status} {screen.name(code)} {screen.text(text)}"
        raise OutcomeUnknown(f"{method} {path}: COC answered {words}", request_id=request_id)
    refusal = Refusal(
        status=reply.status,
        code=code,
        text=text,
        retry_after=reply.headers.get("retry-after", ""),
        is_final=code in refusals,
    )
    raise Rejected(f"{method} {path}", refusal, request_id=request_id, screen=screen)


def code_of(reply: Reply) -> str:
    """The error code in a reply, or ""."""
    return error_of(reply)[0]


def error_of(reply: Reply) -> tuple[str, str]:
    """The error code and text in a reply, each "" where there is none."""
    return _error_in(_decode(reply.body))[:2]


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _is_server_error(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _decode(body: bytes | None) -> Any:
    if body is None or _is_dense(body):
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _is_dense(body: bytes) -> bool:
    """Whether a body holds more values than any answer of COC's: a byte of JSON can become a hundred in memory."""
    if _separators(body, 0, len(body)) <= _VALUES_MAX:
        return False
    count, end = 0, 0
    for string in _STRING.finditer(body):
        count += _separators(body, end, string.start())
        end = string.end()
        if count > _VALUES_MAX:
            return True
    return count + _separators(body, end, len(body)) > _VALUES_MAX


def _separators(body: bytes, start: int, end: int) -> int:
    return sum(body.count(separator, start, end) for separator in (b",", b"[", b"{"))


_VALUES_MAX = 20_000
"""A page of 100 scripts with five reviewers each has 3,000."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SUCCESS_CODES = frozenset({"", "COC.00000000", "GOM.00000000"})
_SHAPES = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))


def _error_in(document: Any, *, with_text: bool = False) -> tuple[str, str, str | None]:
    """Code, text and request id in any of the shapes in use, also one level down; empty where there is none.

    `with_text`: a code alone is none, since a script may have a field of such a name one day.
    """
    levels = [document, *document.values()] if isinstance(document, dict) else []
    for level in levels:
        if not isinstance(level, dict):
            continue
        for code_key, text_key in _SHAPES:
            code = level.get(code_key)
            if isinstance(code, str) and code not in _SUCCESS_CODES and (text_key in level or not with_text):
                text, request_id = level.get(text_key), level.get("request_id")
                return code, text if isinstance(text, str) else "", request_id if isinstance(request_id, str) else None
    return "", "", None
