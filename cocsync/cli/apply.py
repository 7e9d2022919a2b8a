"""`cocsync apply`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cocsync.cli.parts import events, reports
from cocsync.cli.parts.durations import Duration, wait_option
from cocsync.cli.parts.planning import plan_options
from cocsync.cli.parts.run import Run, say, verb
from cocsync.errors import CocsyncError, ExitCode, LocalFailure, UsageError, unforeseen
from cocsync.plan.change import Action
from cocsync.plan.outcome import ApplyReport
from cocsync.report.terminal import PLAIN, harmless
from cocsync.report.view import View
from cocsync.system import storage

if TYPE_CHECKING:
    from cocsync.apply.execute import Executor
    from cocsync.cli.parts.interrupt import Stop
    from cocsync.coc.scripts import ScriptsApi
    from cocsync.engine.planfile import SavedPlan
    from cocsync.engine.session import Session
    from cocsync.model.desired import Desired
    from cocsync.model.live import Live
    from cocsync.observe.recall import Entry
    from cocsync.plan.change import Change
    from cocsync.plan.outcome import Result
    from cocsync.plan.plan import Plan


@verb(ApplyReport, events.FORMAT)
@click.argument("planfile", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is written unless this is given.")
@click.option("--fail-fast", is_flag=True, help="Begin no further change after the first that is not applied.")
@click.option("--fail-on-conflict", is_flag=True, help="Write nothing where there is a conflict.")
@click.option("--plan-id", metavar="ID", help="Go on only where the plan has this id.")
@click.option("--max-age", type=Duration(), metavar="AGE", help="Refuse a PLANFILE that is older: 90s, 30m, 12h, 7d.")
@wait_option
@plan_options
def apply(run: Run, *, planfile: Path | None, yes: bool, **options: Any) -> ExitCode:
    """Plan, ask, and make COC match the manifests. With PLANFILE, apply exactly that saved plan.

    Exits with 0 where every change is applied, with 4 where something was written and something is left, with 3 where
    the run was refused, with 5 where a review rejected what was written, with 1 where all failed.
    """
    from cocsync.apply.changes import exit_code, not_attempted, refuse_unless_applicable
    from cocsync.cli.parts.planning import plan_against, read_desired, reporting_failure
    from cocsync.engine.session import open_session

    told = events.Events(run)
    with reporting_failure(run, lambda run, plan: _emit(run, not_attempted(plan), told)) as reached:
        saved = _saved(planfile, options)
        session = reached.session = open_session(_for_target(run, saved))
        desired = read_desired(session)
        if saved:
            reached.plan = _bound(saved, session, desired, options)
        with _alone(session), session.api(writable=True, max_rate=options["max_rps"]) as api:
            plan = reached.plan = reached.plan or plan_against(session, api, desired, options)
            told.planned(plan)
            _show(run, plan)
            _refuse_other_id(plan, options["plan_id"])
            refuse_unless_applicable(plan, fail_on_conflict=options["fail_on_conflict"])
            _ask(session, plan, yes=yes)
            report, written, stop = _carry_out(session, api, desired, plan, options, told)
    code = exit_code(report)
    stop.written()
    _remember(session, written, options)
    _keep(session, report)
    try:
        _emit(run, report, told)
    except LocalFailure as error:
        code = ExitCode.first(code, _unwritten(session, report, error))
    stop.code = code
    return ExitCode.first(code, _reviewed(session, report, options["wait"], stop))


def _carry_out(
    session: Session, api: ScriptsApi, desired: Desired, plan: Plan, options: dict[str, Any], told: events.Events
) -> tuple[ApplyReport, list[Entry | None], Stop]:
    """The report, what is remembered of the scripts that were written, and what signals do from here on."""
    from cocsync.apply.changes import apply as carry_out
    from cocsync.cli.parts.interrupt import Stop
    from cocsync.cli.parts.progress import status_line
    from cocsync.observe.recall import entry_of

    stop, ended = Stop(session.run), count(1)
    written: list[Entry | None] = []

    def begin(change: Change) -> None:
        stop.writing()
        told.started(change)

    with status_line(session.run) as line:

        def note(result: Result) -> None:
            told.ended(result)
            line("Writing scripts", next(ended), len(plan.changes))

        report = carry_out(
            plan,
            _executor(session, api, desired, options, lambda live: written.append(entry_of(live))),
            stop=stop,
            parallelism=options["parallelism"],
            fail_fast=options["fail_fast"],
            on_start=begin,
            on_result=note,
        )
    return report, written, stop


def _unwritten(session: Session, report: ApplyReport, error: LocalFailure) -> ExitCode:
    """Says that a report is missing, and what was done all the same."""
    wrote = sum(result.wrote for result in report.results)
    done = f"; {wrote} scripts were written, and {session.state / 'runs'} keeps the report" if wrote else ""
    say(f"Error: {error}{done}", err=True)
    return ExitCode.PARTIAL if wrote else ExitCode.ERROR


def _reviewed(session: Session, report: ApplyReport, wait: timedelta | None, stop: Stop) -> ExitCode:
    """Waits for the reviews of what this apply wrote, and says what became of them; OK where nobody waits."""
    from cocsync.observe.reading import read
    from cocsync.observe.review import await_reviews, review_report
    from cocsync.report.text.status import status_text

    run = session.run
    uuids = [result.uuid for result in report.results if result.uuid and result.status == "PENDING_APPROVE"]
    if wait is None or not uuids or report.interrupted:
        return ExitCode.OK
    try:
        with session.api(writable=False) as api:
            reviews = await_reviews(
                lambda: review_report(live for uuid in uuids if (live := read(api, uuid))),
                seconds=wait.total_seconds(),
                clock=time.monotonic,
                wait=partial(_pause, stop),
            )
    except CocsyncError as error:
        say(f"Error: the reviews cannot be looked up: {harmless(str(error))}", err=True)
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


def _remember(session: Session, written: list[Entry | None], options: dict[str, Any]) -> None:
    from cocsync.engine.look import remember

    if options["no_cache"]:
        return
    try:
        remember(session.cache(), written)
    except Exception as error:  # noqa: BLE001 - a cache is worth no report
        session.run.note(f"What was written is not remembered in the cache: {unforeseen(error)}.")


def _alone(session: Session) -> AbstractContextManager[None]:
    from cocsync.apply.lock import exclusive

    note = partial(session.run.note, "Another apply is running in this folder: waiting for it.")
    return exclusive(session.state / "lock", on_wait=note)


def _saved(planfile: Path | None, options: dict[str, Any]) -> SavedPlan | None:
    from cocsync.cli.parts.saved import read, refuse_shaping
    from cocsync.engine.planfile import refuse_if_old

    if planfile is None:
        if options["max_age"]:
            raise UsageError("--max-age is the age of a PLANFILE: give one")
        return None
    refuse_shaping(options)
    saved = read(planfile)
    refuse_if_old(saved, datetime.now(UTC), options["max_age"])
    return saved


def _for_target(run: Run, saved: SavedPlan | None) -> Run:
    """A saved plan names its target, so that nobody has to repeat it."""
    return replace(run, target=run.target or saved.plan.target.name) if saved else run


def _bound(saved: SavedPlan, session: Session, desired: Desired, options: dict[str, Any]) -> Plan:
    """The saved plan, where it is still this run's and the manifests still ask for it."""
    from cocsync.cli.parts.saved import refuse_other_target
    from cocsync.engine.planfile import refuse_uncalled_for, refuse_unless_current, refuse_unless_proven, with_needs

    compared = desired.under(session.target.normalisation)
    manifests = {manifest.name: manifest for manifest in compared.manifests}
    refuse_other_target(saved.plan, session, options)
    refuse_unless_current(saved.plan, manifests)
    if any(change.action in (Action.DELETE, Action.RENAME) for change in saved.plan.changes):
        refuse_unless_proven(saved.plan, session.history())
    refuse_uncalled_for(saved.plan, desired, session.project.guards)
    return with_needs(saved.plan, manifests)


def _refuse_other_id(plan: Plan, wanted: str | None) -> None:
    from cocsync.errors import Refused

    if wanted is not None and wanted != plan.plan_id:
        raise Refused(f"the plan has the id {plan.plan_id}, not the one of --plan-id: look at it and apply that one")


def _executor(
    session: Session, api: ScriptsApi, desired: Desired, options: dict[str, Any], remember: Callable[[Live], None]
) -> Executor:
    from cocsync.apply.backup import Backups
    from cocsync.apply.execute import Executor
    from cocsync.cli.parts.planning import intent

    asked = intent(session, options)
    if any(manifest.script.sensitive_params for manifest in desired.manifests):
        asked.keys.writer(asked.owners.current)  # slow once, here, and not in every writer's thread at the same time
    return Executor(
        api=api,
        manifests={manifest.name: manifest for manifest in desired.manifests},
        intent=asked,
        backups=Backups.of_run(session.state, datetime.now(UTC)),
        wait=time.sleep,
        enterprise_project_id=session.target.enterprise_project_id,
        remember=remember,
    )


def _show(run: Run, plan: Plan) -> None:
    """The plan, before anything is asked or written: on stdout where the report is text, else on stderr."""
    from cocsync.report.text.plan import plan_text

    on_stdout = ("text", None) in run.outputs
    view = run.view if on_stdout else replace(run.view, style=PLAIN)
    say(plan_text(plan, view), nl=on_stdout, err=not on_stdout)


def _ask(session: Session, plan: Plan, *, yes: bool) -> None:
    """Raises `Refused` where the answer is not `yes`, or there is nobody to ask."""
    from cocsync.cli.parts.asking import ask

    where = f"{session.target.name} ({session.target.endpoint})"
    again = f", {plan.reviews_restarted} of them go to review again" if plan.reviews_restarted else ""
    ask(f"Apply {len(plan.changes)} changes to {where}{again}", yes=yes or not plan.changes)


def _keep(session: Session, report: ApplyReport) -> None:
    """Each apply's report stays beside the repository, so that a lost log is no loss. Old copies of scripts go."""
    from cocsync.apply.backup import forget_old, stamp
    from cocsync.report.json import apply_json

    folder = session.state / "runs"
    try:
        data = apply_json(report, View()).encode("utf-8", "surrogatepass")
        storage.write(folder / f"{stamp(datetime.now(UTC))}.json", data, private=True, durable=True)
    except OSError as error:
        session.run.note(f"The report of this run is not kept in {folder}: {error.strerror}.")
    except Exception as error:  # noqa: BLE001 - the other reports are written all the same
        session.run.note(f"The report of this run is not kept in {folder}: {unforeseen(error)}.")
    forget_old(session.state, session.project.backups_kept)


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
