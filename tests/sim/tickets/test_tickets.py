"""What becomes of a ticket: time, outcomes, pauses, thresholds, operations, and every switch of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sim.conftest import SCRIPTS, Tenant, param
from tests.sim.hosts_and_tickets import ORDERS, body, execute, info, operate, refuse, rows, status, statuses

Make = Callable[..., Tenant]
ALL = ("web-01", "web-02", "web-03")


def passes(tenant: Tenant, seconds: float) -> None:
    tenant.now += seconds


def outcome(tenant: Tenant, name: str, **changes: Any) -> None:
    tenant.simulator.hosts.change(name, **changes)


def statistics(tenant: Tenant, ticket: str) -> dict[str, tuple[int, list[int]]]:
    shown = tenant.done("GET", f"{ORDERS}/{ticket}/statistics")["execute_statistics"]
    return {row["instance_status"]: (row["instance_count"], row["batch_indexes"]) for row in shown}


class TestTime:
    def test_takes_a_ticket_from_ready_through_its_batches_to_its_end(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",), ("web-02",))
        seen = [(status(tenant, ticket), statuses(tenant, ticket, 1, 2))]
        for _ in range(3):
            passes(tenant, 1)
            seen.append((status(tenant, ticket), statuses(tenant, ticket, 1, 2)))
        assert seen == [
            ("READY", [["READY"], ["READY"]]),
            ("PROCESSING", [["PROCESSING"], ["READY"]]),
            ("PROCESSING", [["FINISHED"], ["PROCESSING"]]),
            ("FINISHED", [["FINISHED"], ["FINISHED"]]),
        ]

    def test_is_made_up_for_when_nobody_looked(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",), ("web-02",))
        passes(tenant, 3600)
        shown = info(tenant, ticket)
        assert (shown["status"], shown["gmt_finished"] - shown["gmt_created"]) == ("FINISHED", 3000)

    def test_runs_faster_where_the_switch_says_so(self, make_tenant: Make) -> None:
        tenant = make_tenant(ticket_speed=100.0)
        outcome(tenant, "web-01", seconds=250)
        ticket = execute(tenant, ("web-01",))
        passes(tenant, 2.6)
        (row,) = rows(tenant, ticket)
        assert (row["status"], row["gmt_finished"] - row["gmt_created"]) == ("FINISHED", 250_000)

    def test_never_goes_back(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",))
        passes(tenant, 1.5)
        assert status(tenant, ticket) == "PROCESSING"
        passes(tenant, -100)
        assert status(tenant, ticket) == "PROCESSING"

    def test_a_ticket_and_its_rows_show_as_late_as_the_switches_say(self, make_tenant: Make) -> None:
        tenant = make_tenant(tickets_shown_after=60.0, rows_shown_after=80.0)
        ticket = execute(tenant, ("web-01",))
        assert tenant.refusal("GET", f"{ORDERS}/{ticket}")[:2] == (400, "COC.00040709")
        assert tenant.done("GET", ORDERS)["data"] == []
        passes(tenant, 60)
        assert status(tenant, ticket) == "FINISHED"
        assert len(tenant.done("GET", ORDERS)["data"]) == 1
        assert rows(tenant, ticket) == []
        passes(tenant, 20)
        assert len(rows(tenant, ticket)) == 1


class TestOutcomes:
    @pytest.mark.parametrize(
        ("kind", "expected", "lasts"),
        [("ok", "FINISHED", 1000), ("fail", "ABNORMAL", 1000), ("offline", "ABNORMAL", 0), ("hang", "CANCELED", 60000)],
    )
    def test_a_host_ends_as_it_was_told(self, tenant: Tenant, kind: str, expected: str, lasts: int) -> None:
        outcome(tenant, "web-01", outcome=kind)
        ticket = execute(tenant, ("web-01",), timeout=60)
        passes(tenant, 100)
        (row,) = rows(tenant, ticket)
        assert (row["status"], row["gmt_finished"] - row["gmt_created"]) == (expected, lasts)

    def test_a_timeout_is_spelt_as_the_switch_says(self, make_tenant: Make) -> None:
        tenant = make_tenant(timeout_status="ABNORMAL")
        outcome(tenant, "web-01", seconds=61)
        ticket = execute(tenant, ("web-01",), timeout=60)
        passes(tenant, 100)
        assert statuses(tenant, ticket, 1) == [["ABNORMAL"]]

    def test_what_is_changed_by_hand_counts_for_hosts_that_have_not_started(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",), ("web-02",), pauses=(1,))
        passes(tenant, 9)
        assert status(tenant, ticket) == "PAUSED"
        for name in ("web-01", "web-02"):
            outcome(tenant, name, outcome="fail")
        operate(tenant, ticket, "CONTINUE_ORDER")
        passes(tenant, 9)
        assert statuses(tenant, ticket, 1, 2) == [["FINISHED"], ["ABNORMAL"]]

    def test_a_host_that_left_the_inventory_fails(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",))
        tenant.simulator.hosts.remove("web-01")
        passes(tenant, 9)
        assert statuses(tenant, ticket, 1) == [["ABNORMAL"]]

    def test_statistics_count_every_status(self, tenant: Tenant) -> None:
        outcome(tenant, "web-02", outcome="fail")
        ticket = execute(tenant, ALL, ("db-01",))
        passes(tenant, 9)
        assert statistics(tenant, ticket) == {
            "READY": (1, [2]),
            "PROCESSING": (0, []),
            "ABNORMAL": (1, [1]),
            "CANCELED": (0, []),
            "FINISHED": (2, [1]),
        }


class TestThreshold:
    def test_too_few_successes_halt_before_the_next_batch(self, tenant: Tenant) -> None:
        outcome(tenant, "web-02", outcome="fail")
        ticket = execute(tenant, ALL, ("db-01",))
        passes(tenant, 9)
        shown = info(tenant, ticket)
        assert (shown["status"], shown["gmt_finished"], shown["execute_costs"]) == ("ABNORMAL", None, None)
        assert statuses(tenant, ticket, 2) == [["READY"]]

    @pytest.mark.parametrize(("rate", "expected"), [(66.6, "FINISHED"), (66.7, "ABNORMAL")])
    def test_the_rate_is_compared_exactly(self, tenant: Tenant, rate: float, expected: str) -> None:
        outcome(tenant, "web-02", outcome="fail")
        ticket = execute(tenant, ALL, success_rate=rate)
        passes(tenant, 9)
        assert status(tenant, ticket) == expected

    @pytest.mark.parametrize(("of", "expected"), [("batch", "ABNORMAL"), ("ticket", "FINISHED")])
    def test_it_is_a_share_of_what_the_switch_says(self, make_tenant: Make, of: str, expected: str) -> None:
        tenant = make_tenant(success_rate_of=of)
        outcome(tenant, "web-01", outcome="fail")
        ticket = execute(tenant, ("web-01",), ("web-02",), ("web-03",), success_rate=60)
        passes(tenant, 9)
        assert status(tenant, ticket) == expected

    def test_an_abnormal_ticket_has_ended_where_the_switch_says_so(self, make_tenant: Make) -> None:
        tenant = make_tenant(abnormal_closes=True)
        outcome(tenant, "web-01", outcome="fail")
        ticket = execute(tenant, ("web-01",), ("web-02",))
        passes(tenant, 9)
        assert info(tenant, ticket)["gmt_finished"]
        assert refuse(tenant, ticket, "CANCEL_ORDER")[:2] == (400, "COC.00040701")


class TestPause:
    def test_acts_after_its_batch_and_not_after_the_last_one(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",), ("web-02",), pauses=(1, 2))
        passes(tenant, 9)
        assert (status(tenant, ticket), statuses(tenant, ticket, 1, 2)) == ("PAUSED", [["FINISHED"], ["READY"]])
        operate(tenant, ticket, "CONTINUE_ORDER")
        passes(tenant, 9)
        assert status(tenant, ticket) == "FINISHED"

    def test_acts_before_its_batch_where_the_switch_says_so(self, make_tenant: Make) -> None:
        tenant = make_tenant(pause_is_before=True)
        ticket = execute(tenant, ("web-01",), ("web-02",), pauses=(1, 2))
        seen = []
        for _ in range(3):
            passes(tenant, 9)
            seen.append((status(tenant, ticket), statuses(tenant, ticket, 1, 2)))
            if seen[-1][0] == "PAUSED":
                operate(tenant, ticket, "CONTINUE_ORDER")
        assert seen == [
            ("PAUSED", [["READY"], ["READY"]]),
            ("PAUSED", [["FINISHED"], ["READY"]]),
            ("FINISHED", [["FINISHED"], ["FINISHED"]]),
        ]

    def test_asked_for_lets_running_hosts_end(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",), ("web-02",))
        passes(tenant, 1.5)
        operate(tenant, ticket, "PAUSE_ORDER")
        assert status(tenant, ticket) == "PROCESSING"
        passes(tenant, 9)
        assert (status(tenant, ticket), statuses(tenant, ticket, 1, 2)) == ("PAUSED", [["FINISHED"], ["READY"]])

    def test_shows_at_once_where_the_switch_says_so(self, make_tenant: Make) -> None:
        tenant = make_tenant(pauses_at_once=True)
        ticket = execute(tenant, ("web-01",), ("web-02",))
        passes(tenant, 1.5)
        operate(tenant, ticket, "PAUSE_ORDER")
        assert (status(tenant, ticket), statuses(tenant, ticket, 1)) == ("PAUSED", [["PROCESSING"]])
        operate(tenant, ticket, "CONTINUE_ORDER")
        assert status(tenant, ticket) == "PROCESSING"
        operate(tenant, ticket, "PAUSE_ORDER")
        passes(tenant, 9)
        assert (status(tenant, ticket), statuses(tenant, ticket, 1, 2)) == ("PAUSED", [["FINISHED"], ["READY"]])
        operate(tenant, ticket, "CONTINUE_ORDER")
        passes(tenant, 9)
        assert status(tenant, ticket) == "FINISHED"

    def test_asked_for_before_the_start_holds_the_first_batch(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",))
        operate(tenant, ticket, "PAUSE_ORDER")
        passes(tenant, 9)
        assert (status(tenant, ticket), statuses(tenant, ticket, 1)) == ("PAUSED", [["READY"]])

    def test_asked_for_can_be_taken_back(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",), ("web-02",))
        passes(tenant, 1.5)
        operate(tenant, ticket, "PAUSE_ORDER")
        operate(tenant, ticket, "CONTINUE_ORDER")
        passes(tenant, 9)
        assert status(tenant, ticket) == "FINISHED"


class TestContinue:
    @pytest.mark.parametrize(("skips", "expected"), [(False, "PAUSED"), (True, "FINISHED")])
    def test_sent_twice_skips_the_next_pause_only_where_the_switch_says_so(
        self, make_tenant: Make, skips: bool, expected: str
    ) -> None:
        tenant = make_tenant(continue_skips_pause=skips, accepts_idle_operations=True)
        ticket = execute(tenant, ("web-01",), ("web-02",), ("web-03",), pauses=(1, 2))
        passes(tenant, 9)
        operate(tenant, ticket, "CONTINUE_ORDER")
        operate(tenant, ticket, "CONTINUE_ORDER")
        passes(tenant, 9)
        assert status(tenant, ticket) == expected

    @pytest.mark.parametrize("goes_on", [False, True])
    def test_takes_an_abnormal_ticket_on_only_where_the_switch_says_so(self, make_tenant: Make, goes_on: bool) -> None:
        tenant = make_tenant(abnormal_continues=goes_on)
        outcome(tenant, "web-01", outcome="fail")
        ticket = execute(tenant, ("web-01",), ("web-02",))
        passes(tenant, 9)
        if not goes_on:
            assert refuse(tenant, ticket, "CONTINUE_ORDER")[0] == 400
            return
        operate(tenant, ticket, "CONTINUE_ORDER")
        passes(tenant, 9)
        assert (status(tenant, ticket), statuses(tenant, ticket, 2)) == ("FINISHED", [["FINISHED"]])


class TestCancel:
    def test_ends_everything_that_has_not_ended(self, tenant: Tenant) -> None:
        outcome(tenant, "web-02", seconds=60)
        ticket = execute(tenant, ("web-01", "web-02"), ("web-03",))
        passes(tenant, 9)
        operate(tenant, ticket, "CANCEL_ORDER")
        assert status(tenant, ticket) == "CANCELED"
        assert statuses(tenant, ticket, 1, 2) == [["FINISHED", "CANCELED"], ["CANCELED"]]
        assert [row["gmt_finished"] is None for row in rows(tenant, ticket, 2)] == [True]

    def test_of_a_host_leaves_the_others_alone(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ALL, success_rate=50)
        passes(tenant, 1.5)
        operate(tenant, ticket, "CANCEL_INSTANCE", instance_id=rows(tenant, ticket)[1]["id"])
        passes(tenant, 9)
        assert statuses(tenant, ticket, 1) == [["FINISHED", "CANCELED", "FINISHED"]]
        assert status(tenant, ticket) == "FINISHED"

    def test_of_a_host_hits_the_next_one_where_the_switch_says_so(self, make_tenant: Make) -> None:
        tenant = make_tenant(cancels_next_instance=True)
        ticket = execute(tenant, ALL)
        operate(tenant, ticket, "CANCEL_INSTANCE", instance_id=rows(tenant, ticket)[1]["id"])
        assert statuses(tenant, ticket, 1) == [["READY", "READY", "CANCELED"]]


class TestSkip:
    @pytest.mark.parametrize("skipped", ["CANCELED", "READY"])
    def test_leaves_out_a_batch_that_waits(self, make_tenant: Make, skipped: str) -> None:
        tenant = make_tenant(skipped_status=skipped)
        ticket = execute(tenant, ("web-01",), ("web-02",), ("web-03",))
        operate(tenant, ticket, "SKIP_BATCH", batch_index=2)
        passes(tenant, 9)
        assert statuses(tenant, ticket, 1, 2, 3) == [["FINISHED"], [skipped], ["FINISHED"]]
        assert status(tenant, ticket) == "FINISHED"

    def test_ends_the_batch_that_runs(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",), ("web-02",))
        passes(tenant, 1.5)
        operate(tenant, ticket, "SKIP_BATCH", batch_index=1)
        passes(tenant, 9)
        assert statuses(tenant, ticket, 1, 2) == [["CANCELED"], ["FINISHED"]]

    def test_takes_an_abnormal_ticket_to_its_next_batch(self, tenant: Tenant) -> None:
        outcome(tenant, "web-01", outcome="fail")
        ticket = execute(tenant, ("web-01",), ("web-02",))
        passes(tenant, 9)
        operate(tenant, ticket, "SKIP_BATCH", batch_index=1)
        passes(tenant, 9)
        assert (status(tenant, ticket), statuses(tenant, ticket, 2)) == ("FINISHED", [["FINISHED"]])


class TestOperation:
    @pytest.mark.parametrize(
        ("kind", "subject"),
        [
            ("PAUSE_ORDER", {}),
            ("CONTINUE_ORDER", {}),
            ("CANCEL_ORDER", {}),
            ("SKIP_BATCH", {"batch_index": 1}),
            ("SKIP_BATCH", {"batch_index": 2}),
            ("CANCEL_INSTANCE", {"instance_id": 1}),
            ("CANCEL_INSTANCE", {"instance_id": 999}),
        ],
    )
    @pytest.mark.parametrize("accepted", [False, True])
    def test_on_a_ticket_that_is_over_changes_nothing(
        self, make_tenant: Make, kind: str, subject: dict[str, int], accepted: bool
    ) -> None:
        tenant = make_tenant(accepts_idle_operations=accepted)
        ticket = execute(tenant, ("web-01",))
        passes(tenant, 9)
        before = info(tenant, ticket), rows(tenant, ticket)
        if accepted:
            assert operate(tenant, ticket, kind, **subject) == ticket
        else:
            assert refuse(tenant, ticket, kind, **subject)[:2] == (400, "COC.00040701")
        assert (info(tenant, ticket), rows(tenant, ticket)) == before

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            ({}, "COC.00040050"),
            ({"operation_type": "RETRY_INSTANCE", "instance_id": 1}, "COC.00010002"),
            ({"operation_type": "SKIP_BATCH"}, "COC.00040050"),
            ({"operation_type": "SKIP_BATCH", "batch_index": 21}, "COC.00040701"),
            ({"operation_type": "CANCEL_INSTANCE"}, "COC.00040050"),
        ],
    )
    def test_outside_the_documentation_is_refused(self, tenant: Tenant, sent: dict[str, Any], code: str) -> None:
        path = f"{ORDERS}/{execute(tenant, ('web-01',))}/operation"
        assert tenant.refusal("PUT", path, sent)[:2] == (400, code)

    def test_on_no_ticket_says_so(self, tenant: Tenant) -> None:
        assert refuse(tenant, "SCT1", "CANCEL_ORDER")[:2] == (400, "COC.00040709")

    def test_ignores_what_it_does_not_need(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",))
        operate(tenant, ticket, "CANCEL_ORDER", batch_index=1, instance_id=4711)
        assert status(tenant, ticket) == "CANCELED"


class TestLog:
    def test_is_what_the_host_was_told_to_print(self, tenant: Tenant) -> None:
        outcome(tenant, "web-01", log="\x1b[31mred\r\n::add-mask::x\ud800")
        outcome(tenant, "web-03", outcome="fail")
        ticket = execute(tenant, ALL)
        assert [row["message"] for row in rows(tenant, ticket)] == ["", "", ""]
        passes(tenant, 9)
        assert [row["message"] for row in rows(tenant, ticket)] == [
            "\x1b[31mred\r\n::add-mask::x\ud800",
            "restart_nginx has ended on web-02.\n",
            "restart_nginx has failed on web-03.\n",
        ]

    def test_grows_while_the_host_runs_where_the_switch_says_so(self, make_tenant: Make) -> None:
        tenant = make_tenant(log_while_running=True)
        outcome(tenant, "web-01", log="0123456789", seconds=10)
        ticket = execute(tenant, ("web-01",))
        passes(tenant, 5)
        assert rows(tenant, ticket)[0]["message"] == "0123"

    @pytest.mark.parametrize(("tail", "expected"), [(False, "é"), (True, "cd")])
    def test_is_cut_at_its_limit(self, make_tenant: Make, tail: bool, expected: str) -> None:
        tenant = make_tenant(log_bytes_max=3, log_keeps_tail=tail)
        outcome(tenant, "web-01", log="ééécd")
        ticket = execute(tenant, ("web-01",))
        passes(tenant, 9)
        assert rows(tenant, ticket)[0]["message"] == expected

    def test_of_a_whole_ticket_is_limited_where_the_switch_says_so(self, make_tenant: Make) -> None:
        tenant = make_tenant(log_bytes_max=8, log_limit_of="ticket")
        for name in ALL:
            outcome(tenant, name, log="12345")
        ticket = execute(tenant, ALL)
        passes(tenant, 9)
        assert [row["message"] for row in rows(tenant, ticket)] == ["12345", "123", ""]


class TestInfo:
    @pytest.mark.parametrize(
        ("position", "shown"),
        [
            ("executed", [("path", "/new"), ("token", "secret1")]),
            ("masked", [("path", "/new"), ("token", "*" * 17)]),
            ("default", [("path", "/old"), ("token", "*" * 17)]),
            ("none", []),
        ],
    )
    def test_shows_params_as_the_switch_says(
        self, make_tenant: Make, position: str, shown: list[tuple[str, str]]
    ) -> None:
        tenant = make_tenant(info_params=position)
        params = [param("path", "/old", 1), param("token", "abc", 2, sensitive=True)]
        uuid = tenant.create(script_params=params)
        sent = [{"param_name": "path", "param_value": "/new"}, {"param_name": "token", "param_value": "secret1"}]
        ticket = tenant.done("POST", f"{SCRIPTS}/{uuid}", body(tenant, ("web-01",), script_params=sent))
        found = info(tenant, ticket)["properties"]["execute_param"]["script_params"]
        assert [(each["param_name"], each["param_value"]) for each in found] == shown

    @pytest.mark.parametrize(("unit", "expected"), [("ms", 2000), ("s", 2), ("none", None)])
    def test_shows_costs_in_the_unit_of_the_switch(self, make_tenant: Make, unit: str, expected: int | None) -> None:
        tenant = make_tenant(costs_in=unit)
        ticket = execute(tenant, ("web-01",))
        passes(tenant, 9)
        assert info(tenant, ticket)["execute_costs"] == expected

    def test_of_no_ticket_says_so_for_every_read(self, tenant: Tenant) -> None:
        for rest in ("", "/statistics", "/batches", "/batches/1"):
            assert tenant.refusal("GET", f"{ORDERS}/SCT1{rest}")[:2] == (400, "COC.00040709")

    def test_of_a_batch_that_is_none_is_refused(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ("web-01",))
        for index in ("2", "x"):
            assert tenant.refusal("GET", f"{ORDERS}/{ticket}/batches/{index}")[0] == 400

    def test_of_batches_shows_their_strategies(self, tenant: Tenant) -> None:
        ticket = execute(tenant, ALL, ("db-01",), pauses=(1,))
        assert tenant.done("GET", f"{ORDERS}/{ticket}/batches") == [
            {"batch_index": 1, "total_instances": 3, "rotation_strategy": "PAUSE"},
            {"batch_index": 2, "total_instances": 1, "rotation_strategy": "CONTINUE"},
        ]

    def test_of_hosts_comes_in_pages_and_by_status(self, tenant: Tenant) -> None:
        outcome(tenant, "web-02", outcome="fail")
        ticket = execute(tenant, ALL)
        passes(tenant, 9)
        path = f"{ORDERS}/{ticket}/batches/1"
        one = tenant.done("GET", path, limit=2)["execute_instances"]
        two = tenant.done("GET", path, limit=2, marker=one[-1]["id"])["execute_instances"]
        assert [*one, *two] == rows(tenant, ticket)
        assert len(tenant.done("GET", path, status="ABNORMAL")["execute_instances"]) == 1


class TestList:
    @pytest.fixture
    def listed(self, tenant: Tenant) -> Tenant:
        """Three tickets, ten seconds apart, of two scripts."""
        for name in ("alpha", "alpha", "beta"):
            found = [script.uuid for script in tenant.simulator.scripts() if script.name == name]
            uuid = found[0] if found else tenant.create(name=name)
            tenant.done("POST", f"{SCRIPTS}/{uuid}", body(tenant, ("web-01", "edge-01")))
            passes(tenant, 10)
        return tenant

    def names(self, tenant: Tenant, **query: object) -> list[tuple[int, str]]:
        return [(row["order_id"], row["order_name"]) for row in tenant.done("GET", ORDERS, **query)["data"]]

    def test_shows_the_newest_first_in_pages_by_the_last_order_id(self, listed: Tenant) -> None:
        assert self.names(listed, limit=2) == [(3, "beta"), (2, "alpha")]
        assert self.names(listed, limit=2, marker=2) == [(1, "alpha")]
        assert self.names(listed, limit=2, marker=1) == []
        assert listed.done("GET", ORDERS)["total"] == 3

    def test_runs_the_other_way_where_the_switch_says_so(self, listed: Tenant) -> None:
        listed.simulator.configure(ids_ascending=True)
        assert self.names(listed, limit=2) == [(1, "alpha"), (2, "alpha")]
        assert self.names(listed, limit=2, marker=2) == [(3, "beta")]

    def test_filters_by_time_creator_and_status(self, listed: Tenant) -> None:
        start = 1_700_000_000_000
        assert self.names(listed, start_time=start + 10_000, end_time=start + 10_000) == [(2, "alpha")]
        assert self.names(listed, creator="cocsync", status="FINISHED")[0] == (3, "beta")
        assert self.names(listed, creator="somebody") == self.names(listed, status="PAUSED") == []

    def test_limits_the_end_where_the_switch_says_so(self, listed: Tenant) -> None:
        listed.simulator.configure(end_time_is_finish=True)
        assert self.names(listed, end_time=1_700_000_001_999) == []
        assert self.names(listed, end_time=1_700_000_002_000) == [(1, "alpha")]

    @pytest.mark.parametrize(("position", "found"), [("honoured", 1), ("ignored", 3), ("refused", None)])
    def test_treats_name_like_as_the_switch_says(self, listed: Tenant, position: str, found: int | None) -> None:
        listed.simulator.configure(orders_name_like=position)
        if found is None:
            assert listed.refusal("GET", ORDERS, name_like="BET")[0] == 400
        else:
            assert len(self.names(listed, name_like="BET")) == found

    def test_names_the_regions_of_the_hosts(self, listed: Tenant) -> None:
        (row, *_) = listed.done("GET", ORDERS)["data"]
        assert row["properties"] == {"region_ids": "cn-north-4,ap-southeast-3"}

    @pytest.mark.parametrize("query", [{"marker": 0}, {"limit": 101}, {"limit": 0}, {"status": "SUSPENDED"}])
    def test_refuses_what_is_outside_its_limits(self, tenant: Tenant, query: dict[str, object]) -> None:
        assert tenant.refusal("GET", ORDERS, **query)[0] == 400

    def test_a_reset_forgets_tickets_and_gives_no_id_twice(self, listed: Tenant) -> None:
        listed.simulator.reset()
        assert self.names(listed) == []
        execute(listed, ("web-01",))
        assert self.names(listed) == [(4, "restart_nginx")]


def test_faults_strike_tickets_as_they_strike_scripts(tenant: Tenant) -> None:
    ticket = execute(tenant, ALL)
    passes(tenant, 9)
    tenant.simulator.inject("total=+5", "disorder", f"PUT {ORDERS}/*:503-after-commit")
    assert tenant.done("GET", ORDERS)["total"] == 6
    assert [row["id"] for row in rows(tenant, ticket)] == [3, 2, 1]
    assert tenant.refusal("PUT", f"{ORDERS}/{ticket}/operation", {"operation_type": "CANCEL_ORDER"})[0] == 503
