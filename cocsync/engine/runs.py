"""The reports of applies that are kept beside the repository, so that a lost log is no loss."""

from __future__ import annotations

from datetime import UTC, datetime

from cocsync.apply.backup import forget_old, stamp
from cocsync.engine.feedback import Feedback
from cocsync.engine.workspace import Workspace
from cocsync.errors import unforeseen
from cocsync.plan.outcome import ApplyReport
from cocsync.report.json import apply_json
from cocsync.report.view import View
from cocsync.system import storage


def keep(workspace: Workspace, report: ApplyReport, feedback: Feedback) -> None:
    """Writes the report to `.cocsync/runs`, and removes copies of scripts beyond the newest ones to keep.

    What cannot be written is reported and ends nothing.
    """
    folder = workspace.state / "runs"
    try:
        data = apply_json(report, View()).encode("utf-8", "surrogatepass")
        storage.write(folder / f"{stamp(datetime.now(UTC))}.json", data, private=True, durable=True)
    except OSError as error:
        feedback.note(f"The report of this run is not kept in {folder}: {error.strerror}.")
    except Exception as error:  # noqa: BLE001 - the other reports are written all the same
        feedback.note(f"The report of this run is not kept in {folder}: {unforeseen(error)}.")
    forget_old(workspace.state, workspace.project.backups_kept)
