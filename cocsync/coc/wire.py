"""Reading COC's answers without trusting them: every function takes any JSON value and raises nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

_INT_END = 2**63
"""Numbers are remembered with 64 bits."""

_MILLIS_FIRST, _MILLIS_END = -62_135_596_800_000, 253_402_300_800_000
"""The years 1 and 10000."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def text(value: Any) -> str:
    """A text in Unicode, "" for null, and what anything else prints as.

    Half of a surrogate pair, which JSON can name and nothing can write, is replaced.
    """
    read = "" if value is None else value if isinstance(value, str) else str(value)
    return read if read.isascii() else _HALF_PAIR.sub("\ufffd", read)


def whole(value: Any) -> int | None:
    """A whole number of 64 bits, such as an id; None for anything else."""
    return _between(value, -_INT_END, _INT_END)


def count(value: Any) -> int | None:
    """A whole number of 64 bits that is not negative; None for anything else."""
    return _between(value, 0, _INT_END)


def millis(value: Any) -> int | None:
    """A time in epoch milliseconds, None for what is not a time within the years that a date can have."""
    return _between(value, _MILLIS_FIRST, _MILLIS_END)


def records(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list; none where it is not a list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def dig(value: Any, *path: str) -> Any:
    """What stands below these keys, None where there is nothing."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def answered_at(headers: Mapping[str, str]) -> int | None:
    """The server's clock in epoch milliseconds, None where the answer has no usable `Date`."""
    try:
        return int(parsedate_to_datetime(headers.get("date", "")).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None


def _between(value: Any, low: int, end: int) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value < end else None
