"""An apply for people: what became of every change. Pure."""

from __future__ import annotations

import re

from cocsync.outcome import ApplyReport, Failure, Outcome, Result
from cocsync.report.page import Page, Piece
from cocsync.report.text_change import PLAN_SIDES, write_fields
from cocsync.report.text_script import DETAIL, write_item
from cocsync.report.words import counted
from cocsync.terminal import Look, Style

_LOOKS = {
    Outcome.APPLIED: (Look.GREEN,),
    Outcome.FAILED: (Look.RED, Look.BOLD),
    Outcome.STALE: (Look.YELLOW,),
    Outcome.BLOCKED: (Look.YELLOW,),
    Outcome.UNKNOWN: (Look.RED, Look.BOLD),
    Outcome.NOT_ATTEMPTED: (Look.DIM,),
}
_ALWAYS = (Outcome.APPLIED, Outcome.FAILED, Outcome.STALE, Outcome.NOT_ATTEMPTED)


def apply_text(report: ApplyReport, *, style: Style, width: int, verbose: bool = False) -> str:
    """Every result and, as the last line, how many there are. `verbose` adds uuids."""
    page = Page(style=style, width=width)
    for result in report.results:
        _write_result(page, result, verbose=verbose)
    page.blank()
    if report.interrupted:
        page.sentence("Interrupted: what was under way has ended, and nothing new was begun.", Look.YELLOW)
    if report.conflicts_left:
        page.sentence(f"{counted(report.conflicts_left, 'conflict')} left alone: `plan` shows what resolves it.")
    page.unbroken(f"Apply: {_counts(report)}.", Look.BOLD)
    return page.text()


def _write_result(page: Page, result: Result, *, verbose: bool) -> None:
    outcome = Piece(result.outcome.replace("_", " "), _LOOKS[result.outcome])
    uuid = [result.uuid] if verbose and result.uuid else []
    write_item(page, result.action, result.name, outcome, *uuid)
    if result.already:
        page.sentence("was there already: nothing was written", indent=DETAIL)
    if result.error:
        _write_failure(page, result.error)
    if result.awaiting:
        who = ", ".join(reviewer.name or reviewer.id for reviewer in result.awaiting)
        page.sentence(f"{result.status or 'in review'}, awaiting {who}", Look.YELLOW, indent=DETAIL)
    elif result.status not in (None, "", "APPROVED"):
        page.sentence(f"status {result.status}", Look.YELLOW, indent=DETAIL)
    if result.normalised:
        _write_normalised(page, result.normalised)
    if result.warning:
        page.sentence(result.warning, Look.YELLOW, indent=DETAIL)
    write_fields(page, result.fields, PLAN_SIDES, indent=DETAIL, whole=verbose)


def _write_failure(page: Page, error: Failure) -> None:
    known = [f"code {error.code}"] if error.code else []
    known += [f"request id {error.request_id}"] if error.request_id else []
    page.sentence(error.message + (f" ({', '.join(known)})" if known else ""), indent=DETAIL)


def _write_normalised(page: Page, paths: tuple[str, ...]) -> None:
    """`ignore` takes a field, so of `params[token].value` it is `params`."""
    fields = dict.fromkeys(re.split(r"[\[.]", path)[0] for path in paths)
    page.sentence(f"COC keeps {', '.join(paths)} in another form than was sent", Look.YELLOW, indent=DETAIL)
    page.sentence(f"to accept that, put `ignore: [{', '.join(fields)}]` into the manifest", indent=DETAIL)


def _counts(report: ApplyReport) -> str:
    """The four that always stand there, and those of the others that there are."""
    others = [outcome for outcome in Outcome if outcome not in _ALWAYS and report.count(outcome)]
    return ", ".join(f"{report.count(outcome)} {outcome.replace('_', ' ')}" for outcome in (*_ALWAYS, *others))
