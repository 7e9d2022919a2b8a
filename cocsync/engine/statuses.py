"""The review state of every script of ours, and waiting for reviews to end. Reads only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.connection import connect
from cocsync.engine.feedback import Feedback
from cocsync.engine.look import READERS, observe_with
from cocsync.engine.workspace import Workspace
from cocsync.observe.reading import read
from cocsync.observe.review import ReviewReport, await_reviews, review_report


def statuses(workspace: Workspace, feedback: Feedback, *, wait_seconds: float = 0.0) -> ReviewReport:
    """Every script of ours, by name; with `wait_seconds` as soon as none awaits review, or when the time is up."""
    with connect(workspace, feedback) as connection:
        return await_reviews(
            lambda: _look(workspace, connection.scripts, feedback),
            seconds=wait_seconds,
            clock=time.monotonic,
            wait=time.sleep,
        )


def await_written(
    workspace: Workspace,
    uuids: Iterable[str],
    feedback: Feedback,
    *,
    seconds: float,
    wait: Callable[[float], None] = time.sleep,
) -> ReviewReport:
    """The reviews of these scripts, as soon as they have ended or the time is up; one that is gone is left out.

    What `wait` raises ends it.
    """
    wanted = tuple(uuids)
    with connect(workspace, feedback) as connection:
        return await_reviews(
            lambda: review_report(live for uuid in wanted if (live := read(connection.scripts, uuid))),
            seconds=seconds,
            clock=time.monotonic,
            wait=wait,
        )


def _look(workspace: Workspace, api: ScriptsApi, feedback: Feedback) -> ReviewReport:
    observed = observe_with(
        api,
        workspace.cache(),
        parallelism=READERS,
        progress=feedback.progress,
        normalisation=workspace.target.normalisation,
    )
    return review_report(live for live in observed.scripts if workspace.owners.mark_of_ours(live))
