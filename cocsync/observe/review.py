"""Review states: what of ours is approved, who is awaited since when, and waiting for it. cocsync never approves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cocsync.model.live import Live
from cocsync.model.script import Reviewer, Status

POLL_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One script's review. `since` is in epoch milliseconds: when the version under review was written."""

    name: str
    uuid: str
    status: str
    awaiting: tuple[Reviewer, ...] = ()
    since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReport:
    """The review state of every script that was asked for, by name."""

    scripts: tuple[Reviewed, ...]

    def count(self, status: Status) -> int:
        return sum(script.status == status for script in self.scripts)

    @property
    def is_settled(self) -> bool:
        return not self.count(Status.PENDING_APPROVE)

    @property
    def is_rejected(self) -> bool:
        return bool(self.count(Status.REJECTED))


def review_report(lives: Iterable[Live]) -> ReviewReport:
    """The report on these scripts."""
    return ReviewReport(scripts=tuple(_reviewed(live) for live in sorted(lives, key=lambda s: (s.name, s.uuid))))


def await_reviews(
    look: Callable[[], ReviewReport],
    *,
    seconds: float,
    clock: Callable[[], float],
    wait: Callable[[float], None],
) -> ReviewReport:
    """Looks until no script awaits review, or `seconds` are over; the last report."""
    deadline = clock() + seconds
    while True:
        report = look()
        left = deadline - clock()
        if report.is_settled or left <= 0:
            return report
        wait(min(POLL_SECONDS, left))


def _reviewed(live: Live) -> Reviewed:
    pending = live.status == Status.PENDING_APPROVE
    return Reviewed(
        name=live.name,
        uuid=live.uuid,
        status=live.status,
        awaiting=live.script.reviewers if pending else (),
        since=live.last_touched,
    )
