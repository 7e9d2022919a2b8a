"""Executing a script: what is started, and every limit that refuses it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cocsync.sim.hosts.host import make
from tests.sim.conftest import SCRIPTS, Tenant, param
from tests.sim.hosts_and_tickets import body, execute, host, rows

Make = Callable[..., Tenant]
MASK = "*" * 17


def test_a_ticket_has_an_id_with_the_time_of_china(tenant: Tenant) -> None:
    ticket = execute(tenant, ("web-01",))
    assert ticket.startswith("SCT20231115061320")
    assert len(ticket) == 26


def test_the_script_gets_its_params_in_the_order_of_their_definition(tenant: Tenant) -> None:
    uuid = tenant.create(script_params=[param("a", "1", 1), param("b", "2", 2), param("c", "3", 3, sensitive=True)])
    sent = [{"param_name": "c", "param_value": "new"}, {"param_name": "a", "param_value": "x"}]
    ticket = tenant.done("POST", f"{SCRIPTS}/{uuid}", body(tenant, ("web-01",), script_params=sent))
    got = tenant.simulator.tickets.get(ticket).arguments
    assert [(each.name, each.value, each.sensitive) for each in got] == [
        ("a", "x", False),
        ("b", "2", False),
        ("c", "new", True),
    ]


def test_a_param_that_is_left_out_is_empty_where_the_switch_says_so(make_tenant: Make) -> None:
    tenant = make_tenant(omitted_params_stored=False)
    tenant.create(script_params=[param("a", "1", 1)])
    (got,) = tenant.simulator.tickets.get(execute(tenant, ("web-01",))).arguments
    assert got.value == ""


@pytest.mark.parametrize(("position", "text"), [("old", "old\n"), ("new", "new\n"), ("refused", None)])
@pytest.mark.parametrize("verdict", ["waits", "rejected"])
def test_a_script_that_is_not_approved_runs_as_the_switch_says(
    make_tenant: Make, position: str, text: str | None, verdict: str
) -> None:
    tenant = make_tenant(unapproved_runs=position)
    coc = tenant.simulator
    uuid = coc.create(name="a", content="old\n")
    coc.edit("a", content="new\n", reviewers=["bob"])
    if verdict == "rejected":
        coc.review("a", approve=False)
    if text is None:
        assert tenant.refusal("POST", f"{SCRIPTS}/{uuid}", body(tenant, ("web-01",)))[0] == 400
        assert coc.tickets.all() == ()
    else:
        assert coc.tickets.get(execute(tenant, ("web-01",))).content == text


def test_attributes_stand_on_every_row_unless_they_are_dropped(make_tenant: Make) -> None:
    for kept in (True, False):
        tenant = make_tenant(attributes_kept=kept)
        sent = body(tenant, ("web-01",))
        sent["execute_batches"][0]["target_instances"][0]["custom_attributes"] = [{"key": "cocsync", "value": "abc"}]
        ticket = tenant.done("POST", f"{SCRIPTS}/{tenant.create()}", sent)
        (row,) = rows(tenant, ticket)
        expected = [{"key": "cocsync", "value": "abc"}] if kept else None
        assert row["target_instance"]["custom_attributes"] == expected


Change = Callable[[dict[str, Any]], object]


def how(**fields: Any) -> Change:
    return lambda sent: sent["execute_param"].update(fields)


def first(**fields: Any) -> Change:
    return lambda sent: sent["execute_batches"][0].update(fields)


def instance(**fields: Any) -> Change:
    return lambda sent: sent["execute_batches"][0]["target_instances"][0].update(fields)


def params(*names: str, value: str = "1") -> Change:
    return how(script_params=[{"param_name": name, "param_value": value} for name in names])


REFUSED: dict[str, tuple[Change, str]] = {
    "timeout 5": (how(timeout=5), "COC.00040701"),
    "timeout 1800": (how(timeout=1800), "COC.00040701"),
    "timeout missing": (how(timeout=None), "COC.00040050"),
    "timeout of a word": (how(timeout="soon"), "COC.00010002"),
    "timeout of a half": (how(timeout=7.5), "COC.00010002"),
    "rate 0": (how(success_rate=0), "COC.00040701"),
    "rate 101": (how(success_rate=101), "COC.00040701"),
    "two decimals": (how(success_rate=99.99), "COC.00010002"),
    "no user": (how(execute_user=""), "COC.00040050"),
    "resourceful of a word": (how(resourceful="yes"), "COC.00010002"),
    "no params of it": (params("unknown"), "COC.00010002"),
    "a param twice": (params("p", "p"), "COC.00010002"),
    "21 params": (params(*map(str, range(21))), "COC.00040701"),
    "mask": (params("p", value=MASK), "COC.00040601"),
    "two dots": (params("p", value="a..b"), "COC.00040601"),
    "no how": (lambda sent: sent.pop("execute_param"), "COC.00040050"),
    "no batches": (lambda sent: sent.pop("execute_batches"), "COC.00040050"),
    "empty batches": (lambda sent: sent["execute_batches"].clear(), "COC.00040050"),
    "no hosts": (first(target_instances=[]), "COC.00040050"),
    "gap": (first(batch_index=2), "COC.00010002"),
    "index 21": (first(batch_index=21), "COC.00040701"),
    "strategy": (first(rotation_strategy="WAIT"), "COC.00010002"),
    "unknown host": (instance(resource_id="gone"), "COC.00040702"),
    "other kind of host": (instance(provider="HCSS", type="L-INSTANCE"), "COC.00040702"),
    "no region": (instance(region_id=""), "COC.00040050"),
    "six attributes": (instance(custom_attributes=[{"key": "k", "value": "v"}] * 6), "COC.00040701"),
    "long key": (instance(custom_attributes=[{"key": "k" * 11, "value": "v"}]), "COC.00040701"),
    "long value": (instance(custom_attributes=[{"key": "k", "value": "v" * 21}]), "COC.00040701"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_outside_the_limits_is_refused_and_starts_nothing(tenant: Tenant, reason: str) -> None:
    change, code = REFUSED[reason]
    uuid = tenant.create(script_params=[param("p", "1", 1)])
    sent = copy.deepcopy(body(tenant, ("web-01",)))
    change(sent)
    assert tenant.refusal("POST", f"{SCRIPTS}/{uuid}", sent)[:2] == (400, code)
    assert tenant.simulator.tickets.all() == ()


def test_the_most_that_fits_is_200_hosts_in_20_batches(tenant: Tenant) -> None:
    tenant.simulator.hosts.fill([make(number, f"h{number}") for number in range(201)])
    names = [f"h{number}" for number in range(200)]
    batches = [tuple(names[start : start + 10]) for start in range(0, 200, 10)]
    ticket = tenant.simulator.tickets.get(execute(tenant, *batches))
    assert len({each.id for each in ticket.instances}) == 200
    for over in ([*batches, ("h200",)], [(*batches[0], "h200")], [("h1",), ("h1",)]):
        assert tenant.refusal("POST", f"{SCRIPTS}/{ticket.script_uuid}", body(tenant, *over))[0] == 400


def test_numbers_may_be_texts_as_in_the_published_example(tenant: Tenant) -> None:
    assert execute(tenant, ("web-01",), success_rate="100.0", timeout="300")


def test_a_refusal_has_no_body_where_the_switch_says_204(make_tenant: Make) -> None:
    tenant = make_tenant(refused_execute_status=204)
    response = tenant.send("POST", f"{SCRIPTS}/{tenant.create()}", {})
    assert (response.status, response.body) == (204, b"")


def test_the_fields_of_2023_are_asked_for_where_the_switch_says_so(make_tenant: Make) -> None:
    tenant = make_tenant(execute_needs_2023_fields=True)
    uuid = tenant.create(script_params=[param("p", "1", 1)])
    named = [{"param_name": "p", "param_value": "1", "param_order": 1}]
    sent = body(tenant, ("web-01",), resourceful=True, script_params=named)
    assert tenant.refusal("POST", f"{SCRIPTS}/{uuid}", sent)[:2] == (400, "COC.00040050")
    sent["execute_batches"][0]["target_instances"] = [{**host(tenant, "web-01"), "agent_sn": "a", "project_id": "p"}]
    assert tenant.done("POST", f"{SCRIPTS}/{uuid}", sent)
    del named[0]["param_order"]
    assert tenant.refusal("POST", f"{SCRIPTS}/{uuid}", sent)[:2] == (400, "COC.00010002")


def test_a_script_that_does_not_exist_is_not_executed(tenant: Tenant) -> None:
    assert tenant.refusal("POST", f"{SCRIPTS}/SC1", body(tenant, ("web-01",)))[:2] == (400, "COC.00040603")


def test_executions_at_the_same_time_are_tickets_of_their_own(tenant: Tenant) -> None:
    tenant.create()
    with ThreadPoolExecutor(max_workers=4) as pool:
        tickets = list(pool.map(lambda _: execute(tenant, ("web-01", "web-02")), range(20)))
    kept = tenant.simulator.tickets.all()
    assert sorted(ticket.uuid for ticket in kept) == sorted(tickets)
    assert len({each.id for ticket in kept for each in ticket.instances}) == 40
