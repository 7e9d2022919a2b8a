"""The next step about a ticket: the canary is judged before the rest, and nothing is continued on a guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.run.decide import ROW_POLLS, Rules, Seen, Step, at_pause, decide
from cocsync.run.judge import Row, failures, results
from cocsync.run.layout import layout
from cocsync.run.strategy import Pause, Strategy
from tests.run.samples import hosts, rows

(PLAN,) = layout(hosts(7), Strategy(batches=(1, 3)))
(EACH,) = layout(hosts(7), Strategy(batches=(1, 3), pause_after=Pause.EACH))
RULES = Rules(max_failures=0)


def seen(status: str | None, *read: Sequence[Row], **changes: Any) -> Seen:
    """Batches that were read, from the first; the others wait."""
    values: dict[str, Any] = {
        "status": status,
        "rows": {index: found for index, found in enumerate(read, 1) if found},
        "failures": 0,
        "waiting": frozenset(range(len(read) + 1, 4)),
        "script_changed": False,
    }
    return Seen(**{**values, **changes})


def step(status: str | None, *read: Sequence[Row], rules: Rules = RULES, **changes: Any) -> Step:
    return decide(PLAN, seen(status, *read, **changes), rules).step


CANARY = rows(PLAN, 1)
ALL = (CANARY, rows(PLAN, 2), rows(PLAN, 3))


class TestPaused:
    def test_a_good_canary_is_continued(self) -> None:
        assert step("PAUSED", CANARY) is Step.CONTINUE

    def test_a_canary_is_read_before_it_is_judged(self) -> None:
        assert step("PAUSED", [], waiting=frozenset({2, 3})) is Step.READ_BATCH

    @pytest.mark.parametrize("status", ["PROCESSING", "READY", "SUSPENDED", None])
    def test_a_canary_that_has_not_ended_is_read_again(self, status: str | None) -> None:
        assert step("PAUSED", rows(PLAN, 1, status)) is Step.READ_BATCH

    def test_the_script_is_read_again_before_every_continue(self) -> None:
        assert step("PAUSED", CANARY, script_changed=None) is Step.READ_SCRIPT

    def test_a_changed_script_halts(self) -> None:
        decision = decide(PLAN, seen("PAUSED", CANARY, script_changed=True), RULES)
        assert decision.step is Step.CANCEL_ORDER
        assert "script was changed" in decision.reason

    def test_a_bad_canary_halts(self) -> None:
        decision = decide(PLAN, seen("PAUSED", rows(PLAN, 1, "ABNORMAL"), failures=1), RULES)
        assert decision.step is Step.CANCEL_ORDER
        assert decision.reason == "1 failed, and at most 0 may"

    def test_a_person_lifts_the_pause_where_that_was_asked_for(self) -> None:
        assert step("PAUSED", CANARY, rules=Rules(max_failures=0, ask=True)) is Step.ASK

    def test_a_pause_that_nobody_planned_is_left_to_a_person(self) -> None:
        assert step("PAUSED", CANARY, rows(PLAN, 2)) is Step.ASK

    def test_a_later_pause_needs_every_batch_before_it(self) -> None:
        assert decide(EACH, seen("PAUSED", CANARY, rows(PLAN, 2)), RULES).step is Step.CONTINUE
        assert decide(EACH, seen("PAUSED", CANARY, [], waiting=frozenset({3})), RULES).step is Step.READ_BATCH

    def test_a_pause_before_the_first_batch_is_cancelled_since_no_canary_can_be_judged(self) -> None:
        assert step("PAUSED", waiting=frozenset({1, 2, 3})) is Step.CANCEL_ORDER

    def test_where_nothing_shows_the_place_of_the_pause_more_is_read(self) -> None:
        assert step("PAUSED", CANARY, waiting=frozenset()) is Step.READ_BATCH
        assert at_pause(seen("PAUSED", CANARY, rows(PLAN, 2, "READY"), waiting=frozenset())) == 1


class TestRunning:
    @pytest.mark.parametrize("status", ["READY", "PROCESSING", "SUSPENDED", None])
    def test_is_waited_for(self, status: str | None) -> None:
        assert step(status) is Step.WAIT

    def test_more_failures_than_may_be_pause_the_order_let_hosts_end_and_then_cancel(self) -> None:
        assert step("PROCESSING", failures=1, running=2) is Step.PAUSE_ORDER
        assert step("PROCESSING", failures=1, running=2, pause_sent=True) is Step.WAIT
        assert step("PAUSED", CANARY, failures=1, running=2, pause_sent=True) is Step.WAIT
        assert step("PAUSED", CANARY, failures=1, running=0, pause_sent=True) is Step.CANCEL_ORDER

    def test_failures_that_may_be_do_not_halt(self) -> None:
        assert step("PROCESSING", failures=2, rules=Rules(max_failures=2)) is Step.WAIT

    @pytest.mark.parametrize("status", ["ABNORMAL", "ERROR"])
    def test_a_ticket_that_coc_stopped_is_cancelled_once_no_host_runs(self, status: str) -> None:
        assert step(status, running=1) is Step.WAIT
        assert step(status, running=0) is Step.CANCEL_ORDER


class TestClosed:
    def test_ends_once_every_row_is_there(self) -> None:
        assert step("FINISHED", *ALL) is Step.END

    def test_rows_that_are_not_there_are_awaited_for_some_polls(self) -> None:
        assert step("FINISHED", CANARY) is Step.READ_BATCH
        decision = decide(PLAN, seen("FINISHED", CANARY, ended_polls=ROW_POLLS), RULES)
        assert decision.step is Step.END
        assert "rows of batch 2 are missing" in decision.reason

    def test_a_cancelled_ticket_has_hosts_that_never_began(self) -> None:
        assert step("CANCELED", CANARY, rows(PLAN, 2, "READY"), rows(PLAN, 3, "READY")) is Step.END
        assert step("FINISHED", CANARY, rows(PLAN, 2, "READY"), rows(PLAN, 3, "READY")) is Step.READ_BATCH

    def test_the_next_ticket_starts_only_behind_a_good_one(self) -> None:
        more = Rules(max_failures=1, tickets=2)
        assert step("FINISHED", *ALL, rules=more) is Step.NEXT_TICKET
        assert step("FINISHED", *ALL, rules=more, failures=1) is Step.NEXT_TICKET
        assert step("FINISHED", *ALL, rules=more, failures=2) is Step.END
        assert step("FINISHED", *ALL, rules=more, script_changed=None) is Step.READ_SCRIPT
        assert step("FINISHED", *ALL, rules=more, script_changed=True) is Step.END
        assert step("CANCELED", *ALL, rules=more) is Step.END
        assert step("FINISHED", CANARY, rules=more, ended_polls=ROW_POLLS) is Step.END


_STATUS = st.sampled_from(["READY", "PROCESSING", "FINISHED", "ABNORMAL", "CANCELED", "NEW", None])


@given(
    st.sampled_from(["READY", "PROCESSING", "PAUSED", "ABNORMAL", "FINISHED", "CANCELED", "NEW", None]),
    st.lists(st.none() | _STATUS, max_size=3),
    st.frozensets(st.integers(1, 3)),
    st.integers(0, 2),
    st.sampled_from([None, False, True]),
    st.sampled_from([PLAN, EACH]),
)
def test_a_continue_follows_only_a_canary_that_ended_within_the_limit(
    status: str | None, read: list[Any], waiting: frozenset[int], may: int, changed: bool | None, plan: Any
) -> None:
    found = {index: rows(PLAN, index, word) for index, word in enumerate(read, 1) if word is not None}
    given_rows = [row for batch in found.values() for row in batch]
    judged = results(plan, "T", given_rows, timeout=300, cancelled=False, open_=True)
    failed = failures(judged, open_=True)
    look = Seen(status=status, rows=found, failures=failed, waiting=waiting, script_changed=changed)
    if decide(plan, look, Rules(max_failures=may)).step is Step.CONTINUE:
        assert (status, changed) == ("PAUSED", False)
        assert {row.status for row in found[1]} <= {"FINISHED", "ABNORMAL", "CANCELED"}
        assert failed <= may
