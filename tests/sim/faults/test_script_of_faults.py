"""The fault script: text forms, and which requests are struck."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.sim import Fault, InvalidFault, Request
from cocsync.sim.faults.script import FaultScript, parse

GET = Request(method="GET", path="/v1/job/scripts/SC1")
LIST = Request(method="GET", path="/v1/job/scripts")
POST = Request(method="POST", path="/v1/job/scripts")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("503", Fault(kind="503")),
        ("k=3:lost-after-commit", Fault(kind="lost-after-commit", at=3)),
        ("POST *:503*2", Fault(kind="503", method="POST", times=2)),
        ("POST:503*2", Fault(kind="503", method="POST", times=2)),
        ("GET /v1/job/scripts/*:403*", Fault(kind="403", method="GET", path="/v1/job/scripts/*", times=None)),
        ("k=2 PUT:hang=0.5", Fault(kind="hang", value="0.5", at=2, method="PUT")),
        (
            "/v1/*:429=Wed, 21 Oct 2015 07:28:00 GMT*3",
            Fault(kind="429", value="Wed, 21 Oct 2015 07:28:00 GMT", path="/v1/*", times=3),
        ),
        ("429=-1", Fault(kind="429", value="-1")),
        ("*/action:500", Fault(kind="500", path="*/action")),
        (" total=+5 ", Fault(kind="total", value="+5")),
        ("504-after-commit", Fault(kind="504-after-commit")),
    ],
)
def test_a_fault_has_a_text_form(text: str, fault: Fault) -> None:
    assert parse(text) == fault


@given(
    fault=st.builds(
        Fault,
        kind=st.sampled_from(["503", "cut", "401-after-commit"]),
        value=st.sampled_from(["", "7", "a=b", "x: y"]),
        at=st.integers(1, 30),
        times=st.none() | st.integers(1, 30),
        method=st.sampled_from(["*", "GET"]),
        path=st.sampled_from(["*", "/v1/*", "*/action"]),
    )
)
def test_a_fault_prints_as_the_text_that_describes_it(fault: Fault) -> None:
    assert parse(str(fault)) == fault


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a fault"),
        ("k=3", "no fault 'k'"),
        ("k=3:", "no fault 'k'"),
        ("get /x:503", "is not a fault"),
        ("explode", "there is no fault 'explode'"),
        ("99", "there is no fault '99'"),
        ("hang=long", "the value of hang is a number"),
        ("k=0:503", "from the first request on"),
        ("503*0", "at least once"),
    ],
)
def test_a_text_that_is_no_fault_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidFault, match=reason):
        parse(text)


def struck(script: FaultScript, *requests: Request) -> list[str | None]:
    return [fault.kind if (fault := script.take(request)) else None for request in requests]


def test_a_fault_strikes_the_matching_requests_from_its_place_on() -> None:
    script = FaultScript(is_page=lambda request: request == LIST)
    script.arm("k=2 GET:503*2")

    assert struck(script, GET, POST, GET, POST, GET, GET) == [None, None, "503", None, "503", None]
    assert script.armed == ()


def test_a_fault_without_end_stays_armed() -> None:
    script = FaultScript(is_page=lambda request: request == LIST)
    script.arm("k=2:503*")

    assert struck(script, GET, GET, GET) == [None, "503", "503"]
    assert [str(fault) for fault in script.armed] == ["k=2:503*"]
    script.clear()
    assert struck(script, GET) == [None]


def test_of_several_faults_the_one_armed_first_strikes_and_the_others_wait() -> None:
    script = FaultScript(is_page=lambda request: request == LIST)
    script.arm("500", "k=2:502", "503*2")

    assert struck(script, GET, GET, GET, GET, GET) == ["500", "502", "503", "503", None]


def test_a_fault_of_pages_strikes_lists_alone() -> None:
    script = FaultScript(is_page=lambda request: request == LIST)
    script.arm("empty-page")

    assert struck(script, POST, GET, LIST) == [None, None, "empty-page"]


def test_a_bad_fault_among_good_ones_arms_none() -> None:
    script = FaultScript(is_page=lambda request: request == LIST)

    with pytest.raises(InvalidFault):
        script.arm("503", "explode")
    assert script.armed == ()
