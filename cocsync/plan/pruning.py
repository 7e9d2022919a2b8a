"""Deletes that no manifest asks for by its own name: of scripts without a manifest, and of a rename's old name. Pure.

A mark can be copied and computed, so it is never enough: the repository's history has to show that it had the script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cocsync.diagnostics import Diagnostic, Severity
from cocsync.model.desired import Manifest
from cocsync.model.history import History
from cocsync.model.live import Live
from cocsync.model.mark import Mark
from cocsync.plan.change import Action, Change
from cocsync.plan.guards import Allowances, GuardFinding, history_guard
from cocsync.plan.origin import is_edited
from cocsync.plan.ownership import Owners
from cocsync.plan.plan import Prunable
from cocsync.plan.writing import precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """How far a run may go with such deletes. `on` is False without `--prune`, and under a filter."""

    owners: Owners
    history: History
    allowances: Allowances
    on: bool = False
    edited: bool = False

    def renames(self, manifest: Manifest, readable: Mapping[str, Sequence[Live]]) -> Manifest:
        """The manifest with those previous names alone whose scripts it may delete."""
        kept = tuple(name for name in manifest.previous_names if not self._unproven_old(name, readable))
        return manifest if kept == manifest.previous_names else replace(manifest, previous_names=kept)

    def unproven_renames(
        self, manifests: Sequence[Manifest], readable: Mapping[str, Sequence[Live]]
    ) -> tuple[str, ...]:
        """Old names of scripts of this owner that a rename would delete if the history showed them."""
        names = {name for manifest in manifests for name in manifest.previous_names}
        return tuple(sorted(name for name in names if self._unproven_old(name, readable)))

    def unproven(self, candidates: Sequence[tuple[Live, Mark]]) -> tuple[str, ...]:
        """Scripts that a prune would delete if the history showed them."""
        return tuple(live.name for live, mark in candidates if self._wants(live, mark) and not self._may(live.name))

    def deletes(self, candidates: Sequence[tuple[Live, Mark]]) -> list[Change]:
        """The deletes among scripts of this owner that no manifest names."""
        return [self._delete(live) for live, mark in candidates if self._wants(live, mark) and self._may(live.name)]

    def prunable(self, live: Live, mark: Mark) -> Prunable:
        """A script that is left, and why."""
        return Prunable(
            name=live.name,
            uuid=live.uuid,
            type=live.script.type,
            protected=mark.protected,
            edited=is_edited(live, mark),
            unproven=self.on and not self._may(live.name),
            operator=live.last_user or None,
            modified_at=live.last_touched,
        )

    def guard(self, unproven: Sequence[str]) -> GuardFinding | None:
        """What refuses the run where nobody knows whether these were this repository's."""
        return history_guard(unproven, self.history.gap, self.allowances)

    def strangers(self, unproven: Sequence[str]) -> list[Diagnostic]:
        """What is said of scripts that are known never to have been this repository's, one by one."""
        if self.history.gap is not None:
            return []
        message = (
            "of owner {owner}, and never in this repository's history, so not deleted; does another repository use "
            "this owner? Give each its own, or delete it by hand"
        )
        return [
            Diagnostic(
                severity=Severity.WARNING,
                code="prune-unknown",
                message=f"{name}: {message.format(owner=self.owners.current)}",
            )
            for name in unproven
        ]

    def _may(self, name: str) -> bool:
        return self.history.may_delete(name, allow_unknown=self.allowances.unknown_history)

    def _wants(self, live: Live, mark: Mark) -> bool:
        return self.on and not mark.protected and (self.edited or not is_edited(live, mark))

    def _unproven_old(self, name: str, readable: Mapping[str, Sequence[Live]]) -> bool:
        lives = readable.get(name, ())
        mark = self.owners.mark_of_ours(lives[0]) if len(lives) == 1 else None
        return mark is not None and not mark.protected and not self._may(name)

    def _delete(self, live: Live) -> Change:
        proven = live.name in self.history.names
        return Change(
            action=Action.DELETE,
            name=live.name,
            reason="ours, and no manifest names it" if proven else "ours by its mark alone, and no manifest names it",
            uuid=live.uuid,
            risk_level=live.script.risk_level,
            precondition=precondition(live, None),
            operator=live.last_user or None,
            modified_at=live.last_touched,
        )
