"""Drift: where COC differs from the manifests, seen through the plan that would heal it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cocsync.model.live import Live
from cocsync.plan.change import Origin
from cocsync.plan.conflict import ConflictKind
from cocsync.plan.drift import DriftKind, from_plan
from tests.support.builders import ALICE, CREATED, MODIFIED, edited, foreign, manifest, plan_of, secret, written

RENAMED = manifest("new", previous_names=("old",))
OLD = written(manifest("old"))


def test_tells_who_when_what_and_of_which_origin() -> None:
    drift = from_plan(plan_of([manifest()], [edited(written(manifest()), content="edited")]))
    (one,) = drift.drifted
    assert (one.name, one.kind, one.origin) == ("disk_report", DriftKind.CHANGED, Origin.DRIFT)
    assert (one.operator, one.modified_at) == ("mallory", MODIFIED)
    assert (one.file, one.line) == ("scripts/disk_report/script.yaml", 3)
    assert [field.path for field in one.fields] == ["content"]
    assert one.reason


@pytest.mark.parametrize(
    ("desired", "there", "kind", "origin"),
    [
        (manifest(), [], DriftKind.MISSING, Origin.MANIFEST),
        (RENAMED, [OLD], DriftKind.MISSING, Origin.MANIFEST),
        (RENAMED, [OLD, written(RENAMED)], DriftKind.CHANGED, Origin.MANIFEST),
        (manifest(version="2"), [written(manifest())], DriftKind.CHANGED, Origin.MANIFEST),
        (manifest(version="2"), [edited(written(manifest()), content="x")], DriftKind.CHANGED, Origin.BOTH),
        (manifest(type="BAT"), [written(manifest())], DriftKind.CHANGED, Origin.MANIFEST),
        (manifest(adopt=True), [foreign()], DriftKind.CHANGED, Origin.MANIFEST),
    ],
    ids=["missing", "renamed", "rename to finish", "manifest", "both", "replace", "adopt"],
)
def test_a_script_that_differs_has_a_kind(desired: object, there: list[Live], kind: DriftKind, origin: Origin) -> None:
    drift = from_plan(plan_of([desired], there))  # type: ignore[list-item]
    assert [(one.kind, one.origin) for one in drift.drifted] == [(kind, origin)]
    assert drift.count(kind) == 1
    assert drift.found


def test_a_conflict_says_which_and_who_touched_it_last() -> None:
    drift = from_plan(plan_of([manifest()], [foreign()]))
    (one,) = drift.conflicts
    assert (one.kind, one.operator, one.modified_at) == (ConflictKind.UNMARKED, "ci", CREATED)
    assert (drift.drifted, drift.found) == ((), True)


def test_what_is_prunable_or_unmanaged_never_counts() -> None:
    there = [written(manifest()), written(manifest("gone")), foreign("other")]
    for prune in (True, False):
        drift = from_plan(plan_of([manifest()], there, prune=prune))
        assert (drift.found, drift.unchanged) == (False, 1)
        assert [one.name for one in drift.unmanaged] == ["other"]


def test_what_waits_for_review_or_is_not_verified_is_no_drift() -> None:
    pending = manifest("pending", reviewers=(ALICE,))
    hidden = manifest("hidden", params=(secret(value=None),))
    there = [written(pending, status="PENDING_APPROVE"), written(hidden), written(RENAMED, status="REJECTED"), OLD]
    drift = from_plan(plan_of([pending, hidden, RENAMED], there))
    assert (drift.found, drift.unchanged) == (False, 3)


def test_changes_and_conflicts_stand_together_by_name() -> None:
    drift = from_plan(plan_of([manifest("a"), manifest("b"), manifest("c")], [foreign("b")]))
    first, second, third = drift.by_name
    assert (first, third) == drift.drifted
    assert (second,) == drift.conflicts
    assert [one.name for one in drift.by_name] == ["a", "b", "c"]
    assert (drift.count(DriftKind.MISSING), drift.count(DriftKind.CHANGED)) == (2, 0)


def test_is_as_complete_as_its_plan_and_carries_its_diagnostics() -> None:
    plan = plan_of([manifest()], [written(manifest("other"))], complete=False)
    assert not from_plan(plan).complete
    assert from_plan(plan).diagnostics == plan.diagnostics != ()
    assert from_plan(replace(plan, complete=True)).complete
