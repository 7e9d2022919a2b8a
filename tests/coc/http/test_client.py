"""One request until it succeeds or is known not to: what is repeated, for how long, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any, cast

import pytest

from cocsync.coc.http.client import Client, TimeSource
from cocsync.coc.http.errors import ApiError, NotSent, OutcomeUnknown, Rejected
from cocsync.coc.http.retry import RETRY_AFTER_MAX
from cocsync.coc.http.transport import ATTEMPT_SECONDS, CONNECT_SECONDS, Transport
from cocsync.coc.scripts import PATH, ScriptsApi
from cocsync.engine.simulated import Simulated
from cocsync.model.logged import Logged
from cocsync.observe.listing import read_rows
from cocsync.sim import ConnectionLost, ConnectionRefused, ReadTimeout, Request, Response, Settings, Simulator
from tests.support import children
from tests.support.canned import data, error
from tests.support.engine import Clock, api_for

Ends = Callable[[Clock], Response]


def answers(response: Response) -> Ends:
    return lambda _: response


def fails(failure: Exception, *, after: float = 0.0) -> Ends:
    def fail(clock: Clock) -> Response:
        clock.sleep(after)
        raise failure

    return fail


class Coc:
    """Ends the first attempts as given, and every later one as the last of them."""

    def __init__(self, *ends: Ends) -> None:
        self.clock = Clock()
        self.began = self.clock.now()
        self.sent: list[str] = []
        self.told: list[Logged] = []
        self._ends = ends

    def handle(self, request: Request) -> Response:
        self.sent.append(request.method)
        return self._ends[min(len(self.sent), len(self._ends)) - 1](self.clock)

    def close(self) -> None:
        pass

    @property
    def took(self) -> float:
        return self.clock.now() - self.began

    def client(self) -> Client:
        clock = self.clock
        around = TimeSource(clock=clock.now, now=clock.now, sleep=clock.sleep, jitter=lambda: 1.0)
        transport = Transport("http://coc.test", handler=Simulated(cast("Simulator", self)))
        return Client(transport, writable=True, log=self.told.append, surroundings=around)


REQUESTS: dict[str, Callable[[Client], Any]] = {
    "GET": lambda client: client.get("/x", {"q": "1"}),
    "POST": lambda client: client.post("/x", {}),
    "PUT": lambda client: client.put("/x", {}, again=lambda: None),
    "DELETE": lambda client: client.delete("/x", again=lambda: None),
}
WRITES = ("POST", "PUT", "DELETE")
DONE = answers(data(1))
LOST = fails(ConnectionLost("cut"))
REFUSED = fails(ConnectionRefused("refused"))
THROTTLED = answers(error(429, "APIGW.0308"))
UNAVAILABLE = answers(error(503, "APIGW.0204"))
EMPTY = answers(Response(status=204))
NAMED = {LOST: "lost", REFUSED: "refused", THROTTLED: "429", UNAVAILABLE: "503", EMPTY: "204"}.get


class TestRepeated:
    @pytest.mark.parametrize("end", [LOST, REFUSED, THROTTLED, UNAVAILABLE, EMPTY], ids=NAMED)
    def test_a_read_is_repeated_until_it_is_answered(self, end: Ends) -> None:
        coc = Coc(end, end, DONE)
        assert REQUESTS["GET"](coc.client()).data == 1
        assert len(coc.sent) == 3

    @pytest.mark.parametrize("end", [REFUSED, THROTTLED], ids=NAMED)
    @pytest.mark.parametrize("method", WRITES)
    def test_a_write_is_repeated_where_it_was_certainly_not_done(self, method: str, end: Ends) -> None:
        coc = Coc(end, end, DONE)
        assert REQUESTS[method](coc.client()).data == 1
        assert len(coc.sent) == 3

    @pytest.mark.parametrize("end", [LOST, UNAVAILABLE, EMPTY], ids=NAMED)
    @pytest.mark.parametrize("method", WRITES)
    def test_a_write_that_may_have_been_done_is_sent_once(self, method: str, end: Ends) -> None:
        coc = Coc(end, DONE)
        with pytest.raises(OutcomeUnknown):
            REQUESTS[method](coc.client())
        assert coc.sent == [method]

    @pytest.mark.parametrize("status", [400, 401, 403, 404])
    @pytest.mark.parametrize("method", ["GET", *WRITES])
    def test_a_no_is_final(self, method: str, status: int) -> None:
        coc = Coc(answers(error(status)), DONE)
        with pytest.raises(Rejected):
            REQUESTS[method](coc.client())
        assert coc.sent == [method]

    @pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("0", 0), ("3600000", 30), ("-1", 0.5), ("soon", 0.5)])
    def test_the_next_attempt_comes_when_coc_wants_it_and_within_reason(self, header: str, seconds: float) -> None:
        refusal = Response(status=429, headers={"retry-after": header}, body=b"{}")
        coc = Coc(answers(refusal), DONE)
        coc.client().get("/x")
        assert seconds <= coc.took <= seconds + 0.1


class TestAgain:
    """A PUT or DELETE that waits looks before it is sent; the look decides."""

    @pytest.mark.parametrize("end", [REFUSED, THROTTLED], ids=NAMED)
    @pytest.mark.parametrize("method", ["put", "delete"])
    def test_without_a_look_it_is_sent_once(self, method: str, end: Ends) -> None:
        coc = Coc(end, DONE)
        with pytest.raises((NotSent, Rejected)):
            getattr(coc.client(), method)(*(("/x", {}) if method == "put" else ("/x",)))
        assert len(coc.sent) == 1

    def test_the_look_comes_after_the_wait(self) -> None:
        coc = Coc(THROTTLED, THROTTLED, DONE)
        looked: list[tuple[int, float]] = []
        coc.client().put("/x", {}, again=lambda: looked.append((len(coc.sent), coc.took)))
        assert [sent for sent, _ in looked] == [1, 2]
        assert looked[0][1] >= 0.5

    def test_what_the_look_raises_ends_it(self) -> None:
        coc = Coc(THROTTLED, DONE)

        def look() -> None:
            raise LookupError

        with pytest.raises(LookupError):
            coc.client().put("/x", {}, again=look)
        assert coc.sent == ["PUT"]

    def test_a_write_whose_turn_is_lost_to_a_429_looks_anew(self) -> None:
        """Others slow the run down between the look and the write."""
        coc = Coc(DONE, THROTTLED, DONE)
        client = coc.client()
        looked: list[str] = []
        client.get("/x", before_write=True)
        thread = Thread(target=client.get, args=("/other",), daemon=True)
        thread.start()
        children.join(thread)
        client.put("/x", {}, again=lambda: looked.append("again"))
        assert looked == ["again"]
        assert coc.sent == ["GET", "GET", "GET", "PUT"]


class TestGivingUp:
    @pytest.mark.parametrize(
        ("end", "kind"),
        [
            (fails(ReadTimeout("slow", seconds=1), after=ATTEMPT_SECONDS), OutcomeUnknown),
            (fails(ConnectionRefused("silence"), after=CONNECT_SECONDS), NotSent),
            (REFUSED, NotSent),
            (LOST, OutcomeUnknown),
            (UNAVAILABLE, Rejected),
            (THROTTLED, Rejected),
            (answers(Response(status=429, headers={"retry-after": "3600000"}, body=b"{}")), Rejected),
            (answers(Response(status=503, headers={"retry-after": "29"}, body=b"{}")), Rejected),
            (answers(Response(status=200, body=b"<html>")), OutcomeUnknown),
        ],
        ids=["silent", "unreachable", "refused", "lost", "503", "429", "429 for an hour", "503 for long", "login page"],
    )
    def test_a_listing_that_cannot_be_had_ends_within_90_seconds(self, end: Ends, kind: type[ApiError]) -> None:
        coc = Coc(end)
        with pytest.raises(kind):
            read_rows(ScriptsApi(coc.client()).page)
        assert coc.took <= 90
        assert len(coc.sent) > 1

    def test_where_there_is_no_connection_at_all_it_ends_sooner(self) -> None:
        coc = Coc(REFUSED)
        with pytest.raises(NotSent):
            coc.client().get("/x")
        assert coc.took <= 15

    def test_requests_do_not_pile_up_while_it_tries(self) -> None:
        coc = Coc(LOST)
        with pytest.raises(OutcomeUnknown):
            coc.client().get("/x")
        assert len(coc.sent) < 15

    def test_after_a_pause_that_was_asked_for_there_is_time_for_another(self) -> None:
        coc = Coc(answers(Response(status=429, headers={"retry-after": "3600000"}, body=b"{}")), DONE)
        assert coc.client().get("/x").data == 1
        assert coc.took >= RETRY_AFTER_MAX


class TestClosed:
    """What a thread still waits for when the run has ended."""

    @pytest.mark.parametrize("end", [THROTTLED, REFUSED], ids=NAMED)
    def test_the_wait_for_another_attempt_ends(self, end: Ends) -> None:
        coc = Coc(end)
        transport = Transport("http://coc.test", handler=Simulated(cast("Simulator", coc)))
        client = Client(transport, writable=False, log=lambda _: client.close())
        with pytest.raises(NotSent, match="GET /x: the run has ended"):
            client.get("/x")
        assert coc.sent == ["GET"]

    def test_nothing_more_is_sent(self) -> None:
        coc = Coc(DONE)
        client = coc.client()
        client.close()
        for request in REQUESTS.values():
            with pytest.raises(NotSent, match="the run has ended"):
                request(client)
        assert coc.sent == []


def test_only_the_page_that_failed_is_asked_for_again() -> None:
    with Simulator(settings=Settings()) as coc, api_for(coc, writable=False) as api:
        coc.seed(650)
        rows = read_rows(api.page)
        pages = len(coc.requests)
        coc.inject("k=3:reset", "k=5:503", "k=7:truncated")
        assert read_rows(api.page) == rows
        assert len(coc.requests) == 2 * pages + 3


class TestTold:
    def test_each_attempt_is_told_with_what_became_of_it(self) -> None:
        coc = Coc(LOST, THROTTLED, answers(Response(status=200, headers={"x-request-id": "r"}, body=b'{"data": 1}')))
        coc.client().get("/x", {"name_like": "n"})
        assert [(t.method, t.path, t.attempt, t.status, t.code, t.request_id, t.failure) for t in coc.told] == [
            ("GET", "/x", 1, None, "", "", "OutcomeUnknown"),
            ("GET", "/x", 2, 429, "APIGW.0308", "", "Rejected"),
            ("GET", "/x", 3, 200, "", "r", ""),
        ]

    def test_its_time_is_that_of_the_attempt_without_the_pauses(self) -> None:
        coc = Coc(fails(ConnectionLost("cut"), after=3.0), DONE)
        coc.client().get("/x")
        assert [attempt.seconds for attempt in coc.told] == [3.0, 0.0]

    def test_a_status_that_cannot_be_read_is_told(self) -> None:
        coc = Coc(answers(Response(status=200, body=b"<html>")))
        with pytest.raises(OutcomeUnknown):
            coc.client().post(PATH, {})
        assert [(t.status, t.failure) for t in coc.told] == [(200, "OutcomeUnknown")]


class Refusing:
    """Credentials that COC does not accept."""

    def headers(self, _: object) -> dict[str, str]:
        return {}

    def accepted(self, _: object) -> None:
        pass

    def renew(self, _: object) -> bool:
        return False

    def advice(self, code: str) -> str:
        return f"do something about {code}"


def test_a_401_says_what_to_do() -> None:
    coc = Coc(answers(error(401, "APIGW.0301", "no")))
    transport = Transport("http://coc.test", handler=Simulated(cast("Simulator", coc)), authenticator=Refusing())
    client = Client(transport, writable=False)
    with pytest.raises(Rejected, match=r"COC answered 401 APIGW\.0301: no; do something about APIGW\.0301"):
        client.get("/x")
