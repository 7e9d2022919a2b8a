"""Single writes, beyond what the changes of tests/apply/test_execute.py come across."""

from __future__ import annotations

import pytest

from cocsync.apply.write import APPEAR_SECONDS, POLL_SECONDS, Stopped, Writer
from cocsync.coc.http.errors import Rejected
from cocsync.model.secret import MASK
from tests.support import builders, canary
from tests.support.builders import manifest, script, secret
from tests.support.tenant import Tenant


def writer(tenant: Tenant, *, stopped: bool = False, enterprise_project_id: str | None = None) -> Writer:
    return Writer(
        api=tenant.api,
        wait=tenant.waited.append,
        stopped=lambda: stopped,
        enterprise_project_id=enterprise_project_id,
    )


def test_it_looks_for_what_it_wrote_for_two_seconds() -> None:
    """Promise 4 of the design."""
    assert (APPEAR_SECONDS, POLL_SECONDS) == (2.0, 0.25)


def test_stopped_it_begins_nothing(tenant: Tenant) -> None:
    stopped = writer(tenant, stopped=True)
    live = builders.foreign()
    with pytest.raises(Stopped):
        stopped.create(script(), "x")
    with pytest.raises(Stopped):
        stopped.modify(live, live.script, "x")
    with pytest.raises(Stopped):
        stopped.delete(live)
    assert (len(tenant.simulator.requests), stopped.wrote) == (0, False)


def test_stopped_it_still_puts_back_what_it_deleted(tenant: Tenant) -> None:
    tenant.write(manifest())
    live = tenant.live("disk_report")
    going = writer(tenant)
    going.delete(live)
    going.stopped = lambda: True
    assert going.put_back(live, live.script).startswith("the old one was put back as SC")
    assert tenant.live("disk_report").mark == live.mark


def test_put_back_goes_into_the_targets_enterprise_project(tenant: Tenant) -> None:
    live = builders.foreign()
    assert writer(tenant, enterprise_project_id="7a").put_back(live, live.script)
    back = tenant.simulator.script("disk_report")
    assert (back.enterprise_project_id, back.description) == ("7a", "Disk usage")


def test_put_back_says_nothing_where_the_name_is_taken(tenant: Tenant) -> None:
    tenant.simulator.create(name="disk_report")
    live = builders.foreign()
    assert writer(tenant).put_back(live, live.script) == ""


@pytest.mark.parametrize("value", [None, MASK])
def test_a_value_that_is_not_at_hand_is_never_sent(tenant: Tenant, value: str | None) -> None:
    """Neither COC's mask nor nothing: that would be a bug, and stops before the request."""
    with pytest.raises(AssertionError, match="token"):
        writer(tenant).create(script(params=(secret(value=value),)), "x")
    assert len(tenant.simulator.requests) == 0


def test_the_value_itself_is_sent(tenant: Tenant) -> None:
    writer(tenant).create(script(params=(secret(value=canary.planted()),)), "x")
    (param,) = tenant.simulator.script("disk_report").params
    assert param.value == canary.planted()


def test_what_became_of_a_write_is_unsettled_until_it_is_seen(tenant: Tenant) -> None:
    one = writer(tenant)
    tenant.simulator.inject("POST *:400")
    with pytest.raises(Rejected):
        one.create(script(), "x")
    assert (one.wrote, one.unsettled) == (False, False)
    uuid = one.create(script(), "x")
    assert (one.wrote, one.unsettled) == (True, True)
    assert uuid is not None
    one.delete(tenant.live("disk_report"))
    assert (one.wrote, one.unsettled) == (True, False)
