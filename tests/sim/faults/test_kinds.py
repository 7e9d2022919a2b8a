"""What each kind of fault does to a request, in process."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from cocsync.sim import ConnectionLost, ConnectionRefused, ReadTimeout, Unanswered
from cocsync.sim.faults.kinds import KINDS, MEGABYTE

if TYPE_CHECKING:
    from tests.sim.conftest import Tenant

SCRIPTS = "/v1/job/scripts"
BODY = {
    "name": "rotate",
    "type": "SHELL",
    "content": "x",
    "description": "d",
    "properties": {"risk_level": "LOW", "version": "1"},
}

NOT_DONE = {
    "refused",
    "lost-before-commit",
    "reset",
    "hang",
    "login-page",
    "error-in-200",
    *(str(status) for status in (204, 400, 401, 403, 404, 418, 429, 500, 502, 503, 504)),
}
DONE = {
    "lost-after-commit",
    "reset-after-commit",
    "cut",
    "hang-after-commit",
    "drip",
    "slow",
    "truncated",
    "garbage",
    "empty",
    "wrong-charset",
    "gzip",
    "gzip-bomb=1",
    "huge=1",
    "null",
    "wrong-shape",
    "500-with-success",
    "expire-tokens",
    "204-after-commit",
    "502-after-commit",
}
PAGES = {"same-page", "limit", "total", "disorder", "duplicate-row", "drop-row", "empty-page"}


def page(tenant: Tenant, fault: str, **query: object) -> dict[str, Any]:
    tenant.simulator.inject(fault)
    found: dict[str, Any] = tenant.done("GET", SCRIPTS, **{"limit": 3} | query)
    return found


def ids(shown: dict[str, Any]) -> list[int]:
    return [row["id"] for row in shown["data"]]


def test_every_kind_is_sorted_by_whether_the_request_is_done() -> None:
    assert {text.partition("=")[0] for text in NOT_DONE | DONE | PAGES} >= set(KINDS)


@pytest.mark.parametrize("fault", sorted(NOT_DONE | DONE))
def test_a_struck_creation_is_done_or_not(tenant: Tenant, fault: str) -> None:
    tenant.simulator.inject(fault)
    try:
        tenant.send("POST", SCRIPTS, BODY)
    except Unanswered:
        assert fault.partition("-")[0] in {"refused", "lost", "reset", "cut", "hang", "drip"}

    assert len(tenant.simulator.scripts()) == (fault in DONE)
    assert tenant.simulator.requests.count("POST") == 1


def test_a_caller_without_an_answer_learns_how_it_ended(tenant: Tenant) -> None:
    tenant.simulator.inject("refused", "lost-before-commit", "reset", "cut", "hang=5", "drip=2")
    with pytest.raises(ConnectionRefused):
        tenant.page()
    with pytest.raises(ConnectionLost) as lost:
        tenant.page()
    assert (lost.value.reset, lost.value.response) == (False, None)
    with pytest.raises(ConnectionLost) as reset:
        tenant.page()
    assert reset.value.reset
    with pytest.raises(ConnectionLost) as cut:
        tenant.page()
    assert cut.value.response is not None
    with pytest.raises(ReadTimeout) as hung:
        tenant.page()
    assert (hung.value.seconds, hung.value.response) == (5, None)
    with pytest.raises(ReadTimeout) as dripped:
        tenant.page()
    assert (dripped.value.seconds, dripped.value.response is None) == (2, False)
    assert tenant.page() == []


def test_a_slow_answer_comes_in_the_end(tenant: Tenant) -> None:
    tenant.simulator.inject("slow=2.5")

    assert tenant.page() == []
    assert tenant.slept == [2.5]


def test_bodies_can_be_broken_in_several_ways(tenant: Tenant) -> None:
    whole = tenant.send("GET", SCRIPTS, limit=1).body
    tenant.simulator.inject("truncated", "garbage", "empty", "wrong-charset", "huge=1", "wrong-shape")

    assert tenant.send("GET", SCRIPTS, limit=1).body == whole[: len(whole) // 2]
    with pytest.raises(UnicodeDecodeError):
        tenant.send("GET", SCRIPTS, limit=1).body.decode()
    assert tenant.send("GET", SCRIPTS, limit=1).body == b""
    assert tenant.send("GET", SCRIPTS, limit=1).body.decode("utf-16") == whole.decode()
    assert len(tenant.send("GET", SCRIPTS, limit=1).body) == len(whole) + MEGABYTE
    assert tenant.send("GET", SCRIPTS, limit=1).body == b'{"data":7}'


def test_a_body_can_be_compressed_honestly_or_as_a_bomb(tenant: Tenant) -> None:
    whole = tenant.send("GET", SCRIPTS, limit=1).body
    tenant.simulator.inject("gzip", "gzip-bomb=3")
    honest, bomb = tenant.send("GET", SCRIPTS, limit=1), tenant.send("GET", SCRIPTS, limit=1)

    assert honest.headers["content-encoding"] == bomb.headers["content-encoding"] == "gzip"
    assert gzip.decompress(honest.body) == whole
    assert len(bomb.body) < 10_000
    assert len(zlib.decompress(bomb.body, zlib.MAX_WBITS | 16)) == 3 * MEGABYTE


def test_a_login_page_is_a_success_in_html(tenant: Tenant) -> None:
    tenant.simulator.inject("login-page")
    response = tenant.send("GET", SCRIPTS, limit=1)

    assert (response.status, response.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_null_stands_where_the_list_or_the_data_was(tenant: Tenant) -> None:
    uuid = tenant.create()
    tenant.simulator.inject("null*2", "null")

    assert tenant.done("GET", SCRIPTS, limit=1) == {"total": 1, "data": None}
    assert tenant.done("GET", f"{SCRIPTS}/{uuid}") is None


def test_a_fault_of_bodies_leaves_a_refusal_as_it_is(tenant: Tenant) -> None:
    tenant.simulator.inject("null")

    assert tenant.refusal("GET", f"{SCRIPTS}/SC1")[0] == 400


def test_an_error_code_can_come_in_a_success_and_a_success_in_a_500(tenant: Tenant) -> None:
    tenant.simulator.inject("error-in-200", "error-in-200=APIGW.0308", "500-with-success")

    assert tenant.refusal("GET", SCRIPTS, limit=1)[:2] == (200, "COC.00040701")
    assert tenant.refusal("GET", SCRIPTS, limit=1)[:2] == (200, "APIGW.0308")
    response = tenant.send("GET", SCRIPTS, limit=1)
    assert (response.status, json.loads(response.body)) == (500, {"data": {"total": 0, "data": []}})


@pytest.mark.parametrize(
    ("fault", "status", "code", "header"),
    [
        ("401", 401, "APIGW.0301", None),
        ("401=APIGW.0303", 401, "APIGW.0303", None),
        ("403", 403, "APIGW.0302", None),
        ("404", 404, "APIGW.0101", None),
        ("418", 418, "APIGW.0106", None),
        ("429", 429, "APIGW.0308", None),
        ("429=3600000", 429, "APIGW.0308", "3600000"),
        ("500", 500, "COC.00040701", None),
        ("503=7", 503, "APIGW.0204", "7"),
        ("504-after-commit", 504, "APIGW.0201", None),
    ],
)
def test_every_status_is_a_fault(tenant: Tenant, fault: str, status: int, code: str, header: str | None) -> None:
    tenant.simulator.inject(fault)
    response = tenant.send("GET", SCRIPTS, limit=1)

    assert response.status == status
    error = json.loads(response.body)
    assert error["error_code"] == code
    assert error["request_id"] == response.headers["x-request-id"]
    assert response.headers.get("retry-after") == header


def test_a_204_has_no_body(tenant: Tenant) -> None:
    tenant.simulator.inject("204")

    assert (tenant.send("GET", SCRIPTS, limit=1).status, tenant.send("GET", SCRIPTS).status) == (204, 400)


def test_pages_can_lie_in_every_way(tenant: Tenant) -> None:
    tenant.simulator.seed(9)

    assert ids(page(tenant, "same-page", marker=4)) == [9, 8, 7]
    assert ids(page(tenant, "limit=5")) == [9, 8, 7, 6, 5]
    assert len(ids(page(tenant, "limit"))) == 9
    assert page(tenant, "total=+5")["total"] == 14
    assert page(tenant, "total=-5")["total"] == 4
    assert page(tenant, "total=5")["total"] == 5
    assert page(tenant, "total")["total"] == 0
    assert ids(page(tenant, "disorder")) == [7, 8, 9]
    assert ids(page(tenant, "duplicate-row")) == [9, 8, 9]
    assert ids(page(tenant, "drop-row")) == [9, 7]
    empty = page(tenant, "empty-page", marker=7)
    assert (empty["total"], empty["data"]) == (9, [])
    assert ids(tenant.done("GET", SCRIPTS, limit=3)) == [9, 8, 7]


def test_lies_about_an_empty_page_change_nothing(tenant: Tenant) -> None:
    for fault in ("disorder", "duplicate-row", "drop-row"):
        assert ids(page(tenant, fault)) == []
