"""Every documented limit of the script operations, on both of its sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from cocsync.sim import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sim.conftest import Tenant

SCRIPTS = "/v1/job/scripts"
OUTSIDE_BMP = "😀"
"""One character, two UTF-16 code units."""


def body(**changes: object) -> dict[str, Any]:
    """A body that creates or modifies a script."""
    return {
        "name": "rotate",
        "type": "SHELL",
        "content": "x",
        "description": "d",
        "properties": {"risk_level": "LOW", "version": "1"},
    } | changes


def properties(**changes: object) -> dict[str, object]:
    return {"properties": {"risk_level": "LOW", "version": "1"} | changes}


def params(*changes: Mapping[str, object]) -> dict[str, object]:
    one = {"param_name": "p", "param_value": "v", "param_description": "", "sensitive": False}
    return {"script_params": [one | {"param_order": order} | dict(item) for order, item in enumerate(changes, start=1)]}


def reviewer(name: str = "bob", uid: str = "") -> dict[str, str]:
    return {"reviewer_name": name, "reviewer_id": uid}


ACCEPTED: list[dict[str, object]] = [
    {"name": "n" * 64},
    {"name": "重启_Nginx_9"},
    {"type": "PYTHON"},
    {"type": "BAT"},
    {"description": "d" * 256},
    {"description": OUTSIDE_BMP * 128},
    {"unknown_field": 1},
    {"script_params": None},
    {"script_params": []},
    {"enterprise_project_id": "0f"},
    properties(version="v" * 10),
    properties(risk_level="MEDIUM"),
    properties(risk_level="HIGH", protocol="WECHAT"),
    properties(protocol=None, reviewers=None),
    properties(reviewers=[reviewer("n" * 64, "i" * 32)] * 5),
    params(*[{}] * 20),
    params({"param_order": 2}, {"param_order": 1}),
    params({"param_name": "n" * 64, "param_description": "d" * 256, "param_value": ""}),
    params({"param_value": "v" * 1024}),
    params({"param_value": """aZ09_-/.* ?:",=+@\\[{]}"""}),
    params({"param_value": "*" * 17, "sensitive": True}),
    params({"param_value": "1.2.3"}),
]

REFUSED: list[tuple[dict[str, object], str, str]] = [
    ({"description": None}, "COC.00040050", "description must not be empty"),
    ({"description": ""}, "COC.00040050", "description must not be empty"),
    ({"description": "d" * 257}, "COC.00040701", "description size must be between 1 and 256"),
    ({"description": OUTSIDE_BMP * 129}, "COC.00040701", "description size must be between 1 and 256"),
    ({"description": 7}, "COC.00010002", "description"),
    ({"description": "half \ud83d"}, "COC.00010002", "description"),
    ({"content": None}, "COC.00040050", "content must not be empty"),
    ({"content": ""}, "COC.00040050", "content must not be empty"),
    ({"properties": []}, "COC.00010002", "properties"),
    ({"properties": {"risk_level": "LOW"}}, "COC.00040050", "version must not be empty"),
    ({"properties": {"version": "1"}}, "COC.00040050", "risk_level must not be empty"),
    (properties(version=""), "COC.00040050", "version must not be empty"),
    (properties(version="v" * 11), "COC.00040701", "version size must be between 1 and 10"),
    (properties(risk_level="EXTREME"), "COC.00010002", "risk_level"),
    (properties(risk_level=""), "COC.00040050", "risk_level"),
    (properties(protocol="PIGEON"), "COC.00010002", "protocol"),
    (properties(reviewers="bob"), "COC.00010002", "reviewers"),
    (properties(reviewers=["bob"]), "COC.00010002", "reviewers"),
    (properties(reviewers=[reviewer()] * 6), "COC.00040701", "reviewers size must be between 0 and 5"),
    (properties(reviewers=[reviewer("")]), "COC.00040050", "reviewer_name"),
    (properties(reviewers=[reviewer("n" * 65)]), "COC.00040701", "reviewer_name"),
    (properties(reviewers=[reviewer(uid="i" * 33)]), "COC.00040701", "reviewer_id"),
    (properties(reviewers=[{"reviewer_name": "bob"}]), "COC.00040050", "reviewer_id"),
    ({"script_params": {}}, "COC.00010002", "script_params"),
    ({"script_params": [1]}, "COC.00010002", "script_params"),
    (params(*[{}] * 21), "COC.00040701", "script_params size must be between 0 and 20"),
    (params({"param_name": ""}), "COC.00040050", "param_name"),
    (params({"param_name": "n" * 65}), "COC.00040701", "param_name"),
    (params({"param_name": "a-b"}), "COC.00010002", "param_name"),
    (params({"param_name": "a\n"}), "COC.00010002", "param_name"),
    (params({"param_value": None}), "COC.00040050", "param_value"),
    (params({"param_value": "v" * 1025}), "COC.00040701", "param_value size must be between 0 and 1024"),
    (params({"param_value": "a\n"}), "COC.00040601", "The paramValue is invalid."),
    (params({"param_value": "a..b"}), "COC.00040601", "The paramValue is invalid."),
    *[(params({"param_value": character}), "COC.00040601", "paramValue") for character in "#;|&$'()%!~<>\t中"],
    (params({"param_description": None}), "COC.00040050", "param_description"),
    (params({"param_description": "d" * 257}), "COC.00040701", "param_description"),
    (params({"sensitive": None}), "COC.00040050", "sensitive"),
    (params({"sensitive": "true"}), "COC.00010002", "sensitive"),
    (params({"param_order": None}), "COC.00040050", "param_order"),
    (params({"param_order": "1"}), "COC.00010002", "param_order"),
    (params({"param_order": True}), "COC.00010002", "param_order"),
    (params({"param_order": 0}), "COC.00040701", "param_order must be between 1 and 20"),
    (params({"param_order": 21}), "COC.00040701", "param_order"),
    (params({"param_order": 2}), "COC.00010002", "param_order"),
    (params({}, {"param_order": 1}), "COC.00010002", "param_order"),
]

REFUSED_AT_CREATION: list[tuple[dict[str, object], str, str]] = [
    ({"name": None}, "COC.00040050", "name must not be empty"),
    ({"name": "n" * 65}, "COC.00040701", "name size must be between 1 and 64"),
    ({"name": "a b"}, "COC.00010002", "name"),
    ({"name": "a-b"}, "COC.00010002", "name"),
    ({"name": "a\n"}, "COC.00010002", "name"),
    ({"type": None}, "COC.00040050", "type"),
    ({"type": "RUBY"}, "COC.00010002", "type"),
    ({"properties": None}, "COC.00040050", "properties must not be null"),
    ({"enterprise_project_id": 0}, "COC.00010002", "enterprise_project_id"),
    ({"content": "x" * 102401}, "COC.00040701", "content size must be between 1 and 102400"),
    ({"content": "é" * 51201}, "COC.00040701", "content size must be between 1 and 102400"),
]


@pytest.mark.parametrize("changes", ACCEPTED)
def test_a_body_within_the_limits_creates_and_modifies(tenant: Tenant, changes: dict[str, object]) -> None:
    uuid = tenant.done("POST", SCRIPTS, body(**changes))

    assert tenant.done("PUT", f"{SCRIPTS}/{uuid}", body(**changes)) == uuid


@pytest.mark.parametrize(("changes", "code", "text"), REFUSED)
def test_a_body_outside_the_limits_is_refused_and_changes_nothing(
    tenant: Tenant, changes: dict[str, object], code: str, text: str
) -> None:
    uuid = tenant.create()
    before = tenant.simulator.scripts()

    for method, path in (("POST", SCRIPTS), ("PUT", f"{SCRIPTS}/{uuid}")):
        status, found, message = tenant.refusal(method, path, body(**changes))
        assert (status, found) == (400, code)
        assert text in message
    assert tenant.simulator.scripts() == before


@pytest.mark.parametrize(("changes", "code", "text"), REFUSED_AT_CREATION)
def test_what_only_a_creation_sends_is_checked_there(
    tenant: Tenant, changes: dict[str, object], code: str, text: str
) -> None:
    status, found, message = tenant.refusal("POST", SCRIPTS, body(**changes))

    assert (status, found) == (400, code)
    assert text in message


def test_the_longest_content_is_100_kb_at_creation_and_4096_units_at_modification(tenant: Tenant) -> None:
    uuid = tenant.done("POST", SCRIPTS, body(content="é" * 51200))

    assert tenant.refusal("PUT", f"{SCRIPTS}/{uuid}", body(content=OUTSIDE_BMP * 2048 + "x"))[1] == "COC.00040701"
    assert tenant.done("PUT", f"{SCRIPTS}/{uuid}", body(content=OUTSIDE_BMP * 2048)) == uuid


def test_limits_that_the_sources_disagree_about_are_settings(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        create_content_bytes=10,
        modify_content_units=3,
        put_params_max=5,
        param_value_max=4096,
        hash_in_values=True,
        checks_param_order=False,
        hyphen_in_names=True,
    )
    uuid = tenant.done(
        "POST",
        SCRIPTS,
        body(name="a-b", content="x" * 10, **params(*[{"param_value": "#" * 4096, "param_order": 3}] * 6)),
    )
    path = f"{SCRIPTS}/{uuid}"

    assert tenant.refusal("POST", SCRIPTS, body(content="x" * 11))[1] == "COC.00040701"
    assert tenant.refusal("PUT", path, body(content="xxxx"))[1] == "COC.00040701"
    assert tenant.refusal("PUT", path, body(**params(*[{}] * 6)))[1] == "COC.00040701"
    assert tenant.done("PUT", path, body(content="xxx", **params(*[{"param_order": None}] * 5))) == uuid


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"a": NaN}', b"null", b"[" * 100_000], ids=lambda content: str(content[:9])
)
def test_a_body_that_is_no_json_object_is_refused(tenant: Tenant, content: bytes) -> None:
    response = tenant.simulator.handle(Request(method="POST", path=SCRIPTS, body=content))

    assert response.status == 400
    assert b"COC.00010002" in response.body


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "COC.00040050"),
        ({"limit": 0}, "COC.00040701"),
        ({"limit": 101}, "COC.00040701"),
        ({"limit": "ten"}, "COC.00010002"),
        ({"limit": "1_0"}, "COC.00010002"),
        ({"limit": 1, "marker": -1}, "COC.00010002"),
        ({"limit": 1, "marker": 2**63}, "COC.00040701"),
        ({"limit": 1, "name_like": ""}, "COC.00040050"),
        ({"limit": 1, "name_like": "n" * 33}, "COC.00040701"),
        ({"limit": 1, "creator": "c" * 65}, "COC.00040701"),
        ({"limit": 1, "risk_level": "low"}, "COC.00010002"),
        ({"limit": 1, "type": "RUBY"}, "COC.00010002"),
    ],
)
def test_a_query_outside_the_limits_is_refused(tenant: Tenant, query: dict[str, object], code: str) -> None:
    assert tenant.refusal("GET", SCRIPTS, **query)[:2] == (400, code)


def test_a_query_at_the_limits_is_answered(tenant: Tenant) -> None:
    assert tenant.page(limit=1, marker=2**63 - 1, name_like="n" * 32, creator="c" * 64) == []


@pytest.mark.parametrize(
    ("review", "code"),
    [
        ({}, "COC.00040050"),
        ({"status": "PENDING_APPROVE"}, "COC.00010002"),
        ({"status": "APPROVED", "comments": ""}, "COC.00040050"),
        ({"status": "APPROVED", "comments": "c" * 257}, "COC.00040701"),
    ],
)
def test_a_review_outside_the_limits_is_refused(tenant: Tenant, review: dict[str, object], code: str) -> None:
    uuid = tenant.create()

    assert tenant.refusal("POST", f"{SCRIPTS}/{uuid}/action", review)[:2] == (400, code)


@pytest.mark.parametrize("uuid", ["S" * 26, "SC1-2", "%20", "%2e%2e"])
def test_a_path_that_holds_no_uuid_is_refused(tenant: Tenant, uuid: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert tenant.refusal(method, f"{SCRIPTS}/{uuid}", body())[:2] == (400, "COC.00040601")
