"""Tickets: wire <-> records, answers that are none, and logs of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.coc.http.client import Client
from cocsync.coc.http.errors import AnswerTooLarge, ApiError, OutcomeUnknown
from cocsync.coc.tickets import (
    LOGS_MAX,
    Batch,
    BatchDetail,
    HostRow,
    Statistics,
    StatusCount,
    TicketInfo,
    TicketPage,
    TicketRow,
    TicketsApi,
    path_of,
    says_no_ticket,
)
from cocsync.sim import Request, Response
from tests.support import json_values
from tests.support.canned import Canned, data, error

LISTED: dict[str, Any] = {
    "order_id": 74,
    "order_name": "071201",
    "execute_uuid": "SCT20230724201",
    "gmt_created": 1690200829451,
    "gmt_finished": 1690200850293,
    "execute_costs": 20842,
    "creator": "container1",
    "status": "CANCELED",
    "properties": {"region_ids": "cn-north-7,cn-north-4"},
}
INFO: dict[str, Any] = {
    "execute_uuid": "SCT2023102211473",
    "gmt_created": 1697946452186,
    "gmt_finished": None,
    "execute_costs": None,
    "creator": "container1",
    "status": "PROCESSING",
    "properties": {
        "script_uuid": "SC2023101717",
        "script_name": "nightly",
        "current_execute_batch_index": 2,
        "execute_param": {"resourceful": True, "timeout": 300, "execute_user": "root", "success_rate": 100},
        "script_source": "CUSTOM_SCRIPT",
    },
}
STATISTICS: dict[str, Any] = {
    "total_instance": 3,
    "execute_statistics": [
        {"instance_status": "READY", "instance_count": 2, "batch_indexes": [1, 2]},
        {"instance_status": "SUSPENDED", "instance_count": 1, "batch_indexes": []},
    ],
}
BATCHES = [
    {"batch_index": 2, "total_instances": 1, "rotation_strategy": "CONTINUE"},
    {"batch_index": 1, "total_instances": 2, "rotation_strategy": "PAUSE", "properties": None},
]
HOST: dict[str, Any] = {
    "id": 1588,
    "target_instance": {
        "resource_id": "r1",
        "agent_sn": "a",
        "region_id": "cn-north-7",
        "custom_attributes": [{"key": "cocsync", "value": "abc"}],
    },
    "gmt_created": 1697946452436,
    "gmt_finished": 1697946763467,
    "execute_costs": 311031,
    "status": "CANCELED",
    "message": "Script execution result",
}
DETAIL: dict[str, Any] = {"batch_index": 1, "total_instances": 1, "execute_instances": [HOST]}


def tickets_with(answer: Any) -> TicketsApi:
    server = Canned(lambda _: answer if isinstance(answer, Response) else data(answer))
    return TicketsApi(server.client(Client, writable=False))


class TestList:
    def test_a_row_holds_what_the_list_shows(self) -> None:
        response = data({"total": 222, "data": [LISTED]})
        dated = Response(status=200, headers={"date": "Tue, 14 Nov 2023 22:13:20 GMT"}, body=response.body)
        assert tickets_with(dated).page() == TicketPage(
            rows=(
                TicketRow(
                    order_id=74,
                    uuid="SCT20230724201",
                    name="071201",
                    status="CANCELED",
                    creator="container1",
                    created_at=1690200829451,
                    finished_at=1690200850293,
                    regions=("cn-north-7", "cn-north-4"),
                ),
            ),
            total=222,
            answered_at=1_700_000_000_000,
        )

    def test_a_date_that_is_none_is_none(self) -> None:
        for date in ("", "yesterday", "Tue, 99 Nov 2023 22:13:20 GMT"):
            dated = Response(status=200, headers={"date": date}, body=data([LISTED]).body)
            assert tickets_with(dated).page().answered_at is None

    def test_asks_in_the_units_of_coc_and_for_no_marker_on_the_first_page(self) -> None:
        server = Canned(lambda _: data({"total": 0, "data": []}))
        api = TicketsApi(server.client(Client, writable=False))
        api.page()
        api.page(70, since=1690200829451, status="PAUSED", creator="me", name_like="x")
        assert server.queries[0] == {"limit": "100"}
        assert server.queries[1] == {
            "limit": "100",
            "marker": "70",
            "start_time": "1690200829451",
            "status": "PAUSED",
            "creator": "me",
            "name_like": "x",
        }

    @pytest.mark.parametrize("answer", [7, {}, {"data": {}}, {"data": [{**LISTED, "order_id": "74"}]}, [7]])
    def test_an_answer_without_tickets_is_no_empty_list(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown):
            tickets_with(answer).page()


class TestInfo:
    def test_holds_the_ticket_and_no_params(self) -> None:
        assert tickets_with(INFO).info("SCT2023102211473") == TicketInfo(
            uuid="SCT2023102211473",
            status="PROCESSING",
            creator="container1",
            created_at=1697946452186,
            finished_at=None,
            script_uuid="SC2023101717",
            script_name="nightly",
            current_batch=2,
            timeout=300,
            user="root",
            answered_at=None,
        )

    def test_of_a_ticket_that_does_not_exist_is_told_from_other_refusals(self) -> None:
        for code, is_so in (("COC.00040709", True), ("COC.00040701", False)):
            with pytest.raises(ApiError) as caught:
                tickets_with(error(400, code)).info("SCT1")
            assert says_no_ticket(caught.value) is is_so
        assert not says_no_ticket(OutcomeUnknown("x"))

    @pytest.mark.parametrize("answer", [7, [], {**INFO, "status": None}, {**INFO, "status": ""}])
    def test_without_a_status_is_no_answer(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown):
            tickets_with(answer).info("SCT1")

    def test_an_unknown_status_is_shown_as_it_is(self) -> None:
        assert tickets_with({**INFO, "status": "SUSPENDED"}).info("SCT1").status == "SUSPENDED"

    def test_an_id_of_any_characters_stays_one_segment_of_the_path(self) -> None:
        assert path_of("../scripts?x=1#é") == "/v1/job/script/orders/..%2Fscripts%3Fx%3D1%23%C3%A9"


class TestProgress:
    def test_statistics_keep_unknown_words(self) -> None:
        assert tickets_with(STATISTICS).statistics("SCT1") == Statistics(
            total=3,
            counts=(
                StatusCount(status="READY", count=2, batches=(1, 2)),
                StatusCount(status="SUSPENDED", count=1, batches=()),
            ),
        )

    def test_batches_come_by_index(self) -> None:
        assert tickets_with(BATCHES).batches("SCT1") == (
            Batch(index=1, total=2, rotation="PAUSE"),
            Batch(index=2, total=1, rotation="CONTINUE"),
        )

    @pytest.mark.parametrize("answer", [7, {}, {"execute_statistics": None}, [7]])
    def test_other_answers_are_none(self, answer: Any) -> None:
        for ask in (TicketsApi.statistics, TicketsApi.batches):
            with pytest.raises(OutcomeUnknown):
                ask(tickets_with(answer), "SCT1")


class TestDetail:
    def test_a_row_holds_the_host_its_log_and_its_attributes(self) -> None:
        detail = tickets_with(DETAIL).batch("SCT1", 1)
        assert detail == BatchDetail(
            total=1,
            rows=(
                HostRow(
                    id=1588,
                    resource_id="r1",
                    region="cn-north-7",
                    status="CANCELED",
                    message="Script execution result",
                    created_at=1697946452436,
                    finished_at=1697946763467,
                    attributes=(("cocsync", "abc"),),
                ),
            ),
        )
        assert detail.rows[0].seconds == 311.031

    @pytest.mark.parametrize(
        "times", [{"gmt_created": None}, {"gmt_finished": None}, {"gmt_finished": 1}, {"gmt_created": "soon"}]
    )
    def test_a_duration_comes_from_the_times_or_not_at_all(self, times: dict[str, Any]) -> None:
        (row,) = tickets_with({**DETAIL, "execute_instances": [{**HOST, **times}]}).batch("SCT1", 1).rows
        assert row.seconds is None

    def test_attributes_that_are_not_shown_are_told_from_none(self) -> None:
        def attributes(value: Any) -> Any:
            target = {**HOST["target_instance"], "custom_attributes": value}
            answer = {**DETAIL, "execute_instances": [{**HOST, "target_instance": target}]}
            return tickets_with(answer).batch("SCT1", 1).rows[0].attributes

        assert (attributes(None), attributes([]), attributes([7])) == (None, (), ())

    def test_rows_that_are_not_written_yet_are_fewer_than_the_total(self) -> None:
        detail = tickets_with({**DETAIL, "execute_instances": []}).batch("SCT1", 1)
        assert (detail.total, detail.rows) == (1, ())

    @pytest.mark.parametrize(
        "answer",
        [
            7,
            {},
            {**DETAIL, "execute_instances": [7]},
            {**DETAIL, "execute_instances": [{**HOST, "target_instance": None}]},
            {**DETAIL, "execute_instances": [HOST, HOST]},
        ],
    )
    def test_other_answers_are_none(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown):
            tickets_with(answer).batch("SCT1", 1)


def long_logs(hosts: int, size: int) -> Callable[[Request], Response]:
    """A batch of hosts with logs of this length, whose pages are as the request asks."""
    rows = [
        {**HOST, "id": number, "target_instance": {"resource_id": f"r{number}"}, "message": "x" * size}
        for number in range(1, hosts + 1)
    ]

    def answer(request: Request) -> Response:
        limit, marker = int(request.parameter("limit") or 50), int(request.parameter("marker") or 0)
        page = [row for row in rows if int(str(row["id"])) > marker][:limit]
        return data({"batch_index": 1, "total_instances": hosts, "execute_instances": page})

    return answer


class TestLongLogs:
    def test_ten_hosts_with_a_megabyte_each_take_one_request(self) -> None:
        server = Canned(long_logs(10, 1_000_000))
        detail = TicketsApi(server.client(Client, writable=False)).batch("SCT1", 1)
        assert [len(row.message) for row in detail.rows] == [1_000_000] * 10
        assert len(server.requests) == 1

    def test_more_than_one_answer_can_hold_are_read_host_by_host(self) -> None:
        server = Canned(long_logs(3, LOGS_MAX // 2))
        detail = TicketsApi(server.client(Client, writable=False)).batch("SCT1", 1)
        assert [row.resource_id for row in detail.rows] == ["r1", "r2", "r3"]
        assert [query["limit"] for query in server.queries] == ["50", "50", "1", "1", "1"]

    def test_one_that_no_answer_can_hold_is_an_error(self) -> None:
        server = Canned(long_logs(1, LOGS_MAX + 1))
        with pytest.raises(AnswerTooLarge):
            TicketsApi(server.client(Client, writable=False)).batch("SCT1", 1)
        assert len(server.requests) == 4

    def test_pages_that_never_end_are_an_error(self) -> None:
        page = [{**HOST, "id": number} for number in range(50)]
        with pytest.raises(OutcomeUnknown, match="shows a host twice"):
            tickets_with({"total_instances": 99, "execute_instances": page}).batch("SCT1", 1)


ASKED: dict[str, tuple[Callable[[TicketsApi], Any], Any]] = {
    "page": (lambda api: api.page(), {"total": 1, "data": [LISTED, LISTED]}),
    "info": (lambda api: api.info("SCT1"), INFO),
    "statistics": (lambda api: api.statistics("SCT1"), STATISTICS),
    "batches": (lambda api: api.batches("SCT1"), BATCHES),
    "batch": (lambda api: api.batch("SCT1", 1), DETAIL),
}


@pytest.mark.parametrize("asked", ASKED)
@given(draw=st.data())
def test_any_answer_ends_as_records_or_as_an_error_of_ours(asked: str, draw: st.DataObject) -> None:
    ask, usual = ASKED[asked]
    answer = draw.draw(json_values.almost(usual) | json_values.ANY)
    try:
        assert ask(tickets_with(answer)) is not None
    except ApiError:
        return
