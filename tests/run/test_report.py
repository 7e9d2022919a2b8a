"""What became of a run, and the exit code that says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cocsync.errors import ExitCode
from cocsync.model.source import Source
from cocsync.plan.plan import TargetId
from cocsync.run.judge import HostResult, Outcome
from cocsync.run.layout import Batch, TicketPlan
from cocsync.run.report import (
    Preview,
    RunHead,
    RunOutcome,
    RunReport,
    RunScript,
    RunTicket,
    exit_code,
    log_path,
    settled,
)
from cocsync.run.strategy import Strategy
from tests.run import samples
from tests.support import builders

SCRIPT = RunScript(name="rotate_tls", uuid="SC1", version="1.0.0", risk_level="LOW", digest="a")
HEAD = RunHead(
    run_id="r" * 20,
    run=None,
    target=TargetId(name="prod", endpoint="https://coc.myhuaweicloud.com"),
    owner="ops",
    source=Source(),
    script=SCRIPT,
    params=(),
    strategy=Strategy(),
)
TICKET = (RunTicket(id="SCT1", status="FINISHED"),)


@pytest.mark.parametrize(("after", "certain"), [(None, True), ("a", True), ("b", False)])
def test_what_ran_is_certain_only_where_the_text_did_not_change_meanwhile(after: str | None, certain: bool) -> None:
    assert replace(SCRIPT, digest_after=after).certain is certain


def test_a_preview_names_every_host_of_every_ticket() -> None:
    plans = tuple(TicketPlan(index=n, batches=(Batch(index=1, hosts=tuple(samples.hosts(2))),)) for n in (1, 2))
    assert Preview(head=HEAD, tickets=plans).hosts == (*samples.hosts(2), *samples.hosts(2))


def test_hosts_are_counted_by_outcome() -> None:
    hosts = tuple(HostResult(resource_id=str(n), name="web", region="r", outcome=Outcome.OK) for n in range(3))
    report = RunReport(head=HEAD, outcome=RunOutcome.OK, hosts=hosts)
    assert (report.count(Outcome.OK), report.count(Outcome.FAILED)) == (3, 0)


@pytest.mark.parametrize(
    ("outcome", "tickets", "asked", "code"),
    [
        (RunOutcome.OK, TICKET, False, ExitCode.OK),
        (RunOutcome.PLANNED, (), False, ExitCode.OK),
        (RunOutcome.DETACHED, TICKET, True, ExitCode.OK),
        (RunOutcome.DETACHED, TICKET, False, ExitCode.PARTIAL),
        (RunOutcome.WAITING, TICKET, False, ExitCode.REVIEW),
        (RunOutcome.REFUSED, (), False, ExitCode.REFUSED),
        (RunOutcome.ERROR, (), False, ExitCode.ERROR),
        (RunOutcome.ERROR, TICKET, False, ExitCode.PARTIAL),
        (RunOutcome.FAILED, TICKET, False, ExitCode.PARTIAL),
    ],
)
def test_a_ticket_that_is_not_all_well_outweighs_the_rest(
    outcome: RunOutcome, tickets: tuple[RunTicket, ...], asked: bool, code: ExitCode
) -> None:
    assert exit_code(RunReport(head=HEAD, outcome=outcome, tickets=tickets, asked_to_detach=asked)) is code


@pytest.mark.parametrize(
    ("host", "path"),
    [("web-01", "logs/SCT1/web-01.log"), ("../../x", "logs/SCT1/.._.._x.log"), ("..", "logs/SCT1/_...log")],
)
def test_a_log_stays_in_its_folder_whatever_the_host_is_called(host: str, path: str) -> None:
    assert log_path("logs", "SCT1", host) == path


def test_a_run_names_the_sources_of_values_that_are_not_here() -> None:
    there, missing = builders.secret("there"), builders.secret("missing", None)
    assert samples.run(params=(there, missing, missing)).missing_values == ("env:APP_TOKEN",)


def test_a_run_that_was_halted_is_neither_ok_nor_failed() -> None:
    assert settled((), halted=True) is RunOutcome.HALTED
