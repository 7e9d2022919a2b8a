"""A plan as a page: what is dangerous first, then every change, then what is left alone and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from cocsync.model.source import Source
from cocsync.plan.change import Action
from cocsync.plan.conflict import Conflict
from cocsync.plan.guards import GuardFinding
from cocsync.plan.plan import Plan
from cocsync.report.html.change import ALARMS, change_row
from cocsync.report.html.document import document
from cocsync.report.html.markup import Markup, element, joined, prose
from cocsync.report.html.not_planned import conflicts, not_verified, prunable, unchanged, waiting
from cocsync.report.html.parts import (
    NOTHING,
    Tile,
    code,
    diagnostics_section,
    facts,
    header,
    named,
    overview,
    target_facts,
    tiles,
    unmanaged_section,
)
from cocsync.report.html.rows import Row, first_group, first_groups, first_section, rows_section
from cocsync.report.phrases import FILTERED, INCOMPLETE, NO_CHANGES, conflict_meaning, counted
from cocsync.report.view import View


def plan_html(plan: Plan, view: View) -> str:
    """The plan as one HTML file that needs nothing else: it can be kept, sent and opened offline."""
    rows = tuple(map(change_row, plan.changes))
    return document(
        title=f"cocsync plan for {plan.target.name}: {counted(len(plan.changes), 'change')}",
        header=header("plan", plan.target.name, _verdict(plan), facts(_facts(plan))),
        sections=(
            _overview(plan),
            _first(plan, rows),
            rows_section(f"Changes ({len(rows)})", rows, action="Action"),
            conflicts(plan),
            prunable(plan),
            waiting(plan),
            not_verified(plan),
            diagnostics_section(plan.diagnostics),
            unmanaged_section(plan.unmanaged),
            unchanged(plan),
        ),
        tool_version=view.tool_version,
    )


def _verdict(plan: Plan) -> Iterator[tuple[str, str]]:
    """How the plan is to be taken: sentences, each with its tone."""
    if plan.guards:
        yield "bad", "Refused: an apply would write nothing."
    if not plan.complete:
        yield "bad", f"{INCOMPLETE} Nothing may be applied."
    if plan.changes and plan.complete and not plan.guards:
        yield "busy", f"An apply would make {counted(len(plan.changes), 'change')}."
    if plan.conflicts:
        yield "bad", f"{counted(len(plan.conflicts), 'conflict')}: left alone until you decide."
    if reviews := plan.reviews_restarted:
        yield "busy", f"{counted(reviews, 'script goes', 'scripts go')} to review again with this plan."
    if plan.filtered:
        yield "plain", FILTERED
    if plan.complete and not (plan.changes or plan.conflicts or plan.guards):
        yield "good", NO_CHANGES


def _facts(plan: Plan) -> Iterator[tuple[str, str]]:
    yield from target_facts(plan.target, plan.owner)
    yield "Commit", _commit(plan.source)
    yield "Plan id", code(plan.plan_id) if plan.changes else NOTHING


def _commit(source: Source) -> Markup:
    dirty = "with uncommitted changes" if source.dirty else ""
    return joined((part for part in (code(source.commit), dirty) if part), " ")


def _overview(plan: Plan) -> Markup:
    numbers = plan.summary
    does = [
        Tile(count=getattr(numbers, action.value), label=action, section="changes", action=action) for action in Action
    ]
    leaves = (
        Tile(count=numbers.conflict, label="in conflict", section="conflicts"),
        Tile(count=numbers.prunable, label="prunable", section="prunable"),
        Tile(count=numbers.pending_approval, label="awaiting review", section="waiting"),
        Tile(count=numbers.rejected, label="rejected", section="waiting"),
        Tile(count=numbers.not_verified, label="not verified", section="not-verified"),
        Tile(count=numbers.unmanaged, label="unmanaged", section="unmanaged"),
        Tile(count=numbers.unchanged, label="unchanged", section="unchanged"),
    )
    title = "What an apply would do" if not plan.guards else "What an apply would do, were it not refused"
    return overview(tiles(title, does), tiles("What it leaves alone", leaves))


def _first(plan: Plan, rows: tuple[Row, ...]) -> Markup:
    links = [_conflict_link(conflict, index) for index, conflict in enumerate(plan.conflicts, 1)]
    decide = "In COC, and not cocsync's to write: each says what resolves it."
    groups = [
        *map(_guard, plan.guards),
        *first_groups(rows, ALARMS),
        *([first_group("Conflicts", decide, links)] if links else []),
    ]
    return first_section(groups)


def _guard(guard: GuardFinding) -> Markup:
    """The message names the flag already where there is one, mostly."""
    flag = guard.allowed_by if guard.allowed_by and guard.allowed_by not in guard.message else None
    allow = element("p", "To allow it: ", element("code", flag)) if flag else NOTHING
    said = element("p", prose(guard.message), " ", code(guard.code))
    return element("div", Markup("\n"), element("h3", "Refused"), said, allow, class_="first refused")


def _conflict_link(conflict: Conflict, index: int) -> Markup:
    meaning = element("span", conflict_meaning(conflict), class_="quiet")
    return joined((element("a", named(conflict.name), href=f"#conflict-{index}"), meaning), " ")
