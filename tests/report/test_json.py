"""JSON reports: valid by the published schemas, in a stable order, with foreign text as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cocsync.diagnostics import Checked, Diagnostic
from cocsync.plan.drift import from_plan
from cocsync.plan.outcome import ApplyReport
from cocsync.plan.plan import Plan
from cocsync.report.json import apply_json, diagnostics_json, drift_json, plan_json
from cocsync.report.view import View
from tests.report import samples, strategies
from tests.support.golden import Golden

SCHEMAS = Path(__file__).parents[2] / "schemas"
REPORTS = ("plan", "apply", "drift", "status", "validate", "event")
VERSION = "0.1.0"


@cache
def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")))


def loaded(kind: str, report: str) -> Any:
    """The report, which the schema of its kind must accept."""
    document = json.loads(report)
    validator(kind).validate(document)
    return document


def test_the_plan_is_as_it_was_read_and_approved(golden: Golden) -> None:
    golden.check("report/plan_busy.json", plan_json(samples.BUSY, View(tool_version=VERSION)))


def test_the_apply_is_as_it_was_read_and_approved(golden: Golden) -> None:
    golden.check("report/apply.json", apply_json(samples.APPLY, View(tool_version=VERSION)))


def test_a_drift_says_of_each_script_what_its_plan_says() -> None:
    drift = loaded("drift", drift_json(samples.DRIFT, View(unmanaged=True, tool_version=VERSION)))
    plan = loaded("plan", plan_json(samples.BUSY, View(tool_version=VERSION)))
    same = ("format_version", "tool_version", "target", "owner", "complete", "unmanaged", "diagnostics")
    assert {key: drift[key] for key in same} == {key: plan[key] for key in same}
    planned = {script["name"]: script for script in (*plan["changes"], *plan["conflicts"])}
    for script in drift["drift"]:
        shared = script.keys() & planned[script["name"]].keys() - {"kind", "reason"}
        assert shared >= {"name", "file", "line", "operator", "modified_at"}
        assert {key: script[key] for key in shared} == {key: planned[script["name"]][key] for key in shared}


def test_a_drift_tells_what_changed_is_missing_and_in_conflict_by_its_kind() -> None:
    drift = loaded("drift", drift_json(samples.DRIFT, View(unmanaged=True, tool_version=VERSION)))
    kinds = [(script["kind"], script["name"]) for script in drift["drift"]]
    assert kinds[:5] == [
        ("changed", "certificate_expiry"),
        ("missing", "disk_and_inode_report"),
        ("changed", "ntp_check"),
        ("changed", "restart_nginx"),
        ("missing", "rotate_application_logs"),
    ]
    assert kinds[5:] == [("conflict", conflict.name) for conflict in samples.CONFLICTS]
    assert [script["reason"] for script in drift["drift"][5:]] == [conflict.kind for conflict in samples.CONFLICTS]
    assert drift["summary"] == {"changed": 3, "missing": 2, "conflict": 6, "unmanaged": 13, "unchanged": 2}


def test_the_diagnostics_are_as_they_were_read_and_approved(golden: Golden) -> None:
    golden.check(
        "report/validate.json",
        diagnostics_json(Checked(found=samples.DIAGNOSTICS, scripts=3), View(tool_version=VERSION)),
    )


def test_unmanaged_scripts_are_always_counted_and_listed_only_when_asked() -> None:
    listed = loaded("drift", drift_json(samples.NO_DRIFT, View(tool_version=VERSION)))
    assert (listed["summary"]["unmanaged"], listed["unmanaged"]) == (3, [])


def test_a_time_that_no_calendar_has_is_null() -> None:
    plan = replace(samples.EMPTY, changes=(replace(samples.UPDATE, modified_at=10**20),))
    assert loaded("plan", plan_json(plan, View(tool_version=VERSION)))["changes"][0]["modified_at"] is None


def test_the_precondition_keeps_the_time_as_coc_spells_it() -> None:
    plan = loaded("plan", plan_json(samples.BUSY, View(tool_version=VERSION)))
    assert plan["changes"][0]["precondition"]["gmt_modified"] == samples.JULY


@given(strategies.plans)
def test_any_plan_is_valid_and_keeps_foreign_text(plan: Plan) -> None:
    document = loaded("plan", plan_json(plan, View(tool_version=VERSION)))
    assert [change["name"] for change in document["changes"]] == [change.name for change in plan.changes]


@given(strategies.plans, st.booleans())
def test_any_drift_is_valid(plan: Plan, unmanaged: bool) -> None:
    loaded("drift", drift_json(from_plan(plan), View(unmanaged=unmanaged, tool_version=VERSION)))


@given(strategies.applies)
def test_any_apply_is_valid(report: ApplyReport) -> None:
    loaded("apply", apply_json(report, View(tool_version=VERSION)))


@given(st.lists(strategies.diagnostics, max_size=4).map(tuple), st.none() | st.integers(min_value=0))
def test_any_diagnostics_are_valid(found: tuple[Diagnostic, ...], scripts: int | None) -> None:
    loaded("validate", diagnostics_json(Checked(found=found, scripts=scripts), View(tool_version=VERSION)))


def test_the_status_schema_takes_what_it_describes() -> None:
    status = {
        "format_version": "1.0",
        "tool_version": VERSION,
        "summary": {"approved": 0, "pending": 1, "rejected": 0},
        "scripts": [
            {
                "name": "restart_nginx",
                "uuid": "SC-1",
                "status": "PENDING_APPROVE",
                "awaiting": [{"name": "alice", "id": ""}],
                "since": "2026-07-01T10:04:05.678Z",
            }
        ],
    }
    loaded("status", json.dumps(status))


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_schema_is_valid_and_open_and_describes_and_requires_every_key(kind: str) -> None:
    schema: Any = validator(kind).schema
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:cocsync:schema:{kind}:1"
    objects = [part for part in _parts(schema) if "properties" in part]
    for part in objects:
        always = [key for key, value in part["properties"].items() if "; only in " not in value.get("description", "")]
        assert part["required"] == always
        assert "additionalProperties" not in part
        for key, value in part["properties"].items():
            target = _resolved(schema, value)
            assert "description" in target, key


def _parts(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [part for item in schema for part in _parts(item)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(part for value in schema.values() for part in _parts(value))]


def _resolved(schema: Any, value: dict[str, Any]) -> dict[str, Any]:
    resolved: dict[str, Any] = schema["$defs"][value["$ref"].split("/")[-1]] if "$ref" in value else {}
    return resolved | value
