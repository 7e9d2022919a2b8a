"""`cocsync status`."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from cocsync.cli.common import Run, verb
from cocsync.cli.durations import wait_option

if TYPE_CHECKING:
    from cocsync.cli.session import Session
    from cocsync.coc.scripts import ScriptsApi
    from cocsync.errors import ExitCode
    from cocsync.review import ReviewReport


@verb("text", "json")
@wait_option
def status(run: Run, *, wait: timedelta | None) -> ExitCode:
    """Show the review state of every script of ours, who is awaited and since when. Reads only.

    Exits with 5 where a script is rejected, or where the wait is over and one still awaits review.
    """
    from cocsync.cli.session import open_session
    from cocsync.errors import ExitCode
    from cocsync.review import await_reviews

    session = open_session(run)
    with session.api(writable=False) as api:
        seconds = wait.total_seconds() if wait else 0.0
        report = await_reviews(lambda: _look(session, api), seconds=seconds, clock=time.monotonic, wait=time.sleep)
    _emit(run, report)
    unsettled = wait is not None and not report.is_settled
    return ExitCode.REVIEW if unsettled or report.is_rejected else ExitCode.OK


def _look(session: Session, api: ScriptsApi) -> ReviewReport:
    from cocsync.cli.planning import READERS, owners
    from cocsync.cli.progress import status_line
    from cocsync.observing.survey import observe_with
    from cocsync.review import review_report

    with status_line(session.run) as line:
        observed = observe_with(
            api,
            session.cache(),
            parallelism=READERS,
            progress=line,
            normalisation=session.target.normalisation,
        )
    return review_report(live for live in observed.scripts if owners(session).mark_of_ours(live))


def _emit(run: Run, report: ReviewReport) -> None:
    from cocsync import __version__
    from cocsync.report.json import status_json
    from cocsync.report.text import status_text

    run.emit(
        {
            "text": lambda style: status_text(report, style=style, width=run.width, verbose=run.verbose),
            "json": lambda _: status_json(report, tool_version=__version__),
        }
    )
