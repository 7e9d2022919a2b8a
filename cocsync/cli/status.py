"""`cocsync status`."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from cocsync.cli.parts.durations import wait_option
from cocsync.cli.parts.run import Run, verb

if TYPE_CHECKING:
    from cocsync.coc.scripts import ScriptsApi
    from cocsync.engine.session import Session
    from cocsync.errors import ExitCode
    from cocsync.observe.review import ReviewReport


@verb("text", "json")
@wait_option
def status(run: Run, *, wait: timedelta | None) -> ExitCode:
    """Show the review state of every script of ours, who is awaited and since when. Reads only.

    Exits with 5 where a script is rejected, or where the wait is over and one still awaits review.
    """
    from cocsync.engine.session import open_session
    from cocsync.errors import ExitCode
    from cocsync.observe.review import await_reviews

    session = open_session(run)
    with session.api(writable=False) as api:
        seconds = wait.total_seconds() if wait else 0.0
        report = await_reviews(lambda: _look(session, api), seconds=seconds, clock=time.monotonic, wait=time.sleep)
    _emit(run, report)
    unsettled = wait is not None and not report.is_settled
    return ExitCode.REVIEW if unsettled or report.is_rejected else ExitCode.OK


def _look(session: Session, api: ScriptsApi) -> ReviewReport:
    from cocsync.cli.parts.planning import READERS, owners
    from cocsync.cli.parts.progress import status_line
    from cocsync.engine.look import observe_with
    from cocsync.observe.review import review_report

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
    from cocsync.report.text.status import status_text

    run.emit(
        {
            "text": lambda style: status_text(report, style=style, width=run.width, verbose=run.verbose),
            "json": lambda _: status_json(report, tool_version=__version__),
        }
    )
