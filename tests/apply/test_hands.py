"""Somebody else's hand at the wrong moment: what it wrote is neither overwritten nor deleted by a write that waited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cocsync.apply.backup import Backups
from cocsync.apply.hands import slipped_in, with_strangers
from cocsync.apply.release import Releaser
from cocsync.errors import ExitCode
from cocsync.model.desired import Manifest
from cocsync.observe.reading import observe
from cocsync.plan.change import Action, Change
from cocsync.plan.outcome import Outcome, Result, exit_code
from tests.support import builders
from tests.support.builders import manifest
from tests.support.tenant import Tenant

OLD = manifest(content="df -h\n")
BY_HAND = "echo by hand\n"

WAITS = ("429=1", "429=0", "refused", "429=1*3")
"""A refusal or a connection that failed: nothing was done, and the request is sent again after a wait."""

LOST = ("lost-before-commit", "502", "hang")
"""Answers that were lost: the request may have been done."""


@dataclass(frozen=True)
class Case:
    """A change that writes over or deletes the live script `name`."""

    method: str
    action: Action
    name: str = "disk_report"
    manifests: tuple[Manifest, ...] = ()
    scope: tuple[tuple[str, Any], ...] = ()

    def change(self, tenant: Tenant) -> Change:
        tenant.write(OLD)
        plan = tenant.plan(*self.manifests, **dict(self.scope))
        (change,) = [change for change in plan.changes if change.action is self.action]
        return change

    def run(self, tenant: Tenant, change: Change) -> Result:
        return tenant.run(change, *self.manifests, **dict(self.scope))


CASES = (
    Case(method="PUT", action=Action.UPDATE, manifests=(manifest(content="df -i\n"),)),
    Case(method="DELETE", action=Action.DELETE, manifests=(manifest("other"),), scope=(("prune", True),)),
    Case(method="DELETE", action=Action.REPLACE, manifests=(manifest(type="PYTHON"),)),
    Case(method="DELETE", action=Action.RENAME, manifests=(manifest("new", previous_names=("disk_report",)),)),
)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.action.value)


def edit(tenant: Tenant) -> Callable[[], object]:
    return lambda: tenant.simulator.edit("disk_report", user="mallory", content=BY_HAND)


@every_case
@pytest.mark.parametrize("fault", WAITS)
def test_a_write_that_has_to_wait_looks_again_and_leaves_what_a_hand_changed_meanwhile(
    tenant: Tenant, case: Case, fault: str
) -> None:
    change = case.change(tenant)
    tenant.simulator.inject(f"{case.method} *:{fault}")
    tenant.before(case.method, edit(tenant))
    result = case.run(tenant, change)
    assert (result.outcome, tenant.sent.count(case.method)) == (Outcome.STALE, 1)
    assert tenant.simulator.script("disk_report").content == BY_HAND
    assert result.error is not None
    assert "disk_report was changed in COC while cocsync was about to write, and is kept" in result.error.message
    assert result.wrote is (case.action is Action.RENAME)


@every_case
@pytest.mark.parametrize("fault", WAITS)
def test_a_write_that_has_to_wait_looks_again_and_is_done_where_nothing_changed(
    tenant: Tenant, case: Case, fault: str
) -> None:
    change = case.change(tenant)
    tenant.simulator.inject(f"{case.method} *:{fault}")
    result = case.run(tenant, change)
    assert result.outcome is Outcome.APPLIED
    at = [number for number, method in enumerate(tenant.sent) if method == case.method]
    assert [tenant.sent[number - 1] for number in at] == ["GET"] * len(at)


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.action.value)
@pytest.mark.parametrize("fault", LOST)
def test_a_delete_whose_answer_was_lost_is_not_repeated_over_another_version(
    tenant: Tenant, case: Case, fault: str
) -> None:
    change = case.change(tenant)
    tenant.simulator.inject(f"DELETE *:{fault}")
    tenant.before("DELETE", edit(tenant))
    result = case.run(tenant, change)
    assert (result.outcome, result.wrote, tenant.sent.count("DELETE")) == (Outcome.STALE, True, 1)
    assert tenant.simulator.script("disk_report").content == BY_HAND
    if case.action is Action.REPLACE:
        assert "POST" not in tenant.sent


@every_case
def test_a_script_that_a_hand_deleted_meanwhile_is_not_written(tenant: Tenant, case: Case) -> None:
    change = case.change(tenant)
    tenant.simulator.inject(f"{case.method} *:429=1")
    tenant.before(case.method, lambda: tenant.simulator.delete("disk_report"))
    result = case.run(tenant, change)
    assert result.outcome is (Outcome.STALE if case.action is Action.UPDATE else Outcome.APPLIED)
    assert tenant.sent.count(case.method) == 1


@every_case
def test_a_look_that_fails_ends_a_write_that_waited(tenant: Tenant, case: Case) -> None:
    change = case.change(tenant)
    tenant.simulator.inject(f"{case.method} *:429=1")
    tenant.before(case.method, lambda: tenant.simulator.inject("GET *:403*"))
    result = case.run(tenant, change)
    assert (result.outcome, tenant.sent.count(case.method)) == (Outcome.FAILED, 1)
    assert result.wrote is (case.action is Action.RENAME)


def test_a_write_that_was_done_although_coc_showed_the_version_before_is_applied(tenant: Tenant) -> None:
    """Its answer was lost, and COC showed late that it was done."""
    case = CASES[0]
    change = case.change(tenant)
    tenant.simulator.inject("PUT *:lost-after-commit", "k=2 PUT *:429=1")
    tenant.simulator.configure(read_lag=1)
    assert case.run(tenant, change).outcome is Outcome.APPLIED


def test_a_release_that_has_to_wait_leaves_what_a_hand_changed_meanwhile(tenant: Tenant) -> None:
    tenant.write(OLD)
    releaser = Releaser(
        api=tenant.api,
        owners=builders.OWNERS,
        keys=builders.KEYS,
        manifests={},
        backups=Backups(tenant.backups),
        wait=tenant.waited.append,
    )
    (change,) = releaser.plan(observe(tenant.api, parallelism=1).scripts, ("disk_report",))
    tenant.simulator.inject("PUT *:429=1")
    tenant.before("PUT", edit(tenant))
    assert releaser.run(change).outcome is Outcome.STALE
    assert tenant.simulator.script("disk_report").content == BY_HAND
    assert tenant.saved() == ["disk_report"]


class TestSlippedIn:
    """Between the last look and the write; nothing can close that, and some of it shows."""

    NEW = CASES[0].manifests[0]

    def test_what_showed_after_the_write_and_before_ours_is_saved_and_named(self, tenant: Tenant) -> None:
        change = CASES[0].change(tenant)
        before = tenant.simulator.script("disk_report")

        def shows_the_version_between() -> None:
            written = tenant.simulator.script("disk_report")
            tenant.simulator.edit("disk_report", user="mallory", content=BY_HAND, description=before.description)
            fields = {"content": written.content, "description": written.description}
            tenant.while_waiting = lambda: tenant.simulator.edit("disk_report", user="cocsync", **fields)

        tenant.before("PUT", lambda: tenant.before("GET", shows_the_version_between))
        result = tenant.run(change, self.NEW)
        assert result.outcome is Outcome.APPLIED
        assert "mallory changed it between the last look and the write" in result.warning
        texts = [path.read_text() for path in tenant.backups.glob("*/*.sh")]
        assert BY_HAND in texts

    def test_only_a_version_that_differs_from_the_one_before_counts(self) -> None:
        before = builders.written(OLD)
        edited = replace(before, script=replace(before.script, description="mine"))
        assert slipped_in(before, [before, edited, before]) == edited
        assert slipped_in(before, [before, replace(before, status="PENDING_APPROVE")]) is None
        assert slipped_in(None, [edited]) is None

    def test_an_edit_right_after_a_create_is_named(self, tenant: Tenant) -> None:
        desired = manifest()
        change = tenant.change(desired)
        tenant.before("GET", edit(tenant))
        result = tenant.run(change, desired)
        assert (result.outcome, result.normalised) == (Outcome.APPLIED, ("content",))
        assert "mallory changed it right after cocsync wrote it" in result.warning

    def test_an_edit_right_after_an_update_is_named_where_the_run_wrote_more(self, tenant: Tenant) -> None:
        names = ("a", "b", "c")
        tenant.write(*[manifest(name) for name in names])
        new = [manifest(name, content="df -i\n") for name in names]
        plan = tenant.plan(*new)
        tenant.before(
            "PUT",
            lambda: tenant.before("GET", lambda: tenant.simulator.edit("a", user="mallory", content=BY_HAND)),
        )
        report = tenant.apply(plan, *new)
        assert ["mallory" in result.warning for result in report.results] == [True, False, False]
        assert exit_code(report) is ExitCode.OK

    @pytest.mark.parametrize("users", [(), ("a",), ("a", "b"), ("a", "a", "b", "b"), ("a", "a")])
    def test_where_no_user_has_more_than_half_nobody_is_named(self, users: tuple[str, ...]) -> None:
        change = Change(action=Action.UPDATE, name="x", reason="")
        results = tuple(Result(change=change, outcome=Outcome.APPLIED, wrote=True, last_user=user) for user in users)
        assert with_strangers(results) == results
