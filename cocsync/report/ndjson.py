"""An apply as events, one JSON object a line: `schemas/event.schema.json`. Pure.

The first is `version`. `diagnostic` and `planned_change` tell the plan, `change_summary` ends it. Then each change has
its `apply_start` and its `apply_complete` or `apply_errored`, as they happen; a second `change_summary` is the last,
before it the reason where the run ended early.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from cocsync.diagnostics import Diagnostic
from cocsync.plan.change import Change
from cocsync.plan.outcome import ApplyReport, Outcome, Result
from cocsync.plan.plan import FORMAT_VERSION, Plan
from cocsync.report.json import outcome_counts, plain
from cocsync.report.times import iso

Event: TypeAlias = dict[str, Any]

_PLANNED = (
    *("action", "name", "uuid", "origin", "reason", "file", "line", "risk_level", "previous_name", "needs"),
    *("restarts_review", "reviewers", "taken_from", "replaces", "sources"),
)
_STARTED = ("action", "name", "uuid")
_COMPLETE = ("action", "name", "uuid", "status", "already", "normalised", "awaiting", "warning", "normalises")
_ERRORED = ("action", "name", "uuid", "status", "outcome", "error")


def line(event: Event, *, at: int) -> str:
    """The event as a line with its end. `at` is when it happened, in epoch milliseconds."""
    told = dict(event)
    return json.dumps({"type": told.pop("type"), "at": iso(at), **told}) + "\n"


def version(tool_version: str) -> Event:
    """The first event."""
    return {"type": "version", "format_version": FORMAT_VERSION, "tool_version": tool_version}


def planned(plan: Plan) -> Iterator[Event]:
    """What is said about files and surroundings, and what is going to be done."""
    yield from map(diagnostic, plan.diagnostics)
    for change in plan.changes:
        yield {"type": "planned_change", **_some(change, _PLANNED)}
    yield {
        "type": "change_summary",
        "operation": "plan",
        "plan_id": plan.plan_id,
        "summary": plain(plan.summary),
    }


def started(change: Change) -> Event:
    """It is about to be written."""
    return {"type": "apply_start", **_some(change, _STARTED)}


def ended(result: Result) -> Event:
    """It is applied, or it is not."""
    if result.outcome is Outcome.APPLIED:
        return {"type": "apply_complete", **_some(result, _COMPLETE)}
    return {"type": "apply_errored", **_some(result, _ERRORED)}


def diagnostic(found: Diagnostic) -> Event:
    """Something that is said about files or surroundings."""
    return {"type": "diagnostic", **plain(found)}


def summed_up(report: ApplyReport) -> Event:
    """The last event."""
    return {
        "type": "change_summary",
        "operation": "apply",
        "summary": outcome_counts(report),
        "conflicts_left": report.conflicts_left,
        "interrupted": report.interrupted,
    }


def _some(record: Change | Result, keys: tuple[str, ...]) -> Event:
    return {key: plain(getattr(record, key)) for key in keys}
