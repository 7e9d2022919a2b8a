"""A token that COC stops accepting while an apply is under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from cocsync.coc.auth.iam import TOKENS, IamToken, Login
from cocsync.coc.http.answer import Reply
from cocsync.coc.http.transport import Transport
from cocsync.engine.simulated import Simulated
from cocsync.errors import ExitCode
from cocsync.model.secret import Secret
from cocsync.plan.outcome import Outcome, exit_code
from cocsync.sim import Simulator
from tests.support import canary
from tests.support.engine import Open
from tests.support.schedule import Ended, check_converges, check_tenant, requests_of_a_clean_run, run, tenant, wanted


def run_with_login(coc: Simulator) -> Ended:
    """The run with a user and a password; the simulator is IAM too."""

    def post(url: str, body: Mapping[str, Any]) -> Reply:
        with closing(Transport("http://iam", handler=Simulated(Open(coc)))) as transport:
            return transport.send("POST", urlsplit(url).path, body=body)

    password = Secret(canary.planted("password"))
    login = Login(
        user="u", password=password, domain="d", project="p", endpoint="http://iam", audience="http://simulator"
    )
    coc.configure(auth="token")
    try:
        return run(coc, wanted(), IamToken(login, post=post, clock=lambda: 0.0, cache=None))
    finally:
        coc.configure(auth="none")


def test_one_that_expires_at_any_later_request_is_renewed_once_and_nobody_notices(
    record_property: Callable[[str, object], None],
) -> None:
    requests = requests_of_a_clean_run()
    for at in range(2, requests + 1):
        with tenant() as coc:
            coc.inject(f"k={at} * /v1/*:expire-tokens")
            ended = run_with_login(coc)
            assert ended.report is not None
            assert {result.outcome for result in ended.report.results} == {Outcome.APPLIED}
            assert coc.requests.count("POST", TOKENS) == 2
            check_tenant(coc)
            check_converges(coc)
    record_property("schedules", requests - 1)


def test_one_that_is_refused_fresh_from_iam_ends_the_run_at_once() -> None:
    """Every other change would meet the same."""
    with tenant() as coc:
        coc.inject("POST /v1/*:401*", "PUT *:401*", "DELETE *:401*")
        ended = run_with_login(coc)
        assert ended.report is not None
        first, *others = ended.report.results
        assert first.outcome is Outcome.FAILED
        assert {result.outcome for result in others} == {Outcome.NOT_ATTEMPTED}
        assert exit_code(ended.report) is ExitCode.ERROR
        assert coc.requests.count("POST", TOKENS) == 2
        coc.clear_faults()
        check_converges(coc)


def test_a_write_that_had_to_wait_for_a_new_token_leaves_what_somebody_wrote_meanwhile() -> None:
    edits: list[Callable[[], None]] = []

    def act() -> None:
        if edits and list(coc.requests)[-1][0] == "PUT":
            edits.pop()()

    with tenant(before_each=act) as coc:
        edits.append(lambda: coc.edit("changed", user="mallory", content="by hand\n"))
        coc.inject("PUT *:expire-tokens")
        ended = run_with_login(coc)
        assert ended.report is not None
        outcomes = {result.name: result.outcome for result in ended.report.results}
        assert (outcomes["changed"], coc.script("changed").content) == (Outcome.STALE, "by hand\n")
