"""A checkup for people: each check, what was found and how to fix it. Pure."""

from __future__ import annotations

from cocsync.doctor.checkup import Checkup, State
from cocsync.report.terminal import Look
from cocsync.report.text.page import Page, Piece
from cocsync.report.view import View

_LOOKS = {
    State.OK: (Look.GREEN,),
    State.WARNING: (Look.YELLOW,),
    State.FAILED: (Look.RED, Look.BOLD),
    State.SKIPPED: (Look.DIM,),
}
_STATE_WIDTH = max(len(state) for state in State)


def checkup_text(checkup: Checkup, view: View) -> str:
    """The checks in their order, and as the last line how many ended how."""
    page = Page(style=view.style, width=view.width)
    names = max((len(check.name) for check in checkup.checks), default=0)
    hang = " " * (_STATE_WIDTH + 2 + names + 2)
    for check in checkup.checks:
        state = Piece(check.state.ljust(_STATE_WIDTH), _LOOKS[check.state])
        page.flow(state, check.name.ljust(names), check.finding, hang=hang)
        if check.fix:
            page.sentence(f"Fix: {check.fix}.", Look.BOLD, indent=len(hang))
    page.blank()
    count = ", ".join(f"{checkup.count(state)} {state}" for state in State)
    page.unbroken(f"Checks: {count}.", Look.BOLD)
    return page.text()
