"""A run that fails still writes every report that it was asked for: of its plan, or of why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from cocsync.cli.parts.run import Run, say
from cocsync.diagnostics import Diagnostic, Severity
from cocsync.engine.workspace import Workspace
from cocsync.errors import CocsyncError, LocalFailure, ManifestsInvalid
from cocsync.model.source import Source
from cocsync.plan.plan import Plan, TargetId


class Reached:
    """How far a run has come: its workspace and its plan, once there are any."""

    workspace: Workspace | None = None
    plan: Plan | None = None


@contextmanager
def reporting_failure(run: Run, emit: Callable[[Run, Plan], object]) -> Iterator[Reached]:
    """Writes the reports of a run that ends with an expected failure or Ctrl-C, and raises that again.

    Without a plan the text for the terminal is on stderr only.
    """
    reached = Reached()
    try:
        yield reached
    except (CocsyncError, KeyboardInterrupt) as error:
        try:
            _report_failure(run, reached, error, emit)
        except LocalFailure as unwritten:
            say(f"Error: {unwritten}", err=True)
        raise


def _report_failure(
    run: Run, reached: Reached, error: CocsyncError | KeyboardInterrupt, emit: Callable[[Run, Plan], object]
) -> None:
    if reached.plan is not None:
        emit(run, replace(reached.plan, diagnostics=(*reached.plan.diagnostics, _reason("refused", error))))
        return
    machine = tuple((name, path) for name, path in run.outputs if name != "text" or path is not None)
    emit(replace(run, outputs=machine), _no_plan(run, reached.workspace, error))


def _reason(code: str, error: CocsyncError | KeyboardInterrupt) -> Diagnostic:
    """Why the run ended, for reports that nobody reads stderr beside."""
    return Diagnostic(severity=Severity.ERROR, code=code, message=str(error) or "interrupted")


def _no_plan(run: Run, workspace: Workspace | None, error: CocsyncError | KeyboardInterrupt) -> Plan:
    found = error.diagnostics if isinstance(error, ManifestsInvalid) else (_reason("no-plan", error),)
    if workspace is None:
        target, owner, source = TargetId(name=run.place.target or "", endpoint=""), "", Source()
    else:
        target, owner, source = workspace.target_id, workspace.target.owner, workspace.source()
    return Plan(target=target, owner=owner, source=source, complete=False, diagnostics=found)
