"""Applying a plan: every change on its own, in parallel, until done, stopped, or failing for all alike."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event, Semaphore
from typing import TypeVar

from cocsync.apply.execute import Executor
from cocsync.apply.hands import with_strangers
from cocsync.diagnostics import Diagnostic, Severity, errors
from cocsync.errors import Refused, unforeseen
from cocsync.plan.change import Change
from cocsync.plan.outcome import ApplyReport, Outcome, Result, report_of
from cocsync.plan.plan import Plan

T = TypeVar("T")

FIRST_WRITERS = 8
MOST_WRITERS = 32
"""Changes under way at once, where nobody says otherwise: one more with each that is applied."""


def refuse_unless_applicable(plan: Plan, *, fail_on_conflict: bool = False) -> None:
    """Raises `Refused` where nothing of the plan may be written: a guard, files with errors, a missing value."""
    if plan.guards:
        raise Refused("; ".join(finding.message for finding in plan.guards))
    if errors(plan.diagnostics):
        raise Refused("the plan rests on files with errors: run `cocsync validate`")
    if fail_on_conflict and plan.conflicts:
        raise Refused(f"{len(plan.conflicts)} conflicts, and --fail-on-conflict is on: nothing was written")
    needs = sorted({need for change in plan.changes for need in change.needs})
    if needs:
        raise Refused(
            f"sensitive values that these changes write are not available here: {', '.join(needs)}; nothing was written"
        )


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Functions that hear of each change, from its thread; what they raise is a warning in the report."""

    started: Callable[[Change], None] = _ignore
    ended: Callable[[Result], None] = _ignore


def apply(
    plan: Plan,
    executor: Executor,
    *,
    stop: Event,
    parallelism: int | None = None,
    fail_fast: bool = False,
    watcher: Watcher | None = None,
) -> ApplyReport:
    """Carries out every change; the report is in the plan's order and holds each change exactly once.

    Once `stop` is set, or there is a failure that would meet every change, or with `fail_fast` any that is not
    applied, no further change begins to write; those that have begun end.
    """
    halt, watcher = Event(), watcher or Watcher()
    lost: dict[str, Diagnostic] = {}
    slots = _Slots(parallelism or FIRST_WRITERS, parallelism or MOST_WRITERS)

    def stopped() -> bool:
        return stop.is_set() or halt.is_set()

    def attempt(change: Change) -> Result:
        with slots.free:
            if stopped():
                return Result(change=change, outcome=Outcome.NOT_ATTEMPTED)
            _tell(watcher.started, change, lost)
            result = executor.run(change, stopped)
        if result.outcome is Outcome.APPLIED:
            slots.grow()
        if result.systemic or (fail_fast and result.outcome is not Outcome.APPLIED):
            halt.set()
        _tell(watcher.ended, result, lost)
        return result

    with ThreadPoolExecutor(max_workers=slots.most) as pool:
        results = tuple(pool.map(attempt, plan.changes))
    report = report_of(plan, with_strangers(results), interrupted=stop.is_set())
    return replace(report, diagnostics=(*report.diagnostics, *lost.values()))


def _tell(listener: Callable[[T], None], what: T, lost: dict[str, Diagnostic]) -> None:
    """Lets somebody watch, whose failure is no reason to lose what becomes of the changes."""
    try:
        listener(what)
    except Exception as error:  # noqa: BLE001 - a report is worth more than its progress
        message = unforeseen(error)
        lost[message] = Diagnostic(severity=Severity.WARNING, code="progress-lost", message=message)


class _Slots:
    """How many changes may be under way; grows while all goes well. What COC refuses for haste, the client slows."""

    def __init__(self, first: int, most: int) -> None:
        self.most = most
        self.free = Semaphore(first)
        self._growth = Semaphore(most - first)

    def grow(self) -> None:
        """Room for one more, up to the most."""
        if self._growth.acquire(blocking=False):
            self.free.release()
