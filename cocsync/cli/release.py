"""`cocsync release`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.asking import ask
from cocsync.cli.parts.feedback import Watch, watching
from cocsync.cli.parts.interrupt import Stop
from cocsync.cli.parts.run import Run, say, verb
from cocsync.engine.releasing import release as let_go
from cocsync.engine.workspace import Workspace, open_workspace
from cocsync.errors import ExitCode, LocalFailure
from cocsync.model.desired import Manifest
from cocsync.plan.change import Change
from cocsync.plan.outcome import ApplyReport, exit_code
from cocsync.report.phrases import counted


@verb()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is written unless this is given.")
def release(run: Run, *, names: tuple[str, ...], yes: bool) -> ExitCode:
    """Take the mark off scripts of ours and let them go. Nothing else of them changes.

    Delete their manifests first: a manifest would meet its script as unmarked.
    """
    with watching(run) as watch:
        workspace = open_workspace(run.place, run.environ, watch.feedback)
        desk = _Desk(run=run, watch=watch, workspace=workspace, yes=yes)
        report = let_go(workspace, names, desk, watch.feedback)
    stop = desk.stopping[0]
    stop.code = code = exit_code(report)
    stop.written()
    return ExitCode.first(code, _shown(run, report))


def _shown(run: Run, report: ApplyReport) -> ExitCode:
    """Prints the report; where that cannot be, says what was written all the same."""
    try:
        reports.emit(replace(run, outputs=(("text", None),)), report)
    except LocalFailure as error:
        wrote = sum(result.wrote for result in report.results)
        done = f"; {counted(wrote, 'script')} had the mark taken off" if wrote else ""
        say(f"Error: {error}{done}", err=True)
        return ExitCode.PARTIAL if wrote else ExitCode.ERROR
    return ExitCode.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    run: Run
    watch: Watch
    workspace: Workspace
    yes: bool
    stopping: list[Stop] = field(default_factory=list)

    def confirm(self, changes: tuple[Change, ...], manifests: Mapping[str, Manifest]) -> Stop:
        for change in changes:
            again = ", goes to review again" if change.restarts_review else ""
            left = "; it still has a manifest here" if change.name in manifests else ""
            self.watch.feedback.note(f"{change.name}: {change.reason}{again}{left}")
        target = self.workspace.target
        ask(f"Let {counted(len(changes), 'script')} go at {target.name} ({target.endpoint})", yes=self.yes)
        self.stopping.append(Stop(self.run))
        return self.stopping[0]

    def started(self, change: Change) -> None:  # noqa: ARG002 - whichever it is
        self.stopping[0].writing()
