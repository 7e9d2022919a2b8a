"""What a plan leaves alone, as sections of an HTML report, each with what to do about it. Pure."""

from __future__ import annotations

from cocsync.model.script import Status
from cocsync.plan.conflict import Conflict
from cocsync.plan.plan import Plan
from cocsync.report.html.markup import Markup, element, joined, prose
from cocsync.report.html.parts import NOTHING, badge, conflict_facts, fold, named, place, section, table
from cocsync.report.phrases import counted, missing_for_proof, prune_advice, review_advice, touched, unproven_values


def conflicts(plan: Plan) -> Markup:
    """Scripts under a manifest's name that are not cocsync's to write, and what resolves that."""
    cards = [_conflict(conflict, f"conflict-{index}") for index, conflict in enumerate(plan.conflicts, 1)]
    listed = element("ol", Markup("\n"), *cards, class_="cards")
    title = f"Conflicts ({len(cards)})"
    return section("conflicts", title, listed, note="Left alone until you decide.") if cards else NOTHING


def _conflict(conflict: Conflict, key: str) -> Markup:
    head = (badge("conflict"), element("h3", named(conflict.name)), place(conflict.file, conflict.line))
    title = element("div", joined(head, " "), class_="head")
    return element("li", Markup("\n"), title, conflict_facts(conflict), id=key)


def prunable(plan: Plan) -> Markup:
    """Scripts of ours that no manifest names; nothing where there are none."""
    if not plan.prunable:
        return NOTHING
    rows = [
        (
            named(script.name),
            script.type,
            touched(script.operator, script.modified_at),
            prose(prune_advice(script, filtered=plan.filtered)),
        )
        for script in plan.prunable
    ]
    listed = table(("Script", "Type", "Last touched in COC by", "What deletes it"), rows)
    note = "Of this owner, but in no manifest; kept by this plan."
    return section("prunable", f"Prunable ({len(rows)})", listed, note=note)


def waiting(plan: Plan) -> Markup:
    """Scripts of ours in review or rejected; nothing where there are none."""
    if not plan.waiting:
        return NOTHING
    rows = [(named(script.name), _status(script.status), prose(review_advice(script))) for script in plan.waiting]
    listed = table(("Script", "Status", "What to do"), rows)
    return section("waiting", f"Not approved ({len(rows)})", listed, note="In review or rejected.")


def _status(status: str) -> Markup:
    return element("span", status, class_="badge error" if status == Status.REJECTED else "badge warning")


def not_verified(plan: Plan) -> Markup:
    """Scripts that cannot be compared here, or whose sensitive values cannot; nothing where there are none."""
    if not plan.not_verified:
        return NOTHING
    rows = [
        (named(script.name), script.reason, missing_for_proof(script), unproven_values(script))
        for script in plan.not_verified
    ]
    listed = table(("Script", "Why", "What is missing", "Sources"), rows)
    note = "What cannot be compared here; not a change."
    return section("not-verified", f"Not verified ({len(rows)})", listed, note=note)


def unchanged(plan: Plan) -> Markup:
    """The names of scripts that are as their manifests say, folded; nothing where there are none."""
    if not plan.unchanged:
        return NOTHING
    names = element("ul", Markup("\n"), *(element("li", named(name)) for name in plan.unchanged), class_="names")
    count = len(plan.unchanged)
    return section("unchanged", f"Unchanged ({count})", fold(f"Show {counted(count, 'script')}", names))
