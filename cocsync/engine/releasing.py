"""Letting scripts of ours go: the mark is taken off, everything else stays as it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Event
from typing import Protocol

from cocsync.apply.backup import Backups, forget_old
from cocsync.apply.lock import exclusive
from cocsync.apply.release import Releaser
from cocsync.engine.connection import connect
from cocsync.engine.feedback import Feedback
from cocsync.engine.look import READERS
from cocsync.engine.workspace import Workspace
from cocsync.model.desired import Manifest
from cocsync.observe.reading import observe
from cocsync.plan.change import Change
from cocsync.plan.outcome import ApplyReport, Result


class ReleaseDesk(Protocol):
    """Who a release asks before it writes."""

    def confirm(self, changes: tuple[Change, ...], manifests: Mapping[str, Manifest]) -> Event:
        """Once the event that it returns is set, no further script is let go. Raises `Refused` for a no."""

    def started(self, change: Change) -> None:
        """The script is about to be written."""


def release(workspace: Workspace, names: tuple[str, ...], desk: ReleaseDesk, feedback: Feedback) -> ApplyReport:
    """What became of each named script. Raises `Refused` for a name that is not exactly one script of ours."""
    manifests = {manifest.name: manifest for manifest in workspace.manifests().manifests}
    with exclusive(workspace.state / "lock"), connect(workspace, feedback, writable=True) as connection:
        releaser = Releaser(
            api=connection.scripts,
            owners=workspace.owners,
            keys=workspace.keys,
            manifests=manifests,
            backups=Backups.of_run(workspace.state, datetime.now(UTC)),
            wait=time.sleep,
        )
        seen = observe(connection.scripts, parallelism=READERS, progress=feedback.progress)
        changes = releaser.plan(seen.scripts, names)
        stop = desk.confirm(changes, manifests)
        results: list[Result] = []
        for change in changes:
            desk.started(change)
            results.append(releaser.run(change, lambda: stop.is_set() or any(r.systemic for r in results)))
    forget_old(workspace.state, workspace.project.backups_kept)
    return ApplyReport(
        target=workspace.target_id,
        owner=workspace.target.owner,
        results=tuple(results),
        interrupted=stop.is_set(),
    )
