"""The request that runs a script: sent once, and never taken for done or for harmless where nobody can know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from hypothesis import given

from cocsync.coc.execution import ExecutionApi, ExecutionClient, body_of, nothing_ran
from cocsync.coc.http.errors import ApiError, NotSent, OutcomeUnknown, Rejected
from cocsync.coc.http.transport import Transport
from cocsync.coc.operations import SteeringClient, TicketOperations
from cocsync.coc.tickets import TicketsApi
from cocsync.engine.simulated import Simulated
from cocsync.model.secret import MASK, Secret
from cocsync.sim import ConnectionLost, ConnectionRefused, ReadTimeout, Request, Response, Simulator
from cocsync.sim.faults.kinds import KINDS
from cocsync.sim.faults.pages import PAGE_KINDS
from tests.support import canary, json_values
from tests.support.canned import Canned, data, error
from tests.support.executions import RUN_ID, Account, argument

EXECUTE = "POST /v1/job/scripts/*"
FAULTS = [
    *(kind for kind in KINDS if kind not in PAGE_KINDS and kind not in {"gzip-bomb", "huge"}),
    *("204", "400", "401", "403", "404", "409", "500", "502", "503", "504"),
    *("200-after-commit", "204-after-commit", "400-after-commit", "502-after-commit", "504-after-commit"),
]
"""Of which `429-after-commit` is none: a gateway that throttles has passed nothing on."""


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account(execute_needs_2023_fields=True)
    yield account
    account.close()


def executed(account: Account, **changes: Any) -> str:
    execution = account.execution(account.script(), ("web-01",), ("web-02", "web-03"), **changes)
    return ExecutionApi(account.client).execute(execution)


class Renewing:
    """Credentials that always have another token."""

    def headers(self, _: object) -> dict[str, str]:
        return {"x-auth-token": "t"}

    def accepted(self, _: object) -> None:
        pass

    def renew(self, _: object) -> bool:
        return True

    def advice(self, code: str) -> str:
        return f"do something about {code}"


class TestRequest:
    def test_has_every_field_that_2023_requires_and_starts_what_it_says(self, account: Account) -> None:
        uuid = account.script(
            params=[{"name": "path", "value": "/old"}, {"name": "token", "value": "x", "sensitive": True}]
        )
        value = canary.planted()
        arguments = (argument("path", "/var"), argument("token", Secret(value)))
        execution = account.execution(uuid, ("web-01",), ("web-02", "web-03"), arguments=arguments, success_rate=50.5)
        ticket = account.coc.tickets.get(ExecutionApi(account.client).execute(execution))
        assert [(each.name, each.value) for each in ticket.arguments] == [("path", "/var"), ("token", value)]
        assert [(batch.pauses, [each.host_name for each in batch.instances]) for batch in ticket.batches] == [
            (True, ["web-01"]),
            (False, ["web-02", "web-03"]),
        ]
        assert {each.attributes for each in ticket.instances} == {RUN_ID}
        assert (ticket.timeout, ticket.success_rate, ticket.user, ticket.resourceful) == (300, 50.5, "root", True)

    def test_never_carries_the_mask(self, account: Account) -> None:
        uuid = account.script()
        for value in (MASK, Secret(MASK)):
            execution = account.execution(uuid, ("web-01",), arguments=(argument("token", value),))
            with pytest.raises(AssertionError, match="real value"):
                ExecutionApi(account.client).execute(execution)
        assert account.coc.requests.count("POST") == 0

    def test_a_record_of_it_shows_no_secret(self, account: Account) -> None:
        execution = account.execution("SC1", ("web-01",), arguments=(argument("token", Secret(canary.planted())),))
        assert not canary.is_in(repr(execution))
        assert canary.is_in(str(body_of(execution)))


class TestAnswer:
    @pytest.mark.parametrize("answer", [{}, "", 7, ["SCT1"], "SCT1/../x", "SCT 1", "S" * 65])
    def test_without_the_id_of_a_ticket_may_have_run(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown):
            _execute(lambda _: data(answer))

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (429, "APIGW.0308"),
            (401, "APIGW.0301"),
            (403, "APIGW.0302"),
            (404, "APIGW.0101"),
            (400, "COC.00010002"),
            (400, "COC.00040050"),
            (400, "COC.00040601"),
            (400, "COC.00040603"),
            (400, "COC.00040702"),
        ],
    )
    def test_that_refuses_the_request_for_what_is_in_it_ran_nothing(self, status: int, code: str) -> None:
        with pytest.raises(Rejected) as caught:
            _execute(lambda _: error(status, code))
        assert nothing_ran(caught.value)

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (200, "COC.00040050"),
            (200, "APIGW.0308"),
            (204, ""),
            (302, ""),
            (400, "COC.00040701"),
            (400, "COC.00099999"),
            (400, ""),
            (401, "COC.00011013"),
            (403, ""),
            (404, ""),
            (409, "COC.00040050"),
            (500, "COC.00040050"),
            (503, "APIGW.0204"),
            (504, "APIGW.0201"),
        ],
    )
    def test_that_says_anything_else_may_have_run_and_is_not_repeated(self, status: int, code: str) -> None:
        server = Canned(lambda _: error(status, code))
        with pytest.raises(OutcomeUnknown):
            _execute(server)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("failure", [ConnectionLost("cut"), ReadTimeout("silent", seconds=30)])
    def test_that_was_lost_may_have_run_and_is_not_repeated(self, failure: Exception) -> None:
        server = Canned(_raises(failure))
        with pytest.raises(OutcomeUnknown):
            _execute(server)
        assert len(server.requests) == 1

    def test_that_refuses_the_token_is_not_repeated_with_a_new_one(self, account: Account) -> None:
        server = Canned(lambda _: error(401, "COC.00011013"))
        transport = Transport("http://coc.test", handler=Simulated(cast("Simulator", server)), authenticator=Renewing())
        execution = account.execution("SC1", ("web-01",))
        with pytest.raises(OutcomeUnknown):
            ExecutionApi(ExecutionClient(transport, writable=True)).execute(execution)
        assert len(server.requests) == 1

    def test_without_a_connection_ran_nothing_and_is_repeated(self) -> None:
        server = Canned(_raises(ConnectionRefused("refused")))
        with pytest.raises(NotSent):
            _execute(server)
        assert len(server.requests) > 1

    @pytest.mark.parametrize("code", ["COC.00040601", "COC.00040701"])
    def test_repeats_no_sensitive_value(self, code: str) -> None:
        value = canary.planted()
        with pytest.raises(ApiError) as caught:
            _execute(lambda _: error(400, code, f"{value} is invalid"), Secret(value))
        assert not canary.is_in(f"{caught.value} {vars(caught.value)}")
        assert "(sensitive) text" in str(caught.value)

    @given(answer=json_values.ANY)
    def test_of_any_shape_ends_as_an_id_or_as_an_error_of_ours(self, answer: Any) -> None:
        try:
            assert _execute(lambda _: data(answer)).startswith(answer)
        except ApiError:
            return


class TestUnderFaults:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_one_of_any_kind_never_runs_a_script_twice_and_never_hides_that_it_ran(
        self, account: Account, fault: str
    ) -> None:
        account.coc.inject(f"{EXECUTE}:{fault}")
        try:
            ticket = executed(account)
        except OutcomeUnknown:
            assert account.coc.requests.count("POST") == 1
            assert len(account.coc.tickets.all()) <= 1
        except (NotSent, Rejected):
            assert account.coc.tickets.all() == ()
        else:
            assert [each.uuid for each in account.coc.tickets.all()] == [ticket]

    def test_throttled_three_times_it_runs_once_as_late_as_was_asked(self, account: Account) -> None:
        account.coc.inject(f"{EXECUTE}:429=7*3")
        began = account.clock.now()
        ticket = executed(account)
        assert [each.uuid for each in account.coc.tickets.all()] == [ticket]
        assert account.clock.now() - began >= 21


class TestOperations:
    def test_a_run_with_a_canary_is_followed_continued_and_ended(self, account: Account) -> None:
        ticket = executed(account)
        tickets, operations = TicketsApi(account.client), TicketOperations(account.client)
        account.clock.sleep(10)
        assert tickets.info(ticket).status == "PAUSED"
        canary_rows = tickets.batch(ticket, 1).rows
        assert [(row.status, row.attributes) for row in canary_rows] == [("FINISHED", RUN_ID)]
        operations.continue_(ticket)
        account.clock.sleep(10)
        assert tickets.info(ticket).status == "FINISHED"
        counts = {count.status: count.count for count in tickets.statistics(ticket).counts}
        assert counts == {"READY": 0, "PROCESSING": 0, "ABNORMAL": 0, "CANCELED": 0, "FINISHED": 3}
        assert [(batch.index, batch.rotation) for batch in tickets.batches(ticket)] == [(1, "PAUSE"), (2, "CONTINUE")]
        assert [row.uuid for row in tickets.page().rows] == [ticket]

    def test_every_operation_sends_what_coc_publishes(self) -> None:
        server = Canned(lambda _: data("SCT1"))
        operations = TicketOperations(server.client(SteeringClient))
        operations.pause("SCT1")
        operations.continue_("SCT1")
        operations.cancel("SCT1")
        operations.skip_batch("SCT1", 2)
        operations.cancel_host("SCT1", 1588)
        assert [(request.method, request.path) for request in server.requests] == [
            ("PUT", "/v1/job/script/orders/SCT1/operation")
        ] * 5
        assert [request.body for request in server.requests] == [
            b'{"operation_type": "PAUSE_ORDER"}',
            b'{"operation_type": "CONTINUE_ORDER"}',
            b'{"operation_type": "CANCEL_ORDER"}',
            b'{"operation_type": "SKIP_BATCH", "batch_index": 2}',
            b'{"operation_type": "CANCEL_INSTANCE", "instance_id": 1588}',
        ]

    @pytest.mark.parametrize("fault", ["lost-before-commit", "lost-after-commit", "503", "504-after-commit", "empty"])
    def test_one_whose_answer_is_lost_is_left_to_a_read_of_the_ticket(self, account: Account, fault: str) -> None:
        ticket = executed(account)
        account.clock.sleep(10)
        account.coc.inject(f"PUT *:{fault}")
        with pytest.raises(OutcomeUnknown):
            TicketOperations(account.client).continue_(ticket)
        assert account.coc.requests.count("PUT") == 1

    @pytest.mark.parametrize("fault", ["refused", "429=7"])
    def test_one_that_certainly_did_not_reach_coc_is_sent_again(self, account: Account, fault: str) -> None:
        ticket = executed(account)
        account.clock.sleep(10)
        account.coc.inject(f"PUT *:{fault}")
        TicketOperations(account.client).continue_(ticket)
        assert account.coc.requests.count("PUT") == 2

    def test_one_that_cannot_be_done_is_rejected(self, account: Account) -> None:
        ticket = executed(account)
        with pytest.raises(Rejected):
            TicketOperations(account.client).continue_(ticket)


def _raises(failure: Exception) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        raise failure

    return answer


def _execute(answer: Callable[[Request], Response] | Canned, *secrets: Secret) -> str:
    server = answer if isinstance(answer, Canned) else Canned(answer)
    account = Account()
    arguments = tuple(argument(f"p{number}", secret) for number, secret in enumerate(secrets))
    execution = account.execution("SC1", ("web-01",), arguments=arguments)
    account.close()
    return ExecutionApi(server.client(ExecutionClient)).execute(execution)
