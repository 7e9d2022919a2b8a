"""The inventory: wire <-> records, and answers that are none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.coc.hosts import PAGE_SIZE, Host, HostsApi
from cocsync.coc.http.client import Client
from cocsync.coc.http.errors import ApiError, OutcomeUnknown, Rejected
from cocsync.sim import Response, Simulator
from tests.support import json_values
from tests.support.canned import Canned, data, error
from tests.support.engine import Open

KIND = {"provider": "ecs", "type": "cloudservers"}
ROW: dict[str, Any] = {
    "id": "6500000000000000000000a1",
    "resource_id": "9d8e0c6f-6f3b-4b7e-a0ea-b1b23c6f4d11",
    "name": "web-01",
    "provider": "ecs",
    "type": "cloudservers",
    "project_id": "p",
    "region_id": "cn-north-4",
    "ep_id": "0",
    "tags": [{"key": "role", "value": "web"}],
    "agent_id": "a1",
    "agent_state": "ONLINE",
    "properties": {
        "OsExtAz": "cn-north-4a",
        "status": "ACTIVE",
        "metadata": {"osType": "Linux", "imageName": "EulerOS 2.9"},
    },
}
HOST = Host(
    id="6500000000000000000000a1",
    resource_id="9d8e0c6f-6f3b-4b7e-a0ea-b1b23c6f4d11",
    name="web-01",
    region="cn-north-4",
    zone="cn-north-4a",
    project_id="p",
    enterprise_project="0",
    os="Linux",
    image="EulerOS 2.9",
    status="ACTIVE",
    agent_id="a1",
    agent_state="ONLINE",
    shows_agent_state=True,
    tags=(("role", "web"),),
    provider="ecs",
    type="cloudservers",
)


def hosts_with(answer: Any) -> HostsApi:
    server = Canned(lambda _: answer if isinstance(answer, Response) else data(answer))
    return HostsApi(server.client(Client, writable=False))


class TestPage:
    def test_a_row_holds_what_the_inventory_shows(self) -> None:
        assert hosts_with([ROW]).page() == (HOST,)

    @pytest.mark.parametrize("tags", [{"role": "web"}, [{"key": "role", "value": "web"}, 7, None]])
    def test_tags_come_in_both_shapes(self, tags: Any) -> None:
        assert hosts_with([{**ROW, "tags": tags}]).page()[0].tags == (("role", "web"),)

    def test_a_state_of_null_is_told_from_one_that_is_not_shown(self) -> None:
        older = {key: value for key, value in ROW.items() if key != "agent_state"}
        shown, hidden = hosts_with([{**ROW, "agent_state": None}, older]).page()
        assert (shown.agent_state, shown.shows_agent_state) == (None, True)
        assert (hidden.agent_state, hidden.shows_agent_state) == (None, False)

    @pytest.mark.parametrize("missing", [None, 7, [], {"metadata": 3}, {"metadata": None}])
    def test_properties_are_optional_in_every_part(self, missing: Any) -> None:
        (host,) = hosts_with([{**ROW, "properties": missing}]).page()
        assert (host.zone, host.os, host.image, host.status) == ("", "", "", "")

    @pytest.mark.parametrize("answer", [7, {}, {"data": []}, [7], [{**ROW, "id": None}], [{"id": "1"}]])
    def test_an_answer_that_is_no_list_of_hosts_is_no_empty_inventory(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown):
            hosts_with(answer).page()

    def test_asks_for_a_full_page_behind_the_marker(self) -> None:
        server = Canned(lambda _: data([]))
        api = HostsApi(server.client(Client, writable=False))
        api.page()
        api.page("65", region="cn-north-4", enterprise_project="0")
        page = {**KIND, "limit": str(PAGE_SIZE)}
        assert server.queries == [page, {**page, "marker": "65", "region_id": "cn-north-4", "ep_id": "0"}]


class TestById:
    def test_asks_for_a_hundred_at_most_with_commas_and_for_none_twice(self) -> None:
        server = Canned(lambda _: data([ROW]))
        ids = [f"h{number}" for number in range(101)]
        found = HostsApi(server.client(Client, writable=False)).by_ids([*ids, "h0"])
        assert [query["resource_id_list"] for query in server.queries] == [",".join(ids[:100]), "h100"]
        assert found == (HOST, HOST)

    def test_asks_nothing_for_no_ids(self) -> None:
        server = Canned(lambda _: data([]))
        assert HostsApi(server.client(Client, writable=False)).by_ids([]) == ()
        assert server.requests == []


class TestCount:
    def test_is_a_number(self) -> None:
        assert hosts_with(12).count() == 12

    @pytest.mark.parametrize("answer", [error(404, "APIGW.0101"), error(405)])
    def test_is_none_where_this_coc_has_no_count(self, answer: Response) -> None:
        assert hosts_with(answer).count() is None

    @pytest.mark.parametrize("answer", [{}, "12", True, -1, 1.5, [12]])
    def test_is_nothing_else(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown):
            hosts_with(answer).count()

    def test_that_is_forbidden_is_not_taken_for_one_that_is_missing(self) -> None:
        with pytest.raises(Rejected):
            hosts_with(error(403, "APIGW.0302")).count()


@given(answer=json_values.almost([ROW, ROW]) | json_values.ANY, asked=st.sampled_from(["page", "count"]))
def test_any_answer_ends_as_records_or_as_an_error_of_ours(answer: Any, asked: str) -> None:
    api = hosts_with(answer)
    try:
        found = api.page() if asked == "page" else api.count()
    except ApiError:
        return
    assert found is None or isinstance(found, tuple | int)


def test_the_simulator_has_the_same_inventory_by_page_by_id_and_by_count() -> None:
    with Simulator() as coc:
        server = Canned(Open(coc).handle)
        api = HostsApi(server.client(Client, writable=False))
        hosts = api.page()
        assert len(hosts) == api.count() == 12
        assert api.by_ids([host.resource_id for host in hosts]) == hosts
        assert api.count(region="ap-southeast-3") == len(api.page(region="ap-southeast-3")) == 4
        assert {host.os for host in hosts} == {"Linux", "Windows"}
        assert dict(hosts[0].tags) == {"role": "web", "env": "prod"}
