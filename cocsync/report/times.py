"""Epoch milliseconds, as COC has them, in ISO 8601 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_ms(text: str) -> int:
    """The inverse of `iso`. Raises ValueError."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def iso(epoch_ms: int | None, timespec: str = "milliseconds") -> str | None:
    """`2026-01-02T03:04:05.678Z`, or None where there is no time or none that a calendar has."""
    if epoch_ms is None:
        return None
    try:
        moment = _EPOCH + timedelta(milliseconds=epoch_ms)
    except OverflowError:
        return None
    return moment.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"
