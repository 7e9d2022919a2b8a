"""Which changes a reviewer has to look at first, and why. Pure; plain text, not yet escaped."""

from __future__ import annotations

from collections.abc import Iterable

from cocsync.model.script import RiskLevel
from cocsync.plan.change import Action, Change, Origin
from cocsync.report.phrases import REPLACES

_ACTIONS = {
    Action.DELETE: "COC deletes the script for good",
    Action.REPLACE: REPLACES,
    Action.RENAME: "the old script is deleted: what refers to its name or uuid no longer finds it",
}
_HIGH = "risk level HIGH: a mistake in it can do much harm where it runs"
_HANDS = {
    Origin.DRIFT: "overwrites what was changed in COC",
    Origin.BOTH: "may overwrite what was changed in COC",
}
_ADOPTS = "changes a script that cocsync has not written so far"

_ORDER = (*_ACTIONS.values(), _HIGH, *_HANDS.values(), _ADOPTS)


def dangers(change: Change) -> tuple[str, ...]:
    """Why the change is dangerous, the gravest first; empty where it is not."""
    found = (
        _ACTIONS.get(change.action),
        _HIGH if change.risk_level == RiskLevel.HIGH else None,
        _HANDS.get(change.origin),
        _ADOPTS if change.action is Action.ADOPT and (change.fields or change.replaces) else None,
    )
    return tuple(why for why in found if why)


def gravest_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Those that are dangerous, by what is gravest about each."""
    return tuple(sorted(filter(dangers, changes), key=lambda change: _ORDER.index(dangers(change)[0])))
