"""Reports for programs: the JSON shapes of format 1. Within 1.x they grow and never change; see schemas/.

Text stands in them as it is, escaped as JSON only; no record holds a sensitive value.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from cocsync.diagnostics import Checked, Diagnostic, Severity
from cocsync.doctor.checkup import Check, Checkup, State
from cocsync.export.record import Import, Skipped
from cocsync.model.script import Reviewer, Status
from cocsync.model.source import Source
from cocsync.observe.review import Reviewed, ReviewReport
from cocsync.plan.change import Change, FieldChange, Precondition, SentValue
from cocsync.plan.conflict import Conflict
from cocsync.plan.drift import Drift, Drifted, DriftKind
from cocsync.plan.guards import Allowances, GuardFinding
from cocsync.plan.outcome import ApplyReport, Failure, Outcome, Result
from cocsync.plan.plan import (
    FORMAT_VERSION,
    NotVerified,
    Plan,
    Prunable,
    Summary,
    TargetId,
    Unmanaged,
    Waiting,
)
from cocsync.report.times import iso
from cocsync.report.view import View

_TIMES = ("modified_at", "since")

# The keys of each record's object, in their order.
_KEYS: dict[type, tuple[str, ...]] = {
    Plan: (
        *("plan_id", "target", "owner", "source", "complete", "summary", "changes", "conflicts", "prunable"),
        *("unmanaged", "waiting", "guards", "diagnostics", "not_verified", "unchanged", "allowances", "prune"),
        "filtered",
    ),
    TargetId: ("name", "endpoint", "project_id", "domain_id"),
    Source: ("commit", "dirty"),
    Summary: (
        *("create", "update", "replace", "delete", "rename", "adopt", "unchanged", "prunable", "conflict"),
        *("unmanaged", "pending_approval", "rejected", "not_verified"),
    ),
    Change: (
        *("action", "name", "uuid", "origin", "reason", "file", "line", "risk_level", "previous_name", "fields"),
        *("needs", "restarts_review", "value_only", "desired", "precondition", "operator", "modified_at"),
        *("protected", "rewrite", "reviewers", "taken_from", "replaces", "sources"),
    ),
    FieldChange: ("path", "before", "after", "sensitive", "diff", "forms", "note", "ignored"),
    Precondition: ("uuid", "digest", "gmt_modified", "status"),
    Conflict: ("name", "uuid", "kind", "owner", "operator", "modified_at", "file", "line"),
    Prunable: ("name", "uuid", "type", "protected", "edited", "unproven", "operator", "modified_at"),
    Unmanaged: ("name", "uuid", "type", "creator"),
    Waiting: ("name", "previous_name", "uuid", "status", "awaiting"),
    NotVerified: ("name", "uuid", "reason", "needs", "sources"),
    SentValue: ("param", "source"),
    Allowances: ("deletes", "reviews", "empty", "take_over", "unknown_history"),
    GuardFinding: ("code", "message", "allowed_by"),
    Result: (
        *("name", "action", "outcome", "already", "uuid", "status", "normalised", "error", "awaiting", "fields"),
        *("warning", "taken_from", "normalises"),
    ),
    Failure: ("code", "message", "request_id"),
    Reviewer: ("name", "id"),
    Reviewed: ("name", "uuid", "status", "awaiting", "since"),
    Skipped: ("name", "why"),
    Check: ("name", "state", "finding", "fix"),
}
_DIFFERENCE = ("name", "kind", "origin", "operator", "modified_at", "fields", "reason", "file", "line", "owner")


def plan_json(plan: Plan, view: View) -> str:
    """A plan as `schemas/plan.schema.json` describes it."""
    return json.dumps(plan_document(plan, tool_version=view.tool_version), indent=2) + "\n"


def plan_document(plan: Plan, *, tool_version: str) -> dict[str, Any]:
    """The same, before it is text."""
    return {"format_version": FORMAT_VERSION, "tool_version": tool_version, **plain(plan)}


def apply_json(report: ApplyReport, view: View) -> str:
    """An apply as `schemas/apply.schema.json` describes it."""
    body = {
        "target": plain(report.target),
        "owner": report.owner,
        "summary": outcome_counts(report),
        "results": plain(report.results),
        "conflicts_left": report.conflicts_left,
        "interrupted": report.interrupted,
        "diagnostics": plain(report.diagnostics),
    }
    return _document(body, view)


def outcome_counts(report: ApplyReport) -> dict[str, int]:
    """How many results there are of each outcome."""
    return {outcome.value: report.count(outcome) for outcome in Outcome}


def drift_json(drift: Drift, view: View) -> str:
    """Drift as `schemas/drift.schema.json` describes it."""
    body = {
        "target": plain(drift.target),
        "owner": drift.owner,
        "complete": drift.complete,
        "summary": {
            **{kind.value: drift.count(kind) for kind in DriftKind},
            "conflict": len(drift.conflicts),
            "unmanaged": len(drift.unmanaged),
            "unchanged": drift.unchanged,
        },
        "drift": [_difference(one) for one in drift.by_name],
        "unmanaged": plain(drift.unmanaged if view.unmanaged else ()),
        "diagnostics": plain(drift.diagnostics),
    }
    return _document(body, view)


def status_json(report: ReviewReport, view: View) -> str:
    """Review states as `schemas/status.schema.json` describes them."""
    counts = (("approved", Status.APPROVED), ("pending", Status.PENDING_APPROVE), ("rejected", Status.REJECTED))
    body = {"summary": {key: report.count(status) for key, status in counts}, "scripts": plain(report.scripts)}
    return _document(body, view)


def diagnostics_json(checked: Checked, view: View) -> str:
    """What `validate` found, as `schemas/validate.schema.json` describes it."""
    count = Counter(diagnostic.severity for diagnostic in checked.found)
    body = {
        "summary": {**{f"{severity.value}s": count[severity] for severity in Severity}, "scripts": checked.scripts},
        "diagnostics": plain(checked.found),
    }
    return _document(body, view)


def import_json(made: Import, view: View) -> str:
    """What an import wrote and what it left."""
    body = {
        "summary": {
            "imported": len(made.imported),
            "left": len(made.left),
            "skipped": len(made.skipped),
            "updated": sum(not one.why_not for one in made.updated),
        },
        "imported": [
            {"name": one.name, "folder": one.folder, "cut": one.cut, "sensitive_params": list(one.sources)}
            for one in made.imported
        ],
        "left": list(made.left),
        "skipped": plain(made.skipped),
        "updated": [{"name": one.name, "why_not": one.why_not or None} for one in made.updated],
    }
    return _document(body, view)


def checkup_json(checkup: Checkup, view: View) -> str:
    """A checkup as `schemas/doctor.schema.json` describes it."""
    body = {
        "summary": {state.value: checkup.count(state) for state in State},
        "checks": plain(checkup.checks),
    }
    return _document(body, view)


def plain(value: Any) -> Any:
    """A record, or a value of one, in JSON's own types."""
    if isinstance(value, Diagnostic):
        return _diagnostic(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if keys := _KEYS.get(type(value)):
        return {key: _member(key, getattr(value, key)) for key in keys}
    return value


def _document(body: dict[str, Any], view: View) -> str:
    return json.dumps({"format_version": FORMAT_VERSION, "tool_version": view.tool_version, **body}, indent=2) + "\n"


def _member(key: str, value: Any) -> Any:
    return iso(value) if key in _TIMES else plain(value)


def _difference(one: Drifted | Conflict) -> dict[str, Any]:
    """What differs and what is in conflict stand in one list, with the same keys."""
    if isinstance(one, Conflict):
        own: dict[str, Any] = {"kind": "conflict", "reason": one.kind, "origin": None, "fields": []}
    else:
        own = {"owner": None}
    return {key: own[key] if key in own else _member(key, getattr(one, key)) for key in _DIFFERENCE}


def _diagnostic(found: Diagnostic) -> dict[str, str | int | None]:
    return {
        "severity": found.severity,
        "code": found.code,
        "message": found.message,
        "file": found.at.file if found.at else None,
        "line": found.at.line if found.at else None,
        "column": found.at.column if found.at else None,
    }
