"""Desired and live state to a plan: what apply would do, what stands in its way, what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.diagnostics import Diagnostic, Severity
from cocsync.errors import Refused
from cocsync.model.desired import Desired, Manifest
from cocsync.model.history import Gap, History
from cocsync.model.live import Live, Observed
from cocsync.model.mark import Keyring, Mark
from cocsync.model.normalise import Normalisation
from cocsync.model.source import Source
from cocsync.plan import planner
from cocsync.plan.change import Action
from cocsync.plan.guards import NO_MANIFESTS, Allowances, Guards
from cocsync.plan.origin import is_edited
from cocsync.plan.ownership import Owners
from cocsync.plan.plan import Plan
from tests.support import strategies
from tests.support.builders import (
    ALICE,
    KEYS,
    NO_KEYS,
    OTHER_KEYS,
    OWNER,
    TARGET,
    edited,
    foreign,
    manifest,
    plan_of,
    row,
    scope,
    secret,
    written,
)

KEPT = manifest("kept")
GONE = manifest("gone")


def actions(plan: Plan) -> list[tuple[str, str]]:
    return [(change.action.value, change.name) for change in plan.changes]


def codes(plan: Plan) -> list[str]:
    return [finding.code for finding in plan.guards]


def many(count: int, **changes: Any) -> list[Manifest]:
    return [manifest(f"script_{number:02}", **changes) for number in range(count)]


def lives_of(manifests: list[Manifest], **options: Any) -> list[Live]:
    return [written(one, **options) for one in manifests]


class TestPlan:
    def test_holds_changes_by_name_and_counts_the_rest(self) -> None:
        new, changed, same = manifest("new"), manifest("changed", version="2"), manifest("same")
        plan = plan_of([same, new, changed], [written(manifest("changed")), written(same), foreign("other")])
        assert actions(plan) == [("update", "changed"), ("create", "new")]
        assert plan.unchanged == ("same",)
        assert [u.name for u in plan.unmanaged] == ["other"]
        assert (plan.owner, plan.target, plan.complete, plan.filtered) == (OWNER, TARGET, True, False)

    def test_of_what_was_written_is_empty(self) -> None:
        desired = manifest(reviewers=(ALICE,), params=(secret(),), protocol="SMS")
        plan = plan_of([desired], [written(desired, keys=KEYS)])
        assert (plan.changes, plan.unchanged, plan.guards, plan.diagnostics) == ((), ("disk_report",), (), ())

    def test_a_conflict_stops_nothing_else(self) -> None:
        plan = plan_of([manifest("taken"), manifest("new")], [foreign("taken")])
        assert actions(plan) == [("create", "new")]
        assert [(c.name, c.kind) for c in plan.conflicts] == [("taken", "unmarked")]
        assert plan.unmanaged == ()

    def test_is_not_complete_where_live_state_is_not(self) -> None:
        assert not plan_of([KEPT], [written(KEPT)], complete=False).complete

    @pytest.mark.parametrize(("severity", "complete"), [(Severity.ERROR, False), (Severity.WARNING, True)])
    def test_is_not_complete_where_the_manifests_have_errors(self, severity: Severity, complete: bool) -> None:
        """The set may be short."""
        said = Diagnostic(severity=severity, code="any", message="any")
        desired = Desired(manifests=(KEPT,), diagnostics=(said,))
        plan = planner.make_plan(desired, Observed(scripts=()), scope(), target=TARGET, source=Source())
        assert plan.complete is complete
        assert plan.diagnostics == (said,)

    def test_says_who_waits_and_what_is_not_verified(self) -> None:
        pending = manifest("pending", reviewers=(ALICE,))
        hidden = manifest("hidden", params=(secret(value=None),))
        plan = plan_of([pending, hidden], [written(pending, status="PENDING_APPROVE"), written(hidden)])
        assert [w.name for w in plan.waiting] == ["pending"]
        assert [n.name for n in plan.not_verified] == ["hidden"]
        assert plan.changes == ()

    def test_a_second_owners_scripts_are_unmanaged(self) -> None:
        plan = plan_of([KEPT], [written(KEPT), written(GONE, owner="net")], prune=True)
        assert (plan.prunable, plan.changes) == ((), ())
        assert [u.name for u in plan.unmanaged] == ["gone"]

    def test_a_copy_without_manifest_is_unmanaged_and_never_pruned(self) -> None:
        copy = replace(written(KEPT), uuid="SC_copy", script=written(manifest("copy")).script)
        plan = plan_of([KEPT], [written(KEPT), copy], prune=True, prune_edited=True)
        assert (plan.prunable, plan.changes) == ((), ())
        assert [u.uuid for u in plan.unmanaged] == ["SC_copy"]


class TestWipedMark:
    """Somebody retyped the description, and the mark went with it."""

    WIPED = edited(replace(written(KEPT), mark=None), description="Retyped")

    def test_is_a_conflict_that_stops_nothing_else_and_is_never_pruned(self) -> None:
        plan = plan_of([KEPT, manifest("new")], [self.WIPED], prune=True)
        assert actions(plan) == [("create", "new")]
        assert [(c.kind, c.operator) for c in plan.conflicts] == [("unmarked", "mallory")]

    def test_heals_by_adoption(self) -> None:
        (change,) = plan_of([KEPT], [self.WIPED], adopt=frozenset({"kept"})).changes
        assert (change.action, [f.path for f in change.fields]) == (Action.ADOPT, ["description"])


class TestPrune:
    def test_ours_without_manifest_is_always_shown_and_never_deleted_unasked(self) -> None:
        plan = plan_of([KEPT], [written(KEPT), edited(written(GONE), content="edited")])
        (prunable,) = plan.prunable
        assert (plan.changes, plan.prune) == ((), False)
        assert (prunable.name, prunable.edited, prunable.protected, prunable.operator) == (
            "gone",
            True,
            False,
            "mallory",
        )

    def test_deletes_it_when_asked(self) -> None:
        plan = plan_of([KEPT], [written(KEPT), written(GONE)], prune=True)
        (change,) = plan.changes
        assert (change.action, change.name, change.uuid, change.desired) == (Action.DELETE, "gone", "SC_gone", None)
        assert (change.fields, change.file, change.needs) == ((), None, ())
        assert change.precondition is not None
        assert (plan.prunable, plan.prune) == ((), True)

    @pytest.mark.parametrize(("creator", "named"), [("ci", "ci"), ("", None)])
    def test_names_the_creator_of_what_was_never_edited(self, creator: str, named: str | None) -> None:
        there = [written(KEPT), written(GONE, creator=creator)]
        (prunable,), (deleted,) = plan_of([KEPT], there).prunable, plan_of([KEPT], there, prune=True).changes
        assert (prunable.operator, deleted.operator) == (named, named)

    def test_never_deletes_a_previous_owners_script(self) -> None:
        owners = Owners(current="new_name", previous=frozenset({OWNER}))
        there = [written(KEPT, owner="new_name"), written(GONE)]
        plan = plan_of([KEPT], there, owners=owners, prune=True, prune_edited=True)
        assert (plan.changes, plan.prunable) == ((), ())
        assert [u.name for u in plan.unmanaged] == ["gone"]

    @pytest.mark.parametrize("protected", [True, False])
    def test_spares_a_protected_script_whatever_is_asked(self, protected: bool) -> None:
        """Its manifest is lost; the mark still says so."""
        there = [written(KEPT), written(replace(GONE, protected=protected))]
        plan = plan_of([KEPT], there, prune=True, prune_edited=True)
        assert [p.protected for p in plan.prunable] == ([True] if protected else [])
        assert len(plan.changes) == (0 if protected else 1)

    @pytest.mark.parametrize("prune_edited", [True, False])
    def test_spares_what_was_edited_by_hand_unless_told(self, prune_edited: bool) -> None:
        there = [written(KEPT), edited(written(GONE), version="9")]
        plan = plan_of([KEPT], there, prune=True, prune_edited=prune_edited)
        assert len(plan.changes) == prune_edited
        assert len(plan.prunable) == (not prune_edited)

    def test_spares_a_newer_format(self) -> None:
        plan = plan_of([KEPT], [written(KEPT), replace(foreign("gone"), mark=Mark(owner=OWNER, format=2))], prune=True)
        assert (plan.changes, plan.prunable) == ((), ())
        assert [d.code for d in plan.diagnostics] == ["newer-format"]
        assert [u.name for u in plan.unmanaged] == ["gone"]

    def test_deletes_both_of_a_name_that_is_there_twice(self) -> None:
        twin = replace(written(GONE), uuid="SC_a")
        plan = plan_of([KEPT], [written(KEPT), written(GONE), twin], prune=True, guards=Guards(max_delete_percent=100))
        assert [change.uuid for change in plan.changes] == ["SC_a", "SC_gone"]

    def test_is_refused_where_none_of_the_owners_scripts_has_a_manifest_here(self) -> None:
        """A second repository with the same owner cannot prune the first one's scripts."""
        plan = plan_of([KEPT], [written(GONE)], prune=True, allowances=Allowances(deletes=9))
        assert codes(plan) == ["prune-owner"]
        assert plan.guards[0].allowed_by is None
        assert "does another repository use this owner?" in plan.guards[0].message
        assert plan.diagnostics == ()

    def test_is_not_refused_for_that_where_a_filter_has_switched_it_off(self) -> None:
        assert codes(plan_of([KEPT], [written(GONE)], prune=True, names=("kept",))) == []

    def test_warns_of_a_shared_owner_without_it(self) -> None:
        plan = plan_of([KEPT], [written(GONE)])
        assert (codes(plan), [d.code for d in plan.diagnostics]) == ([], ["owner-shared"])

    @pytest.mark.parametrize("there", [written(KEPT), written(manifest("old"))])
    def test_one_script_of_ours_with_a_manifest_is_enough(self, there: Live) -> None:
        plan = plan_of([replace(KEPT, previous_names=("old",))], [there, written(GONE)], prune=True)
        assert "prune-owner" not in codes(plan)

    def test_an_owner_without_scripts_is_not_refused(self) -> None:
        assert codes(plan_of([KEPT], [foreign("other")], prune=True)) == []


class TestProof:
    """A mark can be computed by anybody, so it is never enough to delete a script."""

    GAP = Gap(cause="this is a shallow clone", fix="fetch the whole history")
    RENAMED = manifest("new", previous_names=("gone",))
    THERE = (written(KEPT), written(GONE))

    def test_what_the_history_does_not_have_is_not_pruned_and_it_is_said(self) -> None:
        plan = plan_of([KEPT], list(self.THERE), prune=True, history=History(names=frozenset({"kept"})))
        assert (plan.changes, codes(plan), [d.code for d in plan.diagnostics]) == ((), [], ["prune-unknown"])
        assert [(p.name, p.unproven) for p in plan.prunable] == [("gone", True)]

    def test_an_unknown_history_refuses_the_run_with_cause_fix_and_flag(self) -> None:
        plan = plan_of([KEPT], list(self.THERE), prune=True, history=History(gap=self.GAP))
        (guard,) = plan.guards
        assert (plan.changes, guard.code, guard.allowed_by) == ((), "unknown-history", "--allow-unknown-history")
        assert all(part in guard.message for part in ("gone", self.GAP.cause, self.GAP.fix, "--allow-unknown-history"))
        assert plan.diagnostics == ()

    def test_what_is_proven_all_the_same_is_pruned(self) -> None:
        plan = plan_of([KEPT], list(self.THERE), prune=True, history=History(names=frozenset({"gone"}), gap=self.GAP))
        assert (actions(plan), codes(plan)) == ([("delete", "gone")], [])

    def test_the_flag_lets_it_go_by_its_mark_alone_and_says_so(self) -> None:
        allowed = Allowances(unknown_history=True)
        plan = plan_of([KEPT], list(self.THERE), prune=True, history=History(gap=self.GAP), allowances=allowed)
        assert (actions(plan), codes(plan)) == ([("delete", "gone")], [])
        assert "by its mark alone" in plan.changes[0].reason

    def test_the_flag_lets_nothing_go_that_is_known_never_to_have_been_here(self) -> None:
        allowed = Allowances(unknown_history=True)
        plan = plan_of([KEPT], list(self.THERE), prune=True, history=History(), allowances=allowed)
        assert plan.changes == ()

    @pytest.mark.parametrize(
        "there",
        [written(replace(GONE, protected=True)), edited(written(GONE), version="9")],
        ids=["protected", "edited"],
    )
    def test_what_is_kept_anyway_needs_no_proof(self, there: Live) -> None:
        assert codes(plan_of([KEPT], [written(KEPT), there], prune=True, history=History(gap=self.GAP))) == []

    def test_without_prune_nothing_needs_proof(self) -> None:
        assert codes(plan_of([KEPT], list(self.THERE), history=History(gap=self.GAP))) == []

    @pytest.mark.parametrize("new", [(), (written(RENAMED),)], ids=["to be created", "there and approved"])
    def test_the_delete_of_a_rename_needs_the_same_proof(self, new: tuple[Live, ...]) -> None:
        manifests, there = [KEPT, self.RENAMED], [*self.THERE, *new]
        plan = plan_of(manifests, there, history=History(gap=self.GAP))
        assert (codes(plan), "gone" in plan.guards[0].message) == (["unknown-history"], True)
        plan = plan_of(manifests, there, history=History())
        assert actions(plan) == ([] if new else [("create", "new")])
        assert (codes(plan), [d.code for d in plan.diagnostics]) == ([], ["prune-unknown"])
        assert actions(plan_of(manifests, there)) == [("rename", "new")]

    def test_a_protected_or_foreign_old_script_needs_none(self) -> None:
        for old in (written(replace(GONE, protected=True)), written(GONE, owner="net"), foreign("gone")):
            assert codes(plan_of([KEPT, self.RENAMED], [written(KEPT), old], history=History(gap=self.GAP))) == []

    def test_the_flag_is_part_of_the_plans_id(self) -> None:
        ids = {plan_of([KEPT], [], allowances=Allowances(unknown_history=allowed)).plan_id for allowed in (True, False)}
        assert len(ids) == 2


class TestFilter:
    THERE = (written(KEPT), written(GONE), foreign("other"))

    @pytest.mark.parametrize("selection", [{"names": ("gone",)}, {"include": ("g*",)}, {"exclude": ("kept",)}])
    def test_switches_prune_off(self, selection: dict[str, Any]) -> None:
        plan = plan_of([KEPT], list(self.THERE), prune=True, **selection)
        assert (plan.changes, plan.prune, plan.filtered) == ((), False, True)
        assert [p.name for p in plan.prunable] == ["gone"]

    def test_limits_changes_conflicts_and_what_is_shown(self) -> None:
        manifests = [manifest("a_new"), manifest("b_new"), manifest("b_taken")]
        there = [foreign("b_taken"), foreign("b_other"), written(manifest("b_gone"))]
        forbidden = (row(foreign("b_hidden")),)
        plan = plan_of(manifests, there, forbidden=forbidden, include=("a_*",))
        assert actions(plan) == [("create", "a_new")]
        assert (plan.conflicts, plan.unmanaged, plan.prunable, plan.unchanged) == ((), (), (), ())

    def test_of_a_name_only_coc_has_finds_no_change(self) -> None:
        assert plan_of([KEPT], list(self.THERE), names=("other",)).changes == ()

    def test_may_name_a_script_that_cannot_be_read(self) -> None:
        assert plan_of([KEPT], [], forbidden=(row(foreign("hidden")),), names=("hidden",)).changes == ()

    @pytest.mark.parametrize(
        ("selection", "named"),
        [({"names": ("kpet",)}, "kpet"), ({"include": ("x*",)}, "x*"), ({"exclude": ("y*",)}, "y*")],
    )
    def test_that_matches_nothing_is_refused_by_name(self, selection: dict[str, Any], named: str) -> None:
        with pytest.raises(Refused, match="nothing here or in COC is called") as caught:
            plan_of([KEPT], list(self.THERE), **selection)
        assert named in str(caught.value)

    def test_that_leaves_nothing_together_is_refused(self) -> None:
        with pytest.raises(Refused, match="together leave no script"):
            plan_of([KEPT], list(self.THERE), include=("kept",), exclude=("k*",))

    def test_a_rename_is_planned_where_only_its_new_name_is_chosen(self) -> None:
        renamed = manifest("new", previous_names=("old",))
        plan = plan_of([renamed], [written(manifest("old"))], names=("new",))
        assert actions(plan) == [("rename", "new")]

    @pytest.mark.parametrize(
        ("intent", "flag"),
        [
            ({"adopt": frozenset({"kpet"})}, "--adopt kpet"),
            ({"take_over": frozenset({"kpet"})}, "--dangerous-take-over kpet"),
            ({"rewrite": frozenset({"kpet"})}, "--rewrite kpet"),
        ],
    )
    def test_a_name_without_manifest_is_refused(self, intent: dict[str, Any], flag: str) -> None:
        with pytest.raises(Refused, match=flag):
            plan_of([KEPT], [], **intent)


class TestNoManifests:
    def test_are_refused_whatever_is_allowed(self) -> None:
        plan = plan_of([], [written(GONE)], prune=True, allowances=Allowances(deletes=100))
        assert codes(plan) == [NO_MANIFESTS]
        assert plan.guards[0].allowed_by == "--dangerous-allow-empty"

    @pytest.mark.parametrize(
        ("owned", "flags"), [(0, "--dangerous-allow-empty"), (9, "--dangerous-allow-empty --prune --allow-deletes 9")]
    )
    def test_the_message_says_what_would_lift_it(self, owned: int, flags: str) -> None:
        plan = plan_of([], lives_of(many(owned)))
        assert plan.guards[0].message.endswith(f"pass {flags}")

    def test_with_the_flags_all_is_deleted(self) -> None:
        allowed = Allowances(empty=True, deletes=9)
        plan = plan_of([], lives_of(many(9)), prune=True, allowances=allowed)
        assert (codes(plan), len(plan.changes)) == ([], 9)

    def test_with_that_flag_alone_the_guard_on_deletes_stands(self) -> None:
        plan = plan_of([], lives_of(many(9)), prune=True, allowances=Allowances(empty=True))
        assert codes(plan) == ["max-delete"]


class TestDeleteGuard:
    def test_counts_deletes_replaces_and_renames(self) -> None:
        manifests = [
            *many(5),
            manifest("replaced", type="PYTHON"),
            manifest("renamed", previous_names=("old",)),
        ]
        there = [*lives_of(many(5)), written(manifest("replaced")), written(manifest("old")), written(GONE)]
        plan = plan_of(manifests, there, prune=True)
        assert codes(plan) == ["max-delete"]
        assert "3 of 8 owned scripts" in plan.guards[0].message
        assert plan.guards[0].allowed_by == "--allow-deletes 3"

    def test_counts_all_that_is_owned_also_behind_a_filter(self) -> None:
        manifests = [*many(10), manifest("a", previous_names=("old_a",)), manifest("b", previous_names=("old_b",))]
        there = [*lives_of(many(10)), written(manifest("old_a")), written(manifest("old_b"))]
        plan = plan_of(manifests, there, names=("a", "b"))
        assert ([a for a, _ in actions(plan)], codes(plan)) == (["rename", "rename"], [])

    def test_the_last_of_nine_keeps_the_other_eight(self) -> None:
        plan = plan_of(many(1), lives_of(many(9)), prune=True)
        assert "8 of 9 owned scripts would be deleted" in plan.guards[0].message
        assert "--allow-deletes 8" in plan.guards[0].message


class TestReviewGuard:
    def test_counts_adoptions(self) -> None:
        manifests = many(11, reviewers=(ALICE,))
        plan = plan_of(manifests, [foreign(m.name) for m in manifests], adopt_all=True)
        assert (codes(plan), plan.reviews_restarted) == (["max-review"], 11)
        assert plan.guards[0].allowed_by == "--allow-reviews 11"

    def test_counts_a_change_of_owner(self) -> None:
        manifests = many(11, reviewers=(ALICE,))
        owners = Owners(current="new_name", previous=frozenset({OWNER}))
        every = frozenset(m.name for m in manifests)
        assert codes(plan_of(manifests, lives_of(manifests), owners=owners, take_over=every)) == ["max-review"]

    def test_counts_a_renewal(self) -> None:
        manifests = many(11, reviewers=(ALICE,), version="2")
        there = [edited(live, version="2") for live in lives_of(many(11, reviewers=(ALICE,)))]
        assert codes(plan_of(manifests, there, renew_marks=True)) == ["max-review"]
        assert codes(plan_of(manifests, there)) == []

    def test_does_not_count_what_the_manifests_changed(self) -> None:
        plan = plan_of(many(11, reviewers=(ALICE,), version="2"), lives_of(many(11, reviewers=(ALICE,))))
        assert (codes(plan), plan.reviews_restarted) == ([], 11)

    def test_does_not_count_scripts_without_reviewers(self) -> None:
        manifests = many(11)
        assert codes(plan_of(manifests, [foreign(m.name) for m in manifests], adopt_all=True)) == []


class TestRename:
    RENAMED = manifest("new", previous_names=("old",))

    def test_the_old_script_is_shown_nowhere_else(self) -> None:
        plan = plan_of([self.RENAMED], [written(manifest("old"))], prune=True)
        assert actions(plan) == [("rename", "new")]
        assert (plan.prunable, plan.unmanaged) == ((), ())

    def test_needs_no_prune(self) -> None:
        assert actions(plan_of([self.RENAMED], [written(manifest("old")), written(self.RENAMED)])) == [
            ("rename", "new")
        ]

    @pytest.mark.parametrize("status", ["PENDING_APPROVE", "REJECTED"])
    def test_the_old_script_is_not_prunable_while_it_waits(self, status: str) -> None:
        plan = plan_of([self.RENAMED], [written(manifest("old")), written(self.RENAMED, status=status)], prune=True)
        assert (plan.changes, plan.prunable) == ((), ())
        assert [(w.name, w.previous_name) for w in plan.waiting] == [("new", "old")]

    @pytest.mark.parametrize(
        ("new", "intent"),
        [
            (foreign("new"), {}),
            (foreign("new"), {"adopt_all": True}),
            (written(manifest("new"), owner="net"), {}),
            (replace(foreign("new"), mark=Mark(owner=OWNER, format=2)), {}),
        ],
        ids=["unmarked", "adopted", "another owner", "newer format"],
    )
    def test_the_old_script_survives_a_prune_while_its_new_name_is_taken(
        self, new: Live, intent: dict[str, Any]
    ) -> None:
        plan = plan_of([self.RENAMED], [written(manifest("old")), new], prune=True, **intent)
        assert "delete" not in [action for action, _ in actions(plan)]
        assert [p.name for p in plan.prunable] == ["old"]

    def test_the_old_script_survives_a_prune_while_its_new_name_cannot_be_read(self) -> None:
        plan = plan_of([self.RENAMED], [written(manifest("old"))], forbidden=(row(foreign("new")),), prune=True)
        assert (plan.changes, [p.name for p in plan.prunable]) == ((), ["old"])

    def test_a_second_old_script_is_kept_for_the_next_run(self) -> None:
        twice = manifest("new", previous_names=("old", "older"))
        there = [written(manifest("old")), written(manifest("older"))]
        plan = plan_of([twice], there, prune=True, guards=Guards(max_delete_percent=100))
        assert actions(plan) == [("rename", "new")]
        assert [p.name for p in plan.prunable] == ["older"]
        after = plan_of([twice], [written(twice), written(manifest("older"))], prune=True)
        assert [(c.action, c.previous_name) for c in after.changes] == [(Action.RENAME, "older")]

    def test_a_protected_old_script_stays_and_is_shown(self) -> None:
        there = [written(manifest("old", protected=True)), written(self.RENAMED)]
        plan = plan_of([self.RENAMED], there, prune=True, prune_edited=True)
        assert plan.changes == ()
        assert [(p.name, p.protected) for p in plan.prunable] == [("old", True)]

    def test_a_foreign_old_script_is_unmanaged(self) -> None:
        plan = plan_of([self.RENAMED], [foreign("old"), written(self.RENAMED)])
        assert (plan.changes, plan.conflicts) == ((), ())
        assert [u.name for u in plan.unmanaged] == ["old"]


class TestForbidden:
    def test_without_manifest_is_unmanaged_with_a_diagnostic(self) -> None:
        plan = plan_of([KEPT], [written(KEPT)], forbidden=(row(foreign("hidden")),))
        assert [(u.name, u.creator) for u in plan.unmanaged] == [("hidden", "ci")]
        assert [(d.code, "hidden" in d.message) for d in plan.diagnostics] == [("forbidden", True)]

    def test_with_a_manifest_is_a_conflict_and_concerns_it_alone(self) -> None:
        plan = plan_of([KEPT, manifest("new")], [], forbidden=(row(foreign("kept")),))
        assert actions(plan) == [("create", "new")]
        assert [c.kind for c in plan.conflicts] == ["forbidden"]
        assert (plan.unmanaged, plan.diagnostics) == ((), ())

    def test_under_an_old_name_is_unmanaged_with_a_diagnostic(self) -> None:
        plan = plan_of([TestRename.RENAMED], [], forbidden=(row(foreign("old")),))
        assert actions(plan) == [("create", "new")]
        assert ([u.name for u in plan.unmanaged], [d.code for d in plan.diagnostics]) == (["old"], ["forbidden"])


class TestKeptOtherwise:
    LAST = Normalisation.of(["final_newline"])

    def test_scripts_of_which_coc_keeps_another_form_are_named_with_the_setting_that_accepts_it(self) -> None:
        there = [replace(edited(written(m), content="df -h"), kept_as=self.LAST) for m in (KEPT, manifest("other"))]
        plan = plan_of([KEPT, manifest("other")], there, normalisation=Normalisation.of(["unicode"]))
        assert (plan.changes, len(plan.unchanged)) == ((), 2)
        (found,) = plan.diagnostics
        assert (found.severity, found.code) == (Severity.NOTE, "normalised")
        assert all(name in found.message for name in (KEPT.name, "other", "the last line end"))
        assert "`normalises: [final_newline, unicode]`" in found.message

    def test_of_many_the_first_are_named(self) -> None:
        many = [manifest(f"s{n}") for n in range(7)]
        there = [replace(edited(written(m), content="df -h"), kept_as=self.LAST) for m in many]
        (found,) = plan_of(many, there).diagnostics
        assert "s0, s1, s2, s3, s4 and 2 more" in found.message

    def test_such_a_script_without_manifest_was_not_edited(self) -> None:
        live = replace(edited(written(GONE), content="df -h"), kept_as=self.LAST)
        (prunable,) = plan_of([KEPT], [written(KEPT), live]).prunable
        assert not prunable.edited


def test_refusals_of_one_script_refuse_the_run() -> None:
    plan = plan_of([manifest(type="PYTHON")], [foreign()], adopt=frozenset({"disk_report"}))
    assert codes(plan) == ["adopt-type"]


def some_live(names: st.SearchStrategy[str]) -> st.SearchStrategy[Live]:
    return names.flatmap(lambda name: strategies.lives(name=name))


few_names = st.sampled_from(("a", "b", "c"))
manifest_sets = st.lists(
    few_names.flatmap(lambda name: strategies.manifests(name=name)), max_size=3, unique_by=lambda m: m.name
)
live_sets = st.lists(some_live(few_names), max_size=5, unique_by=lambda live: live.uuid)
intents = st.fixed_dictionaries(
    {
        "prune": st.booleans(),
        "prune_edited": st.booleans(),
        "adopt_all": st.booleans(),
        "renew_marks": st.booleans(),
        "pending_shows_previous": st.booleans(),
        "keys": st.sampled_from((NO_KEYS, KEYS, OTHER_KEYS)),
    }
)


class TestForEveryState:
    @given(manifest_sets, live_sets, intents, st.randoms())
    def test_equal_arguments_give_equal_plans_in_whatever_order_coc_lists(
        self, manifests: list[Manifest], there: list[Live], intent: dict[str, Any], random: Any
    ) -> None:
        shuffled = there.copy()
        random.shuffle(shuffled)
        assert plan_of(manifests, there, **intent) == plan_of(manifests, shuffled, **intent)

    @given(manifest_sets, live_sets, intents)
    def test_every_live_script_and_every_manifest_is_in_it_exactly_once(
        self, manifests: list[Manifest], there: list[Live], intent: dict[str, Any]
    ) -> None:
        plan = plan_of(manifests, there, **intent)
        asked = [change.name for change in plan.changes if change.action is not Action.DELETE]
        assert sorted([*asked, *(c.name for c in plan.conflicts), *plan.unchanged]) == sorted(m.name for m in manifests)
        left = [*(p.uuid for p in plan.prunable), *(u.uuid for u in plan.unmanaged)]
        deleted = [str(c.uuid) for c in plan.changes if c.action is Action.DELETE]
        named = {m.name for m in manifests}
        assert sorted(left + deleted) == sorted(live.uuid for live in there if live.name not in named)

    @given(manifest_sets, live_sets, intents)
    def test_nothing_without_our_mark_is_touched_but_by_adoption(
        self, manifests: list[Manifest], there: list[Live], intent: dict[str, Any]
    ) -> None:
        plan = plan_of(manifests, there, **intent)
        ours = {live.uuid for live in there if live.mark and live.mark.owner == OWNER and live.mark.is_of(live.name)}
        touched = {change.uuid for change in plan.changes if change.uuid and change.action is not Action.ADOPT}
        assert touched <= ours
        assert intent["adopt_all"] or all(change.action is not Action.ADOPT for change in plan.changes)

    @given(manifest_sets, live_sets, intents)
    def test_no_protected_script_is_deleted_and_no_edited_one_unasked(
        self, manifests: list[Manifest], there: list[Live], intent: dict[str, Any]
    ) -> None:
        plan = plan_of(manifests, there, **intent)
        by_uuid = {live.uuid: live for live in there}
        for live in (by_uuid[str(c.uuid)] for c in plan.changes if c.action is Action.DELETE):
            assert live.mark is not None
            assert not live.mark.protected
            assert intent["prune"]
            assert intent["prune_edited"] or not is_edited(live, live.mark)

    @given(manifest_sets, st.sampled_from((NO_KEYS, KEYS)))
    def test_the_second_plan_after_everything_was_written_is_empty(
        self, manifests: list[Manifest], keys: Keyring
    ) -> None:
        there = [written(one, keys=keys) for one in manifests]
        assert plan_of(manifests, there, keys=keys, renew_marks=True).changes == ()


class TestExclusion:
    """A script that is excluded is deleted by nothing, not even by the rename of another."""

    def test_an_excluded_old_name_is_no_rename(self) -> None:
        new = manifest("new", previous_names=("old",))
        plan = plan_of([new], [written(manifest("old"))], exclude=("old",))
        assert [(c.action, c.name) for c in plan.changes] == [("create", "new")]

    def test_another_exclusion_leaves_the_rename(self) -> None:
        new = manifest("new", previous_names=("old",))
        plan = plan_of([new], [written(manifest("old")), written(manifest("other"))], exclude=("other",))
        assert [(c.action, c.previous_name) for c in plan.changes] == [("rename", "old")]


def test_a_rename_tells_of_a_hand_edit_that_it_would_delete() -> None:
    new = manifest("new", previous_names=("old",))
    old = edited(written(manifest("old")), content="precious\n")
    approved = written(new)

    for lives in ([old], [old, approved]):
        (change,) = plan_of([new], lives).changes
        assert change.origin == "both"
        assert "edited in COC" in change.reason
        assert change.operator == "mallory"
