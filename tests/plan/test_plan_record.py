"""The plan as a value: its counts, and an id that depends on what would be done and nothing else."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from cocsync.model.live import Live
from cocsync.model.source import Source
from cocsync.plan.change import Action, Change, FieldChange, Origin, Precondition
from cocsync.plan.conflict import Conflict, ConflictKind
from cocsync.plan.guards import Allowances
from cocsync.plan.plan import NotVerified, Plan, Prunable, Summary, TargetId, Unmanaged, Waiting
from tests.support.builders import (
    CREATED,
    KEYS,
    MODIFIED,
    NO_KEYS,
    TARGET,
    edited,
    foreign,
    manifest,
    param,
    plan_of,
    secret,
    written,
)

CHANGE = Change(
    action=Action.UPDATE,
    name="a",
    reason="any",
    uuid="SC_a",
    desired="core",
    precondition=Precondition(uuid="SC_a", digest="sha256:1", gmt_modified=None, status="APPROVED"),
)
PLAN = Plan(target=TARGET, owner="ops", changes=(CHANGE,))


def with_change(**changes: Any) -> Plan:
    return replace(PLAN, changes=(replace(CHANGE, **changes),))


def with_precondition(**changes: Any) -> Plan:
    assert CHANGE.precondition is not None
    return with_change(precondition=replace(CHANGE.precondition, **changes))


class TestPlanId:
    def test_is_a_sha256(self) -> None:
        assert PLAN.plan_id.startswith("sha256:")
        assert len(bytes.fromhex(PLAN.plan_id.removeprefix("sha256:"))) == 32

    @pytest.mark.parametrize(
        "other",
        [
            replace(PLAN, target=replace(TARGET, name="prod")),
            replace(PLAN, target=replace(TARGET, endpoint="https://coc.example.com")),
            replace(PLAN, target=replace(TARGET, project_id="p")),
            replace(PLAN, target=replace(TARGET, domain_id="d")),
            replace(PLAN, owner="net"),
            replace(PLAN, allowances=Allowances(deletes=1)),
            replace(PLAN, allowances=Allowances(reviews=1)),
            replace(PLAN, allowances=Allowances(empty=True)),
            replace(PLAN, allowances=Allowances(take_over=frozenset({"a"}))),
            replace(PLAN, changes=()),
            replace(PLAN, changes=(CHANGE, replace(CHANGE, name="b"))),
            with_change(action=Action.ADOPT),
            with_change(name="b"),
            with_change(uuid="SC_b"),
            with_change(desired="other"),
            with_change(previous_name="old"),
            with_change(precondition=None),
            with_precondition(digest="sha256:2"),
        ],
    )
    def test_depends_on_target_owner_allowances_and_what_each_change_is(self, other: Plan) -> None:
        assert other.plan_id != PLAN.plan_id

    @pytest.mark.parametrize(
        "same",
        [
            replace(PLAN, source=Source(commit="c0ffee", dirty=True)),
            replace(PLAN, complete=False, prune=True, filtered=True, unchanged=("b",)),
            replace(PLAN, conflicts=(Conflict(name="c", kind=ConflictKind.UNMARKED, file="f", line=1),)),
            replace(PLAN, prunable=(Prunable(name="p", uuid="u", type="BAT", protected=False, edited=False),)),
            replace(PLAN, unmanaged=(Unmanaged(name="u", uuid="u", type="BAT", creator="c"),)),
            replace(PLAN, waiting=(Waiting(name="w", uuid="u", status="REJECTED"),)),
            replace(PLAN, not_verified=(NotVerified(name="n", uuid="u", reason="r"),)),
            replace(PLAN, changes=(CHANGE, replace(CHANGE, name="b", value_only=True))),
            with_change(reason="other", origin=Origin.BOTH, file="f", line=9, risk_level="HIGH"),
            with_change(fields=(FieldChange(path="content", before="a", after="b"),)),
            with_change(needs=("env:A",), restarts_review=True, operator="mallory", modified_at=MODIFIED),
            with_precondition(gmt_modified=MODIFIED, status="REJECTED", uuid="SC_b"),
        ],
    )
    def test_depends_on_nothing_else(self, same: Plan) -> None:
        assert same.plan_id == PLAN.plan_id

    def test_every_attribute_of_a_plan_is_accounted_for_above(self) -> None:
        """A new one has to be put on one side or the other."""
        inside = {"target", "owner", "allowances", "changes"}
        outside = {"source", "complete", "prune", "filtered", "unchanged", "conflicts", "prunable", "unmanaged"}
        outside |= {"waiting", "not_verified", "guards", "diagnostics"}
        assert {f.name for f in fields(Plan)} == inside | outside

    def test_names_cannot_be_shifted_between_fields(self) -> None:
        one, other = TargetId(name="a", endpoint="b:c"), TargetId(name="a:b", endpoint="c")
        assert replace(PLAN, target=one).plan_id != replace(PLAN, target=other).plan_id


class TestPlanIdOfRealPlans:
    OLD = manifest(params=(param(), secret(value="old")), protocol="EMAIL")
    NEW = manifest(params=(param(), secret(value="new")), protocol="EMAIL")
    CHANGED = manifest(params=(param(), secret(value="new")), protocol="EMAIL", version="2")

    def test_is_the_same_with_and_without_the_key_where_only_a_value_differs(self) -> None:
        """The changes differ; only the run with the key sees the value."""
        there = [written(self.OLD, keys=KEYS)]
        seen, blind = plan_of([self.NEW], there), plan_of([self.NEW], there, keys=NO_KEYS)
        assert (len(seen.changes), len(blind.changes)) == (1, 0)
        assert seen.plan_id == blind.plan_id

    def test_is_the_same_with_and_without_the_value(self) -> None:
        without = manifest(params=(param(), secret(value=None)), protocol="EMAIL", version="2")
        there = [written(self.OLD, keys=KEYS)]
        assert plan_of([self.CHANGED], there).plan_id == plan_of([without], there).plan_id

    @pytest.mark.parametrize("rewrite", [True, False])
    def test_is_the_same_with_and_without_the_key_under_rewrite_and_renewal(self, rewrite: bool) -> None:
        asked = {"rewrite": frozenset({"disk_report"})} if rewrite else {"renew_marks": True}
        there = [written(self.OLD, keys=KEYS)]
        plans = [plan_of([self.NEW], there, keys=keys, **asked) for keys in (KEYS, NO_KEYS)]
        assert plans[0].plan_id == plans[1].plan_id

    @pytest.mark.parametrize("manifests", [[OLD], [CHANGED], []])
    @pytest.mark.parametrize(
        "seen_otherwise",
        [
            lambda lives: [replace(live, modified_at=CREATED) for live in lives],
            lambda lives: list(reversed(lives)),
            lambda lives: [replace(live, script=replace(live.script, protocol="EMAIL")) for live in lives],
        ],
        ids=["gmt_modified null or not", "ids ascending or descending", "protocol shown or not"],
    )
    def test_is_the_same_however_coc_shows_the_same_state(self, manifests: list[Any], seen_otherwise: Any) -> None:
        there: list[Live] = [written(self.OLD), written(manifest("gone", protocol="EMAIL")), foreign("other")]
        one, other = plan_of(manifests, there, prune=True), plan_of(manifests, seen_otherwise(there), prune=True)
        assert one.plan_id == other.plan_id
        assert one.summary == other.summary
        assert [c.fields for c in one.changes] == [c.fields for c in other.changes]

    def test_differs_where_a_hand_edited_the_live_script(self) -> None:
        live = written(self.OLD)
        assert plan_of([self.CHANGED], [live]).plan_id != plan_of([self.CHANGED], [edited(live, content="x")]).plan_id


class TestSummary:
    def test_of_an_empty_plan_is_all_zeros(self) -> None:
        assert Plan(target=TARGET, owner="ops").summary == Summary()

    def test_counts_each_kind_of_script(self) -> None:
        waiting = [
            manifest("pending_a"),
            manifest("pending_b"),
            manifest("rejected"),
            manifest("strange"),
        ]
        statuses = ["PENDING_APPROVE", "PENDING_APPROVE", "REJECTED", "SOMETHING_NEW"]
        manifests = [
            manifest("created"),
            manifest("updated", version="2"),
            manifest("replaced", type="PYTHON"),
            manifest("renamed", previous_names=("old",)),
            manifest("adopted", adopt=True),
            manifest("taken"),
            manifest("hidden", params=(secret(value=None),)),
            *waiting,
        ]
        there = [
            written(manifest("updated")),
            written(manifest("replaced")),
            written(manifest("old")),
            foreign("adopted"),
            foreign("taken"),
            written(manifest("hidden", params=(secret(),))),
            *(written(one, status=status) for one, status in zip(waiting, statuses, strict=True)),
            written(manifest("deleted")),
            edited(written(manifest("prunable")), content="x"),
            foreign("unmanaged"),
        ]
        assert plan_of(manifests, there, prune=True).summary == Summary(
            **dict.fromkeys(("create", "update", "replace", "delete", "rename", "adopt"), 1),
            unchanged=5,
            prunable=1,
            conflict=1,
            unmanaged=1,
            pending_approval=2,
            rejected=1,
            not_verified=1,
        )

    def test_reviews_restarted_counts_changes_that_do(self) -> None:
        plan = replace(PLAN, changes=(CHANGE, replace(CHANGE, restarts_review=True)))
        assert plan.reviews_restarted == 1
