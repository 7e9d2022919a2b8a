"""What holds for every ticket, whatever its hosts do and whoever steers it when."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cocsync.sim import Settings
from cocsync.sim.hosts.host import OUTCOMES
from tests.sim.conftest import Tenant
from tests.sim.hosts_and_tickets import ORDERS, execute

NAMES = ("web-01", "web-02", "web-03", "web-04", "db-01", "db-02")
OVER = {"ABNORMAL", "CANCELED", "FINISHED"}
SWITCHES = {
    "success_rate_of": ("batch", "ticket"),
    "pause_is_before": (False, True),
    "pauses_at_once": (False, True),
    "timeout_status": ("CANCELED", "ABNORMAL"),
    "abnormal_closes": (False, True),
    "abnormal_continues": (False, True),
    "continue_skips_pause": (False, True),
    "cancels_next_instance": (False, True),
}


class Steered(RuleBasedStateMachine):
    """One ticket after the other is started, steered and looked at, under switches that may change at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.tenant = Tenant(Settings(accepts_idle_operations=True))
        self.tenant.create()
        self.ticket = ""
        self.ended: dict[int, str] = {}

    def teardown(self) -> None:
        self.tenant.simulator.close()

    @rule(
        sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3),
        pauses=st.sets(st.integers(1, 3)),
        rate=st.integers(1, 100),
    )
    def start(self, sizes: list[int], pauses: set[int], rate: int) -> None:
        names = list(NAMES)
        batches = [tuple(names.pop() for _ in range(min(size, len(names)))) for size in sizes if names]
        batches = [batch for batch in batches if batch]
        self.ticket = execute(self.tenant, *batches, pauses=tuple(pauses), success_rate=rate, timeout=30)
        self.ended = {}

    @rule(name=st.sampled_from(NAMES), outcome=st.sampled_from(OUTCOMES), seconds=st.sampled_from([0, 1, 20, 90]))
    def decide(self, name: str, outcome: str, seconds: int) -> None:
        self.tenant.simulator.hosts.change(name, outcome=outcome, seconds=seconds)

    @rule(switch=st.sampled_from(sorted(SWITCHES)), position=st.integers(0, 1))
    def turn(self, switch: str, position: int) -> None:
        self.tenant.simulator.configure(**{switch: SWITCHES[switch][position]})

    @rule(seconds=st.sampled_from([0.2, 1, 5, 100, -50]))
    def wait(self, seconds: float) -> None:
        self.tenant.now += seconds

    @precondition(lambda self: self.ticket)
    @rule(
        kind=st.sampled_from(["PAUSE_ORDER", "CONTINUE_ORDER", "CANCEL_ORDER", "SKIP_BATCH", "CANCEL_INSTANCE"]),
        index=st.integers(1, 3),
        place=st.integers(0, 5),
    )
    def steer(self, kind: str, index: int, place: int) -> None:
        ids = [each.id for each in self.tenant.simulator.tickets.get(self.ticket).instances]
        body = {"operation_type": kind, "batch_index": index, "instance_id": ids[place % len(ids)]}
        self.tenant.done("PUT", f"{ORDERS}/{self.ticket}/operation", body)

    @precondition(lambda self: self.ticket)
    @invariant()
    def every_host_is_accounted_for(self) -> None:
        shown = self.tenant.done("GET", f"{ORDERS}/{self.ticket}/statistics")
        assert sum(each["instance_count"] for each in shown["execute_statistics"]) == shown["total_instance"]

    @precondition(lambda self: self.ticket)
    @invariant()
    def what_has_ended_never_changes(self) -> None:
        for row in self._rows():
            if row["id"] in self.ended:
                assert row["status"] == self.ended[row["id"]]
            elif row["status"] in OVER:
                self.ended[row["id"]] = row["status"]

    @precondition(lambda self: self.ticket)
    @invariant()
    def one_batch_runs_at_a_time_and_none_once_the_ticket_is_over(self) -> None:
        ticket = self.tenant.simulator.tickets.get(self.ticket)
        running = [batch.index for batch in ticket.batches if batch.is_running]
        assert len(running) <= 1
        if ticket.status in OVER and not ticket.is_open:
            assert running == []
        if ticket.status == "FINISHED":
            assert ticket.next_batch() is None

    def _rows(self) -> list[dict[str, Any]]:
        count = len(self.tenant.done("GET", f"{ORDERS}/{self.ticket}/batches"))
        pages = [
            self.tenant.done("GET", f"{ORDERS}/{self.ticket}/batches/{index}", limit=50)["execute_instances"]
            for index in range(1, count + 1)
        ]
        return [row for page in pages for row in page]


TestSteered = Steered.TestCase
TestSteered.settings = settings(max_examples=60, stateful_step_count=25)
