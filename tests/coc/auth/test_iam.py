"""Tokens from IAM: got when needed, kept, replaced once, and never asked for in vain twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from cocsync.coc.auth.iam import LIFE_SECONDS, MARGIN_SECONDS, RETRY_SECONDS, IamToken, Login, LoginFailed
from cocsync.coc.auth.token_cache import TokenCache
from cocsync.coc.http.answer import Reply
from cocsync.coc.http.errors import ApiError, NotSent, OutcomeUnknown
from cocsync.coc.http.outgoing import Outgoing
from cocsync.coc.http.transport import Transport, post_json
from cocsync.model.secret import Secret
from cocsync.sim import Settings, Simulator
from tests.support import canary, children

LOGIN = Login(
    user="alice",
    password=Secret(canary.planted("password")),
    domain="acme",
    project="cn-north-4",
    endpoint="https://iam.example.com",
    audience="https://coc.example.com",
)
REQUEST = Outgoing(method="GET", host="coc.example.com", path="/", query="", headers={}, body=b"")
ISSUED, EXPIRES = "2024-01-02T03:00:00.000000Z", "2024-01-03T03:00:00.000000Z"


class Iam:
    """Answers requests for tokens: T1, T2 and so on, or what `answers` holds for the next ones."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.answers: list[Reply | ApiError] = []
        self.dates: dict[str, str] = {"issued_at": ISSUED, "expires_at": EXPIRES}
        self.now = 1_000.0

    def post(self, url: str, body: Mapping[str, Any]) -> Reply:
        self.asked.append((url, body))
        answer = self.answers.pop(0) if self.answers else self.token()
        if isinstance(answer, ApiError):
            raise answer
        return answer

    def token(self) -> Reply:
        body = json.dumps({"token": self.dates}).encode()
        return Reply(status=201, headers={"x-subject-token": f"T{len(self.asked)}"}, body=body)

    def authenticator(self, login: Login = LOGIN, cache: Path | None = None) -> IamToken:
        return IamToken(login, post=self.post, clock=lambda: self.now, cache=TokenCache(cache) if cache else None)


@pytest.fixture
def iam() -> Iam:
    return Iam()


def sent(authenticator: IamToken) -> str:
    """The token that the next request would carry."""
    return authenticator.headers(REQUEST)["x-auth-token"]


def error(status: int, message: str = "") -> Reply:
    return Reply(status=status, headers={}, body=json.dumps({"error": {"message": message}}).encode())


def test_a_token_is_asked_for_in_the_scope_of_the_project_when_the_first_request_needs_it(iam: Iam) -> None:
    authenticator = iam.authenticator()
    assert iam.asked == []

    assert sent(authenticator) == sent(authenticator) == "T1"
    ((url, body),) = iam.asked
    assert url == "https://iam.example.com/v3/auth/tokens"
    user = {"name": "alice", "password": LOGIN.password.reveal(), "domain": {"name": "acme"}}
    assert body == {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "cn-north-4"}},
        }
    }


def test_a_token_is_replaced_a_margin_before_it_expires(iam: Iam) -> None:
    authenticator = iam.authenticator()
    sent(authenticator)
    iam.now += LIFE_SECONDS - MARGIN_SECONDS - 1
    assert sent(authenticator) == "T1"
    iam.now += 1
    assert sent(authenticator) == "T2"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("age", [LIFE_SECONDS - MARGIN_SECONDS, LIFE_SECONDS + 1])
def test_a_write_behind_a_look_gets_the_token_at_hand_and_asks_for_none(iam: Iam, method: str, age: float) -> None:
    authenticator = iam.authenticator()
    sent(authenticator)
    iam.now += age
    assert authenticator.headers(replace(REQUEST, method=method)) == {"x-auth-token": "T1"}
    assert len(iam.asked) == 1
    assert sent(authenticator) == "T2"


def test_a_look_and_its_write_do_not_wait_for_a_thread_that_asks_iam(iam: Iam) -> None:
    with ThreadPoolExecutor() as threads:

        def post(_url: str, _body: Mapping[str, Any]) -> Reply:
            if iam.asked:
                threads.submit(authenticator.accepted, {"x-auth-token": "T1"}).result(timeout=30)
                write = threads.submit(authenticator.headers, replace(REQUEST, method="PUT"))
                assert write.result(timeout=30) == {"x-auth-token": "T1"}
            return iam.post(_url, _body)

        authenticator = IamToken(LOGIN, post=post, clock=lambda: iam.now, cache=None)
        authenticator.accepted({"x-auth-token": sent(authenticator)})
        iam.now += LIFE_SECONDS - MARGIN_SECONDS
        assert sent(authenticator) == "T2"


def test_a_short_token_serves_for_most_of_its_life(iam: Iam) -> None:
    iam.dates["expires_at"] = "2024-01-02T03:01:00.000000Z"
    authenticator = iam.authenticator()
    sent(authenticator)
    iam.now += 53
    assert sent(authenticator) == "T1"
    iam.now += 1
    assert sent(authenticator) == "T2"


@pytest.mark.parametrize(
    "dates",
    [
        {},
        {"issued_at": ISSUED, "expires_at": "soon"},
        {"issued_at": ISSUED, "expires_at": "2024-01-03T03:00:00"},
        {"issued_at": EXPIRES, "expires_at": ISSUED},
    ],
)
def test_a_token_without_usable_dates_is_taken_to_live_a_day(iam: Iam, dates: dict[str, str]) -> None:
    iam.dates = dates
    authenticator = iam.authenticator()
    sent(authenticator)
    iam.now += LIFE_SECONDS - MARGIN_SECONDS - 1
    assert sent(authenticator) == "T1"
    iam.now += 1
    assert sent(authenticator) == "T2"


def test_while_iam_is_away_an_old_token_serves_until_it_expires(iam: Iam) -> None:
    authenticator = iam.authenticator()
    sent(authenticator)
    iam.now += LIFE_SECONDS - MARGIN_SECONDS
    iam.answers = [error(503), error(503)]
    assert sent(authenticator) == sent(authenticator) == "T1"
    assert len(iam.asked) == 2
    iam.now += MARGIN_SECONDS
    with pytest.raises(LoginFailed):
        sent(authenticator)


def test_a_token_that_was_good_is_replaced_once_however_many_requests_it_was_refused_to(iam: Iam) -> None:
    authenticator = iam.authenticator()
    refused = authenticator.headers(REQUEST)
    authenticator.accepted(refused)
    together = Barrier(16, timeout=children.SECONDS)

    def meet_a_401(_: int) -> tuple[bool, str]:
        together.wait()
        return authenticator.renew(refused), sent(authenticator)

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(meet_a_401, range(16))) == {(True, "T2")}
    assert len(iam.asked) == 2


def test_threads_that_need_the_first_token_share_it(iam: Iam) -> None:
    authenticator = iam.authenticator()

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: sent(authenticator), range(64))) == {"T1"}
    assert len(iam.asked) == 1


def test_a_token_fresh_from_iam_that_is_refused_is_not_replaced(iam: Iam) -> None:
    authenticator = iam.authenticator()
    first = authenticator.headers(REQUEST)
    assert not authenticator.renew(first)
    assert "COC refused a token fresh from IAM: check that HW_PROJECT_NAME" in authenticator.advice("APIGW.0301")
    assert len(iam.asked) == 1


def test_acceptance_of_an_older_token_does_not_prove_the_current_one(iam: Iam) -> None:
    authenticator = iam.authenticator()
    first = authenticator.headers(REQUEST)
    authenticator.accepted(first)
    assert authenticator.renew(first)
    authenticator.accepted(first)

    assert not authenticator.renew(authenticator.headers(REQUEST))
    assert len(iam.asked) == 2


def test_the_next_run_finds_the_token_again(iam: Iam, tmp_path: Path) -> None:
    sent(iam.authenticator(cache=tmp_path))

    assert sent(iam.authenticator(cache=tmp_path)) == "T1"
    iam.now += LIFE_SECONDS - MARGIN_SECONDS
    assert sent(iam.authenticator(cache=tmp_path)) == "T2"
    assert sent(iam.authenticator(cache=tmp_path)) == "T2"


@pytest.mark.parametrize(
    "change",
    [
        {"user": "bob"},
        {"password": Secret("other")},
        {"domain": "umbrella"},
        {"project": "ap-southeast-3"},
        {"endpoint": "https://iam.example.org"},
        {"audience": "https://coc.example.org"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_kept_token_is_found_only_for_the_same_login(iam: Iam, tmp_path: Path, change: dict[str, Any]) -> None:
    sent(iam.authenticator(cache=tmp_path))

    assert sent(iam.authenticator(replace(LOGIN, **change), cache=tmp_path)) == "T2"


def test_a_kept_token_that_is_refused_is_replaced_also_where_it_is_kept(iam: Iam, tmp_path: Path) -> None:
    sent(iam.authenticator(cache=tmp_path))
    second = iam.authenticator(cache=tmp_path)

    assert second.renew(second.headers(REQUEST))
    assert sent(second) == "T2"
    assert sent(iam.authenticator(cache=tmp_path)) == "T2"


@pytest.mark.parametrize(
    ("reply", "message", "fix"),
    [
        (error(401, "The username or password is wrong."), "refuses the user (401 The username", "HW_USER_PASSWORD"),
        (error(403, "No."), "refuses the user (403 No.)", "HW_USER_NAME"),
        (error(400, "Could not find domain: acme."), "does not take the request (400 Could", "HW_DOMAIN_NAME"),
        (error(404, "Could not find project."), "does not take the request (404", "HW_PROJECT_NAME"),
        (error(429), "cannot issue one right now (429)", "run again later"),
        (error(500, "Oops"), "cannot issue one right now (500 Oops)", "run again later"),
        (Reply(status=200, headers={}, body=b"<html>"), "does not answer as IAM does (200)", "check HW_IAM_ENDPOINT"),
        (Reply(status=302, headers={}, body=None), "does not answer as IAM does (302)", "the proxy"),
        (Reply(status=201, headers={}, body=b"[" * 99_999), "does not answer as IAM does (201)", "HW_IAM_ENDPOINT"),
        (error(401, LOGIN.password.reveal()), "(401 (sensitive))", "HW_USER_PASSWORD"),
        (NotSent("POST", reason="Name or service not known"), "reached (Name or service not known)", "the network"),
        (OutcomeUnknown("the answer was lost"), "cannot be reached (the answer was lost)", "HW_IAM_ENDPOINT"),
    ],
)
def test_what_iam_refuses_says_what_to_check(iam: Iam, reply: Reply | ApiError, message: str, fix: str) -> None:
    """Nothing has reached COC, whatever became of the request to IAM."""
    iam.answers = [reply]

    with pytest.raises(NotSent) as failed:
        sent(iam.authenticator())
    assert isinstance(failed.value, LoginFailed)
    assert "no token from IAM at https://iam.example.com" in str(failed.value)
    assert message in str(failed.value)
    assert fix in failed.value.fix
    assert not canary.is_in(str(failed.value))


def test_a_wrong_password_is_tried_once_in_a_run(iam: Iam) -> None:
    """IAM locks a user after a few of them."""
    iam.answers = [error(401)]
    authenticator = iam.authenticator()

    for _ in range(3):
        with pytest.raises(LoginFailed) as failed:
            sent(authenticator)
        assert not failed.value.may_pass
        iam.now += 3600
    assert len(iam.asked) == 1


def test_a_passing_failure_of_iam_is_everybodys_for_a_while_and_then_asked_again(iam: Iam) -> None:
    iam.answers = [NotSent("no connection")]
    authenticator = iam.authenticator()

    for _ in range(2):
        with pytest.raises(LoginFailed) as failed:
            sent(authenticator)
        assert failed.value.may_pass
    assert len(iam.asked) == 1
    iam.now += RETRY_SECONDS
    assert sent(authenticator) == "T2"


def test_an_untrusted_certificate_of_iam_does_not_pass(iam: Iam) -> None:
    iam.answers = [NotSent("no connection", may_pass=False)]

    with pytest.raises(LoginFailed) as failed:
        sent(iam.authenticator())
    assert not failed.value.may_pass


def test_a_refused_token_that_cannot_be_replaced_is_iams_failure(iam: Iam, tmp_path: Path) -> None:
    sent(iam.authenticator(cache=tmp_path))
    authenticator = iam.authenticator(cache=tmp_path)
    refused = authenticator.headers(REQUEST)
    iam.answers = [error(401)]

    for _ in range(2):
        with pytest.raises(LoginFailed):
            authenticator.renew(refused)
    assert len(iam.asked) == 2


def test_neither_password_nor_token_shows(iam: Iam, tmp_path: Path) -> None:
    assert not canary.is_in(repr(LOGIN))
    sent(iam.authenticator(cache=tmp_path))

    assert canary.leaks_below(tmp_path) == []


def test_sixteen_workers_and_one_expired_token_are_one_renewal(
    serving: Callable[[Simulator], str], tmp_path: Path
) -> None:
    with Simulator(settings=Settings(auth="token", users=(("alice", LOGIN.password.reveal()),))) as simulator:
        url = serving(simulator)
        login = replace(LOGIN, endpoint=url, audience=url)

        def authenticator() -> IamToken:
            return IamToken(login, post=post_json, clock=lambda: 0.0, cache=TokenCache(tmp_path))

        sent(authenticator())
        simulator.inject("expire-tokens")
        transport = Transport(url, authenticator=authenticator())
        with ThreadPoolExecutor(16) as pool:
            ask = [pool.submit(transport.send, "GET", "/v1/job/scripts", query={"limit": "1"}) for _ in range(32)]
            assert {answer.result().status for answer in ask} == {200}
        transport.close()

        assert list(simulator.requests).count(("POST", "/v3/auth/tokens")) == 2
