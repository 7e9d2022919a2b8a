"""`cocsync plan`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.planning import plan_options
from cocsync.cli.parts.run import Run, verb
from cocsync.plan.plan import Plan

if TYPE_CHECKING:
    from cocsync.errors import ExitCode

summary_option = click.option("--summary", is_flag=True, help="As text: the counts and one line a change, by action.")


@verb(Plan)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan for `apply FILE`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where there are changes.")
@summary_option
@plan_options
def plan(run: Run, *, out: Path | None, detailed_exitcode: bool, summary: bool, **options: Any) -> ExitCode:
    """Show what apply would do. Reads only.

    Exits with 0, with 3 where a conflict or a guard stands in the way, with 1 where no plan can be made.
    """
    from cocsync.cli.parts.planning import plan_only, reporting_failure
    from cocsync.cli.parts.saved import save
    from cocsync.engine.session import open_session
    from cocsync.errors import ExitCode

    with reporting_failure(run, partial(emit, summary=summary)) as reached:
        session = reached.session = open_session(run)
        made = plan_only(session, options)
    if out:
        save(made, out)
    emit(run, made, summary=summary)
    if made.guards or made.conflicts:
        return ExitCode.REFUSED
    return ExitCode.CHANGES if detailed_exitcode and made.changes else ExitCode.OK


def emit(run: Run, made: Plan, *, summary: bool) -> None:
    """Writes the plan in every wanted format. `summary`: as text no more than a line a change."""
    reports.emit(run, made, summary=summary)
