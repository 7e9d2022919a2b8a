"""Drift as a page: what COC has otherwise than the manifests, who caused it, who touched it last and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from cocsync.plan.change import Origin
from cocsync.plan.drift import Drift, Drifted
from cocsync.report.html.document import document
from cocsync.report.html.fields import Sides, fields_html
from cocsync.report.html.markup import Markup, joined
from cocsync.report.html.parts import (
    Tile,
    conflict_facts,
    diagnostics_section,
    facts,
    header,
    overview,
    place,
    target_facts,
    tiles,
    unmanaged_section,
)
from cocsync.report.html.rows import HAND, Row, first_groups, first_section, rows_section
from cocsync.report.phrases import INCOMPLETE, NO_DRIFT, counted, touched

_SIDES = Sides(before="In COC", after="In the manifest")

_CONFLICT = "Conflicts"
_ALARMS = ((_CONFLICT, "In COC, and not cocsync's to write: each says what resolves it."), HAND)


def drift_html(drift: Drift, *, unmanaged: bool, tool_version: str) -> str:
    """The drift as one HTML file that needs nothing else; `unmanaged` lists those scripts too."""
    rows = tuple(map(_row, drift.drifted))
    groups = first_groups(rows, _ALARMS)
    return document(
        title=f"cocsync drift of {drift.target.name}: {counted(len(rows), 'difference')}",
        header=header("drift", drift.target.name, _verdict(drift), facts(target_facts(drift.target, drift.owner))),
        sections=(
            _overview(drift, unmanaged=unmanaged),
            first_section(groups),
            rows_section(f"Differences ({len(rows)})", rows, action="Kind"),
            diagnostics_section(drift.diagnostics),
            unmanaged_section(drift.unmanaged if unmanaged else ()),
        ),
        tool_version=tool_version,
    )


def _verdict(drift: Drift) -> Iterator[tuple[str, str]]:
    if not drift.complete:
        yield "bad", INCOMPLETE
    if drift.found:
        yield "busy", f"COC differs from the manifests in {counted(len(drift.drifted), 'script')}."
    elif drift.complete:
        yield "good", NO_DRIFT


def _overview(drift: Drift, *, unmanaged: bool) -> Markup:
    labels = {"changed": "changed", "missing": "missing", "conflict": "in conflict"}
    differs = [
        Tile(count=drift.count(kind), label=label, section="changes", action=kind) for kind, label in labels.items()
    ]
    others = (
        Tile(count=len(drift.unmanaged), label="unmanaged", section="unmanaged" if unmanaged else ""),
        Tile(count=drift.unchanged, label="unchanged"),
    )
    return overview(tiles("What differs", differs), tiles("What does not count", others))


def _row(drifted: Drifted) -> Row:
    who = touched(drifted.operator, drifted.modified_at)
    return Row(
        action=drifted.kind,
        name=drifted.name,
        origin=drifted.origin or "",
        place=place(drifted.file, drifted.line),
        touched=who,
        alarm=_alarm(drifted),
        body=_body(drifted, who),
    )


def _alarm(drifted: Drifted) -> str:
    if drifted.kind == "conflict":
        return _CONFLICT
    return HAND[0] if drifted.origin in (Origin.DRIFT, Origin.BOTH) else ""


def _body(drifted: Drifted, who: str) -> Markup:
    if drifted.kind == "conflict":
        return conflict_facts(drifted.name, drifted.reason, drifted.owner, who)
    why = f"{drifted.reason} (origin: {drifted.origin})"
    known = facts((("Why", why), ("Last touched in COC by", who)))
    return joined((known, fields_html(drifted.fields, _SIDES, new=drifted.kind == "missing")))
