"""Review states, and waiting for them with a clock that only waiting moves."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from cocsync.model.script import Status
from cocsync.observe.review import POLL_SECONDS, Reviewed, ReviewReport, await_reviews, review_report
from tests.support import builders
from tests.support.builders import ALICE, BOB
from tests.support.engine import Clock

PENDING, APPROVED, REJECTED = Status.PENDING_APPROVE.value, Status.APPROVED.value, Status.REJECTED.value


def report(*statuses: str) -> ReviewReport:
    return review_report(builders.foreign(f"script_{n}", status=status) for n, status in enumerate(statuses))


def test_each_script_is_told_by_name_with_those_who_are_awaited_and_since_when() -> None:
    waiting = builders.foreign("b", status=PENDING, reviewers=(ALICE, BOB), modified_at=builders.MODIFIED)
    done = builders.foreign("a", status=APPROVED, reviewers=(ALICE,))

    assert review_report([waiting, done]).scripts == (
        Reviewed(name="a", uuid="SC_a", status=APPROVED, since=builders.CREATED),
        Reviewed(name="b", uuid="SC_b", status=PENDING, awaiting=(ALICE, BOB), since=builders.MODIFIED),
    )


@pytest.mark.parametrize(
    ("statuses", "settled", "rejected"),
    [
        ((), True, False),
        ((APPROVED,), True, False),
        ((APPROVED, REJECTED), True, True),
        ((APPROVED, PENDING), False, False),
        ((REJECTED, PENDING), False, True),
        (("SOMETHING_NEW",), True, False),
    ],
)
def test_settled_is_whatever_does_not_await_review(statuses: tuple[str, ...], settled: bool, rejected: bool) -> None:
    found = report(*statuses)
    assert (found.is_settled, found.is_rejected) == (settled, rejected)


class TestWaiting:
    @staticmethod
    def wait(*reports: ReviewReport, seconds: float) -> tuple[ReviewReport, list[float]]:
        """The result, and each time that was waited; the last report is seen for ever."""
        clock, waited = Clock(), list[float]()
        seen = chain(reports, repeat(reports[-1]))

        def sleep(time: float) -> None:
            waited.append(time)
            clock.sleep(time)

        return await_reviews(lambda: next(seen), seconds=seconds, clock=clock.now, wait=sleep), waited

    def test_what_is_settled_is_not_waited_for(self) -> None:
        assert self.wait(report(REJECTED), seconds=1800) == (report(REJECTED), [])

    def test_ends_when_the_last_one_is_settled(self) -> None:
        first, second, last = report(PENDING, PENDING), report(APPROVED, PENDING), report(APPROVED, REJECTED)
        assert self.wait(first, second, last, seconds=1800) == (last, [POLL_SECONDS] * 2)

    def test_looks_once_more_when_the_time_is_up(self) -> None:
        assert self.wait(report(PENDING), report(PENDING), report(APPROVED), seconds=14) == (
            report(APPROVED),
            [POLL_SECONDS, 4.0],
        )
        assert self.wait(report(PENDING), seconds=14) == (report(PENDING), [POLL_SECONDS, 4.0])

    def test_no_time_is_one_look(self) -> None:
        assert self.wait(report(PENDING), seconds=0) == (report(PENDING), [])
