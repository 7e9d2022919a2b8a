"""The simulator's inventory: its first hosts, pages, filters, counts, and changes by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cocsync.sim import ConsoleError, Simulator
from cocsync.sim.hosts.host import make
from tests.sim.conftest import Tenant
from tests.sim.hosts_and_tickets import HOSTS, KIND

Make = Callable[..., Tenant]


def page(tenant: Tenant, **query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tenant.done("GET", HOSTS, **{**KIND, "limit": 100, **query})
    return found


def names(tenant: Tenant, **query: object) -> list[str]:
    return [row["name"] for row in page(tenant, **query)]


def by_pages(tenant: Tenant, limit: int, key: str) -> list[str]:
    """Every name, page by page, at most 20 pages."""
    found: list[str] = []
    query: dict[str, object] = {}
    for number in range(20):
        rows = page(tenant, limit=limit, **query)
        if not rows:
            break
        found += [row["name"] for row in rows]
        query = {"marker": rows[-1]["id"]} if key == "marker" else {"offset": (number + 1) * limit}
    return found


class TestFirst:
    def test_a_new_simulator_has_twelve_hosts_in_two_regions_one_offline_two_on_windows(self, tenant: Tenant) -> None:
        rows = page(tenant)
        assert len(rows) == 12
        assert {row["region_id"] for row in rows} == {"cn-north-4", "ap-southeast-3"}
        assert [row["name"] for row in rows if row["agent_state"] == "OFFLINE"] == ["edge-04"]
        assert [row["name"] for row in rows if row["properties"]["metadata"]["osType"] == "Windows"] == [
            "win-01",
            "win-02",
        ]
        assert all({tag["key"] for tag in row["tags"]} == {"role", "env"} for row in rows)
        assert len({row["id"] for row in rows}) == len({row["resource_id"] for row in rows}) == 12

    def test_a_reset_brings_them_back(self, tenant: Tenant) -> None:
        tenant.simulator.hosts.fill([make(99, "only")])
        assert names(tenant) == ["only"]
        tenant.simulator.reset()
        assert len(names(tenant)) == 12

    def test_a_file_keeps_what_was_changed(self, tmp_path: Any) -> None:
        with Simulator(tmp_path / "sim.db") as first:
            first.hosts.remove("web-01")
        with Simulator(tmp_path / "sim.db") as second:
            assert len(second.hosts.all()) == 11


class TestPages:
    @pytest.mark.parametrize("unordered", [False, True])
    @pytest.mark.parametrize("limit", [1, 5, 12, 100])
    @pytest.mark.parametrize("key", ["marker", "offset"])
    def test_hold_every_host_once(self, make_tenant: Make, key: str, limit: int, unordered: bool) -> None:
        tenant = make_tenant(hosts_unordered=unordered)
        found = by_pages(tenant, limit, key)
        assert sorted(found) == sorted(names(tenant))
        assert len(found) == 12

    @pytest.mark.parametrize(("paging", "ignored"), [("offset", "marker"), ("marker", "offset")])
    def test_of_one_kind_ignore_the_other(self, make_tenant: Make, paging: str, ignored: str) -> None:
        tenant = make_tenant(host_paging=paging)
        assert len(by_pages(tenant, 4, paging)) == 12
        assert len(set(by_pages(tenant, 4, ignored))) == 4

    def test_are_not_in_the_order_of_ids_where_the_switch_says_so(self, make_tenant: Make) -> None:
        ids = [row["id"] for row in page(make_tenant(hosts_unordered=True))]
        assert ids != sorted(ids)

    def test_are_struck_by_the_faults_of_lists(self, tenant: Tenant) -> None:
        whole = names(tenant)
        tenant.simulator.inject("disorder", "drop-row", "duplicate-row", "empty-page", "same-page", "null")
        assert names(tenant) == whole[::-1]
        assert len(names(tenant)) == 11
        assert names(tenant)[-1] == whole[0]
        assert names(tenant) == []
        assert names(tenant, marker="f" * 24) == whole
        assert tenant.done("GET", HOSTS, **KIND, limit=100) is None
        assert tenant.simulator.faults == ()

    @pytest.mark.parametrize("query", [{}, {"limit": 101}, {"limit": 0}, {"limit": "x"}])
    def test_need_a_limit_of_at_most_100(self, tenant: Tenant, query: dict[str, object]) -> None:
        assert tenant.refusal("GET", HOSTS, **KIND, **query)[0] == 400

    @pytest.mark.parametrize("missing", KIND)
    def test_need_provider_and_type(self, tenant: Tenant, missing: str) -> None:
        query = {name: value for name, value in KIND.items() if name != missing}
        assert tenant.refusal("GET", HOSTS, limit=1, **query)[:2] == (400, "COC.00040050")

    def test_have_an_alias(self, tenant: Tenant) -> None:
        assert tenant.done("GET", "/v1/external/resources", **KIND, limit=100) == page(tenant)


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"region_id": "ap-southeast-3"}, ["edge-01", "edge-02", "edge-03", "edge-04"]),
            ({"agent_state": "OFFLINE"}, ["edge-04"]),
            ({"os_type": "windows"}, ["win-01", "win-02"]),
            ({"name": "db-01"}, ["db-01"]),
            ({"region_id": "nowhere"}, []),
            ({"region_id": "ap-southeast-3", "agent_state": "ONLINE"}, ["edge-01", "edge-02", "edge-03"]),
        ],
    )
    def test_all_must_fit_and_the_count_agrees(
        self, tenant: Tenant, query: dict[str, object], expected: list[str]
    ) -> None:
        assert names(tenant, **query) == expected
        assert tenant.done("GET", f"{HOSTS}/count", **KIND, **query) == len(expected)

    def test_ids_come_with_commas_or_repeatedly(self, tenant: Tenant) -> None:
        rows = page(tenant)[:3]
        assert page(tenant, resource_id_list=",".join(row["resource_id"] for row in rows)) == rows
        assert len(names(tenant, resource_id_list="gone")) == 0
        assert tenant.refusal("GET", HOSTS, **KIND, limit=1, resource_id_list=",".join("x" * 101))[0] == 400

    def test_a_count_that_is_not_there_is_unknown_to_the_gateway(self, make_tenant: Make) -> None:
        refusal = make_tenant(counts_hosts=False).refusal("GET", f"{HOSTS}/count", **KIND)
        assert refusal[:2] == (404, "APIGW.0101")

    def test_older_shapes_of_rows(self, make_tenant: Make) -> None:
        (row,) = page(make_tenant(tags_as_map=True, shows_agent_state=False), name="web-01")
        assert row["tags"] == {"role": "web", "env": "prod"}
        assert "agent_state" not in row


class TestHand:
    def test_an_outcome_moves_the_agent_and_back(self, tenant: Tenant) -> None:
        tenant.simulator.hosts.change("web-01", outcome="offline")
        assert page(tenant, name="web-01")[0]["agent_state"] == "OFFLINE"
        tenant.simulator.hosts.change("web-01", outcome="fail")
        assert page(tenant, name="web-01")[0]["agent_state"] == "ONLINE"

    def test_the_state_of_an_agent_can_be_any_word_or_null(self, tenant: Tenant) -> None:
        tenant.simulator.hosts.change("web-01", agent_state="UPGRADING")
        tenant.simulator.hosts.change("web-02", agent_state=None)
        assert [row["agent_state"] for row in page(tenant)[:2]] == ["UPGRADING", None]

    @pytest.mark.parametrize(
        ("name", "changes", "reason"),
        [
            ("gone", {"outcome": "ok"}, "there is no host 'gone'"),
            ("web-01", {"outcome": "explode"}, "one of ok, fail, hang, offline"),
            ("web-01", {"seconds": -1}, "a number from 0"),
            ("web-01", {"seconds": "1"}, "a number from 0"),
            ("web-01", {"log": 7}, "a text"),
            ("web-01", {"resource_id": "x"}, "cannot be changed"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(
        self, tenant: Tenant, name: str, changes: dict[str, Any], reason: str
    ) -> None:
        with pytest.raises(ConsoleError, match=reason):
            tenant.simulator.hosts.change(name, **changes)

    def test_two_hosts_of_one_name_are_told_apart_by_their_ids(self, tenant: Tenant) -> None:
        twin = make(99, "web-01")
        tenant.simulator.hosts.put([twin])
        with pytest.raises(ConsoleError, match="2 hosts are named"):
            tenant.simulator.hosts.find("web-01")
        assert tenant.simulator.hosts.find(twin.resource_id) == twin
