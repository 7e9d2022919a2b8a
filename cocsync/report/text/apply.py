"""An apply for people: what became of every change. Pure."""

from __future__ import annotations

from cocsync.plan.outcome import ApplyReport, Outcome, Result
from cocsync.report.phrases import (
    ALREADY,
    INTERRUPTED,
    apply_counts,
    conflicts_left,
    failure,
    normalised,
    review_state,
    taken_over,
)
from cocsync.report.terminal import Look
from cocsync.report.text.change import PLAN_SIDES, write_fields
from cocsync.report.text.page import Page, Piece
from cocsync.report.text.script import DETAIL, write_item
from cocsync.report.view import View

_LOOKS = {
    Outcome.APPLIED: (Look.GREEN,),
    Outcome.FAILED: (Look.RED, Look.BOLD),
    Outcome.STALE: (Look.YELLOW,),
    Outcome.BLOCKED: (Look.YELLOW,),
    Outcome.UNKNOWN: (Look.RED, Look.BOLD),
    Outcome.NOT_ATTEMPTED: (Look.DIM,),
}


def apply_text(report: ApplyReport, view: View) -> str:
    """Every result and, as the last line, how many there are. A verbose one adds uuids."""
    page = Page(style=view.style, width=view.width)
    for result in report.results:
        _write_result(page, result, verbose=view.verbose)
    page.blank()
    if report.interrupted:
        page.sentence(INTERRUPTED, Look.YELLOW)
    if left := conflicts_left(report):
        page.sentence(left)
    page.unbroken(f"Apply: {apply_counts(report)}.", Look.BOLD)
    return page.text()


def _write_result(page: Page, result: Result, *, verbose: bool) -> None:
    outcome = Piece(result.outcome.replace("_", " "), _LOOKS[result.outcome])
    uuid = [result.uuid] if verbose and result.uuid else []
    write_item(page, result.action, result.name, outcome, *uuid)
    if result.already:
        page.sentence(ALREADY, indent=DETAIL)
    if taken := taken_over(result):
        page.sentence(taken, indent=DETAIL)
    if result.error:
        page.sentence(failure(result.error), indent=DETAIL)
    if state := review_state(result):
        page.sentence(state, Look.YELLOW, indent=DETAIL)
    if result.normalised:
        kept, remedy = normalised(result)
        page.sentence(kept, Look.YELLOW, indent=DETAIL)
        page.sentence(remedy, indent=DETAIL)
    if result.warning:
        page.sentence(result.warning, Look.YELLOW, indent=DETAIL)
    write_fields(page, result.fields, PLAN_SIDES, indent=DETAIL, whole=verbose)
