"""Drift as a page: what COC has otherwise than the manifests, who caused it, who touched it last and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from cocsync.plan.change import Origin
from cocsync.plan.conflict import Conflict
from cocsync.plan.drift import Drift, Drifted, DriftKind
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
from cocsync.report.view import View

_SIDES = Sides(before="In COC", after="In the manifest")

_CONFLICTS = "Conflicts"
_ALARMS = ((_CONFLICTS, "In COC, and not cocsync's to write: each says what resolves it."), HAND)


def drift_html(drift: Drift, view: View) -> str:
    """The drift as one HTML file that needs nothing else: it can be kept, sent and opened offline."""
    rows = tuple(_conflict_row(one) if isinstance(one, Conflict) else _row(one) for one in drift.by_name)
    groups = first_groups(rows, _ALARMS)
    return document(
        title=f"cocsync drift of {drift.target.name}: {counted(len(rows), 'difference')}",
        header=header("drift", drift.target.name, _verdict(drift), facts(target_facts(drift.target, drift.owner))),
        sections=(
            _overview(drift, unmanaged=view.unmanaged),
            first_section(groups),
            rows_section(f"Differences ({len(rows)})", rows, action="Kind"),
            diagnostics_section(drift.diagnostics),
            unmanaged_section(drift.unmanaged if view.unmanaged else ()),
        ),
        tool_version=view.tool_version,
    )


def _verdict(drift: Drift) -> Iterator[tuple[str, str]]:
    if not drift.complete:
        yield "bad", INCOMPLETE
    if drift.found:
        yield "busy", f"COC differs from the manifests in {counted(len(drift.by_name), 'script')}."
    elif drift.complete:
        yield "good", NO_DRIFT


def _overview(drift: Drift, *, unmanaged: bool) -> Markup:
    differs = [
        *(Tile(count=drift.count(kind), label=kind, section="changes", action=kind) for kind in DriftKind),
        Tile(count=len(drift.conflicts), label="in conflict", section="changes", action="conflict"),
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
        origin=drifted.origin,
        place=place(drifted.file, drifted.line),
        touched=who,
        alarm=HAND[0] if drifted.origin in (Origin.DRIFT, Origin.BOTH) else "",
        body=_body(drifted, who),
    )


def _body(drifted: Drifted, who: str) -> Markup:
    why = f"{drifted.reason} (origin: {drifted.origin})"
    known = facts((("Why", why), ("Last touched in COC by", who)))
    return joined((known, fields_html(drifted.fields, _SIDES, new=drifted.kind is DriftKind.MISSING)))


def _conflict_row(conflict: Conflict) -> Row:
    return Row(
        action="conflict",
        name=conflict.name,
        origin="",
        place=place(conflict.file, conflict.line),
        touched=touched(conflict.operator, conflict.modified_at),
        alarm=_CONFLICTS,
        body=conflict_facts(conflict),
    )
