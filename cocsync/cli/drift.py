"""`cocsync drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.planning import selection_options
from cocsync.cli.parts.run import Run, verb
from cocsync.plan.drift import Drift, from_plan

if TYPE_CHECKING:
    from cocsync.errors import ExitCode
    from cocsync.plan.plan import Plan


@verb(Drift)
@click.option("--unmanaged", is_flag=True, help="Also list scripts that are not ours.")
@selection_options
def drift(run: Run, *, unmanaged: bool, **options: Any) -> ExitCode:
    """Show where COC differs from the manifests, whose doing it is, and who touched it when. Reads only.

    Exits with 2 where something differs, with 0 where nothing does.
    """
    from cocsync.cli.parts.planning import plan_only, reporting_failure
    from cocsync.engine.session import open_session
    from cocsync.errors import ExitCode, Refused
    from cocsync.plan.guards import NO_MANIFESTS

    def emit(to: Run, made: Plan) -> bool:
        return _emit(to, made, unmanaged=unmanaged)

    with reporting_failure(run, emit) as reached:
        session = reached.session = open_session(run)
        made = plan_only(session, options)
        if refusal := next((g for g in made.guards if g.code == NO_MANIFESTS), None):
            raise Refused(refusal.message)
    return ExitCode.CHANGES if emit(run, made) else ExitCode.OK


def _emit(run: Run, made: Plan, *, unmanaged: bool) -> bool:
    found = from_plan(made)
    reports.emit(run, found, unmanaged=unmanaged)
    return found.found
