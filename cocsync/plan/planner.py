"""Desired and live state to a plan: the one planner behind plan, drift and apply. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cocsync.diagnostics import Diagnostic, faults
from cocsync.errors import Refused
from cocsync.model.desired import Desired, Manifest
from cocsync.model.history import History
from cocsync.model.live import Live, Observed
from cocsync.model.mark import Mark
from cocsync.model.source import Source
from cocsync.plan import versions
from cocsync.plan.change import DELETING, Action, Change
from cocsync.plan.guards import NO_MANIFESTS, Allowances, GuardFinding, Guards, delete_guard, policy_guard, review_guard
from cocsync.plan.ownership import Claim, Owners
from cocsync.plan.plan import Plan, Prunable, TargetId, Unmanaged
from cocsync.plan.pruning import Pruning
from cocsync.plan.selection import Selection
from cocsync.plan.verdict import Intent, LiveByName, Verdict, decide
from cocsync.plan.warnings import all_foreign, shared_owner, warnings
from cocsync.policy.rules import Policy

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How far a run may go, and what it looks at."""

    intent: Intent
    guards: Guards = field(default_factory=Guards)
    allowances: Allowances = field(default_factory=Allowances)
    selection: Selection = field(default_factory=Selection)
    policy: Policy = field(default_factory=Policy)
    prune: bool = False
    prune_edited: bool = False
    history: History = field(default_factory=History)
    """What shows that this repository had a script that a prune or a rename would delete."""

    @property
    def pruning(self) -> Pruning:
        return Pruning(
            owners=self.intent.owners,
            history=self.history,
            allowances=self.allowances,
            on=self.prune and not self.selection.is_filter,
            edited=self.prune_edited,
        )


def make_plan(desired: Desired, observed: Observed, scope: Scope, *, target: TargetId, source: Source) -> Plan:
    """The plan. Equal arguments give equal plans, in whatever order COC lists its scripts.

    Manifests and live scripts are given as they are under `scope.intent.normalisation`.
    Raises `Refused` where a name or a filter of the command line fits nothing. What a guard refuses is in the plan.
    """
    _check_names(desired, observed, scope)
    observed = _in_order(observed)
    named = {m.name for m in desired.manifests} | {n for m in desired.manifests for n in m.previous_names}
    there = _there(observed)
    pruning = scope.pruning
    chosen = [_within(m, scope.selection) for m in desired.manifests if scope.selection.covers(m.name)]
    verdicts = [decide(pruning.renames(manifest, there.readable), there, scope.intent) for manifest in chosen]
    leftovers = [live for live in observed.scripts if scope.selection.covers(live.name)]
    kept = _kept_by_rename(verdicts) | {m.name for m in desired.manifests}
    ours = _marked(scope.intent.owners, [live for live in leftovers if live.name not in kept])
    unnamed = [(live, mark) for live, mark in ours if live.name not in named]
    deletes = pruning.deletes(unnamed)
    unproven = (*pruning.unproven(unnamed), *pruning.unproven_renames(chosen, there.readable))
    changes = _sorted([v.change for v in verdicts if v.change] + deletes)
    said = (*_of_interest(desired.diagnostics, scope), *_version_findings(verdicts, scope.policy))
    guards = (*_guards(desired, observed, scope, verdicts, changes, named), pruning.guard(unproven))
    return Plan(
        target=target,
        owner=scope.intent.owners.current,
        source=source,
        complete=observed.complete and not faults(desired.diagnostics),
        changes=changes,
        conflicts=tuple(v.conflict for v in verdicts if v.conflict),
        prunable=_prunable(ours, deletes, pruning),
        unmanaged=_unmanaged(observed, leftovers, kept, scope),
        waiting=tuple(v.waiting for v in verdicts if v.waiting),
        not_verified=tuple(v.not_verified for v in verdicts if v.not_verified),
        unchanged=tuple(v.manifest.name for v in verdicts if not v.change and not v.conflict),
        guards=(*(guard for guard in guards if guard), *_policy_guard(said)),
        diagnostics=(*said, *pruning.strangers(unproven), *_warnings(desired, observed, scope, named)),
        allowances=scope.allowances,
        prune=scope.prune and not scope.selection.is_filter,
        filtered=scope.selection.is_filter,
    )


def _within(manifest: Manifest, selection: Selection) -> Manifest:
    """A script that is excluded is not deleted by the rename of another."""
    kept = tuple(name for name in manifest.previous_names if not selection.excludes(name))
    return manifest if kept == manifest.previous_names else replace(manifest, previous_names=kept)


def _check_names(desired: Desired, observed: Observed, scope: Scope) -> None:
    manifests = {m.name for m in desired.manifests}
    live = {s.name for s in observed.scripts} | {r.name for r in observed.forbidden}
    missing = scope.selection.without_match(manifests | live)
    if missing:
        raise Refused(f"nothing here or in COC is called {', '.join(missing)}: correct the name or the filter")
    if scope.selection.is_filter and not any(map(scope.selection.covers, manifests | live)):
        raise Refused("the names and filters together leave no script: correct them")
    intent = scope.intent
    for flag, names in (
        ("--adopt", intent.adopt),
        ("--dangerous-take-over", intent.take_over),
        ("--rewrite", intent.rewrite),
    ):
        if unknown := sorted(names - manifests):
            raise Refused(f"{flag} {unknown[0]}: no manifest for this target has that name")


def _kept_by_rename(verdicts: list[Verdict]) -> set[str]:
    """Old names whose scripts a rename still needs or deletes itself."""
    changes = {v.change.previous_name for v in verdicts if v.change and v.change.previous_name}
    return changes | {v.waiting.previous_name for v in verdicts if v.waiting and v.waiting.previous_name}


def _there(observed: Observed) -> LiveByName:
    return LiveByName(
        readable=_by_name(observed.scripts, lambda live: live.name),
        forbidden=_by_name(observed.forbidden, lambda row: row.name),
    )


def _marked(owners: Owners, lives: Iterable[Live]) -> list[tuple[Live, Mark]]:
    """Those of this owner, each with its mark."""
    return [(live, mark) for live in lives if (mark := owners.mark_of_ours(live))]


def _prunable(ours: list[tuple[Live, Mark]], deletes: list[Change], pruning: Pruning) -> tuple[Prunable, ...]:
    deleted = {change.uuid for change in deletes}
    return tuple(pruning.prunable(live, mark) for live, mark in ours if live.uuid not in deleted)


def _in_order(observed: Observed) -> Observed:
    return replace(
        observed,
        scripts=tuple(sorted(observed.scripts, key=lambda live: (live.name, live.uuid))),
        forbidden=tuple(sorted(observed.forbidden, key=lambda row: (row.name, row.uuid))),
    )


def _unmanaged(observed: Observed, leftovers: list[Live], kept: set[str], scope: Scope) -> tuple[Unmanaged, ...]:
    foreign = [
        Unmanaged(name=live.name, uuid=live.uuid, type=live.script.type, creator=live.creator)
        for live in leftovers
        if live.name not in kept and scope.intent.owners.claim(live) is not Claim.OURS
    ]
    forbidden = [
        Unmanaged(name=row.name, uuid=row.uuid, type=row.type, creator=row.creator)
        for row in observed.forbidden
        if row.name not in kept and scope.selection.covers(row.name)
    ]
    return tuple(sorted(foreign + forbidden, key=_order))


def _guards(
    desired: Desired,
    observed: Observed,
    scope: Scope,
    verdicts: list[Verdict],
    changes: tuple[Change, ...],
    named: set[str],
) -> tuple[GuardFinding, ...]:
    owned = _owned(observed, scope)
    found: list[GuardFinding | None] = [finding for v in verdicts for finding in v.refusals]
    found.append(_no_manifests(desired, len(owned), scope))
    if scope.prune and not observed.complete:
        found.append(
            GuardFinding(
                code="prune-incomplete",
                message="--prune needs to know every script, and --refresh named reads only some: leave one out",
            )
        )
    if scope.prune and not scope.selection.is_filter and all_foreign(owned, named):
        found.append(
            GuardFinding(
                code="prune-owner",
                message=f"owner {scope.intent.owners.current} owns {len(owned)} of the scripts in COC, and none of "
                "them has a manifest here: does another repository use this owner? Give this one an owner of its own",
            )
        )
    deletes = sum(change.action in DELETING for change in changes)
    found.append(delete_guard(deletes, len(owned), scope.guards, scope.allowances))
    reviews = [v for v in verdicts if v.change and v.change.restarts_review]
    again = sum(v.renewal or (v.change is not None and v.change.action is Action.ADOPT) for v in reviews)
    found.append(review_guard(again, scope.guards, scope.allowances))
    return tuple(finding for finding in found if finding)


def _version_findings(verdicts: list[Verdict], policy: Policy) -> Iterator[Diagnostic]:
    for verdict in verdicts:
        if verdict.change and (found := versions.version_finding(verdict.change, verdict.manifest, policy)):
            yield found


def _of_interest(found: Iterable[Diagnostic], scope: Scope) -> Iterator[Diagnostic]:
    """What rules say of a script that the run does not look at is no concern of the run's."""
    return (d for d in found if d.script is None or scope.selection.covers(d.script))


def _policy_guard(said: Iterable[Diagnostic]) -> Iterator[GuardFinding]:
    if found := policy_guard([d for d in said if d.is_error and d.script is not None]):
        yield found


def _no_manifests(desired: Desired, owned: int, scope: Scope) -> GuardFinding | None:
    if desired.manifests or scope.allowances.empty:
        return None
    flags = "--dangerous-allow-empty" + (f" --prune --allow-deletes {owned}" if owned else "")
    return GuardFinding(
        code=NO_MANIFESTS,
        message=f"there is no manifest for this target, and owner {scope.intent.owners.current} owns {owned} of the "
        f"scripts in COC: check `sources` in the project file; if it is meant, pass {flags}",
        allowed_by="--dangerous-allow-empty",
    )


def _warnings(desired: Desired, observed: Observed, scope: Scope, named: set[str]) -> Iterator[Diagnostic]:
    owned = _owned(observed, scope)
    if all_foreign(owned, named) and not scope.prune:
        yield shared_owner(scope.intent.owners.current, owned)
    yield from warnings(observed, scope.intent, {m.name for m in desired.manifests})


def _owned(observed: Observed, scope: Scope) -> list[Live]:
    return [live for live in observed.scripts if scope.intent.owners.claim(live) is Claim.OURS]


def _by_name(items: Iterable[T], name: Callable[[T], str]) -> dict[str, tuple[T, ...]]:
    grouped: dict[str, list[T]] = defaultdict(list)
    for item in items:
        grouped[name(item)].append(item)
    return {key: tuple(group) for key, group in grouped.items()}


def _sorted(changes: list[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: (change.name, change.uuid or "")))


def _order(item: Unmanaged) -> tuple[str, str]:
    return item.name, item.uuid
