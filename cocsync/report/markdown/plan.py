"""A plan in Markdown, for a comment on a pull request: what will happen to which script, the dangers first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cocsync.diagnostics import errors
from cocsync.plan.change import Action, Change
from cocsync.plan.guards import GuardFinding
from cocsync.plan.plan import NotVerified, Plan, Prunable, Waiting
from cocsync.report.danger import dangers, gravest_first
from cocsync.report.markdown.change import CHANGE_TABLE, change_entry, danger_entry, fields_block, reviewed_by
from cocsync.report.markdown.escape import code, codes, marker, prose
from cocsync.report.markdown.page import Entry, Listing, always, laid_out
from cocsync.report.markdown.parts import (
    CONTENTS,
    FIELDS,
    NAMES,
    NOTES,
    OTHER_NAMES,
    ROWS,
    WHOLE,
    conflicts_listing,
    diagnostics_listing,
)
from cocsync.report.phrases import (
    FILTERED,
    INCOMPLETE,
    counted,
    missing_for_proof,
    plan_counts,
    prune_advice,
    review_advice,
    touched,
    unproven_values,
)
from cocsync.report.view import View

_COMMIT_LENGTH = 12
_SHOWN = 10
_ACTIONS = (Action.DELETE, Action.REPLACE, Action.RENAME, Action.CREATE, Action.UPDATE, Action.ADOPT)


def plan_markdown(plan: Plan, view: View) -> str:
    """The plan in at most `view.budget` characters, of which it needs `BUDGET_MIN`.

    What does not fit is left out, contents first and the names of dangerous changes and conflicts last, and it says so.
    """
    grave = gravest_first(plan.changes)
    other = [
        change for action in _ACTIONS for change in plan.changes if change.action is action and not dangers(change)
    ]
    lists = (
        _guards(plan),
        _errors(plan),
        _grave(grave),
        conflicts_listing(plan.conflicts),
        _others(plan, other),
        *_notes(plan),
    )
    folded = [
        fields_block(
            change.action,
            change.name,
            change.fields,
            new=change.action in (Action.CREATE, Action.RENAME),
            ranks=(FIELDS, CONTENTS),
        )
        for change in (*grave, *other)
    ]
    blocks = [always(_head(plan)), *(listing.block(view.budget) for listing in lists), *folded]
    return laid_out(blocks, budget=view.budget, foot=_foot(plan), elsewhere="`cocsync plan -v` shows all of it.")


def _head(plan: Plan) -> str:
    where = f" at {code(plan.target.endpoint)}" if plan.target.endpoint else ""
    about = f"What `cocsync apply` would do to the scripts of {code(plan.owner)} in Huawei Cloud COC{where}"
    parts = (
        marker("plan", plan.target.name),
        f"### Plan for {code(plan.target.name)}: {_statement(plan)}",
        f"{about}, which runs them on hosts.{_source(plan)} Nothing has been changed yet.",
        "" if plan.complete else f"**{INCOMPLETE}**",
        FILTERED if plan.filtered else "",
        _needs(plan),
        _reviews(plan),
    )
    return "\n\n".join(filter(None, parts))


def _statement(plan: Plan) -> str:
    """What will happen, in one line."""
    if plan.guards:
        return "refused, an apply would write nothing"
    if not plan.complete:
        return "incomplete, an apply would write nothing" if plan.changes else "failed, no plan was made"
    counts = Counter(change.action for change in plan.changes)
    said = [f"{counts[action]} to {action}" for action in _ACTIONS if counts[action]]
    if plan.conflicts:
        said.append(f"{counted(len(plan.conflicts), 'conflict')} left alone")
    return ", ".join(said) or "no changes, COC matches the manifests"


def _source(plan: Plan) -> str:
    commit = f" From commit {code(plan.source.commit[:_COMMIT_LENGTH])}" if plan.source.commit else ""
    if not plan.source.dirty:
        return f"{commit}." if commit else ""
    return f"{commit or ' From manifests'} with changes that are not committed."


def _needs(plan: Plan) -> str:
    needs = sorted({need for change in plan.changes for need in change.needs})
    more = f" and {len(needs) - _SHOWN} more" if len(needs) > _SHOWN else ""
    said = "An apply refuses to run unless these sensitive values are available to it, which they are not here"
    return f"**{said}:** {codes(needs[:_SHOWN])}{more}." if needs else ""


def _reviews(plan: Plan) -> str:
    """How many scripts have to be approved, and by whom."""
    number = sum(bool(change.restarts_review or change.reviewers) for change in plan.changes)
    asked = Counter(reviewer.name or reviewer.id for change in plan.changes for reviewer in change.reviewers)
    most = asked.most_common(_SHOWN)
    more = f" and {len(asked) - _SHOWN} more" if len(asked) > _SHOWN else ""
    who = ", ".join(f"{code(name)} ({times})" for name, times in most) + more
    said = f"{counted(number, 'script goes', 'scripts go')} to review with this plan"
    return f"{said}{f': {who}' if who else ''}." if number else ""


def _guards(plan: Plan) -> Listing:
    entries = [
        Entry(
            group="**refused by**",
            name=guard.code,
            text=f"- **{prose(guard.code)}**: {prose(guard.message)}{_allowed_by(guard)}",
        )
        for guard in plan.guards
    ]
    title = "#### Refused: an apply would write nothing"
    return Listing(title=title, entries=entries, names=NAMES, whole=NAMES, noun="explanation")


def _allowed_by(guard: GuardFinding) -> str:
    flag = guard.allowed_by
    return f"; to allow it: {code(flag)}" if flag and flag not in guard.message else ""


def _errors(plan: Plan) -> Listing:
    found = errors(plan.diagnostics)
    return diagnostics_listing(f"#### Errors ({len(found)})", found, optional=False)


def _grave(changes: Sequence[Change]) -> Listing:
    return Listing(
        title=f"#### Look at these first ({len(changes)})",
        entries=[danger_entry(change) for change in changes],
        names=NAMES,
        whole=WHOLE,
        noun="explanation",
    )


def _others(plan: Plan, changes: Sequence[Change]) -> Listing:
    word = "Changes" if len(changes) == len(plan.changes) else "Other changes"
    return Listing(
        title=f"#### {word} ({len(changes)})",
        entries=[change_entry(change) for change in changes],
        names=OTHER_NAMES,
        whole=ROWS,
        noun="table row",
        head=CHANGE_TABLE,
    )


def _notes(plan: Plan) -> Iterator[Listing]:
    """What is no change, and may be worth knowing."""
    waiting = [Entry(group=prose(script.status), name=script.name, text=_waiting(script)) for script in plan.waiting]
    doubts = [Entry(group="not verified", name=script.name, text=_doubt(script)) for script in plan.not_verified]
    prunable = [Entry(group="kept", name=script.name, text=_prunable(plan, script)) for script in plan.prunable]
    warnings = [diagnostic for diagnostic in plan.diagnostics if not diagnostic.is_error]
    for title, entries in (
        ("Not approved ({}): in review or rejected", waiting),
        ("Not verified ({}): what cannot be compared here; not a change", doubts),
        ("Prunable ({}): of this owner, but in no manifest; kept by this plan", prunable),
    ):
        heading = f"#### {title.format(len(entries))}"
        yield Listing(title=heading, entries=entries, names=NOTES, whole=NOTES, noun="note", optional=True)
    yield diagnostics_listing(f"#### Also found ({len(warnings)})", warnings, optional=True)


def _waiting(script: Waiting) -> str:
    awaited = f"awaiting {reviewed_by(script.awaiting)}" if script.awaiting else ""
    facts = filter(None, (prose(script.status), awaited, prose(review_advice(script))))
    return f"- {code(script.name)}: {'; '.join(facts)}"


def _doubt(script: NotVerified) -> str:
    words = (script.reason, missing_for_proof(script), unproven_values(script))
    return f"- {code(script.name)}: {'; '.join(map(prose, filter(None, words)))}"


def _prunable(plan: Plan, script: Prunable) -> str:
    hand = touched(script.operator, script.modified_at)
    facts = (
        script.type,
        f"last touched in COC by {hand}" if hand else "",
        prune_advice(script, filtered=plan.filtered),
    )
    return f"- {code(script.name)}: {'; '.join(map(prose, filter(None, facts)))}"


def _foot(plan: Plan) -> str:
    """The counts, and what tells this plan from others."""
    return f"Plan: {plan_counts(plan.summary)}." + (f"\n\nPlan id: {code(plan.plan_id)}" if plan.complete else "")
