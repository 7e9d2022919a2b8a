"""The operations on scripts as a caller sees them, under the default settings and under each switch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocsync.sim.scripts.script import user_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sim.conftest import Tenant

SCRIPTS = "/v1/job/scripts"
NOW = 1_700_000_000_000
LATER = NOW + 60_000

ROW = {
    "id",
    "script_uuid",
    "name",
    "type",
    "status",
    "gmt_created",
    "gmt_modified",
    "creator",
    "creator_id",
    "operator",
    "properties",
    "enterprise_project_id",
    "usage_count",
    "resource_tags",
}

REVIEWED = {"risk_level": "HIGH", "version": "1", "reviewers": [{"reviewer_name": "bob", "reviewer_id": "0f"}]}
SECRET = {"param_name": "token", "param_value": "s3", "param_description": "", "param_order": 1, "sensitive": True}


def edit(**changes: object) -> dict[str, object]:
    return {"description": "edited", "content": "y\n"} | changes


def test_a_detail_shows_what_was_created(tenant: Tenant) -> None:
    uuid = tenant.create(properties=REVIEWED | {"protocol": "SMS"}, script_params=[SECRET], enterprise_project_id="7")

    assert tenant.detail(uuid) == {
        "script_uuid": uuid,
        "name": "restart_nginx",
        "version": "1",
        "description": "Restart nginx",
        "type": "SHELL",
        "content": "systemctl restart nginx\n",
        "script_params": [SECRET | {"param_value": "*" * 17}],
        "status": "PENDING_APPROVE",
        "gmt_created": NOW,
        "gmt_modified": None,
        "creator": "cocsync",
        "creator_id": user_id("cocsync"),
        "operator": None,
        "properties": REVIEWED,
        "enterprise_project_id": "7",
        "resource_tags": [],
    }


def test_a_uuid_has_25_characters_and_the_time_of_creation(tenant: Tenant) -> None:
    uuids = {tenant.create(name=f"n{number}") for number in range(50)}

    assert len(uuids) == 50
    assert {len(uuid) for uuid in uuids} == {25}
    assert {uuid[:16] for uuid in uuids} == {"SC20231114221320"}


def test_a_row_has_the_documented_fields_and_no_more(tenant: Tenant) -> None:
    tenant.create()

    [row] = tenant.page()

    assert row.keys() == ROW
    assert row["properties"] == {"risk_level": "LOW", "version": "1.0.0", "reviewers": []}


def test_a_name_is_taken_once(tenant: Tenant) -> None:
    tenant.create(name="rotate")

    assert tenant.refusal("POST", SCRIPTS, {"name": "rotate"} | edit(type="BAT", properties=REVIEWED)) == (
        400,
        "COC.00040601",
        "Exist script with same name: rotate.",
    )
    assert len(tenant.simulator.scripts()) == 1
    tenant.create(name="Rotate")


def test_a_modification_sets_what_it_sends(tenant: Tenant) -> None:
    uuid = tenant.create(script_params=[SECRET])
    tenant.now += 60
    tenant.done(
        "PUT",
        f"{SCRIPTS}/{uuid}",
        edit(
            properties={"risk_level": "HIGH", "version": "2", "protocol": "SMS"}, script_params=[], name="z", type="BAT"
        ),
    )

    [script] = tenant.simulator.scripts()
    assert (script.description, script.content, script.risk_level, script.version) == ("edited", "y\n", "HIGH", "2")
    assert (script.params, script.protocol, script.status) == ((), "SMS", "APPROVED")
    assert (script.name, script.type) == ("restart_nginx", "SHELL")
    assert (script.operator, script.gmt_created, script.gmt_modified) == ("cocsync", NOW, LATER)


@pytest.mark.parametrize("clears", [False, True])
def test_what_a_modification_leaves_out_is_kept_or_cleared(make_tenant: Callable[..., Tenant], clears: bool) -> None:
    tenant = make_tenant(put_clears_omitted=clears)
    uuid = tenant.create(properties=REVIEWED | {"protocol": "SMS"}, script_params=[SECRET])
    tenant.done("PUT", f"{SCRIPTS}/{uuid}", edit())

    [script] = tenant.simulator.scripts()
    assert (script.risk_level, script.version) == ("HIGH", "1")
    assert bool(script.params) == bool(script.reviewers) == bool(script.protocol) == (not clears)
    assert script.status == ("APPROVED" if clears else "PENDING_APPROVE")


@pytest.mark.parametrize("keeps", [False, True])
def test_the_mask_sent_back_is_stored_or_keeps_the_value(make_tenant: Callable[..., Tenant], keeps: bool) -> None:
    tenant = make_tenant(mask_keeps_value=keeps)
    uuid = tenant.create(script_params=[SECRET, SECRET | {"param_name": "open", "sensitive": False, "param_order": 2}])
    shown = tenant.detail(uuid)["script_params"]
    shown[1] |= {"sensitive": True, "param_value": "*" * 17}
    tenant.done("PUT", f"{SCRIPTS}/{uuid}", edit(script_params=shown))

    [script] = tenant.simulator.scripts()
    assert [param.value for param in script.params] == ["s3" if keeps else "*" * 17, "*" * 17]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("settings", "status", "code"),
    [
        ({}, 400, "COC.00040603"),
        ({"not_found_status": 500, "not_found_code": "COC.00040601"}, 500, "COC.00040601"),
    ],
)
def test_a_script_that_is_gone_is_not_found(
    make_tenant: Callable[..., Tenant], method: str, settings: dict[str, object], status: int, code: str
) -> None:
    tenant = make_tenant(**settings)
    path = f"{SCRIPTS}/{tenant.create()}"
    assert tenant.done("DELETE", path) == path.rpartition("/")[2]

    assert tenant.refusal(method, path, edit())[:2] == (status, code)
    assert tenant.refusal("POST", f"{path}/action", {"status": "APPROVED"})[:2] == (status, code)


def test_a_review_ends_once(tenant: Tenant) -> None:
    uuid = tenant.create(properties=REVIEWED)
    path = f"{SCRIPTS}/{uuid}/action"

    assert tenant.done("POST", path, {"status": "REJECTED", "comments": "no"}) is True
    assert tenant.detail(uuid)["status"] == "REJECTED"
    assert tenant.simulator.scripts()[0].review_comment == "no"
    assert tenant.detail(uuid)["gmt_modified"] is None
    assert tenant.refusal("POST", path, {"status": "APPROVED"})[:2] == (400, "COC.00040701")


def test_an_edit_of_a_reviewed_script_starts_a_review_again(tenant: Tenant) -> None:
    uuid = tenant.create(properties=REVIEWED)
    tenant.done("POST", f"{SCRIPTS}/{uuid}/action", {"status": "APPROVED"})
    assert tenant.detail(uuid)["status"] == "APPROVED"
    tenant.done("PUT", f"{SCRIPTS}/{uuid}", edit(properties=REVIEWED))
    assert tenant.detail(uuid)["status"] == "PENDING_APPROVE"

    tenant.done("PUT", f"{SCRIPTS}/{uuid}", edit(properties=REVIEWED | {"reviewers": []}))
    assert tenant.detail(uuid)["status"] == "APPROVED"


def test_a_review_can_be_kept_to_reviewers_and_leave_a_trace(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(reviewers_only=True, review_modifies=True)
    uuid = tenant.create(properties=REVIEWED)

    assert tenant.done("POST", f"{SCRIPTS}/{uuid}/action", {"status": "APPROVED"}) is False
    assert tenant.detail(uuid)["status"] == "PENDING_APPROVE"
    tenant.simulator.configure(api_user="bob")
    assert tenant.done("POST", f"{SCRIPTS}/{uuid}/action", {"status": "APPROVED"}) is True
    assert (tenant.detail(uuid)["operator"], tenant.detail(uuid)["gmt_modified"]) == ("bob", NOW)


def test_a_pending_script_can_show_its_approved_version(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(pending_shows_previous=True)
    uuid = tenant.create(content="one", properties=REVIEWED)
    path = f"{SCRIPTS}/{uuid}"
    assert tenant.detail(uuid)["content"] == "one"

    tenant.done("POST", f"{path}/action", {"status": "APPROVED"})
    tenant.now += 60
    for content in ("two", "three"):
        tenant.done("PUT", path, edit(content=content, properties=REVIEWED | {"risk_level": "LOW"}))
    shown = tenant.detail(uuid)
    assert (shown["content"], shown["status"], shown["gmt_modified"]) == ("one", "PENDING_APPROVE", LATER)
    assert tenant.page()[0]["properties"]["risk_level"] == "HIGH"

    tenant.done("POST", f"{path}/action", {"status": "APPROVED"})
    assert tenant.detail(uuid)["content"] == "three"


def test_a_rejected_version_shows_and_the_approved_one_comes_back_with_the_next(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(pending_shows_previous=True)
    uuid = tenant.create(content="one")
    path = f"{SCRIPTS}/{uuid}"
    tenant.done("PUT", path, edit(content="two", properties=REVIEWED))
    tenant.done("POST", f"{path}/action", {"status": "REJECTED"})
    assert tenant.detail(uuid)["content"] == "two"

    tenant.done("PUT", path, edit(content="three", properties=REVIEWED))
    assert tenant.detail(uuid)["content"] == "one"


def test_a_tenant_can_force_reviewers_for_a_risk_level(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(forced_review_levels=("HIGH",), forced_reviewers=("bob", "eve"))
    low = tenant.create(name="low")
    high = tenant.create(name="high", properties=REVIEWED)

    assert tenant.detail(low)["status"] == "APPROVED"
    assert [each["reviewer_name"] for each in tenant.detail(high)["properties"]["reviewers"]] == ["bob", "eve"]
    tenant.done("PUT", f"{SCRIPTS}/{low}", edit(properties={"risk_level": "HIGH", "version": "1"}))
    assert tenant.detail(low)["status"] == "PENDING_APPROVE"


def test_a_service_can_normalise_what_it_stores_and_shows(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(trims_descriptions=True, drops_last_newline=True, stores_lf=True, sorts_reviewers=True)
    reviewers = [{"reviewer_name": name, "reviewer_id": ""} for name in ("zoe", "abe")]
    uuid = tenant.create(
        description=" d ",
        content="a\r\nb\r\n",
        properties={"risk_level": "LOW", "version": "1", "reviewers": reviewers},
    )

    shown = tenant.detail(uuid)
    assert (shown["description"], shown["content"]) == ("d", "a\nb")
    assert shown["properties"]["reviewers"] == reviewers[::-1]


def test_a_service_can_show_crlf_omit_empty_lists_and_number_projects(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(returns_crlf=True, omits_empty=True, numeric_project_ids=True)
    shown = tenant.detail(tenant.create(content="a\nb\r\n"))

    assert shown["content"] == "a\r\nb\r\n"
    assert "script_params" not in shown
    assert "reviewers" not in shown["properties"]
    assert shown["enterprise_project_id"] == 0


def test_the_protocol_is_shown_where_the_service_shows_it(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(shows_protocol=True)
    tenant.create(name="a", properties=REVIEWED | {"protocol": "SMS"})
    tenant.create(name="b")

    assert [row["properties"]["protocol"] for row in tenant.page()] == [None, "SMS"]


def test_a_service_can_name_a_modifier_from_the_start(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(modified_null_until_edit=False)
    shown = tenant.detail(tenant.create())

    assert (shown["operator"], shown["gmt_modified"]) == ("cocsync", NOW)


@pytest.mark.parametrize("ascending", [False, True])
def test_pages_go_on_behind_the_marker(make_tenant: Callable[..., Tenant], ascending: bool) -> None:
    tenant = make_tenant(ids_ascending=ascending)
    tenant.simulator.seed(5, gap=3)
    order = [1, 4, 7, 10, 13] if ascending else [13, 10, 7, 4, 1]

    first = tenant.done("GET", SCRIPTS, limit=2)
    assert (first["total"], [row["id"] for row in first["data"]]) == (5, order[:2])
    assert [row["id"] for row in tenant.page(limit=2, marker=order[1])] == order[2:4]
    assert [row["id"] for row in tenant.page(limit=2, marker=order[4])] == []


@pytest.mark.parametrize(("is_first", "rows"), [(True, 3), (False, 0)])
def test_marker_zero_is_the_first_page_or_an_id(make_tenant: Callable[..., Tenant], is_first: bool, rows: int) -> None:
    tenant = make_tenant(marker_zero_is_first=is_first)
    tenant.simulator.seed(3)

    assert len(tenant.page(marker=0)) == rows


@pytest.mark.parametrize(
    ("settings", "text", "names"),
    [
        ({}, "A_", ["xa_1"]),
        ({}, "*", []),
        ({}, "[", ["[odd]"]),
        ({"like_ignores_case": False}, "A_", []),
        ({"like_has_wildcards": True}, "a_1", ["xab1", "xa_1"]),
        ({"like_has_wildcards": True}, "x%1", ["xab1", "xa_1"]),
    ],
)
def test_a_name_is_found_by_a_part_of_it(
    make_tenant: Callable[..., Tenant], settings: dict[str, object], text: str, names: list[str]
) -> None:
    tenant = make_tenant(**settings)
    for name in ("xa_1", "xab1", "[odd]"):
        tenant.simulator.create(name=name)

    assert [row["name"] for row in tenant.page(name_like=text)] == names


def test_lists_filter_by_creator_type_risk_level_and_project(tenant: Tenant) -> None:
    tenant.simulator.create(name="a", user="eve")
    tenant.simulator.create(name="b", type="BAT", risk_level="HIGH", enterprise_project_id="9")

    assert [row["name"] for row in tenant.page(creator="eve")] == ["a"]
    assert [row["name"] for row in tenant.page(type="BAT", risk_level="HIGH")] == ["b"]
    assert [row["name"] for row in tenant.page(enterprise_project_id="9")] == ["b"]
    assert [row["name"] for row in tenant.page(enterprise_project_id="9", type="SHELL")] == []


def test_a_forbidden_script_is_listed_and_cannot_be_read_or_changed(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(forbidden=("secret",))
    uuid = tenant.simulator.create(name="secret", reviewers=["bob"])
    path = f"{SCRIPTS}/{uuid}"

    assert len(tenant.page()) == 1
    for method, target in (("GET", path), ("PUT", path), ("DELETE", path), ("POST", f"{path}/action")):
        assert tenant.refusal(method, target, edit(status="APPROVED"))[:2] == (403, "APIGW.0302")
    tenant.detail(tenant.create())


def test_reads_can_lag_behind_writes(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(read_lag=2)
    uuid = tenant.create()

    assert [tenant.send("GET", f"{SCRIPTS}/{uuid}").status for _ in range(3)] == [400, 400, 200]
    tenant.done("PUT", f"{SCRIPTS}/{uuid}", edit())
    assert [len(tenant.page()), tenant.detail(uuid)["content"]] == [1, "systemctl restart nginx\n"]
    assert tenant.detail(uuid)["content"] == "y\n"
    tenant.done("DELETE", f"{SCRIPTS}/{uuid}")
    assert [len(tenant.page()) for _ in range(3)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{SCRIPTS}/SC1/SC2"),
        ("GET", f"{SCRIPTS}/SC1/action"),
        ("POST", f"{SCRIPTS}/SC1/else"),
        ("DELETE", SCRIPTS),
        ("GET", "/v1/job/scriptsandmore"),
        ("GET", "/v1/resource"),
        ("GET", "/"),
        ("PATCH", f"{SCRIPTS}/SC1"),
    ],
)
def test_another_path_or_method_is_unknown_to_the_gateway(tenant: Tenant, method: str, path: str) -> None:
    response = tenant.send(method, path, {})

    assert response.status == 404
    error = json.loads(response.body)
    assert error["error_code"] == "APIGW.0101"
    assert error["request_id"] == response.headers["x-request-id"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.text(min_size=1, max_size=30),
    description=st.text(min_size=1, max_size=30),
    values=st.lists(st.text("abc *?:[]{}@", max_size=9), max_size=3),
    reviewers=st.lists(st.text(min_size=1, max_size=9), max_size=3),
)
def test_whatever_is_stored_comes_back_as_it_was(
    tenant: Tenant, content: str, description: str, values: list[str], reviewers: list[str]
) -> None:
    params = [
        SECRET | {"param_value": value, "param_order": n, "sensitive": False} for n, value in enumerate(values, 1)
    ]
    people = [{"reviewer_name": name, "reviewer_id": ""} for name in reviewers]
    sent = {"content": content, "description": description, "script_params": params}
    uuid = tenant.create(properties={"risk_level": "LOW", "version": "1", "reviewers": people}, **sent)

    shown = tenant.detail(uuid)
    assert {name: shown[name] for name in sent} == sent
    assert shown["properties"]["reviewers"] == people
    tenant.done("PUT", f"{SCRIPTS}/{uuid}", sent)
    assert {name: tenant.detail(uuid)[name] for name in sent} == sent
    tenant.done("DELETE", f"{SCRIPTS}/{uuid}")
