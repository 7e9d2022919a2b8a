"""`cocsync apply`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import click

from cocsync.cli.parts import events, reports
from cocsync.cli.parts.asking import ask
from cocsync.cli.parts.durations import wait_option
from cocsync.cli.parts.failure import Reached, reporting_failure
from cocsync.cli.parts.feedback import Watch, watching
from cocsync.cli.parts.interrupt import Stop
from cocsync.cli.parts.options import apply_options
from cocsync.cli.parts.run import Run, say, verb
from cocsync.engine import reconcile
from cocsync.engine.requests import ApplyRequest
from cocsync.engine.runs import keep
from cocsync.engine.saved import read_for
from cocsync.engine.statuses import await_written
from cocsync.engine.workspace import Workspace, open_workspace
from cocsync.errors import CocsyncError, ExitCode, LocalFailure, unforeseen
from cocsync.plan.change import Change
from cocsync.plan.outcome import ApplyReport, Result, exit_code, not_attempted
from cocsync.plan.plan import Plan
from cocsync.report.terminal import PLAIN, sanitised
from cocsync.report.text.plan import plan_text
from cocsync.report.text.status import status_text
from cocsync.report.view import View


@verb(ApplyReport, events.FORMAT)
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is written unless this is given.")
@wait_option
@apply_options
def apply(run: Run, *, request: ApplyRequest, yes: bool, wait: timedelta | None) -> ExitCode:
    """Plan, ask, and make COC match the manifests. With PLANFILE, apply exactly that saved plan.

    Exits with 0 where every change is applied, with 4 where something was written and something is left, with 3 where
    the run was refused, with 5 where a review rejected what was written, with 1 where all failed.
    """
    told = events.Events(run)
    with (
        reporting_failure(run, lambda run, plan: _emit(run, not_attempted(plan), told)) as reached,
        watching(run) as watch,
    ):
        saved = read_for(request)
        place = replace(run.place, target=run.target or saved.plan.target.name) if saved else run.place
        workspace = reached.workspace = open_workspace(place, run.environ, watch.feedback)
        desk = _Desk(run, reached, watch, told, yes=yes)
        report = reconcile.apply(workspace, request, saved, desk, watch.feedback)
    return _reported(run, workspace, report, desk, wait)


class _Desk:
    """Shows the plan, asks, and passes what happens on to the events."""

    def __init__(self, run: Run, reached: Reached, watch: Watch, told: events.Events, *, yes: bool) -> None:
        self.told = told
        self.watch = watch
        self.stop: Stop | None = None
        self._run = run
        self._reached = reached
        self._yes = yes

    def has_plan(self, plan: Plan) -> None:
        self._reached.plan = plan

    def planned(self, plan: Plan) -> None:
        """The plan, before anything is asked or written: on stdout where the report is text, else on stderr."""
        self._reached.plan = plan
        self.watch.line.clear()
        self.told.planned(plan)
        run, on_stdout = self._run, ("text", None) in self._run.outputs
        view = run.view if on_stdout else replace(run.view, style=PLAIN)
        say(plan_text(plan, view), nl=on_stdout, err=not on_stdout)

    def confirm(self, plan: Plan) -> Stop:
        where = f"{plan.target.name} ({plan.target.endpoint})"
        again = f", {plan.reviews_restarted} of them go to review again" if plan.reviews_restarted else ""
        ask(f"Apply {len(plan.changes)} changes to {where}{again}", yes=self._yes or not plan.changes)
        self.stop = Stop(self._run)
        return self.stop

    def started(self, change: Change) -> None:
        if self.stop:
            self.stop.writing()
        self.told.started(change)

    def ended(self, result: Result) -> None:
        self.told.ended(result)


def _reported(run: Run, workspace: Workspace, report: ApplyReport, desk: _Desk, wait: timedelta | None) -> ExitCode:
    """Writes the reports of an apply that has ended, and waits for reviews where that is asked for."""
    code, stop = exit_code(report), desk.stop or Stop(run)
    stop.written()
    keep(workspace, report, desk.watch.feedback)
    try:
        _emit(run, report, desk.told)
    except LocalFailure as error:
        code = ExitCode.first(code, _unwritten(workspace, report, error))
    stop.code = code
    stop.reported()
    return ExitCode.first(code, _reviewed(run, workspace, report, desk, wait))


def _unwritten(workspace: Workspace, report: ApplyReport, error: LocalFailure) -> ExitCode:
    """Says that a report is missing, and what was done all the same."""
    wrote = sum(result.wrote for result in report.results)
    done = f"; {wrote} scripts were written, and {workspace.state / 'runs'} keeps the report" if wrote else ""
    say(f"Error: {error}{done}", err=True)
    return ExitCode.PARTIAL if wrote else ExitCode.ERROR


def _reviewed(run: Run, workspace: Workspace, report: ApplyReport, desk: _Desk, wait: timedelta | None) -> ExitCode:
    """Waits for the reviews of what this apply wrote, and shows what became of them; OK where nobody waits."""
    uuids = [result.uuid for result in report.results if result.uuid and result.status == "PENDING_APPROVE"]
    if wait is None or not uuids or report.interrupted or desk.stop is None:
        return ExitCode.OK
    pause = partial(_pause, desk.stop)
    try:
        with watching(run) as watch:
            reviews = await_written(workspace, uuids, watch.feedback, seconds=wait.total_seconds(), wait=pause)
    except CocsyncError as error:
        say(f"Error: the reviews cannot be looked up: {sanitised(str(error))}", err=True)
        return error.exit_code
    except _Stopped:
        say("Interrupted while reviews were awaited; everything else has ended.", err=True)
        return ExitCode.REVIEW
    run.note(status_text(reviews, View(width=run.width)).rstrip())
    return ExitCode.OK if reviews.is_settled and not reviews.is_rejected else ExitCode.REVIEW


class _Stopped(Exception):
    """Nobody waits for reviews any longer."""


def _pause(stop: Stop, seconds: float) -> None:
    if stop.wait(seconds):
        raise _Stopped


def _emit(run: Run, report: ApplyReport, told: events.Events) -> None:
    """Writes every wanted report, and the last events. Raises `LocalFailure` where one could not be, at the end."""
    whole = tuple((name, path) for name, path in run.outputs if name != events.FORMAT)
    failed: list[str] = []
    rest = replace(run, outputs=whole)
    for write in (partial(reports.emit, rest, report), partial(told.finished, report)):
        try:
            write()
        except LocalFailure as error:
            failed.append(str(error))
        except Exception as error:  # noqa: BLE001 - the other reports are written all the same
            failed.append(f"a report cannot be made: {unforeseen(error)}")
    if failed:
        raise LocalFailure("; ".join(failed))
