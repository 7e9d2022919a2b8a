"""Which hosts a run is for: all keys fit, exclusion last, and never silently another set than was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.errors import UsageError
from cocsync.model.running import Query, Selection
from cocsync.run.hosts import Host
from cocsync.run.selection import choose, combined, fits, parse_select
from tests.run.samples import host, hosts

EDGE = host(
    1, name="edge-01", region="eu", zone="eu-a", enterprise_project="0", tags=(("role", "edge"), ("env", "prod"))
)
WEB = [host(n) for n in (2, 3, 4)]
INVENTORY = [*WEB, EDGE]


def names(selection: Selection, inventory: list[Host] | None = None) -> list[str]:
    return [found.name for found in choose(selection, inventory or INVENTORY).hosts]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"region": "eu"}, True),
        ({"region": "EU"}, False),
        ({"os": "LINUX"}, True),
        ({"agent": "online"}, True),
        ({"name": "edge-*"}, True),
        ({"name": "EDGE-*"}, False),
        ({"tags": (("role", "edge"), ("env", "prod"))}, True),
        ({"tags": (("role", "edge"), ("env", "test"))}, False),
        ({"enterprise_project": "0", "zone": "eu-a"}, True),
        ({"region": "eu", "zone": "eu-b"}, False),
    ],
)
def test_every_key_must_fit_and_case_is_ignored_in_os_and_agent_alone(query: dict[str, Any], expected: bool) -> None:
    assert fits(Query(**query), EDGE) is expected


def test_named_hosts_are_added_to_the_query_and_exclusion_is_last() -> None:
    selection = Selection(query=Query(region="cn-north-4"), hosts=("edge-01", "web-02"), exclude=("web-03", "id-0004"))
    assert names(selection) == ["web-02", "edge-01"]


def test_a_host_that_is_named_twice_is_taken_once() -> None:
    assert names(Selection(hosts=("web-02", "id-0002", "web-02"))) == ["web-02"]


def test_a_name_that_two_hosts_share_is_refused_with_their_ids() -> None:
    found = choose(Selection(hosts=("web-02",)), [*INVENTORY, host(9, name="web-02")])
    assert (found.hosts, found.ambiguous) == ((), (("web-02", ("id-0002", "id-0009")),))


def test_an_id_is_meant_where_a_host_has_it() -> None:
    found = choose(Selection(hosts=("id-0002",)), [*INVENTORY, host(9, name="id-0002")])
    assert [one.resource_id for one in found.hosts] == ["id-0002"]


def test_what_is_not_there_is_named() -> None:
    found = choose(Selection(hosts=("web-99",), exclude=("web-98", "web-02")), INVENTORY)
    assert (found.missing, found.unmatched) == (("web-99",), ("web-98",))


def test_a_limit_takes_the_first_and_says_how_many_it_left_out() -> None:
    found = choose(Selection(query=Query(os="linux"), limit=3), INVENTORY)
    assert ([one.name for one in found.hosts], found.left_out) == (["web-02", "web-03", "web-04"], 1)


class TestCommandLine:
    def test_select_is_a_query(self) -> None:
        assert parse_select(["region=eu", "tag.role=a=b", "tag.env=prod", "name=web-*"]) == Query(
            region="eu", name="web-*", tags=(("role", "a=b"), ("env", "prod"))
        )

    @pytest.mark.parametrize(
        ("texts", "message"),
        [
            (["region"], "give KEY=VALUE"),
            (["region="], "give KEY=VALUE"),
            (["regoin=eu"], "did you mean `region`"),
            (["x=1"], "there are region, zone, os, name, enterprise_project, agent, tag.KEY"),
            (["region=a", "region=b"], "`region` is given twice"),
            (["tag.a=1", "tag.a=2"], "`tag.a` is given twice"),
            (["tag.KEY"], "give KEY=VALUE"),
        ],
    )
    def test_a_typo_is_a_usage_error_and_never_no_hosts(self, texts: list[str], message: str) -> None:
        with pytest.raises(UsageError) as caught:
            parse_select(texts)
        assert message in str(caught.value)

    def test_it_replaces_what_the_manifest_declares(self) -> None:
        declared = Selection(query=Query(region="eu"), exclude=("a",))
        assert combined(Selection(hosts=("x",)), declared) == Selection(hosts=("x",))
        assert combined(Selection(exclude=("b",), limit=2), declared) == Selection(
            query=Query(region="eu"), exclude=("a", "b"), limit=2
        )

    def test_nothing_given_and_nothing_declared_is_a_usage_error(self) -> None:
        with pytest.raises(UsageError, match="which hosts"):
            combined(Selection(exclude=("a",)), None)


_NAMES = st.sampled_from([f"web-{n:02}" for n in range(1, 9)] + [f"id-{n:04}" for n in range(1, 9)] + ["none"])


@given(
    st.integers(0, 8),
    st.none()
    | st.builds(Query, region=st.sampled_from(["", "cn-north-4", "eu"]), name=st.sampled_from(["", "web-0[12]"])),
    st.lists(_NAMES, max_size=5),
    st.lists(_NAMES, max_size=5),
)
def test_no_host_is_chosen_twice_or_though_it_is_excluded(
    number: int, query: Query | None, named: list[str], excluded: list[str]
) -> None:
    found = choose(Selection(query=query, hosts=tuple(named), exclude=tuple(excluded)), hosts(number))
    ids = [one.resource_id for one in found.hosts]
    assert len(ids) == len(set(ids))
    assert not any(one.name in excluded or one.resource_id in excluded for one in found.hosts)
