"""Events of an apply: every line valid by the published schema, and each change told as it ended."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from cocsync.plan.outcome import ApplyReport
from cocsync.plan.plan import Plan
from cocsync.report import ndjson
from cocsync.report.ndjson import Event
from tests.report import samples, strategies
from tests.support.golden import Golden

SCHEMA = Path(__file__).parents[2] / "schemas" / "event.schema.json"


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def told(events: Iterable[Event]) -> list[Any]:
    """The events as they are read back, each of which the schema must accept."""
    lines = "".join(ndjson.line(event, at=samples.JULY) for event in events).splitlines()
    found = [json.loads(line) for line in lines]
    for event in found:
        validator().validate(event)
    return found


def whole(plan: Plan, report: ApplyReport) -> list[Event]:
    """The events of a run, one change after the other."""
    changes = [event for r in report.results for event in (ndjson.started(r.change), ndjson.ended(r))]
    return [ndjson.version("0.1.0"), *ndjson.planned(plan), *changes, ndjson.summed_up(report)]


def test_the_events_are_as_they_were_read_and_approved(golden: Golden) -> None:
    events = whole(samples.BUSY, samples.APPLY)
    golden.check("report/apply.ndjson", "".join(ndjson.line(event, at=samples.JULY) for event in events))


def test_the_first_event_is_the_version_and_the_last_the_sum() -> None:
    types = [event["type"] for event in told(whole(samples.BUSY, samples.APPLY))]
    planned = ["diagnostic", *["planned_change"] * 6, "change_summary"]
    assert types[:9] == ["version", *planned]
    assert types[-1] == "change_summary"


@pytest.mark.parametrize("index", range(6))
def test_only_what_is_applied_is_complete(index: int) -> None:
    (event,) = told([ndjson.ended(samples.APPLY.results[index])])
    assert event["type"] == ("apply_complete" if index < 3 else "apply_errored")


def test_an_event_says_when_it_happened() -> None:
    assert [event["at"] for event in told([ndjson.version("1")])] == ["2026-07-01T10:04:05.678Z"]


@given(strategies.plans, strategies.applies)
def test_any_run_is_valid(plan: Plan, report: ApplyReport) -> None:
    told(whole(plan, report))
    told(map(ndjson.diagnostic, plan.diagnostics))
