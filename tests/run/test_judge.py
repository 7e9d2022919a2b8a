"""Hosts are judged by their rows alone: every host is accounted for, and nothing unknown is a success."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.run.judge import (
    MISSING,
    HostResult,
    Outcome,
    Phase,
    Row,
    carry,
    duration,
    failures,
    failures_in,
    is_final,
    is_open,
    phase,
    results,
)
from cocsync.run.layout import TicketPlan, layout
from cocsync.run.report import RunOutcome, settled, summary
from cocsync.run.strategy import Strategy
from tests.run.samples import NOW, hosts, rows

(PLAN,) = layout(hosts(4), Strategy(batches=(1, 3)))


def judge(
    found: list[Row], plan: TicketPlan = PLAN, *, cancelled: bool = False, open_: bool = False
) -> tuple[HostResult, ...]:
    return results(plan, "SCT1", found, timeout=300, cancelled=cancelled, open_=open_)


def one(status: str | None, *, cancelled: bool = False, **changes: Any) -> HostResult:
    """The result of the canary with this row."""
    return judge(rows(PLAN, 1, status, **changes), cancelled=cancelled)[0]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("FINISHED", Outcome.OK),
        ("ABNORMAL", Outcome.FAILED),
        ("ROLLBACKED", Outcome.FAILED),
        ("CANCELED", Outcome.CANCELLED),
        ("READY", Outcome.NOT_STARTED),
        ("PROCESSING", Outcome.UNKNOWN),
        ("SUSPENDED", Outcome.UNKNOWN),
        ("finished", Outcome.UNKNOWN),
        ("", Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN),
    ],
)
def test_a_word_is_an_outcome_and_an_unknown_word_is_shown_and_never_ok(status: str | None, outcome: Outcome) -> None:
    found = one(status)
    assert (found.outcome, found.status) == (outcome, status or "")
    assert bool(found.note) is (outcome is Outcome.UNKNOWN)


def test_a_host_without_a_row_is_missing_and_counts_once_the_ticket_is_closed() -> None:
    found = judge(rows(PLAN, 1))
    assert [result.status for result in found] == ["FINISHED", MISSING, MISSING, MISSING]
    assert failures(found, open_=False) == 3
    assert failures(judge(rows(PLAN, 1), open_=True), open_=True) == 0


def test_a_host_that_was_cancelled_at_its_timeout_counts_as_failed() -> None:
    found = one("CANCELED", finished_at=NOW + 311_031)
    assert found.outcome is Outcome.FAILED
    assert "probably timed out" in found.note


def test_a_host_that_somebody_cancelled_is_cancelled_or_was_never_started() -> None:
    assert one("CANCELED", cancelled=True, finished_at=NOW + 311_031).outcome is Outcome.CANCELLED
    assert one("CANCELED", cancelled=True, started_at=None, finished_at=None).outcome is Outcome.NOT_STARTED
    assert one("CANCELED", started_at=None, finished_at=None).outcome is Outcome.CANCELLED


@pytest.mark.parametrize(("start", "end"), [(None, 5), (5, None), (None, None), (10, 5)])
def test_a_duration_comes_from_both_times_or_is_not_known(start: int | None, end: int | None) -> None:
    assert duration(start, end) is None


def test_a_duration_is_in_seconds() -> None:
    assert duration(NOW, NOW + 2_500) == 2.5


def test_rows_of_other_hosts_are_passed_over_and_the_last_of_two_counts() -> None:
    found = judge([*rows(PLAN, 1, "PROCESSING"), *rows(PLAN, 1), replace(rows(PLAN, 1)[0], resource_id="other")])
    assert len(found) == 4
    assert found[0].outcome is Outcome.OK


@pytest.mark.parametrize(
    ("status", "stands"),
    [
        ("READY", Phase.RUNNING), ("PROCESSING", Phase.RUNNING), ("PAUSED", Phase.PAUSED), ("ABNORMAL", Phase.HALTED),
        ("ERROR", Phase.HALTED), ("FINISHED", Phase.CLOSED), ("CANCELED", Phase.CLOSED), ("ROLLBACKED", Phase.CLOSED),
        ("SUSPENDED", Phase.RUNNING), (None, Phase.RUNNING),
    ],
)  # fmt: skip
def test_a_ticket_is_closed_only_by_a_word_that_says_so(status: str | None, stands: Phase) -> None:
    assert phase(status) is stands
    assert is_open(status) is (stands is not Phase.CLOSED)


@pytest.mark.parametrize("status", ["READY", "PROCESSING", "SUSPENDED", None])
def test_only_a_documented_end_is_final(status: str | None) -> None:
    assert not is_final(rows(PLAN, 1, status)[0])
    assert not is_final(None)


def test_statistics_count_every_end_that_is_not_good() -> None:
    counts = {"READY": 3, "PROCESSING": 2, "FINISHED": 5, "ABNORMAL": 1, "CANCELED": 1, "SUSPENDED": 1}
    assert failures_in(counts) == 3


class TestRunId:
    def test_every_row_must_carry_it(self) -> None:
        assert carry(rows(PLAN, 2, attributes={"cocsync": "r1"}), "r1") is True
        assert carry(rows(PLAN, 2, attributes={"cocsync": "r2"}), "r1") is False
        mixed = [*rows(PLAN, 1, attributes={"cocsync": "r1"}), *rows(PLAN, 2, attributes={})]
        assert carry(mixed, "r1") is False

    def test_is_not_known_where_no_attributes_are_shown(self) -> None:
        assert carry(rows(PLAN, 2), "r1") is None
        assert carry([], "r1") is None


_STATUS = st.sampled_from(["READY", "PROCESSING", "FINISHED", "ABNORMAL", "CANCELED", "ROLLBACKED", "NEW", "", None])


@given(
    st.lists(st.tuples(st.integers(1, 6), _STATUS, st.none() | st.integers(-9, 9), st.none() | st.integers(-9, 9))),
    st.booleans(),
)
def test_the_outcomes_add_up_to_the_hosts_whatever_the_rows(
    found: list[tuple[int, Any, Any, Any]], cancelled: bool
) -> None:
    given_rows = [
        Row(resource_id=f"id-{n:04}", batch=1, status=status, started_at=start, finished_at=end)
        for n, status, start, end in found
    ]
    judged = judge(given_rows, cancelled=cancelled)
    numbers = summary(judged)
    assert numbers.pop("hosts") == sum(numbers.values()) == 4
    if settled(judged, halted=False) is RunOutcome.OK:
        assert all(result.status == "FINISHED" for result in judged)
