"""Letting scripts go on the simulator: the mark is taken off, and nothing else of them changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from cocsync.apply.backup import Backups
from cocsync.apply.release import Releaser
from cocsync.errors import Refused
from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.mark import Keyring
from cocsync.observe.reading import observe
from cocsync.plan.change import Change
from cocsync.plan.outcome import Outcome, Result
from cocsync.plan.ownership import Owners
from cocsync.sim import StoredScript
from tests.support import builders
from tests.support.builders import ALICE, KEYS, OTHER_KEYS, OWNERS, manifest, param, secret
from tests.support.tenant import Tenant

WITH_SECRET = manifest(params=(param(), secret()))


def releaser(tenant: Tenant, *manifests: Manifest, keys: Keyring = KEYS, owners: Owners = OWNERS) -> Releaser:
    return Releaser(
        api=tenant.api,
        owners=owners,
        keys=keys,
        manifests={each.name: each for each in manifests},
        backups=Backups(tenant.backups),
        wait=tenant.waited.append,
    )


def changes(tenant: Tenant, *names: str, owners: Owners = OWNERS) -> tuple[Change, ...]:
    lives = observe(tenant.api, parallelism=1).scripts
    return releaser(tenant, owners=owners).plan(lives, names or ("disk_report",))


def release(tenant: Tenant, *manifests: Manifest, keys: Keyring = KEYS) -> Result:
    (change,) = changes(tenant)
    return run(tenant, change, *manifests, keys=keys)


def run(tenant: Tenant, change: Change, *manifests: Manifest, keys: Keyring = KEYS) -> Result:
    tenant.simulator.requests.clear()
    result = releaser(tenant, *manifests, keys=keys).run(change)
    tenant.sent = [method for method, _ in tenant.simulator.requests]
    return result


def stored(tenant: Tenant) -> StoredScript:
    return tenant.simulator.script("disk_report")


def but_for_the_mark(script: StoredScript) -> dict[str, Any]:
    """Everything that a script is, but for its mark and what moves with every write."""
    moving = {"gmt_modified", "operator", "status", "review"}
    fields = {key: value for key, value in asdict(script).items() if key not in moving}
    return fields | {"description": marks.split(script.description)[0]}


class TestTakesTheMarkOff:
    @pytest.mark.parametrize("shows_protocol", [True, False])
    def test_and_changes_nothing_else(self, make_tenant: Callable[..., Tenant], shows_protocol: bool) -> None:
        """Also where COC does not show the protocol: the mark knows it."""
        tenant = make_tenant(shows_protocol=shows_protocol)
        tenant.write(manifest(params=(param(),), protocol="EMAIL", protected=True, version="2.0.1"))
        before = stored(tenant)

        result = release(tenant)

        assert (result.outcome, result.status, result.wrote) == (Outcome.APPLIED, "APPROVED", True)
        assert tenant.sent == ["GET", "PUT", "GET"]
        assert stored(tenant).description == "Disk usage"
        assert but_for_the_mark(stored(tenant)) == but_for_the_mark(before)

    def test_leaves_what_a_hand_changed(self, tenant: Tenant) -> None:
        tenant.write(manifest())
        tenant.simulator.edit("disk_report", content="df -i\n")
        release(tenant, manifest())
        assert stored(tenant).content == "df -i\n"

    def test_a_description_that_was_nothing_but_the_mark_becomes_the_name(self, tenant: Tenant) -> None:
        """COC takes no script without a description."""
        tenant.write(manifest())
        tenant.simulator.edit("disk_report", description=str(tenant.live("disk_report").mark))
        release(tenant)
        assert stored(tenant).description == "disk_report"

    def test_every_mark_goes_so_that_none_of_them_is_taken_for_ours(self, tenant: Tenant) -> None:
        tenant.write(manifest())
        twice = f"{stored(tenant).description} {tenant.live('disk_report').mark}"
        tenant.simulator.edit("disk_report", description=twice)
        assert release(tenant).outcome is Outcome.APPLIED
        assert stored(tenant).description == "Disk usage"

    def test_and_sends_a_script_with_reviewers_to_review_again(self, tenant: Tenant) -> None:
        tenant.write(manifest(reviewers=(ALICE,)))
        tenant.simulator.review("disk_report")
        (change,) = changes(tenant)
        result = run(tenant, change)
        assert change.restarts_review
        assert (result.status, result.awaiting) == ("PENDING_APPROVE", (ALICE,))


class TestNames:
    def test_are_planned_once_each_in_their_order(self, tenant: Tenant) -> None:
        tenant.write(manifest("a"), manifest("b"))
        assert [change.name for change in changes(tenant, "b", "a", "b")] == ["a", "b"]
        assert not any(change.restarts_review for change in changes(tenant, "a"))

    def test_that_nothing_has_are_refused(self, tenant: Tenant) -> None:
        with pytest.raises(Refused, match="disk_report: COC has no script of this owner"):
            changes(tenant)

    def test_of_scripts_that_are_not_ours_are_refused(self, tenant: Tenant) -> None:
        tenant.simulator.create(name="disk_report")
        with pytest.raises(Refused, match="no script of this owner"):
            changes(tenant)

    def test_of_another_owner_are_refused(self, tenant: Tenant) -> None:
        tenant.write(manifest(), owners=Owners(current="net"))
        with pytest.raises(Refused, match="no script of this owner"):
            changes(tenant)

    def test_of_a_previous_owner_are_refused(self, tenant: Tenant) -> None:
        tenant.write(manifest())
        with pytest.raises(Refused, match="no script of this owner"):
            changes(tenant, owners=Owners(current="net", previous=frozenset({builders.OWNER})))

    def test_that_are_released_already_are_refused(self, tenant: Tenant) -> None:
        tenant.write(manifest())
        release(tenant)
        with pytest.raises(Refused, match="no script of this owner"):
            changes(tenant)

    def test_that_two_scripts_of_ours_have_are_refused(self, tenant: Tenant) -> None:
        tenant.write(manifest())
        tenant.simulator.create(name="disk_report", description=stored(tenant).description, same_name=True)
        with pytest.raises(Refused, match="COC has 2 scripts of this owner"):
            changes(tenant)


class TestSensitiveValues:
    def test_that_are_verified_are_kept(self, tenant: Tenant) -> None:
        tenant.write(WITH_SECRET)
        before = stored(tenant)
        assert release(tenant, WITH_SECRET).outcome is Outcome.APPLIED
        assert but_for_the_mark(stored(tenant)) == but_for_the_mark(before)

    @pytest.mark.parametrize(
        ("manifests", "keys"),
        [
            ((), KEYS),
            ((WITH_SECRET,), builders.NO_KEYS),
            ((WITH_SECRET,), OTHER_KEYS),
            ((manifest(params=(param(), secret(value=None))),), KEYS),
            ((manifest(params=(param(), secret(value="another"))),), KEYS),
            ((manifest(params=(param(),)),), KEYS),
        ],
        ids=["no manifest", "no key", "another key", "no value", "another value", "no such param"],
    )
    def test_that_are_not_stop_it_before_anything_is_written(
        self, tenant: Tenant, manifests: tuple[Manifest, ...], keys: Keyring
    ) -> None:
        tenant.write(WITH_SECRET)
        before = stored(tenant)
        result = release(tenant, *manifests, keys=keys)
        assert (result.outcome, result.wrote, tenant.sent) == (Outcome.BLOCKED, False, ["GET"])
        assert result.error is not None
        assert "keep its manifest" in result.error.message
        assert stored(tenant) == before

    def test_are_not_in_what_coc_says(self, tenant: Tenant) -> None:
        """It may repeat what it refuses."""
        tenant.write(WITH_SECRET)
        tenant.simulator.inject("PUT *:400=no s3cret here")
        result = release(tenant, WITH_SECRET)
        assert (result.outcome, result.wrote) == (Outcome.FAILED, False)
        assert result.error is not None
        assert "s3cret" not in repr(result.error)
        assert "(sensitive)" in repr(result.error)


class TestChangedMeanwhile:
    @pytest.fixture
    def change(self, tenant: Tenant) -> Change:
        tenant.write(manifest())
        return changes(tenant)[0]

    @pytest.mark.parametrize("hand", ["edit", "delete", "take over", "review"])
    def test_is_stale_and_left_alone(self, tenant: Tenant, change: Change, hand: str) -> None:
        match hand:
            case "edit":
                tenant.simulator.edit("disk_report", content="df -i\n")
            case "delete":
                tenant.simulator.delete("disk_report")
            case "take over":
                tenant.write(manifest(), owners=Owners(current="net"), take_over=frozenset({"disk_report"}))
            case "review":
                tenant.simulator.edit("disk_report", reviewers=[{"name": "alice", "id": ALICE.id}])
        result = run(tenant, change)
        assert (result.outcome, result.wrote, tenant.sent) == (Outcome.STALE, False, ["GET"])

    def test_is_found_done_where_somebody_else_released_it(self, tenant: Tenant, change: Change) -> None:
        run(tenant, change)
        again = run(tenant, change)
        assert (again.outcome, again.already, again.wrote) == (Outcome.APPLIED, True, False)

    def test_between_the_look_and_the_write_it_is_stale_where_it_vanished(self, tenant: Tenant, change: Change) -> None:
        tenant.before("PUT", lambda: tenant.simulator.delete("disk_report"))
        result = run(tenant, change)
        assert (result.outcome, result.wrote) == (Outcome.STALE, False)


class TestLostAnswers:
    @pytest.fixture(autouse=True)
    def written(self, tenant: Tenant) -> None:
        tenant.write(manifest())

    @pytest.mark.parametrize("fault", ["reset", "503", "lost-before-commit", "lost-after-commit", "cut", "garbage"])
    def test_of_the_write_is_looked_up(self, tenant: Tenant, fault: str) -> None:
        (change,) = changes(tenant)
        tenant.simulator.inject(f"PUT *:{fault}")
        result = run(tenant, change)
        assert (result.outcome, result.wrote) == (Outcome.APPLIED, True)
        assert stored(tenant).description == "Disk usage"

    def test_of_the_look_afterwards_leaves_it_unknown(self, tenant: Tenant) -> None:
        (change,) = changes(tenant)
        tenant.before("PUT", lambda: tenant.simulator.inject("GET *:503*"))
        result = run(tenant, change)
        assert (result.outcome, result.wrote) == (Outcome.UNKNOWN, True)

    def test_of_a_write_that_does_not_show_leaves_it_unknown(self, tenant: Tenant) -> None:
        (change,) = changes(tenant)
        tenant.simulator.configure(read_lag=99)
        result = run(tenant, change)
        assert (result.outcome, result.wrote) == (Outcome.UNKNOWN, True)
        assert result.error is not None
        assert "still shows the mark" in result.error.message
        assert sum(tenant.waited) == 2.0

    def test_of_a_write_whose_script_shows_no_more_leaves_it_unknown(self, tenant: Tenant) -> None:
        (change,) = changes(tenant)
        tenant.before("PUT", lambda: tenant.before("GET", lambda: tenant.simulator.delete("disk_report")))
        assert run(tenant, change).outcome is Outcome.UNKNOWN

    def test_of_the_first_look_writes_nothing(self, tenant: Tenant) -> None:
        (change,) = changes(tenant)
        tenant.simulator.inject("GET *:401*")
        result = run(tenant, change)
        assert (result.outcome, result.wrote, result.systemic) == (Outcome.FAILED, False, True)


def test_stopped_before_its_write_it_is_not_attempted(tenant: Tenant) -> None:
    tenant.write(manifest())
    (change,) = changes(tenant)
    result = releaser(tenant).run(change, lambda: True)
    assert (result, stored(tenant).description == "Disk usage") == (
        Result(change=change, outcome=Outcome.NOT_ATTEMPTED, uuid=change.uuid),
        False,
    )


def test_a_change_of_nothing_is_stale(tenant: Tenant) -> None:
    """A uuid that COC does not know."""
    tenant.write(manifest())
    (change,) = changes(tenant)
    assert run(tenant, replace(change, uuid="SC0")).outcome is Outcome.STALE
