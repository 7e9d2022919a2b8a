"""`cocsync plan`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.failure import reporting_failure
from cocsync.cli.parts.feedback import watching
from cocsync.cli.parts.options import plan_options
from cocsync.cli.parts.run import Run, verb
from cocsync.engine import reconcile, saved
from cocsync.engine.requests import PlanRequest
from cocsync.engine.workspace import open_workspace
from cocsync.errors import ExitCode
from cocsync.plan.plan import Plan

summary_option = click.option("--summary", is_flag=True, help="As text: the counts and one line a change, by action.")


@verb(Plan)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan for `apply FILE`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where there are changes.")
@summary_option
@plan_options
def plan(run: Run, *, request: PlanRequest, out: Path | None, detailed_exitcode: bool, summary: bool) -> ExitCode:
    """Show what apply would do. Reads only.

    Exits with 0, with 3 where a conflict or a guard stands in the way, with 1 where no plan can be made.
    """
    emit = partial(reports.emit, summary=summary)
    with reporting_failure(run, emit) as reached, watching(run) as watch:
        workspace = reached.workspace = open_workspace(run.place, run.environ, watch.feedback)
        made = reconcile.plan(workspace, request, watch.feedback)
    if out:
        saved.save(made, out)
    emit(run, made)
    if made.guards or made.conflicts:
        return ExitCode.REFUSED
    return ExitCode.CHANGES if detailed_exitcode and made.changes else ExitCode.OK
