"""Drift: where COC differs from the manifests, seen through the plan that would heal it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cocsync.diagnostics import Diagnostic
from cocsync.plan.change import Action, Change, FieldChange, Origin
from cocsync.plan.conflict import Conflict
from cocsync.plan.plan import Plan, TargetId, Unmanaged


class DriftKind(StrEnum):
    """How a script differs: in some fields, or by not being in COC under its name."""

    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One script that differs.

    `operator` and `modified_at` (epoch milliseconds) are COC's word on who touched it last, None where it has none.
    """

    name: str
    kind: DriftKind
    origin: Origin
    reason: str = ""
    file: str | None = None
    line: int | None = None
    operator: str | None = None
    modified_at: int | None = None
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What a drift run found, each by name. `unmanaged` is listed whatever flag is on; reports decide what they show.

    `conflicts` are the scripts of a manifest's name that cannot be compared, since they are not ours. `matching` are
    the names of scripts that equal their manifests.
    """

    target: TargetId
    owner: str
    drifted: tuple[Drifted, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    matching: tuple[str, ...] = ()
    complete: bool = True
    diagnostics: tuple[Diagnostic, ...] = ()

    def count(self, kind: DriftKind) -> int:
        return sum(d.kind is kind for d in self.drifted)

    @property
    def unchanged(self) -> int:
        return len(self.matching)

    @property
    def by_name(self) -> tuple[Drifted | Conflict, ...]:
        """Every script that differs or is in conflict, as reports list them together."""
        found: tuple[Drifted | Conflict, ...] = (*self.drifted, *self.conflicts)
        return tuple(sorted(found, key=lambda one: one.name))

    @property
    def found(self) -> bool:
        """Whether the exit code reports drift: changed, missing or conflict. Prunable and unmanaged never count."""
        return bool(self.drifted or self.conflicts)


def from_plan(plan: Plan) -> Drift:
    """The drift that a plan shows. A delete is no drift: what is prunable never counts."""
    drifted = [_from_change(change) for change in plan.changes if change.action is not Action.DELETE]
    return Drift(
        target=plan.target,
        owner=plan.owner,
        drifted=tuple(sorted(drifted, key=lambda one: one.name)),
        conflicts=tuple(sorted(plan.conflicts, key=lambda one: one.name)),
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
        kind=DriftKind.MISSING if _is_missing(change) else DriftKind.CHANGED,
        origin=change.origin,
        reason=change.reason,
        file=change.file,
        line=change.line,
        operator=change.operator,
        modified_at=change.modified_at,
        fields=tuple(field for field in change.fields if not field.ignored),
    )
