"""What became of a planned change, and the report of an apply."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from cocsync.diagnostics import Diagnostic
from cocsync.errors import ExitCode
from cocsync.model.script import Reviewer
from cocsync.plan.change import Action, Change, FieldChange
from cocsync.plan.plan import Plan, TargetId


class Outcome(StrEnum):
    """How a change ended; each ends as exactly one of these."""

    APPLIED = "applied"
    FAILED = "failed"
    STALE = "stale"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not_attempted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a change did not end applied. `code` and `request_id` are COC's where it answered, else empty."""

    message: str
    code: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of one change.

    `already`: the result was there, so nothing was written. `uuid` and `status` are those read back.
    `normalised` are paths that COC keeps in another form than was sent; where that is no more than what a target may be
    declared to normalise, `normalises` are the values of that setting that accept it. `awaiting` are the reviewers
    of a script that now waits for review. `fields` is what a stale script differs in now. `warning` is a word on an
    applied change that needs one. `wrote`: a request that may have changed something was sent. `systemic`: every
    other change would fail the same way. `last_user` is whom COC named after the write as the last who changed it.
    """

    change: Change
    outcome: Outcome
    already: bool = False
    uuid: str | None = None
    status: str | None = None
    normalised: tuple[str, ...] = ()
    normalises: tuple[str, ...] = ()
    error: Failure | None = None
    awaiting: tuple[Reviewer, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    warning: str = ""
    wrote: bool = False
    systemic: bool = False
    last_user: str = ""

    @property
    def name(self) -> str:
        return self.change.name

    @property
    def action(self) -> Action:
        return self.change.action

    @property
    def taken_from(self) -> str | None:
        """The owner whose mark an adoption replaces, None for every other change."""
        return self.change.taken_from


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """Every planned change's result, in the plan's order.

    `diagnostics` are the plan's, with the reason where the run was refused or failed before its first write.
    """

    target: TargetId
    owner: str
    results: tuple[Result, ...]
    conflicts_left: int = 0
    interrupted: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()

    def count(self, outcome: Outcome) -> int:
        return Counter(r.outcome for r in self.results)[outcome]


def not_attempted(plan: Plan) -> ApplyReport:
    """The report of a run that was refused before its first write."""
    results = tuple(Result(change=change, outcome=Outcome.NOT_ATTEMPTED) for change in plan.changes)
    return report_of(plan, results)


def report_of(plan: Plan, results: tuple[Result, ...], *, interrupted: bool = False) -> ApplyReport:
    """The report of a plan of which this became."""
    return ApplyReport(
        target=plan.target,
        owner=plan.owner,
        results=results,
        conflicts_left=len(plan.conflicts),
        interrupted=interrupted,
        diagnostics=plan.diagnostics,
    )


def exit_code(report: ApplyReport) -> ExitCode:
    """What an apply ends with, by the first rule that fits."""
    wrote = any(result.wrote for result in report.results)
    unfinished = any(result.outcome is not Outcome.APPLIED for result in report.results)
    if wrote and (unfinished or report.conflicts_left):
        return ExitCode.PARTIAL
    if report.interrupted and unfinished:
        return ExitCode.INTERRUPTED
    if any(result.outcome in (Outcome.FAILED, Outcome.UNKNOWN) for result in report.results):
        return ExitCode.ERROR
    if unfinished or report.conflicts_left:
        return ExitCode.REFUSED
    if any(result.wrote and result.status == "REJECTED" for result in report.results):
        return ExitCode.REVIEW
    return ExitCode.OK
