"""`cocsync status`."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from cocsync.cli.parts import reports
from cocsync.cli.parts.durations import wait_option
from cocsync.cli.parts.run import Run, verb
from cocsync.observe.review import ReviewReport, await_reviews, review_report

if TYPE_CHECKING:
    from cocsync.coc.scripts import ScriptsApi
    from cocsync.engine.session import Session
    from cocsync.errors import ExitCode


@verb(ReviewReport)
@wait_option
def status(run: Run, *, wait: timedelta | None) -> ExitCode:
    """Show the review state of every script of ours, who is awaited and since when. Reads only.

    Exits with 5 where a script is rejected, or where the wait is over and one still awaits review.
    """
    from cocsync.engine.session import open_session
    from cocsync.errors import ExitCode

    session = open_session(run)
    with session.api(writable=False) as api:
        seconds = wait.total_seconds() if wait else 0.0
        report = await_reviews(lambda: _look(session, api), seconds=seconds, clock=time.monotonic, wait=time.sleep)
    reports.emit(run, report)
    unsettled = wait is not None and not report.is_settled
    return ExitCode.REVIEW if unsettled or report.is_rejected else ExitCode.OK


def _look(session: Session, api: ScriptsApi) -> ReviewReport:
    from cocsync.cli.parts.planning import READERS, owners
    from cocsync.cli.parts.progress import status_line
    from cocsync.engine.look import observe_with

    with status_line(session.run) as line:
        observed = observe_with(
            api,
            session.cache(),
            parallelism=READERS,
            progress=line,
            normalisation=session.target.normalisation,
        )
    return review_report(live for live in observed.scripts if owners(session).mark_of_ours(live))
