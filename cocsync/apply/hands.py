"""Edits by others that only show in what COC says of a script after it was written. Pure.

COC takes no condition with a write, so nothing closes the time between the last look and the write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from cocsync.apply.results import shows_same
from cocsync.model.live import Live
from cocsync.plan.outcome import Outcome, Result


def slipped_in(before: Live | None, seen: Iterable[Live]) -> Live | None:
    """The last version by somebody else between the look and the write, of those that showed after the write.

    `seen` are versions that are not the one written; COC may show the one from `before` for a while.
    """
    if before is None:
        return None
    strange = [live for live in seen if not shows_same(before, live)]
    return strange[-1] if strange else None


def touched_after(created: Live) -> str:
    """A warning where a script that this run created names somebody else as the last who changed it."""
    if not created.operator or created.operator == created.creator:
        return ""
    return _after(created.operator)


def with_strangers(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """The results, with a warning on each whose script names another user than most that this run wrote.

    One run writes as one user. Where no user has more than half of them, nothing can be concluded.
    """
    users = Counter(result.last_user for result in results if _is_written(result))
    own, times = next(iter(users.most_common(1)), ("", 0))
    if times * 2 <= users.total():
        return results
    return tuple(
        replace(result, warning=_joined(result.warning, _after(result.last_user)))
        if _is_written(result) and result.last_user != own
        else result
        for result in results
    )


def _is_written(result: Result) -> bool:
    return result.wrote and result.outcome is Outcome.APPLIED and bool(result.last_user)


def _after(user: str) -> str:
    return f"{user} changed it right after cocsync wrote it: look at it with `cocsync drift --refresh full`"


def _joined(before: str, warning: str) -> str:
    return before if warning in before else "; ".join(filter(None, (before, warning)))
