"""Drift: where COC differs from the manifests, seen through the plan that would heal it."""

from __future__ import annotations

from dataclasses import dataclass

from cocsync.diagnostics import Diagnostic
from cocsync.plan.change import Action, Change, FieldChange, Origin
from cocsync.plan.plan import Conflict, Plan, TargetId, Unmanaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One script that differs. `kind`: changed, missing or conflict; `origin` is None for a conflict.

    `owner` is the mark's, of a conflict that has one. `operator` and `modified_at` (epoch milliseconds) are COC's word
    on who touched it last, None where it has none.
    """

    name: str
    kind: str
    origin: Origin | None = None
    reason: str = ""
    file: str | None = None
    line: int | None = None
    owner: str | None = None
    operator: str | None = None
    modified_at: int | None = None
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What a drift run found, by name. `unmanaged` is listed whatever flag is on; reports decide what they show.

    `matching` are the names of scripts that equal their manifests.
    """

    target: TargetId
    owner: str
    drifted: tuple[Drifted, ...]
    unmanaged: tuple[Unmanaged, ...]
    matching: tuple[str, ...] = ()
    complete: bool = True
    diagnostics: tuple[Diagnostic, ...] = ()

    def count(self, kind: str) -> int:
        return sum(d.kind == kind for d in self.drifted)

    @property
    def unchanged(self) -> int:
        return len(self.matching)

    @property
    def found(self) -> bool:
        """Whether the exit code reports drift: changed, missing or conflict. Prunable and unmanaged never count."""
        return bool(self.drifted)


def from_plan(plan: Plan) -> Drift:
    """The drift that a plan shows. A delete is no drift: what is prunable never counts."""
    drifted = [_from_change(change) for change in plan.changes if change.action is not Action.DELETE]
    drifted += [_from_conflict(conflict) for conflict in plan.conflicts]
    return Drift(
        target=plan.target,
        owner=plan.owner,
        drifted=tuple(sorted(drifted, key=lambda d: d.name)),
        unmanaged=plan.unmanaged,
        matching=plan.unchanged,
        complete=plan.complete,
        diagnostics=plan.diagnostics,
    )


def _is_missing(change: Change) -> bool:
    """A rename whose new script is there has only the old one left to delete, and no fields."""
    return change.action is Action.CREATE or (change.action is Action.RENAME and bool(change.fields))


def _from_change(change: Change) -> Drifted:
    return Drifted(
        name=change.name,
        kind="missing" if _is_missing(change) else "changed",
        origin=change.origin,
        reason=change.reason,
        file=change.file,
        line=change.line,
        operator=change.operator,
        modified_at=change.modified_at,
        fields=tuple(field for field in change.fields if not field.ignored),
    )


def _from_conflict(conflict: Conflict) -> Drifted:
    return Drifted(
        name=conflict.name,
        kind="conflict",
        reason=conflict.kind,
        file=conflict.file,
        line=conflict.line,
        owner=conflict.owner,
        operator=conflict.operator,
        modified_at=conflict.modified_at,
    )
