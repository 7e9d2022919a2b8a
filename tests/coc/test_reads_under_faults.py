"""Reads of hosts and tickets on the simulator, whatever goes wrong with one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cocsync.coc.execution import ExecutionApi
from cocsync.coc.hosts import HostsApi
from cocsync.coc.http.errors import ApiError
from cocsync.coc.tickets import TicketsApi
from cocsync.sim.faults.kinds import KINDS
from tests.support.executions import Account

KINDS_OF_FAULTS = [kind for kind in KINDS if kind not in {"gzip-bomb", "huge"}]
READS: dict[str, Callable[[Account, str], Any]] = {
    "hosts": lambda account, _: HostsApi(account.client).page(),
    "count": lambda account, _: HostsApi(account.client).count(),
    "list": lambda account, _: TicketsApi(account.client).page().rows,
    "info": lambda account, ticket: TicketsApi(account.client).info(ticket).status,
    "statistics": lambda account, ticket: TicketsApi(account.client).statistics(ticket),
    "batches": lambda account, ticket: TicketsApi(account.client).batches(ticket),
    "batch": lambda account, ticket: TicketsApi(account.client).batch(ticket, 1),
}
LIES = {"limit", "disorder", "duplicate-row", "drop-row", "empty-page", "total", "same-page"}
"""What a page alone cannot tell from the truth."""

PLAUSIBLE = {("count", "404"), ("count", "wrong-shape")}
"""A COC without a count, and another number."""


@pytest.fixture(scope="module")
def ended() -> Iterator[tuple[Account, str]]:
    """An account and a ticket in it that is over."""
    account = Account()
    execution = account.execution(account.script(), ("web-01", "web-02", "web-03"))
    ticket = ExecutionApi(account.client).execute(execution)
    account.clock.sleep(60)
    yield account, ticket
    account.close()


@pytest.mark.parametrize("fault", [*KINDS_OF_FAULTS, "429", "401", "403", "404", "500", "503", "504", "204"])
@pytest.mark.parametrize("read", READS)
def test_one_fault_is_overcome_or_an_error_and_the_next_read_is_right(
    ended: tuple[Account, str], read: str, fault: str
) -> None:
    account, ticket = ended
    truth = READS[read](account, ticket)
    account.coc.inject(fault)
    try:
        found = READS[read](account, ticket)
    except ApiError:
        found = truth
    account.coc.clear_faults()
    assert found == truth or fault in LIES or (read, fault) in PLAUSIBLE
    assert READS[read](account, ticket) == truth
