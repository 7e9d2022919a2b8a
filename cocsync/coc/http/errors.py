"""What a request to COC can end as, when it is not a plain answer.

    ApiError
    ├── NotSent         nothing reached COC, or nothing but a token that had expired: safe to send again
    ├── Rejected        COC or its gateway said no; it did nothing
    └── OutcomeUnknown  sent, and nobody can say whether it was done
        └── AnswerTooLarge  the answer is longer than any that is read

Success is a returned value, so every request ends as exactly one of four things.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from cocsync.coc.http.echo import Screen
from cocsync.errors import CocsyncError
from cocsync.model.secret import Secret

_THROTTLED = frozenset({"APIGW.0308", "APIG.0308"})


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


class AnswerTooLarge(OutcomeUnknown):
    """The answer is longer than what is read of one: to ask for less of it may help, to ask again does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """How COC or its gateway said no, in its own words, which may repeat what was sent.

    `retry_after` is the header's text, if there was one. `is_final` says that the operation knows the code for one
    that does not pass by waiting.
    """

    status: int
    code: str = ""
    text: str = ""
    retry_after: str = ""
    is_final: bool = False


class Rejected(ApiError):
    """COC answered and did nothing: `status` is HTTP's, `code` and `text` are COC's (empty where it gave none).

    Of code and text only what `screen` lets through is shown. `request` names the method and the path.
    """

    def __init__(
        self, request: str, refusal: Refusal, *, request_id: str | None = None, screen: Screen | None = None
    ) -> None:
        screen = screen or Screen()
        self._code = Secret(refusal.code)
        self._text = Secret(refusal.text)
        self.status = refusal.status
        self.code = screen.name(refusal.code)
        self.text = screen.text(refusal.text)
        self.retry_after = refusal.retry_after
        self.is_final = refusal.is_final
        super().__init__(
            f"{request}: COC answered {self.status} {self.code or 'without a code'}: {self.text or 'no text'}",
            request_id=request_id,
        )

    def advised(self, advice: str) -> Self:
        """The same error with advice on what to do, if there is any."""
        if advice:
            self.args = (f"{str(self).rstrip('.')}; {advice}",)
        return self

    def has_code(self, codes: Collection[str]) -> bool:
        """Whether COC's code is one of these, also where it is not shown."""
        return self._code.reveal() in codes

    def mentions(self, words: str) -> bool:
        """Whether COC's text has these words in it, in any letter case, also where it is not shown."""
        return words.lower() in self._text.reveal().lower()

    @property
    def is_forbidden(self) -> bool:
        return self.status == HTTPStatus.FORBIDDEN

    @property
    def is_throttled(self) -> bool:
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.has_code(_THROTTLED)

    @property
    def is_systemic(self) -> bool:
        return (
            self.status == HTTPStatus.UNAUTHORIZED
            or self.is_throttled
            or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        )
