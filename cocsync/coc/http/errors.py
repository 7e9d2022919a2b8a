"""What a request to COC can end as, when it is not a plain answer.

    ApiError
    ├── NotSent         nothing reached COC, or nothing but a token that had expired: safe to send again
    ├── Rejected        COC or its gateway said no; it did nothing
    └── OutcomeUnknown  sent, and nobody can say whether it was done

Success is a returned value, so every request ends as exactly one of four things.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Self

from cocsync.coc.http.echo import Screen
from cocsync.errors import CocsyncError

NOT_FOUND = frozenset({"COC.00040601", "COC.00040603", "COC.00040604"})
"""Codes by which GET, PUT and DELETE of a uuid say that it is not there, with status 400, 404 or 500
("Errors" in docs/coc-api.md).

A bare 404 of the gateway carries none of them and proves nothing.
"""

_NOT_FOUND_STATUS = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR)
_THROTTLED = frozenset({"APIGW.0308", "APIG.0308"})

NAME_TAKEN = "COC.00040601"


class ApiError(CocsyncError):
    """A request that did not end as success. `request_id` is COC's own, for its support."""

    def __init__(self, message: str, *, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id

    @property
    def is_systemic(self) -> bool:
        """Whether the next request will fail the same way: it is the credentials, throttling or the service."""
        return False


class NotSent(ApiError):
    """The connection failed before COC could have read the request.

    `reason` is the system's word on why. `may_pass` is False where waiting does not help: an untrusted certificate.
    """

    def __init__(self, message: str, *, reason: str = "", may_pass: bool = True) -> None:
        super().__init__(message)
        self.reason = reason
        self.may_pass = may_pass

    @property
    def is_systemic(self) -> bool:
        return True


class TokenRenewed(NotSent):
    """COC refused a token and did nothing, and the next attempt has a new one."""


class OutcomeUnknown(ApiError):
    """The request may have been done: the answer was lost, cut, unreadable or a 5xx."""


class Rejected(ApiError):
    """COC answered and did nothing: `status` is HTTP's, `code` and `text` are COC's (empty where it gave none).

    Of both only what `screen` lets through is kept. `retry_after` is the header's text, if there was one.
    """

    def __init__(
        self,
        status: int,
        code: str,
        text: str,
        *,
        method: str,
        path: str,
        request_id: str | None,
        retry_after: str = "",
        screen: Screen | None = None,
    ) -> None:
        screen = screen or Screen()
        self._code = code
        self._says_same_name = "same name" in text.lower()
        self.status = status
        self.code = screen.name(code)
        self.text = screen.text(text)
        self.retry_after = retry_after
        super().__init__(
            f"{method} {path}: COC answered {status} {self.code or 'without a code'}: {self.text or 'no text'}",
            request_id=request_id,
        )

    def advised(self, advice: str) -> Self:
        """The same error with advice on what to do, if there is any."""
        if advice:
            self.args = (f"{str(self).rstrip('.')}; {advice}",)
        return self

    @property
    def is_not_found(self) -> bool:
        return self.status in _NOT_FOUND_STATUS and self._code in NOT_FOUND

    @property
    def is_forbidden(self) -> bool:
        return self.status == HTTPStatus.FORBIDDEN

    @property
    def is_throttled(self) -> bool:
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self._code in _THROTTLED

    @property
    def is_name_taken(self) -> bool:
        return self._code == NAME_TAKEN and self._says_same_name

    @property
    def is_systemic(self) -> bool:
        return (
            self.status == HTTPStatus.UNAUTHORIZED
            or self.is_throttled
            or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        )
