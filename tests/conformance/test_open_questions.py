"""What only a live account can answer. The simulator has a switch for each; these probes tell which position is right.

On the simulator each probe must find the switch in both positions. On a real account nothing is asserted: the answer
is printed (`pytest -rP`), to be set in the simulator's defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cocsync.sim import Settings
from tests.conformance.account import ACCOUNTS, HOSTS, KIND, ORDERS, SCRIPTS, Account, param, real, simulated

Probe = Callable[[Account], Any]
PROBES: dict[str, tuple[Probe, tuple[Any, ...]]] = {}


def probe(*positions: Any) -> Callable[[Probe], Probe]:
    """Marks a probe of the setting of its name, with positions that it must tell apart."""

    def add(function: Probe) -> Probe:
        PROBES[function.__name__] = function, positions
        return function

    return add


@probe(True, False)
def put_clears_omitted(coc: Account) -> bool:
    """A modification without params clears them."""
    uuid = coc.create(script_params=[param("path", "/var", 1)])
    coc.update(uuid, script_params=None)
    return not coc.detail(uuid).get("script_params")


@probe(True, False)
def hyphen_in_names(coc: Account) -> bool:
    return coc.try_to_create("a-b").is_success


@probe(5, 20)
def put_params_max(coc: Account) -> int:
    uuid = coc.create()
    params = [param(f"p{number}", "1", number) for number in range(1, 21)]
    return max(n for n in (5, 20) if coc.update(uuid, script_params=params[:n]).is_success)


@probe(4096, 102400)
def modify_content_units(coc: Account) -> int:
    uuid = coc.create()
    return max(n for n in (4096, 102400) if coc.update(uuid, content="#" * n).is_success)


@probe(True, False)
def marker_zero_is_first(coc: Account) -> bool:
    coc.create()
    coc.eventually(lambda: bool(coc.rows()))
    return bool(coc.send("GET", SCRIPTS, name_like=coc.prefix[:32], limit=1, marker=0).data["data"])


@probe(True, False)
def like_has_wildcards(coc: Account) -> bool:
    coc.create("a1b")
    coc.eventually(lambda: bool(coc.rows()))
    pattern = f"{coc.prefix}a_b"[-32:]
    return bool(coc.send("GET", SCRIPTS, name_like=pattern, limit=1).data["data"])


@probe(True, False)
def like_ignores_case(coc: Account) -> bool:
    coc.create("abc")
    coc.eventually(lambda: bool(coc.rows()))
    pattern = f"{coc.prefix}ABC"[-32:]
    return bool(coc.send("GET", SCRIPTS, name_like=pattern, limit=1).data["data"])


@probe(True, False)
def hash_in_values(coc: Account) -> bool:
    return coc.try_to_create(script_params=[param("p", "a#b", 1)]).is_success


@probe(1024, 4096)
def param_value_max(coc: Account) -> int:
    sizes = (1024, 4096)
    return max(n for n in sizes if coc.try_to_create(f"v{n}", script_params=[param("p", "x" * n, 1)]).is_success)


@probe(True, False)
def checks_param_order(coc: Account) -> bool:
    return not coc.try_to_create(script_params=[param("p", "1", 7)]).is_success


@probe(True, False)
def modified_null_until_edit(coc: Account) -> bool:
    return coc.detail(coc.create())["gmt_modified"] is None


@probe(True, False)
def shows_protocol(coc: Account) -> bool:
    uuid = coc.create(properties={"risk_level": "LOW", "version": "1", "protocol": "EMAIL"})
    return bool(coc.detail(uuid)["properties"].get("protocol") == "EMAIL")


@probe(True, False)
def ids_ascending(coc: Account) -> bool:
    for name in ("first", "second"):
        coc.create(name)
    coc.eventually(lambda: len(coc.rows()) == 2)
    return str(coc.rows()[0]["name"]) == f"{coc.prefix}first"


@probe(True, False)
def trims_descriptions(coc: Account) -> bool:
    return str(coc.detail(coc.create(description="text "))["description"]) == "text"


@probe(True, False)
def drops_last_newline(coc: Account) -> bool:
    return str(coc.detail(coc.create(content="true\n"))["content"]) == "true"


@probe(True, False)
def stores_lf(coc: Account) -> bool:
    return "\r" not in coc.detail(coc.create(content="dir\r\n", type="BAT"))["content"]


@probe(True, False)
def returns_crlf(coc: Account) -> bool:
    return "\r\n" in coc.detail(coc.create(content="true\n"))["content"]


@probe(400, 500)
def not_found_status(coc: Account) -> int:
    return coc.get("SC20200101000000deadbeef").status


@probe("COC.00040603", "COC.00040601")
def not_found_code(coc: Account) -> str:
    return coc.get("SC20200101000000deadbeef").code


@probe(0, 2)
def read_lag(coc: Account) -> int:
    """Reads that still show the version before a modification, at most 9."""
    uuid = coc.create()
    coc.eventually(lambda: coc.get(uuid).is_success)
    coc.update(uuid, content="true\n")
    return next((n for n in range(9) if coc.detail(uuid)["content"].startswith("true")), 9)


@probe(True, False)
def counts_hosts(coc: Account) -> bool:
    return coc.send("GET", f"{HOSTS}/count", **KIND).is_success


@probe(True, False)
def shows_agent_state(coc: Account) -> bool:
    return any("agent_state" in row for row in coc.hosts())


@probe(True, False)
def tags_as_map(coc: Account) -> bool:
    return any(isinstance(row["tags"], dict) for row in coc.hosts())


@probe("both", "marker", "offset")
def host_paging(coc: Account) -> str:
    """Told by the second host; an account with one host cannot answer."""
    first, second = coc.hosts(limit=2)
    by_marker = coc.hosts(limit=1, marker=first["id"])[:1] == [second]
    by_offset = coc.hosts(limit=1, offset=1)[:1] == [second]
    return {(True, True): "both", (True, False): "marker", (False, True): "offset"}.get((by_marker, by_offset), "none")


@probe(True, False)
def attributes_kept(coc: Account) -> bool:
    (row,) = coc.order_rows(coc.execute())
    return bool(row["target_instance"].get("custom_attributes"))


@probe("executed", "default", "none")
def info_params(coc: Account) -> str:
    sent = [{"param_name": "p", "param_value": "sent", "param_order": 1}]
    shown = coc.order(coc.execute(script_params=sent))["properties"]["execute_param"]["script_params"] or []
    values = {"sent": "executed", "stored": "default"}
    return values.get(shown[0]["param_value"], "other") if shown else "none"


@probe("ms", "s", "none")
def costs_in(coc: Account) -> str:
    ticket = coc.order(coc.execute())
    took, costs = ticket["gmt_finished"] - ticket["gmt_created"], ticket["execute_costs"]
    return "none" if costs is None else "ms" if costs == took else "s"


@probe("honoured", "ignored", "refused")
def orders_name_like(coc: Account) -> str:
    coc.execute()
    answer = coc.send("GET", ORDERS, limit=1, name_like="no_script_has_such_a_name")
    return "refused" if not answer.is_success else "ignored" if answer.data["data"] else "honoured"


@pytest.mark.parametrize(("name", "position"), [(name, p) for name, (_, ps) in PROBES.items() for p in ps])
def test_a_probe_finds_the_switch_as_it_is(name: str, position: Any) -> None:
    with simulated(Settings().changed({name: position})) as coc:
        assert PROBES[name][0](coc) == position


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with ExitStack() as stack:
        yield stack.enter_context(real())


@pytest.mark.skipif("real" not in ACCOUNTS, reason="COCSYNC_CONFORMANCE=1 asks a real account")
@pytest.mark.parametrize("name", PROBES)
def test_the_real_one_is_told(name: str, account: Account, record_property: Callable[[str, object], None]) -> None:
    answer = PROBES[name][0](account)
    account.clean_up()
    record_property(name, str(answer))
    print(f"{name}={answer}  (the simulator's default is {getattr(Settings(), name)})")  # noqa: T201
