"""One manifest against the live scripts: what it comes to, and whose doing it is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from cocsync.model import mark as marks
from cocsync.model.content import Content
from cocsync.model.desired import Manifest
from cocsync.model.live import ListedScript, Live
from cocsync.model.mark import Keyring, Mark
from cocsync.model.normalise import Normalisation
from cocsync.model.script import Reviewer
from cocsync.plan.change import Action, Change, Origin
from cocsync.plan.origin import is_edited
from cocsync.plan.ownership import Owners
from cocsync.plan.verdict import REASON_CREATE, REASONS, Intent, LiveByName, Verdict, decide
from cocsync.plan.writing import precondition
from tests.support.builders import (
    ALICE,
    BOB,
    CREATED,
    KEYS,
    MODIFIED,
    NO_KEYS,
    OTHER_KEYS,
    OWNER,
    OWNERS,
    edited,
    foreign,
    manifest,
    param,
    row,
    secret,
    written,
)


def verdict(desired: Manifest, *there: Live, forbidden: tuple[ListedScript, ...] = (), **intent: Any) -> Verdict:
    readable: dict[str, tuple[Live, ...]] = defaultdict(tuple)
    hidden: dict[str, tuple[ListedScript, ...]] = defaultdict(tuple)
    for live in there:
        readable[live.name] += (live,)
    for one in forbidden:
        hidden[one.name] += (one,)
    asked = replace(Intent(owners=OWNERS, keys=KEYS), **intent)
    return decide(desired, LiveByName(readable=readable, forbidden=hidden), asked)


def change(desired: Manifest, *there: Live, **options: Any) -> Change:
    found = verdict(desired, *there, **options).change
    assert found is not None
    return found


def paths(of: Change) -> list[str]:
    return [field.path for field in of.fields if not field.ignored]


def ignored(of: Change) -> list[str]:
    """What is sent without being compared."""
    return [field.path for field in of.fields if field.ignored]


FULL = manifest("restart_nginx", reviewers=(ALICE, BOB), protocol="EMAIL", params=(param(), secret()), protected=True)
OLD = manifest("old")
RENAMED = manifest("new", previous_names=("old",))


class TestUnchanged:
    @pytest.mark.parametrize("protocol", [False, True], ids=["protocol hidden", "protocol shown"])
    def test_what_cocsync_wrote_is_unchanged(self, protocol: bool) -> None:
        assert verdict(FULL, written(FULL, keys=KEYS, protocol=protocol)) == Verdict(manifest=FULL)

    def test_equal_is_unchanged_even_where_the_mark_is_out_of_date(self) -> None:
        """A hand made in COC what the manifest says now: no write, no review."""
        live = edited(written(manifest(version="1")), version="2")
        assert verdict(manifest(version="2"), live) == Verdict(manifest=manifest(version="2"))

    def test_an_id_that_coc_adds_to_a_reviewer_is_no_difference(self) -> None:
        desired = manifest(reviewers=(Reviewer(name="alice"),))
        live = edited(written(desired), reviewers=(ALICE,))
        assert verdict(desired, live) == Verdict(manifest=desired)


class TestOrigin:
    def test_manifest_where_the_live_script_is_as_it_was_written(self) -> None:
        found = change(manifest(content="new"), written(manifest(content="old")))
        assert (found.action, found.origin, found.reason) == (Action.UPDATE, Origin.MANIFEST, REASONS[Origin.MANIFEST])
        assert paths(found) == ["content"]

    def test_drift_where_only_coc_changed_with_name_and_time(self) -> None:
        found = change(manifest(), edited(written(manifest()), content="edited"))
        assert (found.origin, found.operator, found.modified_at) == (Origin.DRIFT, "mallory", MODIFIED)

    @pytest.mark.parametrize("field", ["content", "version"])
    def test_both_where_manifest_and_coc_changed_the_same_field_or_another(self, field: str) -> None:
        found = change(manifest(content="new"), edited(written(manifest()), **{field: "edited"}))
        assert found.origin is Origin.BOTH

    def test_both_says_that_the_mark_may_be_out_of_date(self) -> None:
        found = change(manifest(version="2", content="new"), edited(written(manifest(version="1")), version="2"))
        assert found.origin is Origin.BOTH
        assert "the mark is out of date" in found.reason

    def test_text_added_around_the_mark_is_drift(self) -> None:
        found = change(manifest(), edited(written(manifest()), description="EDITED Disk usage"))
        assert (found.origin, paths(found)) == (Origin.DRIFT, ["description"])

    def test_a_param_made_visible_by_hand_is_drift(self) -> None:
        desired = manifest(params=(secret("token"),))
        found = change(desired, edited(written(desired, keys=KEYS), params=(param("token", "seen"),)))
        assert (found.origin, paths(found)) == (Origin.DRIFT, ["params[token].sensitive"])
        assert not found.value_only

    def test_a_protocol_that_coc_shows_can_drift(self) -> None:
        desired = manifest(protocol="EMAIL")
        found = change(desired, edited(written(desired), protocol="SMS"))
        assert (found.origin, paths(found)) == (Origin.DRIFT, ["protocol"])

    def test_a_protocol_in_the_manifest_is_the_manifests(self) -> None:
        for shown in (True, False):
            found = change(manifest(protocol="SMS"), written(manifest(protocol="EMAIL"), protocol=shown))
            assert (found.origin, paths(found)) == (Origin.MANIFEST, ["protocol"])

    def test_a_protocol_changed_here_and_a_content_changed_there_are_both(self) -> None:
        found = change(manifest(protocol="SMS"), edited(written(manifest()), content="edited"))
        assert found.origin is Origin.BOTH

    def test_protection_is_the_manifests(self) -> None:
        assert change(manifest(protected=True), written(manifest())).origin is Origin.MANIFEST
        assert change(manifest(protected=True), edited(written(manifest()), version="9")).origin is Origin.BOTH

    def test_a_reviewer_without_id_here_is_not_taken_for_an_edit(self) -> None:
        """Written with the id, which the manifest has dropped since; only the content changed."""
        old, new = manifest(reviewers=(ALICE,)), manifest(reviewers=(Reviewer(name="alice"),), content="new")
        assert change(new, written(old)).origin is Origin.MANIFEST

    def test_a_reviewer_whose_id_only_coc_knows_is_not_taken_for_an_edit(self) -> None:
        old = manifest(reviewers=(Reviewer(name="alice"),))
        live = replace(written(old), script=replace(written(old).script, reviewers=(ALICE,)))
        assert change(replace(old, script=replace(old.script, content=Content("new"))), live).origin is Origin.MANIFEST

    def test_one_reviewer_replaced_by_hand_is_drift(self) -> None:
        desired = manifest(reviewers=(ALICE,))
        assert change(desired, edited(written(desired), reviewers=(BOB,))).origin is Origin.DRIFT


class TestProtected:
    @pytest.mark.parametrize(("in_manifest", "in_mark"), [(True, False), (False, True)])
    def test_a_difference_to_the_mark_is_an_update_of_protected(self, in_manifest: bool, in_mark: bool) -> None:
        (field,) = change(manifest(protected=in_manifest), written(manifest(protected=in_mark))).fields
        assert (field.path, field.before, field.after) == ("protected", in_mark, in_manifest)


class TestIgnore:
    DESIRED = manifest(reviewers=(ALICE,), ignore=frozenset({"reviewers"}))

    def test_what_a_server_makes_of_an_ignored_field_is_no_difference(self) -> None:
        assert verdict(self.DESIRED, edited(written(self.DESIRED), reviewers=(ALICE, BOB))).change is None

    def test_nor_does_it_turn_the_manifests_change_into_drift(self) -> None:
        desired = replace(self.DESIRED, script=replace(self.DESIRED.script, content=Content("new")))
        found = change(desired, edited(written(self.DESIRED), reviewers=(ALICE, BOB)))
        assert (found.origin, paths(found), ignored(found)) == (Origin.MANIFEST, ["content"], ["reviewers"])

    def test_drift_beside_it_is_still_seen(self) -> None:
        found = change(self.DESIRED, edited(written(self.DESIRED), reviewers=(BOB,), content="edited"))
        assert (found.origin, paths(found), ignored(found)) == (Origin.DRIFT, ["content"], ["reviewers"])

    def test_a_manifest_that_changed_an_ignored_field_too_is_not_taken_for_an_edit(self) -> None:
        """The live script is exactly what the mark says."""
        desired = manifest(reviewers=(BOB,), content="new", ignore=frozenset({"reviewers"}))
        assert change(desired, written(self.DESIRED)).origin is Origin.MANIFEST

    def test_an_ignored_protocol_is_not_taken_for_an_edit(self) -> None:
        old = manifest(protocol="EMAIL", ignore=frozenset({"protocol"}))
        new = manifest(protocol="SMS", content="new", ignore=frozenset({"protocol"}))
        found = change(new, written(old, protocol=True))
        assert (found.origin, paths(found), ignored(found)) == (Origin.MANIFEST, ["content"], ["protocol"])

    def test_the_precondition_takes_the_manifests_value_of_it(self) -> None:
        one, other = (edited(written(self.DESIRED), reviewers=who) for who in ((ALICE,), (BOB,)))
        assert precondition(one, self.DESIRED).digest == precondition(other, self.DESIRED).digest
        assert precondition(one, None).digest != precondition(other, None).digest

    def test_an_ignored_field_beside_an_id_that_only_coc_knows_is_not_taken_for_an_edit(self) -> None:
        by_name, ignore = (Reviewer(name="alice"),), frozenset({"description"})
        live = written(manifest(reviewers=by_name, ignore=ignore))
        live = replace(live, script=replace(live.script, reviewers=(ALICE,), description="normalised"))
        assert change(manifest(reviewers=by_name, ignore=ignore, content="new"), live).origin is Origin.MANIFEST

    def test_without_reviewers_on_either_side_no_review_restarts(self) -> None:
        desired = manifest(content="new", ignore=frozenset({"reviewers"}))
        assert not change(desired, written(manifest())).restarts_review

    def test_reviewers_that_the_manifest_drops_do_not_restart_a_review(self) -> None:
        assert not change(manifest(), written(manifest(reviewers=(BOB,)))).restarts_review

    def test_where_no_reviewers_are_sent_no_review_is_predicted(self) -> None:
        """Whether COC forces its own again, nobody here can know."""
        desired = manifest(content="new", ignore=frozenset({"reviewers"}))
        found = change(desired, edited(written(manifest()), reviewers=(BOB,)))
        assert (found.restarts_review, found.reviewers, ignored(found)) == (False, (), ["reviewers"])

    def test_a_write_that_is_only_asked_for_shows_what_else_it_sends(self) -> None:
        live = edited(written(self.DESIRED), reviewers=(BOB,))
        found = change(self.DESIRED, live, rewrite=frozenset({self.DESIRED.name}))
        assert (paths(found), ignored(found)) == ([], ["reviewers"])

    def test_an_adoption_shows_them_too(self) -> None:
        found = change(self.DESIRED, foreign(reviewers=(BOB,), version="9"), adopt_all=True)
        assert (paths(found), ignored(found)) == (["version"], ["reviewers"])


class TestForm:
    """Texts that look the same."""

    def test_a_difference_that_coc_may_have_made_is_not_called_an_edit(self) -> None:
        found = change(manifest(), edited(written(manifest()), content="df -h"))
        assert (found.origin, paths(found)) == (Origin.DRIFT, ["content"])
        assert found.reason == (
            "differs from what cocsync wrote only in the last line end: changed in COC by hand, or kept so by COC "
            "itself; if COC does it, set `normalises: [final_newline]` for this target in cocsync.yaml"
        )

    def test_the_line_for_the_project_file_keeps_what_it_has(self) -> None:
        found = change(
            manifest(), edited(written(manifest()), content="df -h"), normalisation=Normalisation.of(["line_ends"])
        )
        assert "`normalises: [line_ends, final_newline]`" in found.reason

    def test_more_than_form_is_an_edit(self) -> None:
        found = change(manifest(), edited(written(manifest()), content="df -h", version="9"))
        assert found.reason == REASONS[Origin.DRIFT]

    def test_what_coc_was_seen_to_make_of_it_is_no_difference(self) -> None:
        live = replace(edited(written(manifest()), content="df -h"), kept_as=Normalisation.of(["final_newline"]))
        assert verdict(manifest(), live).change is None

    def test_a_manifest_that_changes_beside_it_is_the_manifests_change_alone(self) -> None:
        live = replace(edited(written(manifest()), content="df -h"), kept_as=Normalisation.of(["final_newline"]))
        found = change(manifest(version="2"), live)
        assert (found.origin, paths(found)) == (Origin.MANIFEST, ["version"])
        mark = marks.make(manifest(version="2").script, owner=OWNER, protected=False, keys=NO_KEYS)
        assert found.desired == mark.core

    def test_protection_that_a_hand_took_off_is_drift(self) -> None:
        desired = manifest(protected=True)
        live = written(desired)
        assert live.mark is not None
        found = change(desired, replace(live, mark=replace(live.mark, protected=False)))
        assert (found.origin, paths(found)) == (Origin.DRIFT, ["protected"])
        assert not is_edited(live, live.mark)
        assert is_edited(live, replace(live.mark, protected=False))


class TestChange:
    def test_a_create_says_that_it_may_have_been_deleted_there(self) -> None:
        found = change(FULL)
        assert (found.action, found.uuid, found.precondition, found.operator) == (Action.CREATE, None, None, None)
        assert found.reason == REASON_CREATE == "not in COC: new, or deleted there"
        assert paths(found)[0] == "type"
        assert not found.restarts_review

    def test_tells_file_line_risk_and_what_the_mark_will_say(self) -> None:
        desired = manifest(risk_level="HIGH", version="2")
        found = change(desired, written(manifest()))
        mark = marks.make(desired.script, owner=OWNER, protected=False, keys=NO_KEYS)
        assert (found.file, found.line, found.risk_level) == ("scripts/disk_report/script.yaml", 3, "HIGH")
        assert found.desired == mark.core

    def test_its_precondition_is_what_the_plan_saw(self) -> None:
        live = edited(written(manifest()), content="edited")
        seen = change(manifest(), live).precondition
        assert seen is not None
        assert (seen.uuid, seen.gmt_modified, seen.status) == (live.uuid, MODIFIED, "APPROVED")
        assert seen.digest == marks.long_digest(live.script, protected=False)

    def test_a_script_never_edited_was_last_touched_by_its_creator(self) -> None:
        found = change(manifest(version="2"), written(manifest()))
        assert (found.operator, found.modified_at) == ("ci", CREATED)

    def test_nobody_is_named_where_coc_names_nobody(self) -> None:
        assert change(manifest(version="2"), written(manifest(), creator="")).operator is None

    @pytest.mark.parametrize("reviewers", [(), (ALICE,)])
    def test_a_write_of_a_script_with_reviewers_restarts_its_review(self, reviewers: tuple[Reviewer, ...]) -> None:
        found = change(manifest(reviewers=reviewers, version="2"), written(manifest(reviewers=reviewers)))
        assert found.restarts_review is bool(reviewers)
        assert found.reviewers == reviewers

    def test_a_create_names_who_has_to_approve_it(self) -> None:
        assert change(manifest(reviewers=(ALICE,))).reviewers == (ALICE,)

    def test_every_write_needs_every_sensitive_value(self) -> None:
        """A PUT carries them all, whatever differs."""
        desired = manifest(params=(secret(value=None), secret("b", None, ref="file:b")), content="new")
        found = change(desired, written(replace(desired, script=replace(desired.script, content=Content("old")))))
        assert found.needs == ("env:APP_TOKEN", "file:b")


class TestValues:
    @staticmethod
    def with_value(value: str | None, **changes: Any) -> Manifest:
        return manifest(params=(secret(value=value, **changes),))

    def test_a_sensitive_value_alone_is_one_update_that_shows_nothing(self) -> None:
        found = change(self.with_value("new"), written(self.with_value("old"), keys=KEYS))
        assert (found.action, found.origin, found.value_only) == (Action.UPDATE, Origin.MANIFEST, True)
        assert [(f.path, f.before, f.after) for f in found.fields] == [
            ("params[token].value", "(sensitive)", "(sensitive)")
        ]

    def test_with_anything_else_it_is_not_value_only(self) -> None:
        live = written(self.with_value("old"), keys=KEYS)
        assert not change(self.with_value("new", version="2"), live).value_only
        assert not change(replace(self.with_value("new"), protected=True), live).value_only

    def test_a_value_changed_here_and_a_content_changed_there_are_both(self) -> None:
        found = change(self.with_value("new"), edited(written(self.with_value("old"), keys=KEYS), content="edited"))
        assert found.origin is Origin.BOTH

    def test_an_emptied_secret_changes_nothing_and_is_told(self) -> None:
        desired = self.with_value(None)
        found = verdict(desired, written(self.with_value("old"), keys=KEYS))
        assert found.change is None
        assert found.not_verified is not None
        assert found.not_verified.reason == "env:APP_TOKEN not available"
        assert found.not_verified.needs == ("env:APP_TOKEN",)

    def test_what_is_not_verified_is_told_beside_a_change_too(self) -> None:
        found = verdict(self.with_value("s3cret"), edited(written(self.with_value("old")), content="edited"))
        assert found.change is not None
        assert found.not_verified is not None
        assert paths(found.change) == ["content"]


class TestRewrite:
    def test_writes_an_equal_script_again(self) -> None:
        found = change(FULL, written(FULL, keys=KEYS), rewrite=frozenset({FULL.name}))
        assert (found.action, found.fields, found.reason) == (Action.UPDATE, (), "written again as asked")
        assert found.restarts_review
        assert not found.value_only

    def test_only_the_script_it_names(self) -> None:
        assert verdict(FULL, written(FULL, keys=KEYS), rewrite=frozenset({"another"})).change is None

    def test_a_rejected_one_too(self) -> None:
        found = verdict(manifest(), written(manifest(), status="REJECTED"), rewrite=frozenset({"disk_report"}))
        assert found.change is not None
        assert found.waiting is not None
        assert not found.renewal

    def test_a_run_with_the_key_and_one_without_it_write_the_same(self) -> None:
        """So a change of values alone stands inside the plan's id."""
        desired, live = (
            manifest(params=(secret(value="new"),)),
            written(manifest(params=(secret(value="old"),)), keys=KEYS),
        )
        asked = frozenset({"disk_report"})
        assert [change(desired, live, rewrite=asked, keys=keys).value_only for keys in (KEYS, NO_KEYS)] == [
            False,
            False,
        ]


class TestRenewal:
    OUT_OF_DATE = edited(written(manifest(version="1")), version="2")

    def test_renews_a_mark_out_of_date(self) -> None:
        found = verdict(manifest(version="2"), self.OUT_OF_DATE, renew_marks=True)
        assert found.renewal
        assert found.change is not None
        assert (found.change.fields, found.change.reason, found.change.value_only) == ((), "mark renewed", False)

    def test_leaves_a_good_mark(self) -> None:
        assert verdict(FULL, written(FULL, keys=KEYS), renew_marks=True) == Verdict(manifest=FULL)

    def test_leaves_a_mark_with_a_fingerprint_where_no_key_is_here(self) -> None:
        assert verdict(FULL, written(FULL, keys=KEYS), renew_marks=True, keys=NO_KEYS).change is None

    @pytest.mark.parametrize("written_with", [NO_KEYS, OTHER_KEYS], ids=["no fingerprint", "another key"])
    def test_writes_the_fingerprint_of_the_first_key(self, written_with: Keyring) -> None:
        """Which a run without the key does not see: outside the plan's id. Only when asked to."""
        assert verdict(FULL, written(FULL, keys=written_with)).change is None
        found = verdict(FULL, written(FULL, keys=written_with), renew_marks=True)
        assert found.renewal
        assert found.change is not None
        assert found.change.value_only

    def test_is_no_renewal_where_something_differs(self) -> None:
        found = verdict(manifest(version="3"), self.OUT_OF_DATE, renew_marks=True)
        assert found.change is not None
        assert not found.renewal

    def test_a_run_with_the_key_and_one_without_it_write_the_same(self) -> None:
        """The values differ and the mark is out of date: inside the plan's id, seen or not."""
        old, new = manifest(params=(secret(value="old"),)), manifest(version="2", params=(secret(value="new"),))
        live = edited(written(old, keys=KEYS), version="2")
        found = [change(new, live, renew_marks=True, keys=k) for k in (KEYS, NO_KEYS)]
        assert [c.value_only for c in found] == [False, False]


class TestConflict:
    NEWER = replace(foreign(), mark=Mark(owner=OWNER, format=2))
    COPIED = replace(written(manifest("original")), script=written(manifest()).script)

    @pytest.mark.parametrize(
        ("live", "kind", "owner"),
        [
            (foreign(), "unmarked", None),
            (written(manifest(), owner="net"), "owner", "net"),
            (COPIED, "copied", OWNER),
            (NEWER, "newer_format", OWNER),
            (written(manifest(), owner="old_name"), "previous_owner", "old_name"),
        ],
        ids=["unmarked", "owner", "copied", "newer_format", "previous_owner"],
    )
    def test_a_script_that_is_not_ours_to_write(self, live: Live, kind: str, owner: str | None) -> None:
        found = verdict(
            manifest(),
            edited(live, content="edited"),
            owners=Owners(current=OWNER, previous=frozenset({"old_name"})),
            rewrite=frozenset({"disk_report"}),
            renew_marks=True,
        )
        assert found.change is None
        assert found.conflict is not None
        assert (found.conflict.kind, found.conflict.owner, found.conflict.uuid) == (kind, owner, live.uuid)
        assert (found.conflict.operator, found.conflict.modified_at) == ("mallory", MODIFIED)
        assert (found.conflict.file, found.conflict.line) == ("scripts/disk_report/script.yaml", 3)

    def test_one_name_twice(self) -> None:
        twin = replace(written(manifest()), uuid="SC_twin")
        conflict = verdict(manifest(), written(manifest()), twin, adopt_all=True).conflict
        assert conflict is not None
        assert (conflict.kind, conflict.modified_at) == ("duplicate", CREATED)

    def test_one_name_twice_of_which_one_cannot_be_read(self) -> None:
        conflict = verdict(manifest(), written(manifest()), forbidden=(row(foreign()),)).conflict
        assert conflict is not None
        assert conflict.kind == "duplicate"

    def test_a_script_that_cannot_be_read(self) -> None:
        hidden = row(edited(foreign()))
        conflict = verdict(manifest(), forbidden=(hidden,), adopt_all=True).conflict
        assert conflict is not None
        assert (conflict.kind, conflict.owner, conflict.operator) == ("forbidden", None, "mallory")

    @pytest.mark.parametrize(("creator", "named"), [("ci", "ci"), ("", None)])
    def test_a_script_never_edited_was_last_touched_by_its_creator(self, creator: str, named: str | None) -> None:
        conflict = verdict(manifest(), foreign(creator=creator)).conflict
        assert conflict is not None
        assert conflict.operator == named


class TestAdoption:
    HEALS: tuple[dict[str, Any], ...] = (
        {"adopt": frozenset({"disk_report"})},
        {"adopt_all": True},
    )

    @pytest.mark.parametrize("intent", HEALS, ids=["by name", "all"])
    @pytest.mark.parametrize("live", [foreign(version="0"), TestConflict.COPIED], ids=["unmarked", "copied"])
    def test_makes_a_script_ours(self, live: Live, intent: dict[str, Any]) -> None:
        found = change(manifest(), live, **intent)
        assert (found.action, found.uuid, found.origin) == (Action.ADOPT, live.uuid, Origin.MANIFEST)
        assert found.precondition is not None

    def test_can_be_said_in_the_manifest(self) -> None:
        assert change(manifest(adopt=True), foreign()).action is Action.ADOPT

    def test_shows_every_field_that_it_changes(self) -> None:
        assert paths(change(manifest(version="2", content="b", adopt=True), foreign())) == ["content", "version"]

    def test_of_an_equal_script_changes_no_field(self) -> None:
        assert change(manifest(adopt=True), foreign()).fields == ()

    def test_is_without_effect_once_ours(self) -> None:
        assert verdict(manifest(adopt=True), written(manifest()), adopt_all=True).change is None

    def test_restarts_a_review_where_there_are_reviewers(self) -> None:
        assert change(manifest(adopt=True, reviewers=(ALICE,)), foreign()).restarts_review

    def test_never_takes_another_owners_script(self) -> None:
        live = written(manifest(), owner="net")
        conflict = verdict(manifest(adopt=True), live, adopt=frozenset({"disk_report"}), adopt_all=True).conflict
        assert conflict is not None
        assert conflict.kind == "owner"

    def test_take_over_takes_another_owners_script_and_no_other(self) -> None:
        asked = frozenset({"disk_report"})
        found = change(manifest(), written(manifest(), owner="net"), take_over=asked)
        assert (found.action, found.reason, found.taken_from) == (Action.ADOPT, "taken over from net", "net")
        assert verdict(manifest(), foreign(), take_over=asked).conflict is not None

    def test_of_a_previous_owners_script_is_a_take_over_as_of_any_other(self) -> None:
        owners = Owners(current=OWNER, previous=frozenset({"old_name"}))
        live = written(manifest(), owner="old_name")
        found = change(manifest(), live, owners=owners, take_over=frozenset({"disk_report"}))
        assert (found.action, found.taken_from, found.fields) == (Action.ADOPT, "old_name", ())
        assert found.reason == "taken over from old_name, a previous owner of this repository"
        for intent in (*self.HEALS, {}):
            conflict = verdict(manifest(adopt=True), live, owners=owners, **intent).conflict
            assert conflict is not None
            assert conflict.kind == "previous_owner"

    @pytest.mark.parametrize("intent", [*HEALS, {}])
    def test_touches_an_unknown_format_only_by_name(self, intent: dict[str, Any]) -> None:
        conflict = verdict(manifest(adopt=True), TestConflict.NEWER, **intent).conflict
        assert conflict is not None
        assert conflict.kind == "newer_format"
        found = change(manifest(), TestConflict.NEWER, take_over=frozenset({"disk_report"}), **intent)
        assert (found.action, found.taken_from) == (Action.ADOPT, OWNER)
        assert "a mark in a format that this version does not know" in found.reason

    def test_says_of_each_sensitive_value_in_coc_what_replaces_it(self) -> None:
        desired = manifest(params=(param(), secret("a", ref="env:APP_A"), secret("b", None, ref="file:b")))
        found = change(replace(desired, adopt=True), foreign(params=desired.script.params))
        assert [(one.param, one.source) for one in found.replaces] == [("a", "env:APP_A"), ("b", "file:b")]
        assert found.fields == ()

    def test_replaces_no_value_that_its_mark_proves_equal(self) -> None:
        desired = manifest(params=(secret(),))
        there = written(desired, owner="net", keys=KEYS)
        asked = frozenset({"disk_report"})
        assert change(desired, there, take_over=asked).replaces == ()
        assert change(desired, there, take_over=asked, keys=NO_KEYS).replaces
        assert change(manifest(params=(secret(value="another"),)), there, take_over=asked).replaces

    def test_cannot_change_a_type(self) -> None:
        found = verdict(manifest(type="PYTHON"), foreign(), adopt=frozenset({"disk_report"}))
        assert [finding.code for finding in found.refusals] == ["adopt-type"]
        assert "SHELL in COC and PYTHON here" in found.refusals[0].message

    @pytest.mark.parametrize(("adopt", "intent"), [(True, {}), (False, {"adopt_all": True})])
    def test_that_nobody_named_leaves_another_type_as_a_conflict(self, adopt: bool, intent: dict[str, Any]) -> None:
        """What stands in the repository for good must not stop every run."""
        found = verdict(manifest(adopt=adopt, type="PYTHON"), foreign(), **intent)
        assert found.conflict is not None
        assert (found.conflict.kind, found.change, found.refusals) == ("other_type", None, ())

    def test_is_not_advised_where_it_could_not_heal(self) -> None:
        """Whether another's script has the type or not, taking it over is its owner's question first."""
        theirs = (foreign(), TestConflict.COPIED, written(manifest(), owner="net"), TestConflict.NEWER)
        found = [verdict(manifest(type="PYTHON"), live).conflict for live in theirs]
        assert [conflict and conflict.kind for conflict in found] == [
            "other_type",
            "other_type",
            "owner",
            "newer_format",
        ]


class TestPending:
    PENDING = "PENDING_APPROVE"

    @pytest.mark.parametrize("status", ["PENDING_APPROVE", "REJECTED", "SOMETHING_NEW"])
    def test_a_script_that_is_not_approved_is_waiting_and_unchanged(self, status: str) -> None:
        found = verdict(manifest(), written(manifest(), status=status))
        assert found.change is None
        assert found.waiting is not None
        assert (found.waiting.status, found.waiting.previous_name) == (status, None)

    @pytest.mark.parametrize(("status", "awaited"), [(PENDING, (ALICE,)), ("REJECTED", ())])
    def test_reviewers_are_awaited_while_it_is_in_review(self, status: str, awaited: tuple[Reviewer, ...]) -> None:
        found = verdict(manifest(reviewers=(ALICE,)), written(manifest(reviewers=(ALICE,)), status=status))
        assert found.waiting is not None
        assert found.waiting.awaiting == awaited

    def test_one_that_shows_its_previous_version_is_no_difference(self) -> None:
        old = written(manifest(version="1"), status=self.PENDING)
        found = verdict(manifest(version="2"), old, pending_shows_previous=True)
        assert found.change is None
        assert found.waiting is not None
        assert found.not_verified is not None
        assert found.not_verified.reason == "in review: COC may show the version before it"

    def test_where_coc_shows_the_new_version_a_difference_is_one(self) -> None:
        assert (
            change(manifest(version="2"), written(manifest(version="1"), status=self.PENDING)).action is Action.UPDATE
        )

    @pytest.mark.parametrize("status", ["APPROVED", "REJECTED"])
    def test_once_the_review_has_ended_a_difference_is_one(self, status: str) -> None:
        live = written(manifest(version="1"), status=status)
        assert change(manifest(version="2"), live, pending_shows_previous=True).action is Action.UPDATE

    def test_rewrite_writes_it_all_the_same(self) -> None:
        live, asked = written(manifest(), status=self.PENDING), frozenset({"disk_report"})
        assert change(manifest(), live, pending_shows_previous=True, rewrite=asked).action is Action.UPDATE

    def test_an_adoption_in_review_is_not_adopted_again(self) -> None:
        """COC still shows the version before, which has no mark."""
        found = verdict(manifest(adopt=True), foreign(status=self.PENDING), pending_shows_previous=True)
        assert (found.change, found.conflict) == (None, None)
        assert None not in (found.waiting, found.not_verified)
        assert verdict(manifest(), foreign(status=self.PENDING), pending_shows_previous=True).conflict is not None


class TestReplace:
    OLD, NEW = manifest(type="SHELL"), manifest(type="PYTHON")

    def test_another_type_is_a_replace(self) -> None:
        found = verdict(self.NEW, written(self.OLD))
        assert found.change is not None
        assert (found.change.action, found.change.origin, found.refusals) == (Action.REPLACE, Origin.MANIFEST, ())
        assert paths(found.change) == ["type"]

    @pytest.mark.parametrize(("in_manifest", "in_mark"), [(True, True), (True, False), (False, True)])
    def test_of_a_protected_script_is_refused(self, in_manifest: bool, in_mark: bool) -> None:
        found = verdict(replace(self.NEW, protected=in_manifest), written(replace(self.OLD, protected=in_mark)))
        assert [finding.code for finding in found.refusals] == ["protected"]

    @pytest.mark.parametrize(
        ("value", "keys", "refused"),
        [("s3cret", KEYS, []), ("other", KEYS, ["replace-unverified"]), ("s3cret", NO_KEYS, ["replace-unverified"])],
    )
    def test_is_refused_where_the_live_values_are_not_verified(
        self, value: str, keys: Keyring, refused: list[str]
    ) -> None:
        """So that the old script can be put back where the create fails."""
        old, new = manifest(params=(secret(),)), manifest(type="PYTHON", params=(secret(value=value),))
        assert [f.code for f in verdict(new, written(old, keys=KEYS), keys=keys).refusals] == refused


class TestRename:
    def test_the_new_one_is_created_first(self) -> None:
        found = change(RENAMED, written(OLD))
        assert (found.action, found.name, found.previous_name, found.uuid) == (Action.RENAME, "new", "old", "SC_old")
        assert found.precondition == precondition(written(OLD), None)
        assert paths(found)[0] == "type"
        assert not found.restarts_review

    @pytest.mark.parametrize("status", ["PENDING_APPROVE", "REJECTED"])
    def test_the_old_one_waits_for_the_new_ones_review(self, status: str) -> None:
        found = verdict(RENAMED, written(RENAMED, status=status), written(OLD))
        assert found.change is None
        assert found.waiting is not None
        assert (found.waiting.name, found.waiting.previous_name, found.waiting.status) == ("new", "old", status)

    def test_the_old_one_is_deleted_once_the_new_one_is_approved(self) -> None:
        found = change(RENAMED, written(RENAMED), edited(written(OLD), content="edited"))
        assert (found.action, found.fields, found.previous_name, found.uuid) == (Action.RENAME, (), "old", "SC_old")
        assert found.operator == "mallory"
        assert change(RENAMED, written(RENAMED), written(OLD, creator="")).operator is None
        assert (found.restarts_review, found.reviewers, found.needs, found.value_only) == (False, (), (), False)

    def test_a_new_one_that_differs_is_updated_first(self) -> None:
        found = verdict(RENAMED, edited(written(RENAMED), content="edited"), written(OLD))
        assert found.change is not None
        assert found.change.action is Action.UPDATE
        assert found.waiting is not None
        assert found.waiting.previous_name == "old"

    def test_a_protected_old_one_stays(self) -> None:
        old = written(replace(OLD, protected=True))
        created = change(RENAMED, old)
        assert (created.action, created.previous_name) == (Action.CREATE, None)
        assert created.reason == "renamed from old, which is protected and stays"
        assert verdict(RENAMED, written(RENAMED), old) == Verdict(manifest=RENAMED)

    @pytest.mark.parametrize("old", [foreign("old"), written(OLD, owner="net")], ids=["unmarked", "another owner"])
    def test_a_foreign_old_one_is_ignored(self, old: Live) -> None:
        assert change(RENAMED, old).action is Action.CREATE
        assert verdict(RENAMED, written(RENAMED), old) == Verdict(manifest=RENAMED)

    def test_nothing_is_left_to_do_once_the_old_one_is_gone(self) -> None:
        assert verdict(RENAMED, written(RENAMED)) == Verdict(manifest=RENAMED)

    def test_the_first_previous_name_that_is_there_and_ours_counts(self) -> None:
        twice = manifest("new", previous_names=("gone", "old", "older"))
        assert change(twice, written(OLD), written(manifest("older"))).previous_name == "old"

    def test_a_new_name_that_is_taken_is_a_conflict_and_no_rename(self) -> None:
        found = verdict(RENAMED, foreign("new"), written(OLD))
        assert found.change is None
        assert found.conflict is not None


class TestIsEdited:
    def test_by_the_digest_or_a_shown_protocol(self) -> None:
        live = written(manifest(protocol="EMAIL"), protocol=True)
        assert live.mark is not None
        assert not is_edited(live, live.mark)
        assert is_edited(edited(live, version="9"), live.mark)
        assert is_edited(edited(live, protocol="SMS"), live.mark)
        assert not is_edited(edited(live, protocol=""), live.mark)

    def test_no_protocol_is_the_default_one(self) -> None:
        live = written(manifest(), protocol=True)
        assert live.mark is not None
        assert live.script.protocol == "DEFAULT"
        assert not is_edited(live, live.mark)
