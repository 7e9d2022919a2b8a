"""When to look again at a ticket. Pure: the caller waits, and brings the chance."""

from __future__ import annotations

_SCHEDULE = ((30, 2.0), (300, 5.0))
_LATER = 15.0
_JITTER = 0.2

LOOKUP_DELAYS = (1.0, 2.0, 4.0, 8.0)
LOOKUP_LATER = 15.0
"""Seconds between looks for a ticket whose answer was lost."""


def delay(elapsed: float, chance: float) -> float:
    """Seconds until the next poll of a ticket that is followed for so many; `chance` is from 0 to below 1.

    2 seconds for half a minute, 5 for five minutes, then 15; a tenth more or less.
    """
    base = next((seconds for until, seconds in _SCHEDULE if elapsed < until), _LATER)
    return base * (1 - _JITTER / 2 + _JITTER * chance)


def lookup_delay(attempt: int) -> float:
    """Seconds before the next look for a lost ticket; `attempt` counts from 0."""
    return LOOKUP_DELAYS[attempt] if attempt < len(LOOKUP_DELAYS) else LOOKUP_LATER
