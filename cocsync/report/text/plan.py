"""A plan for people: what will happen to which script and why, what stands in its way, what is left alone. Pure."""

from __future__ import annotations

from cocsync.diagnostics import errors
from cocsync.model.script import RiskLevel, Status
from cocsync.model.source import Source
from cocsync.plan.change import Action, Change
from cocsync.plan.plan import Plan
from cocsync.report.phrases import (
    FILTERED,
    NO_CHANGES,
    REPLACES,
    REVIEWS_AGAIN,
    counted,
    hand_on,
    missing_for_proof,
    missing_values,
    other_counts,
    plan_counts,
    prune_advice,
    replaced_values,
    review_advice,
    sent_values,
    touched,
    unproven_values,
)
from cocsync.report.terminal import Look
from cocsync.report.text.change import NEW, PLAN_SIDES, write_fields
from cocsync.report.text.diagnostics import write_diagnostics
from cocsync.report.text.page import Page, Piece
from cocsync.report.text.script import (
    DETAIL,
    ITEM,
    named,
    place,
    write_conflict,
    write_incomplete,
    write_item,
    write_names,
    write_target,
    write_touched,
    write_unmanaged,
)
from cocsync.report.view import View

_COMMIT_LENGTH = 12


def plan_text(plan: Plan, view: View) -> str:
    """The plan on one page. A verbose one also shows what is unchanged, and whole what is otherwise cut.

    A summary is no more than a line for each change and conflict, by what is done, and the counts.
    """
    page = Page(style=view.style, width=view.width)
    _write_heading(page, plan)
    if view.summary:
        _write_names(page, plan)
    else:
        _write_everything(page, plan, verbose=view.verbose)
    _write_guards(page, plan)
    _write_summary(page, plan)
    return page.text()


def _write_names(page: Page, plan: Plan) -> None:
    for action in Action:
        changes = [change for change in plan.changes if change.action is action]
        if changes:
            page.heading(f"{action.capitalize()} ({len(changes)})")
        for change in changes:
            write_item(page, change.action, change.name, *_old_name(change), *_risk(change))
    if plan.conflicts:
        page.heading(f"Conflicts ({len(plan.conflicts)})")
    for conflict in plan.conflicts:
        write_item(page, "conflict", conflict.name, conflict.kind.replace("_", " "))
    found = errors(plan.diagnostics)
    if found:
        page.heading("Errors")
        write_diagnostics(page, found, indent=ITEM)


def _write_everything(page: Page, plan: Plan, *, verbose: bool) -> None:
    if plan.changes:
        page.heading(
            f"{'Refused, see below' if plan.guards else 'What apply would do'} ({counted(len(plan.changes), 'change')})"
        )
    for change in plan.changes:
        page.blank()
        _write_change(page, change, verbose=verbose)
    _write_conflicts(page, plan)
    _write_prunable(page, plan)
    _write_waiting(page, plan)
    _write_not_verified(page, plan)
    write_unmanaged(page, plan.unmanaged, whole=verbose)
    if verbose and plan.unchanged:
        page.heading(f"Unchanged ({len(plan.unchanged)})")
        write_names(page, "unchanged", plan.unchanged, whole=True)
    if plan.diagnostics:
        page.heading("Also found")
        write_diagnostics(page, plan.diagnostics, indent=ITEM)


def _write_heading(page: Page, plan: Plan) -> None:
    write_target(page, plan.target, plan.owner)
    if facts := _source(plan.source):
        page.flow(*facts, indent=ITEM, hang="")
    if plan.filtered:
        page.sentence(FILTERED)
    write_incomplete(page, complete=plan.complete)


def _source(source: Source) -> list[str]:
    known = [f"commit {source.commit[:_COMMIT_LENGTH]}"] if source.commit else []
    return [*known, "with uncommitted changes"] if source.dirty else known


def _write_change(page: Page, change: Change, *, verbose: bool) -> None:
    where = place(change.file, change.line)
    write_item(page, change.action, change.name, *_old_name(change), *_risk(change), *where)
    page.sentence(f"{change.reason} (origin: {change.origin})", indent=DETAIL)
    write_touched(page, hand_on(change))
    if change.action is Action.REPLACE:
        page.sentence(REPLACES, Look.RED, indent=DETAIL)
    new = change.action in (Action.CREATE, Action.RENAME)
    write_fields(page, change.fields, NEW if new else PLAN_SIDES, indent=DETAIL, whole=verbose)
    for replaced in replaced_values(change):
        page.sentence(replaced, Look.YELLOW, indent=DETAIL)
    if sent := sent_values(change):
        page.sentence(sent, Look.YELLOW, indent=DETAIL)
    if missing := missing_values(change):
        page.sentence(missing, Look.YELLOW, indent=DETAIL)
    if change.restarts_review:
        page.sentence(REVIEWS_AGAIN, Look.YELLOW, indent=DETAIL)


def _old_name(change: Change) -> list[str]:
    return [f"from {change.previous_name}"] if change.previous_name else []


def _risk(change: Change) -> list[str | Piece]:
    level = change.risk_level
    if level == RiskLevel.HIGH:
        return [Piece("HIGH RISK", (Look.RED, Look.BOLD))]
    return [f"{level.lower()} risk"] if level else []


def _write_conflicts(page: Page, plan: Plan) -> None:
    if plan.conflicts:
        page.heading(f"Conflicts ({len(plan.conflicts)}): left alone until you decide")
    for conflict in plan.conflicts:
        write_conflict(page, conflict)


def _write_prunable(page: Page, plan: Plan) -> None:
    if not plan.prunable:
        return
    page.heading(f"Prunable ({len(plan.prunable)}): of this owner, but in no manifest; kept by this plan")
    for script in plan.prunable:
        pieces = [piece for piece in (script.type, touched(script.operator, script.modified_at)) if piece]
        page.flow(named(script.name), *pieces, indent=ITEM)
        page.sentence(prune_advice(script, filtered=plan.filtered), indent=DETAIL)


def _write_waiting(page: Page, plan: Plan) -> None:
    if plan.waiting:
        page.heading(f"Not approved ({len(plan.waiting)}): in review or rejected")
    for waiting in plan.waiting:
        looks = (Look.RED,) if waiting.status == Status.REJECTED else (Look.YELLOW,)
        page.flow(named(waiting.name), Piece(waiting.status, looks), indent=ITEM)
        if advice := review_advice(waiting):
            page.sentence(advice, indent=DETAIL)


def _write_not_verified(page: Page, plan: Plan) -> None:
    if plan.not_verified:
        title = f"Not verified ({len(plan.not_verified)}): what cannot be compared here; not a change"
        page.heading(title)
    for script in plan.not_verified:
        page.flow(named(script.name), script.reason, indent=ITEM)
        for more in filter(None, (missing_for_proof(script), unproven_values(script))):
            page.sentence(more, indent=DETAIL)


def _write_guards(page: Page, plan: Plan) -> None:
    if plan.guards:
        page.heading("Refused: an apply would write nothing", Look.RED)
    for guard in plan.guards:
        page.sentence(f"{guard.message} [{guard.code}]", indent=ITEM)
        if guard.allowed_by and guard.allowed_by not in guard.message:
            page.sentence(f"to allow it: {guard.allowed_by}", indent=DETAIL)


def _write_summary(page: Page, plan: Plan) -> None:
    summary, reviews = plan.summary, plan.reviews_restarted
    page.blank()
    if plan.changes:
        page.unbroken(f"Plan id: {plan.plan_id}")
    if reviews:
        page.sentence(f"{counted(reviews, 'script goes', 'scripts go')} to review again with this plan.", Look.YELLOW)
    if plan.changes or plan.conflicts or plan.guards or not plan.complete:
        page.unbroken(f"Plan: {plan_counts(summary)}.", Look.BOLD)
        return
    if plan.prunable or plan.unmanaged or plan.waiting or plan.not_verified:
        page.unbroken(f"{other_counts(summary)}.")
    page.unbroken(NO_CHANGES, Look.BOLD, Look.GREEN)
