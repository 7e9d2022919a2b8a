"""The rate limit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cocsync.sim.gateway import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sim.conftest import Tenant

SCRIPTS = "/v1/job/scripts"


def test_a_burst_passes_and_what_follows_waits_for_the_rate() -> None:
    now = 100.0
    throttle = Throttle(lambda: now)

    assert [throttle.wait(2, 3) for _ in range(4)] == [0, 0, 0, 0.5]
    now += 0.5
    assert [throttle.wait(2, 3) for _ in range(2)] == [0, 0.5]
    now += 100
    assert [throttle.wait(2, 3) for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_clock_that_jumps_back_takes_nothing_away() -> None:
    now = 100.0
    throttle = Throttle(lambda: now)
    throttle.wait(1, 2)
    now -= 50

    assert throttle.wait(1, 2) == 0


@pytest.mark.parametrize(
    ("form", "header"),
    [
        ("seconds", "2"),
        ("date", "Tue, 14 Nov 2023 22:13:22 GMT"),
        ("none", None),
        ("-1", "-1"),
        ("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ],
)
def test_too_many_requests_are_told_when_to_come_back(
    make_tenant: Callable[..., Tenant], form: str, header: str | None
) -> None:
    tenant = make_tenant(rate_limit=0.5, rate_burst=1, retry_after=form)
    assert tenant.send("GET", SCRIPTS, limit=1).status == 200

    response = tenant.send("GET", SCRIPTS, limit=1)
    assert response.status == 429
    assert json.loads(response.body)["error_code"] == "APIGW.0308"
    assert response.headers.get("retry-after") == header
    tenant.now += 2
    assert tenant.send("GET", SCRIPTS, limit=1).status == 200
