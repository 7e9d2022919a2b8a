"""Drift in Markdown: what was edited by hand, by whom and when, before what only awaits an apply. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cocsync.plan.change import Origin
from cocsync.plan.drift import Drift, Drifted, DriftKind
from cocsync.report.markdown.change import fields_block, item, paths, place
from cocsync.report.markdown.escape import code, marker, prose, row, table
from cocsync.report.markdown.page import Entry, Listing, always, laid_out
from cocsync.report.markdown.parts import (
    CONTENTS,
    FIELDS,
    NAMES,
    OTHER_NAMES,
    ROWS,
    WHOLE,
    conflicts_listing,
    diagnostics_listing,
    unmanaged_listing,
)
from cocsync.report.phrases import INCOMPLETE, differing_counts, drift_counts, touched
from cocsync.report.view import View

_TABLE = table(("", "script", "differs in", "why"))


def drift_markdown(drift: Drift, view: View) -> str:
    """The drift in at most `view.budget` characters, of which it needs `BUDGET_MIN`.

    What does not fit is left out, contents first and the names of edited scripts and conflicts last, and it says so.
    """
    edited = [drifted for drifted in drift.drifted if drifted.origin in (Origin.DRIFT, Origin.BOTH)]
    other = [drifted for drifted in drift.drifted if drifted.origin is Origin.MANIFEST]
    listings = (
        _edited(edited),
        conflicts_listing(drift.conflicts),
        _others(other),
        unmanaged_listing(drift.unmanaged if view.unmanaged else ()),
        diagnostics_listing(f"#### Also found ({len(drift.diagnostics)})", drift.diagnostics, optional=True),
    )
    folded = [
        fields_block(d.kind, d.name, d.fields, new=d.kind is DriftKind.MISSING, ranks=(FIELDS, CONTENTS))
        for d in (*edited, *other)
    ]
    blocks = [always(_head(drift)), *(listing.block(view.budget) for listing in listings), *folded]
    foot = f"Drift: {drift_counts(drift)}."
    return laid_out(blocks, budget=view.budget, foot=foot, elsewhere="`cocsync drift -v` shows all of it.")


def _head(drift: Drift) -> str:
    where = f" at {code(drift.target.endpoint)}" if drift.target.endpoint else ""
    about = f"Where the scripts of {code(drift.owner)} in Huawei Cloud COC{where} differ from the repository."
    parts = (
        marker("drift", drift.target.name),
        f"### Drift of {code(drift.target.name)}: {_statement(drift)}",
        f"{about} Nothing has been changed. Below, `-` is what COC has and `+` what the manifest says.",
        "" if drift.complete else f"**{INCOMPLETE}**",
    )
    return "\n\n".join(filter(None, parts))


def _statement(drift: Drift) -> str:
    if drift.found:
        return differing_counts(drift)
    return "none, COC matches the manifests" if drift.complete else "failed, nothing is known"


def _edited(drifted: Sequence[Drifted]) -> Listing:
    return Listing(
        title=f"#### Changed in COC ({len(drifted)})",
        entries=[_edited_entry(one) for one in drifted],
        names=NAMES,
        whole=WHOLE,
        noun="explanation",
    )


def _edited_entry(drifted: Drifted) -> Entry:
    hand = touched(drifted.operator, drifted.modified_at)
    text = item(
        ", ".join(filter(None, (f"**{drifted.kind}** {code(drifted.name)}", place(drifted.file, drifted.line)))),
        f"last touched in COC by {prose(hand)}" if hand else "",
        f"why: {prose(drifted.reason)}",
        f"differs in {paths(drifted.fields)}" if drifted.fields else "",
    )
    return Entry(group="**edited**", name=drifted.name, text=text)


def _others(drifted: Sequence[Drifted]) -> Listing:
    return Listing(
        title=f"#### Not applied yet, or deleted in COC ({len(drifted)})",
        entries=[_other_entry(one) for one in sorted(drifted, key=lambda one: one.kind)],
        names=OTHER_NAMES,
        whole=ROWS,
        noun="table row",
        head=_TABLE,
    )


def _other_entry(drifted: Drifted) -> Entry:
    kind = f"**{drifted.kind}**"
    script = "<br>".join(filter(None, (code(drifted.name), place(drifted.file, drifted.line))))
    differs = "everything" if drifted.kind is DriftKind.MISSING else paths(drifted.fields)
    return Entry(group=kind, name=drifted.name, text=row(kind, script, differs, prose(drifted.reason)))
