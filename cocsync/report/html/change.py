"""One change as a row of an HTML report. Pure."""

from __future__ import annotations

from cocsync.model.script import RiskLevel
from cocsync.plan.change import Action, Change, Origin
from cocsync.report.html.fields import Sides, fields_html
from cocsync.report.html.markup import Markup, element, joined
from cocsync.report.html.parts import code, facts, place
from cocsync.report.html.rows import HAND, Row
from cocsync.report.phrases import REPLACES, REVIEWS_AGAIN, missing_values, replaced_values, sent_values, touched

_SIDES = Sides(before="In COC now", after="After apply")

_DELETES, _REPLACES, _MISSING = "Deletes", "Replaces", "Values missing here"
_HIGH = "High risk"
ALARMS = (
    (_DELETES, "These scripts will be gone from COC."),
    (_REPLACES, f"{REPLACES}."),
    (_MISSING, "An apply refuses to run without them."),
    (_HIGH, "The manifests give these scripts risk level HIGH."),
    HAND,
)
"""Why a change is looked at first, the worst first, and what that means."""


def change_row(change: Change) -> Row:
    """The change with everything that a plan knows of it."""
    level, again = change.risk_level, [REVIEWS_AGAIN] if change.restarts_review else []
    return Row(
        action=change.action,
        name=change.name,
        origin=change.origin,
        risk=level,
        place=place(change.file, change.line),
        old_name=change.previous_name or "",
        tags=(*again, *(["values missing here"] if change.needs else [])),
        touched=touched(change.operator, change.modified_at),
        alarm=_alarm(change),
        body=_body(change),
    )


def _alarm(change: Change) -> str:
    """The worst that can be said of the change."""
    reasons = {
        _DELETES: change.action is Action.DELETE,
        _REPLACES: change.action is Action.REPLACE,
        _MISSING: bool(change.needs),
        _HIGH: change.risk_level == RiskLevel.HIGH,
        HAND[0]: change.origin is not Origin.MANIFEST,
    }
    return next((title for title, holds in reasons.items() if holds), "")


def _body(change: Change) -> Markup:
    warnings = (
        f"{REPLACES}." if change.action is Action.REPLACE else "",
        *(f"{replaced}." for replaced in replaced_values(change)),
        f"It {sent}." if (sent := sent_values(change)) else "",
        f"It {missing}." if (missing := missing_values(change)) else "",
        f"It {REVIEWS_AGAIN}." if change.restarts_review else "",
    )
    known = facts(
        (
            ("Why", f"{change.reason} (origin: {change.origin})"),
            ("Last touched in COC by", touched(change.operator, change.modified_at)),
            ("Has to be approved by", ", ".join(reviewer.name or reviewer.id for reviewer in change.reviewers)),
            ("Uuid", code(change.uuid)),
        )
    )
    new = change.action in (Action.CREATE, Action.RENAME)
    said = (element("p", warning, class_="warning") for warning in warnings if warning)
    return joined((known, *said, fields_html(change.fields, _SIDES, new=new)))
