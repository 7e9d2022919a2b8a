"""Making COC match the manifests: the life of a plan and of an apply, from the workspace to the report."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from threading import Event
from typing import Protocol

from cocsync.apply.backup import Backups
from cocsync.apply.changes import Watcher, refuse_unless_applicable
from cocsync.apply.changes import apply as carry_out
from cocsync.apply.execute import Executor
from cocsync.apply.lock import exclusive
from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.connection import connect
from cocsync.engine.feedback import Feedback
from cocsync.engine.look import Listing, Look, remember
from cocsync.engine.planfile import SavedPlan
from cocsync.engine.requests import ApplyRequest, PlanRequest
from cocsync.engine.saved import bound
from cocsync.engine.workspace import Workspace
from cocsync.errors import CocsyncError, Refused, unforeseen
from cocsync.model.desired import Desired
from cocsync.model.history import History
from cocsync.model.live import Live
from cocsync.observe.cache import Cache
from cocsync.observe.recall import CacheEntry, entry_of
from cocsync.plan.change import Change
from cocsync.plan.guards import NO_MANIFESTS
from cocsync.plan.outcome import ApplyReport, Result
from cocsync.plan.plan import Plan
from cocsync.plan.planner import Scope, make_plan
from cocsync.plan.verdict import Intent


class Desk(Protocol):
    """Who an apply talks to: shown its plan, asked once before anything is written, told of each change.

    Called from any thread.
    """

    def has_plan(self, plan: Plan) -> None:
        """The run has this plan, and COC was not asked yet."""

    def planned(self, plan: Plan) -> None:
        """This plan is about to be applied; it may still be refused."""

    def confirm(self, plan: Plan) -> Event:
        """Asks; once the event that it returns is set, no further change begins to write.

        Raises `Refused` where the answer is no.
        """

    def started(self, change: Change) -> None:
        """The change begins to write."""

    def ended(self, result: Result) -> None:
        """What became of a change."""


def plan(workspace: Workspace, request: PlanRequest, feedback: Feedback) -> Plan:
    """The plan of a run that writes nothing. Raises `ManifestsInvalid`, `Refused`, and what a request can end as.

    COC is listed while the manifests are read. What is wrong with them is reported first, also where COC cannot be
    reached.
    """
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(connect(workspace, feedback, max_rate=request.reading.max_rate))
        except CocsyncError:
            workspace.desired()
            raise
        planning = Planning(workspace=workspace, api=connection.scripts, request=request, feedback=feedback)
        listing = planning.listing()
        return planning.run(workspace.desired(), listing)


def refuse_without_manifests(plan: Plan) -> None:
    """Raises `Refused` where there is no manifest for the target: then nothing can be compared."""
    if refusal := next((guard for guard in plan.guards if guard.code == NO_MANIFESTS), None):
        raise Refused(refusal.message)


def apply(
    workspace: Workspace, request: ApplyRequest, saved: SavedPlan | None, desk: Desk, feedback: Feedback
) -> ApplyReport:
    """Plans, or takes the saved plan; asks, and makes COC match. The report holds every change of the plan once.

    Raises `Refused` and other expected failures, before the first write only.
    """
    desired = workspace.desired()
    plan = bound(saved.plan, request, workspace, desired) if saved else None
    if plan:
        desk.has_plan(plan)
    rate = request.plan.reading.max_rate
    with _alone(workspace, feedback), connect(workspace, feedback, writable=True, max_rate=rate) as connection:
        api = connection.scripts
        if plan is None:
            planning = Planning(workspace=workspace, api=api, request=request.plan, feedback=feedback)
            plan = planning.run(desired, planning.listing())
        backups = Backups.of_run(workspace.state, datetime.now(UTC))
        applying = Applying(workspace=workspace, api=api, request=request, feedback=feedback, backups=backups)
        return applying.run(plan, desired, desk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """A plan for one workspace, from what one COC holds."""

    workspace: Workspace
    api: ScriptsApi
    request: PlanRequest
    feedback: Feedback

    def listing(self) -> Listing:
        """COC's list, read from now on in a thread of its own."""
        return Listing(self.api, self._cache(), progress=self.feedback.progress)

    def run(self, desired: Desired, listing: Listing) -> Plan:
        """The plan for these manifests, as they are compared under what the target normalises."""
        workspace = self.workspace
        desired = desired.under(workspace.target.normalisation)
        scope, source, target = scope_of(workspace, desired, self.request), workspace.source(), workspace.target_id
        look = Look(
            api=self.api,
            manifests={manifest.name: manifest for manifest in desired.manifests},
            reading=self.request.reading,
            normalisation=workspace.target.normalisation,
            progress=self.feedback.progress,
        )
        return look.plan(lambda observed: make_plan(desired, observed, scope, target=target, source=source), listing)

    def _cache(self) -> Cache | None:
        return self.workspace.cache() if self.request.reading.cached else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """The part of an apply that follows the plan: the last refusals, the question, the writes."""

    workspace: Workspace
    api: ScriptsApi
    request: ApplyRequest
    feedback: Feedback
    backups: Backups
    wait: Callable[[float], None] = time.sleep

    def run(self, plan: Plan, desired: Desired, desk: Desk) -> ApplyReport:
        """Carries the plan out. Raises `Refused` before the first write, and nothing expected after it."""
        desk.planned(plan)
        _refuse_other_id(plan, self.request.plan_id)
        refuse_unless_applicable(plan, fail_on_conflict=self.request.fail_on_conflict)
        stop = desk.confirm(plan)
        written: list[CacheEntry | None] = []
        ended = count(1)

        def note(result: Result) -> None:
            desk.ended(result)
            self.feedback.progress("Writing scripts", next(ended), len(plan.changes))

        report = carry_out(
            plan,
            self._executor(desired, lambda live: written.append(entry_of(live))),
            stop=stop,
            parallelism=self.request.plan.reading.parallelism,
            fail_fast=self.request.fail_fast,
            watcher=Watcher(started=desk.started, ended=note),
        )
        self._remember(written)
        return report

    def _executor(self, desired: Desired, remember: Callable[[Live], None]) -> Executor:
        asked = intent_of(self.workspace, self.request.plan)
        if any(manifest.script.sensitive_params for manifest in desired.manifests):
            asked.keys.writer(asked.owners.current)  # slow once, here, and not in every writer's thread at once
        return Executor(
            api=self.api,
            manifests={manifest.name: manifest for manifest in desired.manifests},
            intent=asked,
            backups=self.backups,
            wait=self.wait,
            enterprise_project_id=self.workspace.target.enterprise_project_id,
            remember=remember,
        )

    def _remember(self, written: list[CacheEntry | None]) -> None:
        if not self.request.plan.reading.cached:
            return
        try:
            remember(self.workspace.cache(), written)
        except Exception as error:  # noqa: BLE001 - a cache is worth no report
            self.feedback.note(f"What was written is not remembered in the cache: {unforeseen(error)}.")


def scope_of(workspace: Workspace, desired: Desired, request: PlanRequest) -> Scope:
    """How far the run may go: what the request asks for, and what the project and the target say.

    Git's history is read only where something could be deleted that no manifest names by its name.
    """
    prune = workspace.project.prune if request.prune is None else request.prune
    deletes = prune or any(manifest.previous_names for manifest in desired.manifests)
    return Scope(
        intent=intent_of(workspace, request),
        guards=workspace.project.guards,
        allowances=request.allowances,
        selection=request.selection,
        prune=prune,
        prune_edited=request.prune_edited,
        policy=workspace.project.policy,
        history=workspace.history() if deletes else History(),
    )


def intent_of(workspace: Workspace, request: PlanRequest) -> Intent:
    """What is wanted of single scripts, beyond making them equal."""
    return Intent(
        owners=workspace.owners,
        keys=workspace.keys,
        adopt=request.adopt,
        adopt_all=request.adopt_all,
        take_over=request.allowances.take_over,
        rewrite=request.rewrite,
        renew_marks=request.renew_marks,
        pending_shows_previous=workspace.target.pending_shows_previous,
        normalisation=workspace.target.normalisation,
    )


def _alone(workspace: Workspace, feedback: Feedback) -> AbstractContextManager[None]:
    def waiting() -> None:
        feedback.note("Another apply is running in this folder: waiting for it.")

    return exclusive(workspace.state / "lock", on_wait=waiting)


def _refuse_other_id(plan: Plan, wanted: str | None) -> None:
    if wanted is not None and wanted != plan.plan_id:
        raise Refused(f"the plan has the id {plan.plan_id}, not the one of --plan-id: look at it and apply that one")
