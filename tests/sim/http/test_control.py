"""Configuring a simulator over its socket."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from cocsync.sim.http.server import serve
from tests.sim.hosts_and_tickets import execute

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sim.conftest import Tenant


@pytest.fixture
def control(tenant: Tenant) -> Iterator[Callable[..., tuple[int, Any]]]:
    """Calls a verb of the tenant's control and returns status and answer."""
    with serve(tenant.simulator, with_control=True) as server:

        def call(method: str, verb: str, body: object = None) -> tuple[int, Any]:
            content = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(f"{server.url}/_sim/{verb}", content, method=method)
            try:
                with urllib.request.urlopen(request) as response:
                    return response.status, json.load(response)["data"]
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, json.load(error)["error"]

        yield call


def test_a_tenant_is_built_and_looked_at_over_the_socket(
    tenant: Tenant, control: Callable[..., tuple[int, Any]]
) -> None:
    assert control("POST", "create", {"user": "carol", "name": "a", "reviewers": ["bob"]})[0] == 200
    assert control("POST", "edit", {"name_or_uuid": "a", "content": "x", "params": [{"name": "p"}]}) == (200, None)
    assert control("POST", "review", {"name_or_uuid": "a", "approve": False, "comment": "no"}) == (200, None)
    assert control("POST", "seed", {"count": 2, "gap": 5}) == (200, None)
    assert control("POST", "delete", {"name_or_uuid": "script_00001"}) == (200, None)

    status, scripts = control("GET", "scripts")
    assert status == 200
    assert [(script["name"], script["status"], script["content"]) for script in scripts] == [
        ("a", "REJECTED", "x"),
        ("script_00002", "APPROVED", "echo hello\n"),
    ]
    assert control("POST", "reset") == (200, None)
    assert tenant.simulator.scripts() == ()


def test_settings_are_changed_and_shown(tenant: Tenant, control: Callable[..., tuple[int, Any]]) -> None:
    assert control("POST", "settings", {"ids_ascending": True, "access_keys": [["AK", "SK"]]}) == (200, None)

    assert tenant.simulator.settings.access_keys == (("AK", "SK"),)
    assert control("GET", "settings")[1]["ids_ascending"] is True


def test_faults_are_armed_shown_and_disarmed(tenant: Tenant, control: Callable[..., tuple[int, Any]]) -> None:
    assert control("POST", "faults", {"faults": ["k=2:503", "GET *:cut*"]}) == (200, None)
    assert control("GET", "faults") == (200, ["k=2:503", "GET *:cut*"])
    assert control("DELETE", "faults") == (200, None)
    assert tenant.simulator.faults == ()


def test_hosts_are_changed_and_tickets_shown(tenant: Tenant, control: Callable[..., tuple[int, Any]]) -> None:
    assert control("POST", "host", {"name_or_id": "web-01", "outcome": "fail", "log": "x"}) == (200, None)
    ticket = execute(tenant, ("web-01",))

    (host, *_), (shown,) = control("GET", "hosts")[1], control("GET", "tickets")[1]
    assert (host["name"], host["outcome"], host["log"]) == ("web-01", "fail", "x")
    assert (shown["uuid"], shown["status"], shown["batches"][0]["instances"][0]["host_name"]) == (
        ticket,
        "READY",
        "web-01",
    )


def test_requests_are_shown_and_forgotten_and_control_is_none_of_them(
    tenant: Tenant, control: Callable[..., tuple[int, Any]]
) -> None:
    tenant.page()

    assert control("GET", "requests") == (200, [["GET", "/v1/job/scripts"]])
    assert control("DELETE", "requests") == (200, None)
    assert len(tenant.simulator.requests) == 0


@pytest.mark.parametrize(
    ("verb", "body", "reason"),
    [
        ("edit", {"name_or_uuid": "gone"}, "there is no script 'gone'"),
        ("host", {"name_or_id": "gone"}, "there is no host 'gone'"),
        ("host", {"name_or_id": "web-01", "outcome": "explode"}, "the outcome of a host is one of"),
        ("edit", {}, "missing a required argument: 'name_or_uuid'"),
        ("edit", {"name_or_uuid": 7}, "name_or_uuid must be of type str"),
        ("review", {"name_or_uuid": "a", "approve": "no"}, "approve must be of type bool"),
        ("reset", {"hard": True}, "unexpected keyword argument 'hard'"),
        ("reset", [1], "the body is not a JSON object"),
        ("settings", {"latency": "slow"}, "latency must be a number"),
        ("settings", {"misspelt": 1}, "there is no setting 'misspelt'"),
        ("faults", {"faults": "503"}, "faults must be of type list"),
        ("faults", {"faults": ["explode"]}, "there is no fault 'explode'"),
    ],
)
def test_a_call_that_cannot_be_done_says_why(
    control: Callable[..., tuple[int, Any]], verb: str, body: object, reason: str
) -> None:
    status, error = control("POST", verb, body)

    assert status == 400
    assert reason in error


def test_an_unknown_verb_is_not_found(control: Callable[..., tuple[int, Any]]) -> None:
    assert control("POST", "explode") == (404, "there is no POST /_sim/explode")
    assert control("DELETE", "scripts")[0] == 404
