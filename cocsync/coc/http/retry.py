"""Whether a request that did not succeed is sent again by itself, and after how long. Pure.

What may have been done is never repeated here: that takes a look first, which is for the one who knows what was meant.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from cocsync.coc.http.errors import AnswerTooLarge, ApiError, NotSent, OutcomeUnknown, Rejected

GIVE_UP_SECONDS = 60.0
"""No attempt begins later than this after the first one, turns waited for apart; each lasts 30 seconds at most."""

CONNECT_GIVE_UP_SECONDS = 15.0
"""The same where there is no connection at all."""

RETRY_AFTER_MAX = 30.0
_FIRST_DELAY = 0.5
_DELAY_MAX = 8.0


def delay_before_next(
    method: str, error: ApiError, *, attempt: int, spent: float, jitter: float, now: float
) -> float | None:
    """Seconds to wait before the next attempt, or None where there is none.

    `attempt` counts those made, `spent` are the seconds that they and the pauses between them took, `jitter` lies
    between 0 and 1, `now` is the time in epoch seconds.
    """
    if not _is_repeatable(method, error) or (isinstance(error, AnswerTooLarge) and attempt > 1):
        return None  # what is too long twice comes from COC, not from a proxy
    delay = min(_FIRST_DELAY * 2 ** (attempt - 1), _DELAY_MAX) * (0.5 + jitter / 2)
    if isinstance(error, Rejected):
        asked = retry_after(error.retry_after, now=now)
        delay = delay if asked is None else asked + delay * 0.1
    limit = CONNECT_GIVE_UP_SECONDS if isinstance(error, NotSent) else GIVE_UP_SECONDS
    return delay if spent + delay <= limit else None


def retry_after(header: str, *, now: float) -> float | None:
    """Seconds that a `Retry-After` asks for, at most `RETRY_AFTER_MAX`; None for one that says nothing usable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), RETRY_AFTER_MAX)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.fromtimestamp(now, UTC)
    return min(max(seconds.total_seconds(), 0.0), RETRY_AFTER_MAX)


def _is_repeatable(method: str, error: ApiError) -> bool:
    if isinstance(error, NotSent):
        return error.may_pass
    if isinstance(error, Rejected):
        if error.is_throttled:
            return True
        is_answer = error.is_final and error.status == HTTPStatus.INTERNAL_SERVER_ERROR
        return method == "GET" and error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not is_answer
    return method == "GET" and isinstance(error, OutcomeUnknown)
