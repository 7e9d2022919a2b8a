"""Review states for people. Pure."""

from __future__ import annotations

from cocsync.model.script import Status
from cocsync.observe.review import Reviewed, ReviewReport
from cocsync.report.terminal import Look
from cocsync.report.text.page import Page, Piece
from cocsync.report.text.script import ITEM, named
from cocsync.report.times import iso
from cocsync.report.view import View

_LOOKS = {
    Status.APPROVED: (Look.GREEN,),
    Status.PENDING_APPROVE: (Look.YELLOW,),
    Status.REJECTED: (Look.RED, Look.BOLD),
}


def status_text(report: ReviewReport, view: View) -> str:
    """Every script that is not approved, in a verbose one also the others, and the counts as the last line."""
    page = Page(style=view.style, width=view.width)
    for script in report.scripts:
        if view.verbose or script.status != Status.APPROVED:
            _write(page, script)
    page.blank()
    counts = f"{report.count(Status.APPROVED)} approved, {report.count(Status.PENDING_APPROVE)} awaiting review"
    page.unbroken(f"Status: {counts}, {report.count(Status.REJECTED)} rejected.", Look.BOLD)
    return page.text()


def _write(page: Page, script: Reviewed) -> None:
    looks = _LOOKS[Status(script.status)] if script.status in _LOOKS else ()
    who = [f"awaiting {', '.join(r.name or r.id for r in script.awaiting)}"] if script.awaiting else []
    since = [f"since {moment}"] if (moment := iso(script.since, "seconds")) else []
    page.flow(named(script.name), Piece(script.status, looks), *who, *since, indent=ITEM)
