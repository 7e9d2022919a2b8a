"""An inventory is proven, or no query rests on it; whatever the pages are, the walk ends."""

from __future__ import annotations

import pytest

from cocsync.run import inventory
from cocsync.run.hosts import Host, agent_shown, online, ordered, shows_agents
from cocsync.run.inventory import InventoryUnproven, Reading, Verdict, verdict
from tests.run.samples import host, hosts


def test_a_short_or_an_empty_page_is_the_last() -> None:
    reading, listed = Reading(), hosts(200)
    for page in (listed[:100], listed[100:]):
        reading.add(page)
        assert not reading.ended
    reading.add([])
    assert reading.ended
    assert reading.hosts == tuple(listed)


@pytest.mark.parametrize("again", [[host(1)], hosts(100)])
def test_an_id_that_repeats_and_a_marker_that_is_ignored_are_refused(again: list[Host]) -> None:
    reading = Reading()
    reading.add(hosts(100))
    with pytest.raises(InventoryUnproven, match="listed host id-0001 twice"):
        reading.add(again)


def test_an_inventory_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "MAX_HOSTS", 50)
    with pytest.raises(InventoryUnproven, match="name the hosts with --host"):
        Reading().add(hosts(100))


def test_with_a_count_one_equal_reading_is_proof() -> None:
    assert verdict([hosts(3)], 3) is Verdict.PROVEN
    assert verdict([[]], 0) is Verdict.PROVEN


def test_with_another_count_it_is_read_once_more() -> None:
    assert verdict([hosts(3)], 4) is Verdict.READ_AGAIN
    assert verdict([hosts(3), hosts(4)], 4) is Verdict.PROVEN
    with pytest.raises(InventoryUnproven, match="counts 4 hosts and lists 3"):
        verdict([hosts(3), hosts(3)], 4)


def test_without_a_count_two_equal_readings_are_proof() -> None:
    assert verdict([hosts(3)], None) is Verdict.READ_AGAIN
    assert verdict([hosts(3), hosts(3)[::-1]], None) is Verdict.PROVEN
    with pytest.raises(InventoryUnproven, match="two readings of the inventory differ"):
        verdict([hosts(3), [*hosts(2), host(9)]], None)


class TestAgents:
    @pytest.mark.parametrize("state", ["OFFLINE", "INSTALLING", "FAILED", "UNINSTALLED", "UPGRADING", "", None])
    def test_only_online_can_run_where_states_are_shown(self, state: str | None) -> None:
        assert not online(host(agent=state), states=True)
        assert agent_shown(host(agent=state), states=True)

    def test_case_does_not_matter(self) -> None:
        assert online(host(agent="online"), states=True)

    def test_an_agent_id_counts_where_no_row_shows_a_state(self) -> None:
        old = [host(1, agent=None), host(2, agent=None, agent_id="")]
        states = shows_agents(old)
        assert [online(one, states=states) for one in old] == [True, False]
        assert [agent_shown(one, states=states) for one in old] == ["state not shown", "none"]

    def test_a_host_without_an_agent_is_not_online_because_others_are(self) -> None:
        assert shows_agents([host(1, agent=None), host(2)])
        assert agent_shown(host(1, agent=None), states=True) == "none"


def test_hosts_are_in_order_of_region_zone_and_name() -> None:
    listed = [
        host(1, region="b"),
        host(2, region="a", zone="z"),
        host(3, region="a", zone="y", name="x"),
        host(4, region="a", zone="y", name="w"),
    ]
    assert [one.resource_id for one in ordered(listed)] == ["id-0004", "id-0003", "id-0002", "id-0001"]
