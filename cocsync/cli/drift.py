"""`cocsync drift`."""

from __future__ import annotations

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.failure import reporting_failure
from cocsync.cli.parts.feedback import watching
from cocsync.cli.parts.options import drift_options
from cocsync.cli.parts.run import Run, verb
from cocsync.engine import reconcile
from cocsync.engine.requests import PlanRequest
from cocsync.engine.workspace import open_workspace
from cocsync.errors import ExitCode
from cocsync.plan.drift import Drift, from_plan
from cocsync.plan.plan import Plan


@verb(Drift)
@click.option("--unmanaged", is_flag=True, help="Also list scripts that are not ours.")
@drift_options
def drift(run: Run, *, request: PlanRequest, unmanaged: bool) -> ExitCode:
    """Show where COC differs from the manifests, who caused it, and who touched it when. Reads only.

    Exits with 2 where something differs, with 0 where nothing does.
    """

    def emit(to: Run, made: Plan) -> Drift:
        found = from_plan(made)
        reports.emit(to, found, unmanaged=unmanaged)
        return found

    with reporting_failure(run, emit) as reached, watching(run) as watch:
        workspace = reached.workspace = open_workspace(run.place, run.environ, watch.feedback)
        made = reconcile.plan(workspace, request, watch.feedback)
        reconcile.refuse_without_manifests(made)
    return ExitCode.CHANGES if emit(run, made).found else ExitCode.OK
