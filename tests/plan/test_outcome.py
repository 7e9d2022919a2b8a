"""What became of planned changes."""

from __future__ import annotations

from cocsync.plan.change import Action, Change
from cocsync.plan.outcome import ApplyReport, Outcome, Result
from tests.support.builders import OWNER, TARGET


def test_a_result_is_named_for_its_change() -> None:
    result = Result(change=Change(action=Action.ADOPT, name="a", reason="r"), outcome=Outcome.STALE)
    assert (result.name, result.action) == ("a", Action.ADOPT)


def test_a_report_counts_each_outcome() -> None:
    change = Change(action=Action.CREATE, name="a", reason="r")
    outcomes = (Outcome.APPLIED, Outcome.APPLIED, Outcome.UNKNOWN)
    results = tuple(Result(change=change, outcome=outcome) for outcome in outcomes)
    report = ApplyReport(target=TARGET, owner=OWNER, results=results)
    counts = {outcome.value: report.count(outcome) for outcome in Outcome}
    assert counts == dict.fromkeys(("failed", "stale", "blocked", "not_attempted"), 0) | {"applied": 2, "unknown": 1}
