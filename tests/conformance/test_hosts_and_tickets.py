"""What cocsync relies on in COC's inventory, executions and tickets. Each test names where the fact is from.

Sources as in `test_scripts`. "Client" is a published one whose samples are from a live service.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conformance.account import HOSTS, KIND, ORDERS, SCRIPTS, Account, Answer

MASK = "*" * 17


def refused(answer: Answer) -> bool:
    """By COC, in its own shape (reference, table 4-9)."""
    return answer.status == 400 and answer.code.startswith("COC.") and bool(answer.text)


class TestInventory:
    def test_a_page_is_a_list_of_rows_with_two_ids(self, coc: Account) -> None:
        """Reference 4.1.1, table 4-3."""
        for row in coc.hosts():
            assert isinstance(row["id"], str)
            assert len(row["resource_id"]) == 36
            assert {"name", "region_id", "project_id", "agent_id"} <= row.keys()

    def test_pages_by_the_last_id_hold_every_host_once_and_as_many_as_are_counted(self, coc: Account) -> None:
        """Provider, data source of hosts; definition CountResources."""
        ids: list[str] = []
        query: dict[str, Any] = {}
        while rows := coc.hosts(limit=5, **query):
            ids += [row["id"] for row in rows]
            query = {"marker": rows[-1]["id"]}
        assert len(set(ids)) == len(ids)
        count = coc.send("GET", f"{HOSTS}/count", **KIND)
        assert not count.is_success or count.data == len(ids)

    def test_ids_with_commas_narrow_it(self, coc: Account) -> None:
        """Provider, batch execution."""
        rows = coc.hosts()[:2]
        found = coc.hosts(resource_id_list=",".join(row["resource_id"] for row in rows))
        assert {row["id"] for row in found} == {row["id"] for row in rows}

    @pytest.mark.parametrize("missing", ["provider", "type"])
    def test_provider_and_type_are_required(self, coc: Account, missing: str) -> None:
        """Reference 4.1.1, table 4-1."""
        query = {name: value for name, value in KIND.items() if name != missing}
        assert not coc.send("GET", HOSTS, limit=1, **query).is_success


class TestExecution:
    def test_answers_with_a_ticket_that_names_the_script(self, coc: Account) -> None:
        """Reference 4.2.6 and 4.3.1."""
        ticket = coc.execute()
        assert re.fullmatch(r"SCT[A-Za-z0-9]{1,23}", ticket)
        assert coc.order(ticket)["properties"]["script_uuid"] == coc.created[-1]

    @pytest.mark.parametrize("how", [{"timeout": 5}, {"timeout": 1800}, {"success_rate": 0}, {"success_rate": 101}])
    def test_refuses_what_is_outside_its_limits(self, coc: Account, how: dict[str, Any]) -> None:
        """Reference 4.2.6, table 4-31: exclusive on both ends."""
        body = coc.executions(**how)
        assert refused(coc.send("POST", f"{SCRIPTS}/{coc.create(content='echo conformance')}", body))

    def test_refuses_a_host_that_is_not_in_the_inventory(self, coc: Account) -> None:
        """Client, 2026: the code, with the host in the text."""
        body = coc.executions()
        body["execute_batches"][0]["target_instances"][0]["resource_id"] = "00000000-0000-4000-a000-000000000000"
        answer = coc.send("POST", f"{SCRIPTS}/{coc.create(content='echo conformance')}", body)
        assert (answer.status, answer.code) == (400, "COC.00040702")
        assert "00000000-0000-4000-a000-000000000000" in answer.text

    def test_refuses_the_mask_as_a_value(self, coc: Account) -> None:
        """Definition ExecuteScript, the pattern of param_value."""
        body = coc.executions(script_params=[{"param_name": "p", "param_value": MASK, "param_order": 1}])
        assert refused(coc.send("POST", f"{SCRIPTS}/{coc.create(content='echo conformance')}", body))


class TestTicket:
    def test_that_has_ended_accounts_for_its_host_everywhere(self, coc: Account) -> None:
        """Reference 4.3.1 to 4.3.4."""
        ticket = coc.execute()
        shown = coc.order(ticket)
        (row,) = coc.order_rows(ticket)
        counts = coc.send("GET", f"{ORDERS}/{ticket}/statistics").data
        (batch,) = coc.send("GET", f"{ORDERS}/{ticket}/batches").data
        assert (shown["status"], row["status"]) == ("FINISHED", "FINISHED")
        assert isinstance(row["message"], str)
        assert (batch["batch_index"], batch["total_instances"], batch["rotation_strategy"]) == (1, 1, "CONTINUE")
        found = {each["instance_status"]: each["instance_count"] for each in counts["execute_statistics"]}
        assert (counts["total_instance"], found["FINISHED"], sum(found.values())) == (1, 1, 1)

    def test_has_times_in_milliseconds(self, coc: Account) -> None:
        """Reference 4.3.1, example."""
        shown = coc.order(coc.execute())
        assert 1_600_000_000_000 < shown["gmt_created"] <= shown["gmt_finished"] < 4_000_000_000_000

    def test_is_the_newest_of_the_list(self, coc: Account) -> None:
        """Reference 4.3.5, example: descending order ids."""
        ticket = coc.execute()
        rows = coc.send("GET", ORDERS, limit=10).data["data"]
        assert ticket in {row["execute_uuid"] for row in rows}
        ids = [row["order_id"] for row in rows]
        assert ids == sorted(ids, reverse=True)

    def test_that_does_not_exist_has_a_code_of_its_own(self, coc: Account) -> None:
        """Provider, constant."""
        answer = coc.send("GET", f"{ORDERS}/SCT20200101000000deadbeef")
        assert (answer.status, answer.code) == (400, "COC.00040709")

    def test_that_has_ended_is_not_changed_by_a_cancel(self, coc: Account) -> None:
        """What a late cancel relies on."""
        ticket = coc.execute()
        coc.send("PUT", f"{ORDERS}/{ticket}/operation", {"operation_type": "CANCEL_ORDER"})
        assert coc.order(ticket)["status"] == "FINISHED"

    def test_takes_no_operation_that_is_not_published(self, coc: Account) -> None:
        """Definition OperateScriptJob; the example of 2023 shows another word."""
        ticket = coc.execute()
        (row,) = coc.order_rows(ticket)
        body = {"operation_type": "RETRY_INSTANCE", "instance_id": row["id"]}
        assert refused(coc.send("PUT", f"{ORDERS}/{ticket}/operation", body))
