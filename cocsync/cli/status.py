"""`cocsync status`."""

from __future__ import annotations

from datetime import timedelta

from cocsync.cli.parts import reports
from cocsync.cli.parts.durations import wait_option
from cocsync.cli.parts.feedback import watching
from cocsync.cli.parts.run import Run, verb
from cocsync.engine.statuses import statuses
from cocsync.engine.workspace import open_workspace
from cocsync.errors import ExitCode
from cocsync.observe.review import ReviewReport


@verb(ReviewReport)
@wait_option
def status(run: Run, *, wait: timedelta | None) -> ExitCode:
    """Show the review state of every script of ours, who is awaited and since when. Reads only.

    Exits with 5 where a script is rejected, or where the wait is over and one still awaits review.
    """
    with watching(run) as watch:
        workspace = open_workspace(run.place, run.environ, watch.feedback)
        report = statuses(workspace, watch.feedback, wait_seconds=wait.total_seconds() if wait else 0.0)
    reports.emit(run, report)
    unsettled = wait is not None and not report.is_settled
    return ExitCode.REVIEW if unsettled or report.is_rejected else ExitCode.OK
