"""The plan: what apply would do, what stands in its way, and what it leaves alone. A value, in a stable order."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field

from cocsync.diagnostics import Diagnostic
from cocsync.model.script import Reviewer
from cocsync.model.source import Source
from cocsync.plan.change import Action, Change, SentValue
from cocsync.plan.conflict import Conflict
from cocsync.plan.guards import Allowances, GuardFinding

FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetId:
    """Which COC a plan is for."""

    name: str
    endpoint: str
    project_id: str | None = None
    domain_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prunable:
    """A script of ours that no manifest names. `edited`: by hand since cocsync wrote it.

    `unproven`: a prune looked, and nothing but the mark shows that this repository ever had it. `modified_at` is in
    epoch milliseconds.
    """

    name: str
    uuid: str
    type: str
    protected: bool
    edited: bool
    unproven: bool = False
    operator: str | None = None
    modified_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmanaged:
    """A script not managed by this repository. Never touched."""

    name: str
    uuid: str
    type: str
    creator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A script of ours in review or rejected. With `previous_name`, a rename whose old script waits for it.

    `awaiting` are the reviewers of one in review.
    """

    name: str
    uuid: str
    status: str
    previous_name: str | None = None
    awaiting: tuple[Reviewer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotVerified:
    """A script that cannot be compared here, or whose sensitive values cannot, and why. Not a change."""

    name: str
    uuid: str
    reason: str
    needs: tuple[str, ...] = ()
    sources: tuple[SentValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Counts of scripts; `as_dict` order is that of the JSON."""

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    rename: int = 0
    adopt: int = 0
    unchanged: int = 0
    prunable: int = 0
    conflict: int = 0
    unmanaged: int = 0
    pending_approval: int = 0
    rejected: int = 0
    not_verified: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`changes` holds only what apply would do, in the order of `name`.

    `complete` is False where live state was not read whole, or the manifests have errors: then nothing may be applied.
    `guards` holds what refuses the run; with any, nothing may be applied. `prune` says whether prunables are deleted,
    `filtered` that a filter is on (then prune is off).
    """

    target: TargetId
    owner: str
    source: Source = field(default_factory=Source)
    complete: bool = True
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    prunable: tuple[Prunable, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    not_verified: tuple[NotVerified, ...] = ()
    unchanged: tuple[str, ...] = ()
    guards: tuple[GuardFinding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    allowances: Allowances = Allowances()
    prune: bool = False
    filtered: bool = False

    @property
    def summary(self) -> Summary:
        actions = Counter(change.action.value for change in self.changes)
        status = Counter(waiting.status for waiting in self.waiting)
        return Summary(
            **{action.value: actions[action.value] for action in Action},
            unchanged=len(self.unchanged),
            prunable=len(self.prunable),
            conflict=len(self.conflicts),
            unmanaged=len(self.unmanaged),
            pending_approval=status["PENDING_APPROVE"],
            rejected=status["REJECTED"],
            not_verified=len(self.not_verified),
        )

    @property
    def reviews_restarted(self) -> int:
        return sum(change.restarts_review for change in self.changes)

    @property
    def plan_id(self) -> str:
        """`sha256:HEX` over what would be done to what: a checksum, not a signature.

        Equal where a run with the fingerprint key and one without it would do the same: changes of nothing but
        sensitive values stand outside.
        """
        allowed = self.allowances
        body = {
            "format": FORMAT_VERSION,
            "target": [self.target.name, self.target.endpoint, self.target.project_id, self.target.domain_id],
            "owner": self.owner,
            "allowances": [
                *(allowed.deletes, allowed.reviews, allowed.empty),
                *(sorted(allowed.take_over), allowed.unknown_history),
            ],
            "changes": [_identity(change) for change in self.changes if not change.value_only],
        }
        return "sha256:" + hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _identity(change: Change) -> list[str | None]:
    seen = change.precondition.digest if change.precondition else None
    return [change.action.value, change.name, change.uuid, change.desired, seen, change.previous_name]
