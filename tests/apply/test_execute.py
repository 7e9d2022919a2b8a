"""One change, carried out on the simulator: what is sent, what becomes of it, and what is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from cocsync.model import mark as marks
from cocsync.model.content import Content, TextReference
from cocsync.model.desired import Manifest
from cocsync.model.normalise import Normalisation
from cocsync.model.script import Reviewer
from cocsync.plan.change import Action
from cocsync.plan.outcome import Outcome
from tests.support import builders
from tests.support.builders import ALICE, manifest, param, secret
from tests.support.tenant import Tenant

LOST_BEFORE = ("lost-before-commit", "reset", "502", "503", "504=APIGW.0201", "login-page", "hang")
LOST_AFTER = (
    "lost-after-commit",
    "cut",
    "truncated",
    "garbage",
    "empty",
    "null",
    "503-after-commit",
    "500-with-success",
)


class TestCreate:
    def test_one_request_and_a_read_make_it_ours(self, tenant: Tenant) -> None:
        desired = manifest(params=(param(), secret()), protocol="EMAIL", protected=True)
        result = tenant.run(tenant.change(desired), desired)

        assert (result.outcome, result.already, result.normalised, result.wrote) == (Outcome.APPLIED, False, (), True)
        assert (result.uuid, result.status) == (tenant.simulator.script("disk_report").uuid, "APPROVED")
        assert tenant.sent == ["POST", "GET"]
        assert tenant.live("disk_report").mark == marks.make(
            desired.script, owner=builders.OWNER, protected=True, keys=builders.KEYS
        )
        assert tenant.plan(desired).changes == ()

    def test_the_awaited_reviewers_are_named(self, tenant: Tenant) -> None:
        desired = manifest(reviewers=(ALICE,))
        result = tenant.run(tenant.change(desired), desired)
        assert (result.status, result.awaiting) == ("PENDING_APPROVE", (ALICE,))

    def test_goes_into_the_targets_enterprise_project(self, tenant: Tenant) -> None:
        desired = manifest()
        tenant.executor(desired, enterprise_project_id="7a").run(tenant.change(desired))
        assert tenant.simulator.script("disk_report").enterprise_project_id == "7a"

    def test_run_again_it_is_there_already(self, tenant: Tenant) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.run(change, desired)
        again = tenant.run(change, desired)
        assert (again.outcome, again.already, again.wrote) == (Outcome.APPLIED, True, False)
        assert tenant.names == ["disk_report"]

    def test_ours_in_another_version_is_stale_and_shows_how_it_differs(self, tenant: Tenant) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.write(manifest(content="df -i\n"))
        result = tenant.run(change, desired)
        assert (result.outcome, result.wrote) == (Outcome.STALE, False)
        assert [field.path for field in result.fields] == ["content"]

    @pytest.mark.parametrize("same_fields", [True, False])
    def test_somebody_elses_script_of_the_name_fails_it(self, tenant: Tenant, same_fields: bool) -> None:
        """Equal fields do not make it ours: only exactly the mark that was sent does."""
        desired = manifest()
        change = tenant.change(desired)
        content = desired.script.content.text if same_fields else "rm -rf /\n"
        tenant.simulator.create(name="disk_report", description="Disk usage", content=content)
        result = tenant.run(change, desired)
        assert (result.outcome, result.wrote) == (Outcome.FAILED, False)
        assert result.error is not None
        assert "name is taken" in result.error.message

    def test_a_refusal_is_told_in_cocs_words(self, tenant: Tenant) -> None:
        desired = manifest(version="12345678901")
        result = tenant.run(tenant.change(desired), desired)
        assert (result.outcome, result.wrote, result.systemic) == (Outcome.FAILED, False, False)
        assert result.error is not None
        assert result.error.code.startswith("COC.")
        assert "version" in result.error.message


class TestUnknownCreate:
    @pytest.mark.parametrize("fault", LOST_AFTER)
    def test_done_and_not_answered_is_found_by_its_mark(self, tenant: Tenant, fault: str) -> None:
        desired = manifest(params=(secret(),))
        change = tenant.change(desired)
        tenant.simulator.inject(f"POST *:{fault}")
        result = tenant.run(change, desired)
        assert (result.outcome, result.already, result.wrote) == (Outcome.APPLIED, False, True)
        assert tenant.sent.count("POST") == 1
        assert tenant.names == ["disk_report"]

    @pytest.mark.parametrize("fault", LOST_BEFORE)
    def test_not_there_for_two_seconds_it_is_sent_once_more(self, tenant: Tenant, fault: str) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.simulator.inject(f"POST *:{fault}")
        result = tenant.run(change, desired)
        assert (result.outcome, result.already) == (Outcome.APPLIED, False)
        assert sum(tenant.waited) == 2.0
        assert tenant.sent.count("POST") == 2
        assert tenant.names == ["disk_report"]

    def test_one_that_shows_late_is_waited_for(self, make_tenant: Callable[..., Tenant]) -> None:
        tenant = make_tenant(read_lag=3)
        desired = manifest()
        change = tenant.change(desired)
        tenant.simulator.inject("POST *:lost-after-commit")
        assert tenant.run(change, desired).outcome is Outcome.APPLIED
        assert tenant.sent.count("POST") == 1

    def test_one_that_never_shows_leaves_the_name_taken(self, make_tenant: Callable[..., Tenant]) -> None:
        tenant = make_tenant(read_lag=1000)
        desired = manifest()
        change = tenant.change(desired)
        tenant.simulator.inject("POST *:lost-after-commit")
        result = tenant.run(change, desired)
        assert (result.outcome, result.wrote) == (Outcome.FAILED, True)
        assert result.error is not None
        assert "lists no script of that name" in result.error.message

    def test_lost_twice_is_unknown(self, tenant: Tenant) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.simulator.inject("POST *:lost-before-commit*2")
        result = tenant.run(change, desired)
        assert (result.outcome, result.wrote) == (Outcome.UNKNOWN, True)
        assert tenant.sent.count("POST") == 2

    def test_somebody_elses_under_the_name_is_not_taken_for_it(self, tenant: Tenant) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.simulator.inject("POST *:lost-before-commit")
        tenant.before("POST", lambda: tenant.simulator.create(name="disk_report"))
        result = tenant.run(change, desired)
        assert (result.outcome, tenant.sent.count("POST")) == (Outcome.FAILED, 1)

    def test_ours_with_another_digest_is_stale(self, tenant: Tenant) -> None:
        """Another run of this repository was faster."""
        desired, other = manifest(), manifest(content="df -i\n")
        change = tenant.change(desired)
        description = marks.join(
            "Disk usage", marks.make(other.script, owner=builders.OWNER, protected=False, keys=builders.KEYS)
        )
        tenant.simulator.inject("POST *:lost-before-commit")
        tenant.before("POST", lambda: tenant.api.create(other.script, description))
        result = tenant.run(change, desired)
        assert result.outcome is Outcome.STALE
        assert [field.path for field in result.fields] == ["content"]

    @pytest.mark.parametrize("fault", ["503", "refused", "401", "lost-before-commit"])
    def test_a_look_up_that_fails_leaves_it_unknown(self, tenant: Tenant, fault: str) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.simulator.inject("POST *:lost-after-commit", f"GET *:{fault}*")
        assert tenant.run(change, desired).outcome is Outcome.UNKNOWN

    def test_never_connected_is_a_plain_failure(self, tenant: Tenant) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.simulator.inject("POST *:refused*")
        result = tenant.run(change, desired)
        assert (result.outcome, result.wrote, result.systemic) == (Outcome.FAILED, False, True)
        assert set(tenant.sent) == {"POST"}


class TestReadBack:
    def test_what_coc_keeps_in_another_form_is_named_and_the_rest_is_applied(
        self, make_tenant: Callable[..., Tenant]
    ) -> None:
        tenant = make_tenant(drops_last_newline=True, forced_review_levels=("HIGH",))
        desired = manifest(risk_level="HIGH")
        result = tenant.run(tenant.change(desired), desired)
        assert (result.outcome, result.normalised) == (Outcome.APPLIED, ("content", "reviewers"))
        assert result.normalises == ("final_newline",)
        accepted = replace(desired, ignore=frozenset({"reviewers"}))
        last_line_end = Normalisation.of(result.normalises)
        assert [field.path for field in tenant.change(accepted).fields if not field.ignored] == ["content"]
        assert tenant.plan(accepted, normalisation=last_line_end).changes == ()

    @pytest.mark.parametrize("setting", ["trims_descriptions", "sorts_reviewers", "omits_empty"])
    def test_forms_that_mean_the_same_are_not_a_difference(
        self, make_tenant: Callable[..., Tenant], setting: str
    ) -> None:
        tenant = make_tenant(**{setting: True})
        desired = manifest(reviewers=(Reviewer(name="zoe"), ALICE))
        result = tenant.run(tenant.change(desired), desired)
        assert (result.outcome, result.normalised) == (Outcome.APPLIED, ())
        assert tenant.plan(desired).changes == ()

    def test_a_script_that_shows_late_is_waited_for(self, make_tenant: Callable[..., Tenant]) -> None:
        tenant = make_tenant(read_lag=2)
        desired = manifest()
        assert tenant.run(tenant.change(desired), desired).outcome is Outcome.APPLIED
        assert tenant.sent == ["POST", "GET", "GET", "GET"]

    def test_a_script_that_does_not_show_is_unknown(self, make_tenant: Callable[..., Tenant]) -> None:
        tenant = make_tenant(read_lag=1000)
        desired = manifest()
        result = tenant.run(tenant.change(desired), desired)
        assert (result.outcome, sum(tenant.waited)) == (Outcome.UNKNOWN, 2.0)
        assert result.error is not None
        assert "does not show it yet" in result.error.message

    def test_another_version_than_the_one_sent_is_unknown(self, tenant: Tenant) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.before("GET", lambda: tenant.simulator.edit("disk_report", description="mine now"))
        result = tenant.run(change, desired)
        assert result.outcome is Outcome.UNKNOWN
        assert result.error is not None
        assert "another version" in result.error.message

    @pytest.mark.parametrize("fault", ["503", "refused", "403", "garbage"])
    def test_a_read_that_fails_leaves_a_write_unknown(self, tenant: Tenant, fault: str) -> None:
        """It was accepted, and nobody has seen it."""
        desired = manifest()
        change = tenant.change(desired)
        tenant.simulator.inject(f"GET *:{fault}*")
        result = tenant.run(change, desired)
        assert (result.outcome, result.wrote) == (Outcome.UNKNOWN, True)


class TestContentLeftInItsFile:
    def desired(self, now: str, **changes: Any) -> Manifest:
        """A manifest whose content was `df -i`, in a file that holds this now."""
        content = Content("df -i\n", TextReference("scripts/disk.sh", lambda: now))
        return replace(manifest(**changes), script=replace(manifest(**changes).script, content=content))

    def test_it_is_read_for_the_write(self, tenant: Tenant) -> None:
        desired = self.desired("df -i\n")
        assert tenant.run(tenant.change(desired), desired).outcome is Outcome.APPLIED
        assert tenant.simulator.script("disk_report").content == "df -i\n"

    @pytest.mark.parametrize("kind", ["SHELL", "PYTHON"], ids=["update", "replace"])
    def test_nothing_is_written_where_the_file_changed_since(self, tenant: Tenant, kind: str) -> None:
        tenant.write(manifest())
        planned = self.desired("df -i\n", type=kind)
        result = tenant.run(tenant.change(planned), self.desired("rm -rf /\n", type=kind))
        assert (result.outcome, result.wrote) == (Outcome.FAILED, False)
        assert result.error is not None
        assert "`scripts/disk.sh` was changed or removed while cocsync was at work" in result.error.message
        assert tenant.simulator.script("disk_report").content == "df -h\n"


class TestPendingShowsPrevious:
    DESIRED = manifest(content="new\n", reviewers=(ALICE,))

    @pytest.fixture
    def tenant(self, make_tenant: Callable[..., Tenant]) -> Tenant:
        tenant = make_tenant(pending_shows_previous=True)
        tenant.write(replace(self.DESIRED, script=replace(self.DESIRED.script, content=Content("old\n"))))
        tenant.simulator.review("disk_report")
        return tenant

    def test_said_in_the_target_it_awaits_review_and_is_no_difference(self, tenant: Tenant) -> None:
        change = tenant.change(self.DESIRED, pending_shows_previous=True)
        result = tenant.run(change, self.DESIRED, pending_shows_previous=True)
        assert (result.outcome, result.status, result.awaiting) == (Outcome.APPLIED, "PENDING_APPROVE", (ALICE,))
        assert result.warning == ""
        assert tenant.waited == []
        assert tenant.plan(self.DESIRED, pending_shows_previous=True).changes == ()

    def test_not_said_it_is_applied_with_a_warning_that_names_the_option(self, tenant: Tenant) -> None:
        result = tenant.run(tenant.change(self.DESIRED), self.DESIRED)
        assert (result.outcome, result.status) == (Outcome.APPLIED, "PENDING_APPROVE")
        assert "pending_shows: previous" in result.warning

    def test_a_new_script_shows_itself(self, tenant: Tenant) -> None:
        desired = manifest("other", reviewers=(ALICE,))
        change = tenant.change(desired, include=("other",))
        result = tenant.run(change, desired, pending_shows_previous=True)
        assert (result.outcome, result.warning, tenant.sent) == (Outcome.APPLIED, "", ["POST", "GET"])


class TestUpdate:
    OLD = manifest()
    NEW = manifest(content="df -i\n")

    @pytest.fixture
    def tenant(self, make_tenant: Callable[..., Tenant]) -> Tenant:
        tenant = make_tenant()
        tenant.write(self.OLD)
        return tenant

    def test_looks_writes_and_looks_again(self, tenant: Tenant) -> None:
        result = tenant.run(tenant.change(self.NEW), self.NEW)
        assert (result.outcome, result.already, tenant.sent) == (Outcome.APPLIED, False, ["GET", "PUT", "GET"])
        assert tenant.saved() == ["disk_report"]
        assert tenant.plan(self.NEW).changes == ()

    def test_every_modifiable_field_is_sent_also_an_empty_one(self, tenant: Tenant) -> None:
        """COC may keep what is left out."""
        full = manifest(reviewers=(ALICE,), protocol="SMS", params=(param(), secret()))
        tenant.write(full)
        tenant.write(self.OLD)
        script = tenant.simulator.script("disk_report")
        assert (script.reviewers, script.protocol, script.params) == ((), "DEFAULT", ())

    def test_run_again_it_is_there_already(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.run(change, self.NEW)
        again = tenant.run(change, self.NEW)
        assert (again.outcome, again.already, again.wrote) == (Outcome.APPLIED, True, False)
        assert tenant.sent == ["GET"]

    def test_a_script_is_written_again_as_it_is_where_that_is_asked(self, tenant: Tenant) -> None:
        change = tenant.change(self.OLD, rewrite=frozenset({"disk_report"}))
        result = tenant.run(change, self.OLD, rewrite=frozenset({"disk_report"}))
        assert (result.already, tenant.sent) == (False, ["GET", "PUT", "GET"])

    @pytest.mark.parametrize(
        "fields",
        [
            {"content": "df -k\n"},
            {"description": "retyped"},
            {"risk_level": "HIGH"},
            {"params": [{"name": "path", "value": "/"}]},
            {"reviewers": ["mallory"]},
        ],
    )
    def test_edited_since_the_plan_it_is_stale(self, tenant: Tenant, fields: dict[str, Any]) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.edit("disk_report", **fields)
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote, tenant.sent) == (Outcome.STALE, False, ["GET"])
        assert {"content", *fields} >= {field.path.partition("[")[0] for field in result.fields} >= {"content"}

    def test_deleted_since_the_plan_it_is_stale(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.delete("disk_report")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, tenant.sent) == (Outcome.STALE, ["GET"])

    def test_another_owners_mark_since_the_plan_makes_it_stale(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        foreign = marks.make(self.OLD.script, owner="net", protected=False, keys=builders.NO_KEYS)
        tenant.simulator.edit("disk_report", description=f"Disk usage {foreign}")
        assert tenant.run(change, self.NEW).outcome is Outcome.STALE

    def test_deleted_between_look_and_write_it_is_stale(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.before("PUT", lambda: tenant.simulator.delete("disk_report"))
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote) == (Outcome.STALE, False)
        assert tenant.names == []

    def test_a_refusal_that_does_not_mean_gone_is_a_failure(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject("PUT *:400=COC.00040601")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote) == (Outcome.FAILED, False)
        assert result.error is not None
        assert result.error.code == "COC.00040601"

    @pytest.mark.parametrize("fault", LOST_AFTER)
    def test_an_unknown_write_that_was_done_is_not_repeated(self, tenant: Tenant, fault: str) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject(f"PUT *:{fault}")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, tenant.sent.count("PUT")) == (Outcome.APPLIED, 1)

    @pytest.mark.parametrize("fault", LOST_BEFORE)
    def test_an_unknown_write_is_repeated_where_the_state_is_that_from_before(self, tenant: Tenant, fault: str) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject(f"PUT *:{fault}")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, tenant.sent) == (Outcome.APPLIED, ["GET", "PUT", "GET", "PUT", "GET"])

    def test_an_unknown_write_is_not_repeated_over_somebodys_edit(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject("PUT *:lost-before-commit")
        tenant.before("PUT", lambda: tenant.simulator.edit("disk_report", content="mine\n"))
        result = tenant.run(change, self.NEW)
        assert (result.outcome, tenant.sent.count("PUT")) == (Outcome.UNKNOWN, 1)
        assert tenant.simulator.script("disk_report").content == "mine\n"

    def test_lost_twice_is_unknown(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject("PUT *:lost-before-commit*2")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote) == (Outcome.UNKNOWN, True)

    def test_403_concerns_the_script_alone(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.configure(forbidden=("disk_report",))
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.systemic, result.wrote) == (Outcome.FAILED, False, False)

    @pytest.mark.parametrize("fault", ["401", "429", "503", "refused"])
    def test_what_every_other_change_would_meet_is_systemic(self, tenant: Tenant, fault: str) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject(f"GET *:{fault}*")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.systemic, result.wrote) == (Outcome.FAILED, True, False)


class TestBackup:
    """Before anything is overwritten or deleted."""

    OLD = manifest(params=(secret(),))
    NEW = manifest(content="df -i\n", params=(secret(),))

    @pytest.fixture
    def tenant(self, make_tenant: Callable[..., Tenant]) -> Tenant:
        tenant = make_tenant()
        tenant.write(self.OLD)
        return tenant

    def test_a_hand_edit_is_saved_before_it_is_overwritten(self, tenant: Tenant) -> None:
        tenant.simulator.edit("disk_report", content="by hand\n")
        tenant.run(tenant.change(self.NEW), self.NEW)
        assert (tenant.backups / "disk_report" / "disk_report.sh").read_text() == "by hand\n"

    def test_a_hand_edit_is_saved_before_it_is_deleted(self, tenant: Tenant) -> None:
        tenant.simulator.edit("disk_report", content="by hand\n")
        scope = {"prune": True, "prune_edited": True}
        (delete,) = [c for c in tenant.plan(manifest("other"), **scope).changes if c.action is Action.DELETE]
        assert tenant.run(delete).outcome is Outcome.APPLIED
        assert tenant.saved() == ["disk_report"]
        assert tenant.names == []

    def test_a_script_that_is_adopted_is_saved(self, tenant: Tenant) -> None:
        tenant.simulator.edit("disk_report", description="retyped")
        scope = {"adopt": frozenset({"disk_report"})}
        assert tenant.run(tenant.change(self.NEW, **scope), self.NEW, **scope).outcome is Outcome.APPLIED
        assert tenant.saved() == ["disk_report"]

    def test_what_cocsync_wrote_itself_is_saved_too(self, tenant: Tenant) -> None:
        """A roll-back by hand brings the old mark back, and is a hand edit all the same."""
        before = tenant.simulator.script("disk_report")
        tenant.write(self.NEW)
        hand = {"user": "mallory", "content": before.content, "description": before.description}
        tenant.simulator.edit("disk_report", **hand)
        shutil.rmtree(tenant.backups)
        tenant.run(tenant.change(self.NEW), self.NEW)
        assert (tenant.backups / "disk_report" / "disk_report.sh").read_text() == before.content

    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    def test_where_it_cannot_be_saved_nothing_is_written(self, tenant: Tenant, method: str) -> None:
        tenant.simulator.edit("disk_report", content="by hand\n")
        other = manifest("other")
        scope = {"prune": True, "prune_edited": True}
        wanted, action = (other, Action.DELETE) if method == "DELETE" else (self.NEW, Action.UPDATE)
        (change,) = [change for change in tenant.plan(wanted, **scope).changes if change.action is action]
        tenant.backups.write_text("in the way")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote, tenant.sent) == (Outcome.FAILED, False, ["GET"])
        assert result.error is not None
        assert "no backup of disk_report" in result.error.message


class TestAdopt:
    DESIRED = manifest()
    ASKED: ClassVar[dict[str, Any]] = {"adopt": frozenset({"disk_report"})}

    def test_makes_it_equal_and_ours(self, tenant: Tenant) -> None:
        tenant.simulator.create(name="disk_report", content="theirs\n", reviewers=["mallory"])
        result = tenant.run(tenant.change(self.DESIRED, **self.ASKED), self.DESIRED, **self.ASKED)
        assert (result.outcome, result.action) == (Outcome.APPLIED, Action.ADOPT)
        assert tenant.plan(self.DESIRED).changes == ()

    def test_run_again_it_is_there_already(self, tenant: Tenant) -> None:
        tenant.simulator.create(name="disk_report")
        change = tenant.change(self.DESIRED, **self.ASKED)
        tenant.run(change, self.DESIRED, **self.ASKED)
        again = tenant.run(change, self.DESIRED, **self.ASKED)
        assert (again.outcome, again.already) == (Outcome.APPLIED, True)

    def test_taken_by_another_owner_since_the_plan_it_is_stale(self, tenant: Tenant) -> None:
        tenant.simulator.create(name="disk_report", description="Disk usage")
        change = tenant.change(self.DESIRED, **self.ASKED)
        theirs = marks.make(self.DESIRED.script, owner="net", protected=False, keys=builders.NO_KEYS)
        tenant.simulator.edit("disk_report", description=f"Disk usage {theirs}")
        assert tenant.run(change, self.DESIRED, **self.ASKED).outcome is Outcome.STALE

    def test_another_owners_only_where_it_is_taken_over(self, tenant: Tenant) -> None:
        tenant.write(self.DESIRED, owners=replace(builders.OWNERS, current="net"))
        taken = {"take_over": frozenset({"disk_report"})}
        change = tenant.change(self.DESIRED, **taken)
        assert tenant.run(change, self.DESIRED, **self.ASKED).outcome is Outcome.STALE
        assert tenant.run(change, self.DESIRED, **taken).outcome is Outcome.APPLIED
        live = tenant.live("disk_report")
        assert live.mark is not None
        assert live.mark.owner == builders.OWNER


class TestDelete:
    OTHER = manifest("other")

    @pytest.fixture
    def tenant(self, make_tenant: Callable[..., Tenant]) -> Tenant:
        tenant = make_tenant()
        tenant.write(manifest(), self.OTHER)
        return tenant

    def test_looks_and_deletes(self, tenant: Tenant) -> None:
        result = tenant.run(tenant.change(self.OTHER, prune=True))
        assert (result.outcome, result.already, result.wrote) == (Outcome.APPLIED, False, True)
        assert tenant.sent == ["GET", "DELETE", "GET"]
        assert tenant.names == ["other"]

    def test_run_again_it_is_gone_already(self, tenant: Tenant) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.run(change)
        again = tenant.run(change)
        assert (again.outcome, again.already, again.wrote) == (Outcome.APPLIED, True, False)
        assert tenant.sent == ["GET"]

    def test_edited_since_the_plan_it_is_stale(self, tenant: Tenant) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.simulator.edit("disk_report", content="by hand\n")
        assert tenant.run(change).outcome is Outcome.STALE
        assert tenant.names == ["disk_report", "other"]

    def test_protected_since_the_plan_it_is_stale(self, tenant: Tenant) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.write(manifest(protected=True), self.OTHER)
        assert tenant.run(change).outcome is Outcome.STALE

    def test_without_its_mark_it_is_stale(self, tenant: Tenant) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.simulator.edit("disk_report", description="Disk usage")
        assert tenant.run(change).outcome is Outcome.STALE

    def test_deleted_between_look_and_write_it_is_gone(self, tenant: Tenant) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.before("DELETE", lambda: tenant.simulator.delete("disk_report"))
        assert tenant.run(change).outcome is Outcome.APPLIED

    @pytest.mark.parametrize("fault", LOST_AFTER)
    def test_an_unknown_delete_that_was_done_is_not_repeated(self, tenant: Tenant, fault: str) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.simulator.inject(f"DELETE *:{fault}")
        assert tenant.run(change).outcome is Outcome.APPLIED
        assert tenant.sent.count("DELETE") == 1

    @pytest.mark.parametrize("fault", LOST_BEFORE)
    def test_an_unknown_delete_is_repeated_where_the_script_is_still_there(self, tenant: Tenant, fault: str) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.simulator.inject(f"DELETE *:{fault}")
        assert tenant.run(change).outcome is Outcome.APPLIED
        assert tenant.sent.count("DELETE") == 2

    def test_lost_twice_is_unknown(self, tenant: Tenant) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.simulator.inject("DELETE *:lost-before-commit*2")
        result = tenant.run(change)
        assert (result.outcome, result.wrote) == (Outcome.UNKNOWN, True)

    def test_a_script_that_still_shows_is_unknown(self, tenant: Tenant) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.simulator.configure(read_lag=1000)
        result = tenant.run(change)
        assert (result.outcome, sum(tenant.waited)) == (Outcome.UNKNOWN, 2.0)

    def test_a_refusal_is_a_failure(self, tenant: Tenant) -> None:
        change = tenant.change(self.OTHER, prune=True)
        tenant.simulator.inject("DELETE *:400=COC.00040702")
        result = tenant.run(change)
        assert (result.outcome, result.wrote) == (Outcome.FAILED, False)
        assert tenant.names == ["disk_report", "other"]


class TestReplace:
    OLD = manifest(params=(secret(),), reviewers=(ALICE,), description="The old one")
    NEW = manifest(params=(secret(),), type="PYTHON", content="print()\n")

    @pytest.fixture
    def tenant(self, make_tenant: Callable[..., Tenant]) -> Tenant:
        tenant = make_tenant()
        tenant.write(self.OLD)
        return tenant

    def test_saves_deletes_and_creates(self, tenant: Tenant) -> None:
        old = tenant.live("disk_report")
        change = tenant.change(self.NEW)
        result = tenant.run(change, self.NEW)
        assert (change.action, result.outcome) == (Action.REPLACE, Outcome.APPLIED)
        assert tenant.sent == ["GET", "DELETE", "GET", "POST", "GET"]
        assert result.uuid != old.uuid
        assert tenant.saved() == ["disk_report"]
        assert tenant.plan(self.NEW).changes == ()

    @pytest.mark.parametrize(("own", "targets", "kept"), [("7a", "8b", "7a"), ("7a", None, "7a"), ("0", "8b", "0")])
    def test_keeps_the_live_scripts_enterprise_project(
        self, tenant: Tenant, own: str, targets: str | None, kept: str
    ) -> None:
        """Which somebody may have chosen by hand: the target's is for what is new."""
        old = tenant.simulator.script("disk_report")
        tenant.simulator.delete("disk_report")
        tenant.simulator.create(
            **{key: getattr(old, key) for key in ("name", "type", "content", "description", "reviewers", "params")},
            enterprise_project_id=own,
        )
        change = tenant.change(self.NEW)
        result = tenant.executor(self.NEW, enterprise_project_id=targets).run(change)
        assert (change.action, result.outcome) == (Action.REPLACE, Outcome.APPLIED)
        assert tenant.simulator.script("disk_report").enterprise_project_id == kept

    def test_the_old_one_is_put_back_where_the_new_one_is_refused(self, tenant: Tenant) -> None:
        """With its mark and its value, so that it is ours as before."""
        old = tenant.live("disk_report")
        value = tenant.simulator.script("disk_report").params
        change = tenant.change(self.NEW)
        tenant.simulator.inject("POST *:400=COC.00040050")
        result = tenant.run(change, self.NEW)
        back = tenant.live("disk_report")
        assert (result.outcome, result.wrote) == (Outcome.FAILED, True)
        assert result.error is not None
        assert f"put back as {back.uuid}" in result.error.message
        assert "COC.00040050" in result.error.message
        assert (back.script, back.mark) == (old.script, old.mark)
        assert tenant.simulator.script("disk_report").params == value
        assert tenant.change(self.NEW).action is Action.REPLACE

    def test_its_copy_is_named_where_it_cannot_be_put_back(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject("POST *:400*")
        result = tenant.run(change, self.NEW)
        assert result.outcome is Outcome.FAILED
        assert result.error is not None
        assert f"could NOT be put back: its copy is in {tenant.backups / 'disk_report'}" in result.error.message

    def test_whether_it_was_put_back_is_said_to_be_unknown_where_it_is(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject("k=1 POST *:400", "k=2 POST *:lost-after-commit")
        result = tenant.run(change, self.NEW)
        assert result.outcome is Outcome.FAILED
        assert result.error is not None
        assert "NOT" not in result.error.message
        assert "may have been put back" in result.error.message
        assert tenant.names == ["disk_report"]

    def test_cut_after_the_delete_it_goes_on(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.delete("disk_report")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, tenant.sent) == (Outcome.APPLIED, ["GET", "POST", "GET"])

    def test_run_again_it_is_there_already(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.run(change, self.NEW)
        again = tenant.run(change, self.NEW)
        assert (again.outcome, again.already, again.wrote) == (Outcome.APPLIED, True, False)

    def test_an_unknown_create_is_not_put_back_over(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject("POST *:lost-before-commit*2")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, tenant.sent.count("POST")) == (Outcome.UNKNOWN, 2)

    def test_edited_since_the_plan_it_is_stale(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.edit("disk_report", content="by hand\n")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote) == (Outcome.STALE, False)

    def test_where_its_value_is_not_known_any_more_it_is_blocked_before_the_delete(self, tenant: Tenant) -> None:
        """Somebody's other run wrote another value since the plan."""
        change = tenant.change(self.NEW)
        tenant.write(replace(self.OLD, script=replace(self.OLD.script, params=(secret(value="other"),))))
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote, tenant.sent) == (Outcome.BLOCKED, False, ["GET"])

    def test_what_stops_the_create_stops_the_others_too_where_it_would_meet_them(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject("POST *:401*")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.systemic) == (Outcome.FAILED, True)


class TestRename:
    OLD = manifest("old_name")
    NEW = manifest("new_name", previous_names=("old_name",))

    @pytest.fixture
    def tenant(self, make_tenant: Callable[..., Tenant]) -> Tenant:
        tenant = make_tenant()
        tenant.write(self.OLD)
        return tenant

    def test_creates_first_and_deletes_the_old_one_then(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        result = tenant.run(change, self.NEW)
        assert (change.action, result.outcome) == (Action.RENAME, Outcome.APPLIED)
        assert tenant.sent == ["POST", "GET", "GET", "DELETE", "GET"]
        assert tenant.names == ["new_name"]
        assert tenant.plan(self.NEW).changes == ()

    def test_the_old_one_stays_until_the_new_one_is_approved(self, tenant: Tenant) -> None:
        new = replace(self.NEW, script=replace(self.NEW.script, reviewers=(ALICE,)))
        result = tenant.run(tenant.change(new), new)
        assert (result.outcome, result.status) == (Outcome.APPLIED, "PENDING_APPROVE")
        waiting = tenant.plan(new)
        assert (waiting.changes, tenant.names) == ((), ["new_name", "old_name"])
        assert [w.previous_name for w in waiting.waiting] == ["old_name"]

        tenant.simulator.review("new_name")
        change = tenant.change(new)
        result = tenant.run(change, new)
        assert (change.action, result.outcome, result.already) == (Action.RENAME, Outcome.APPLIED, False)
        assert tenant.names == ["new_name"]

    def test_run_again_it_is_there_already(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.run(change, self.NEW)
        again = tenant.run(change, self.NEW)
        assert (again.outcome, again.already, again.wrote) == (Outcome.APPLIED, True, False)

    def test_cut_after_the_create_it_goes_on(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.inject("DELETE *:400")
        assert tenant.run(change, self.NEW).outcome is Outcome.FAILED
        assert tenant.names == ["new_name", "old_name"]
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.already, tenant.names) == (Outcome.APPLIED, False, ["new_name"])

    def test_an_old_one_that_was_edited_since_the_plan_stays(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.edit("old_name", content="by hand\n")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote, tenant.names) == (Outcome.STALE, True, ["new_name", "old_name"])
        assert result.error is not None
        assert "old_name was changed since the plan and is kept" in result.error.message

    def test_an_old_one_that_is_gone_is_no_matter(self, tenant: Tenant) -> None:
        change = tenant.change(self.NEW)
        tenant.simulator.delete("old_name")
        assert tenant.run(change, self.NEW).outcome is Outcome.APPLIED

    def test_the_old_one_stays_where_the_new_one_does_not_read_back_equal(
        self, make_tenant: Callable[..., Tenant]
    ) -> None:
        tenant = make_tenant(drops_last_newline=True)
        tenant.write(self.OLD)
        result = tenant.run(tenant.change(self.NEW), self.NEW)
        assert (result.outcome, result.normalised) == (Outcome.APPLIED, ("content",))
        assert tenant.names == ["new_name", "old_name"]

    def test_an_edited_old_one_is_saved_before_it_goes(self, tenant: Tenant) -> None:
        tenant.simulator.edit("old_name", content="by hand\n")
        assert tenant.run(tenant.change(self.NEW), self.NEW).outcome is Outcome.APPLIED
        assert (tenant.saved(), tenant.names) == (["old_name"], ["new_name"])

    def test_a_look_at_the_old_one_that_fails_leaves_nothing_unknown(self, tenant: Tenant) -> None:
        """The new one was seen, and no delete was sent."""
        change = tenant.change(self.NEW)
        tenant.simulator.inject("k=2 GET *:403")
        result = tenant.run(change, self.NEW)
        assert (result.outcome, result.wrote, tenant.names) == (Outcome.FAILED, True, ["new_name", "old_name"])


class TestOwnReview:
    """Whoever wrote a script should not be the one who lets it through, and cocsync never does."""

    MINE = manifest(reviewers=(ALICE, Reviewer(name="cocsync", id="1")))

    def test_of_what_was_just_written_is_warned_of(self, tenant: Tenant) -> None:
        result = tenant.run(tenant.change(self.MINE), self.MINE)
        assert result.warning == (
            "cocsync wrote it and is one of its reviewers: let somebody else review it; cocsync never approves"
        )
        again = manifest(content="new\n", reviewers=self.MINE.script.reviewers)
        assert tenant.run(tenant.change(again), again).warning == result.warning
        assert tenant.simulator.script("disk_report").status == "PENDING_APPROVE"

    def test_is_somebody_elses_where_others_review(self, tenant: Tenant) -> None:
        desired = manifest(reviewers=(ALICE,))
        assert tenant.run(tenant.change(desired), desired).warning == ""

    def test_is_nobodys_where_nothing_awaits_review(self, tenant: Tenant) -> None:
        tenant.before("POST", lambda: tenant.before("GET", lambda: tenant.simulator.review("disk_report")))
        result = tenant.run(tenant.change(self.MINE), self.MINE)
        assert (result.status, result.warning) == ("APPROVED", "")

    def test_is_not_warned_of_where_nothing_was_written(self, tenant: Tenant) -> None:
        change = tenant.change(self.MINE)
        tenant.run(change, self.MINE)
        again = tenant.run(change, self.MINE)
        assert (again.already, again.status, again.warning) == (True, "PENDING_APPROVE", "")

    def test_is_warned_of_where_the_version_before_still_shows(self, make_tenant: Callable[..., Tenant]) -> None:
        tenant = make_tenant(pending_shows_previous=True)
        tenant.write(self.MINE)
        tenant.simulator.review("disk_report")
        again = manifest(content="new\n", reviewers=self.MINE.script.reviewers)
        change = tenant.change(again, pending_shows_previous=True)
        result = tenant.run(change, again, pending_shows_previous=True)
        assert (result.outcome, "let somebody else review it" in result.warning) == (Outcome.APPLIED, True)
