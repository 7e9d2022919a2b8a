"""An apply in Markdown: what was not applied and why, before what was. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cocsync.diagnostics import errors
from cocsync.plan.outcome import ApplyReport, Outcome, Result
from cocsync.report.markdown.change import fields_block, item, paths
from cocsync.report.markdown.escape import code, marker, prose, row, table
from cocsync.report.markdown.page import Entry, Listing, always, laid_out
from cocsync.report.markdown.parts import CONTENTS, FIELDS, NAMES, OTHER_NAMES, ROWS, WHOLE, diagnostics_listing
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
from cocsync.report.view import View

_TABLE = table(("", "script", "also"))

_MEANINGS = {
    Outcome.FAILED: "COC refused it, or it could not be sent",
    Outcome.UNKNOWN: "the answer was lost, and it may have been done: plan again",
    Outcome.STALE: "the script changed in COC since the plan, and was left alone: plan again",
    Outcome.BLOCKED: "something that it needs is not there",
    Outcome.NOT_ATTEMPTED: "nothing was done",
}


def apply_markdown(report: ApplyReport, view: View) -> str:
    """What became of every change, in at most `view.budget` characters, of which it needs `BUDGET_MIN`.

    What does not fit is left out, the names of what was not applied last, and it says so.
    """
    unfinished = [r for outcome in _MEANINGS for r in report.results if r.outcome is outcome]
    applied = [result for result in report.results if result.outcome is Outcome.APPLIED]
    noted = [result for result in applied if any(_notes(result))]
    plain = [result for result in applied if not any(_notes(result))]
    found = errors(report.diagnostics)
    listings = (
        diagnostics_listing(f"#### Errors ({len(found)})", found, optional=False),
        _items("Not applied", unfinished, NAMES),
        _items("Applied, and to be looked at", noted, OTHER_NAMES),
        _rows(plain),
    )
    stale = [
        fields_block(result.outcome, result.name, result.fields, new=False, ranks=(FIELDS, CONTENTS))
        for result in unfinished
    ]
    blocks = [always(_head(report)), *(listing.block(view.budget) for listing in listings), *stale]
    foot = f"Apply: {apply_counts(report)}."
    return laid_out(blocks, budget=view.budget, foot=foot, elsewhere="`cocsync apply -o json=FILE` holds all of it.")


def _head(report: ApplyReport) -> str:
    where = f" at {code(report.target.endpoint)}" if report.target.endpoint else ""
    parts = (
        marker("apply", report.target.name),
        f"### Apply to {code(report.target.name)}: {_statement(report)}",
        f"What became of the planned changes to the scripts of {code(report.owner)} in Huawei Cloud COC{where}.",
        f"**{INTERRUPTED}**" if report.interrupted else "",
        prose(conflicts_left(report)),
    )
    return "\n\n".join(filter(None, parts))


def _statement(report: ApplyReport) -> str:
    if errors(report.diagnostics) and all(result.outcome is Outcome.NOT_ATTEMPTED for result in report.results):
        return "failed, nothing was written"
    counts = ((outcome, report.count(outcome)) for outcome in (*_MEANINGS, Outcome.APPLIED))
    said = ", ".join(f"{number} {_word(outcome)}" for outcome, number in counts if number)
    return said or "nothing was to be done"


def _word(outcome: Outcome) -> str:
    return outcome.replace("_", " ")


def _items(title: str, results: Sequence[Result], names: int) -> Listing:
    return Listing(
        title=f"#### {title} ({len(results)})",
        entries=[_item(result) for result in results],
        names=names,
        whole=WHOLE,
        noun="explanation",
    )


def _item(result: Result) -> Entry:
    meaning = _MEANINGS.get(result.outcome, "")
    text = item(
        f"**{_word(result.outcome)}**: {result.action} {code(result.name)}",
        meaning,
        prose(failure(result.error)) if result.error else "",
        f"differs now in {paths(result.fields)}" if result.fields else "",
        *_notes(result),
    )
    return Entry(group=f"**{_word(result.outcome)}**{f', {meaning}' if meaning else ''}", name=result.name, text=text)


def _notes(result: Result) -> Iterator[str]:
    """What is to be said of one that is applied and not all well."""
    yield prose(taken_over(result))
    yield prose(review_state(result))
    yield from map(prose, normalised(result) if result.normalised else ())
    yield prose(result.warning)


def _rows(results: Sequence[Result]) -> Listing:
    entries = [
        Entry(
            group=f"**{result.action}**",
            name=result.name,
            text=row(f"**{result.action}**", code(result.name), ALREADY if result.already else ""),
        )
        for result in sorted(results, key=lambda result: result.action)
    ]
    title = f"#### Applied ({len(entries)})"
    return Listing(title=title, entries=entries, names=OTHER_NAMES, whole=ROWS, noun="table row", head=_TABLE)
