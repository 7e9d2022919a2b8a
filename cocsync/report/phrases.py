"""What reports say of scripts, the same in every format: plain text, not yet escaped. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cocsync.model.fields import FIELD, Comparison
from cocsync.model.script import Status
from cocsync.model.secret import SENSITIVE
from cocsync.plan.change import Action, Change, FieldChange, Origin, SentValue, Shown
from cocsync.plan.conflict import Conflict, ConflictKind
from cocsync.plan.drift import Drift, DriftKind
from cocsync.plan.outcome import ApplyReport, Failure, Outcome, Result
from cocsync.plan.plan import NotVerified, Prunable, Summary, Waiting
from cocsync.report.times import iso

NO_CHANGES = "No changes. COC matches the manifests."
NO_DRIFT = "No drift. COC matches the manifests."
INCOMPLETE = "Incomplete: COC was not read whole, or the manifests have errors."
FILTERED = "Filtered: only the scripts that were asked for are compared, and nothing is pruned."
REPLACES = "COC deletes the script and creates it anew: its uuid changes"
REVIEWS_AGAIN = "goes to review again"
INTERRUPTED = "Interrupted: what was under way has ended, and nothing new was begun."
ALREADY = "was there already: nothing was written"
IGNORED = "ignored in comparison, will be sent"

SYMBOLS = {
    "create": "+",
    "update": "~",
    "replace": "-/+",
    "delete": "-",
    "rename": ">>",
    "adopt": "@",
    "conflict": "!",
    "unmanaged": "?",
    "unchanged": "=",
    "changed": "~",
    "missing": "+",
}

_CONFLICTS = {
    ConflictKind.UNMARKED: "in COC, and not written by cocsync",
    ConflictKind.OTHER_OWNER: "in COC, and of another owner: {owner}",
    ConflictKind.PREVIOUS_OWNER: "in COC, and of a previous owner of this repository: {owner}",
    ConflictKind.COPIED: "in COC, with the mark of a script of another name: a copy, or renamed there",
    ConflictKind.OTHER_TYPE: "in COC with another type, and not ours: COC cannot change a type",
    ConflictKind.DUPLICATE: "more than once in COC",
    ConflictKind.NEWER_FORMAT: "in COC, with a mark of {owner} in a format that this version does not know: written by "
    "a newer cocsync, or by hand",
    ConflictKind.FORBIDDEN: "in COC, where this user may not read it (403)",
}

_REMEDIES = {
    ConflictKind.UNMARKED: "to make it equal the manifest: --adopt {name}, or `adopt: true` in the manifest",
    ConflictKind.OTHER_OWNER: "to make it yours: --dangerous-take-over {name}, at plan and at apply",
    ConflictKind.PREVIOUS_OWNER: "to make it yours: --dangerous-take-over {name}, at plan and at apply",
    ConflictKind.COPIED: "delete or rename it in COC by hand; or, to make it equal the manifest: --adopt {name}",
    ConflictKind.OTHER_TYPE: "correct the manifest's type, or delete the script in COC by hand",
    ConflictKind.DUPLICATE: "by hand in COC: delete all but one, or give them other names",
    ConflictKind.NEWER_FORMAT: "update cocsync; or, if the mark was written by hand, to make it yours: "
    "--dangerous-take-over {name}, at plan and at apply",
    ConflictKind.FORBIDDEN: "give this user the right to read it, or the manifest another name",
}

_UNKNOWN_BEFORE = " (source before: not known)"
_BARE = re.compile(r"(?!(none|true|false)$)[\w.:/@+-]+( \(\w+\))?")


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 script`, `2 scripts`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def plan_counts(summary: Summary) -> str:
    """What a plan does and leaves, in numbers. The four first actions always stand there."""
    numbers = {action: getattr(summary, action) for action in ("create", "update", "replace", "delete")}
    sometimes = {action: getattr(summary, action) for action in ("rename", "adopt")}
    numbers |= {action: number for action, number in sometimes.items() if number}
    return f"{', '.join(f'{number} to {action}' for action, number in numbers.items())}. {other_counts(summary)}"


def other_counts(summary: Summary) -> str:
    """What a plan leaves alone, in numbers."""
    return ", ".join(
        [
            f"{summary.prunable} prunable",
            counted(summary.conflict, "conflict"),
            f"{summary.unmanaged} unmanaged",
            f"{summary.pending_approval} awaiting review",
            *([f"{summary.rejected} rejected"] if summary.rejected else []),
            f"{summary.not_verified} not verified",
        ]
    )


def drift_counts(drift: Drift) -> str:
    """What differs and what does not, in numbers."""
    return f"{differing_counts(drift)}. {alike_counts(drift)}"


def differing_counts(drift: Drift) -> str:
    """What differs, in numbers."""
    kinds = ", ".join(f"{drift.count(kind)} {kind}" for kind in DriftKind)
    return f"{kinds}, {counted(len(drift.conflicts), 'conflict')}"


def alike_counts(drift: Drift) -> str:
    """What is no drift, in numbers."""
    return f"{len(drift.unmanaged)} unmanaged, {drift.unchanged} unchanged"


def touched(operator: str | None, modified_at: int | None) -> str:
    """`alice, 2026-01-02T03:04:05Z`; empty where neither is known."""
    when = iso(modified_at, "seconds")
    return f"{operator or 'somebody'}{f', {when}' if when else ''}" if operator or when else ""


def hand_on(change: Change) -> str:
    """Who touched the live script last, as `touched`; empty where no hand may have been at work."""
    foreign = change.origin is not Origin.MANIFEST or change.action in (Action.DELETE, Action.ADOPT)
    return touched(change.operator, change.modified_at) if foreign else ""


def conflict_meaning(conflict: Conflict) -> str:
    """Why the script is not cocsync's to write."""
    return _CONFLICTS[conflict.kind].format(owner=conflict.owner or "(unknown)")


def conflict_remedy(conflict: Conflict) -> str:
    """What resolves the conflict."""
    return _REMEDIES[conflict.kind].format(name=conflict.name)


def replaced_values(change: Change) -> tuple[str, ...]:
    """Which values in COC an adoption replaces, each with what replaces it."""
    return tuple(
        f"params[{one.param}].value: the value in COC will be replaced by {one.source}" for one in change.replaces
    )


def missing_values(change: Change) -> str:
    """Which sensitive values the write lacks; empty where it has all."""
    needs = ", ".join(change.needs)
    return f"needs {needs}, which is not available here: apply refuses to run without it" if needs else ""


def sent_values(change: Change) -> str:
    """Where the sensitive values come from that the write sends; empty where it sends none."""
    is_new = change.action in (Action.CREATE, Action.RENAME)
    return f"sends {_sources(change.sources)}{'' if is_new else _UNKNOWN_BEFORE}" if change.sources else ""


def unproven_values(script: NotVerified) -> str:
    """Where the values come from that cannot be compared; empty where there are none."""
    return f"a write would send {_sources(script.sources)}{_UNKNOWN_BEFORE}" if script.sources else ""


def _sources(sources: tuple[SentValue, ...]) -> str:
    return ", ".join(f"{sent.param} <- {sent.source}" for sent in sources)


def missing_for_proof(script: NotVerified) -> str:
    """The sources that are not available here and that the reason does not name; empty where there are none."""
    missing = ", ".join(need for need in script.needs if need not in script.reason)
    return f"not available here: {missing}" if missing else ""


def prune_advice(script: Prunable, *, filtered: bool) -> str:
    """What deletes the script."""
    if script.unproven:
        return "nothing but its mark shows that this repository ever had it, so it is not deleted"
    if script.protected:
        return "protected, so never deleted: to let go of it, apply its manifest with `protected: false` first"
    flags = "--prune --prune-edited" if script.edited else "--prune"
    edited = "edited by hand since cocsync wrote it: " if script.edited else ""
    return f"{edited}{flags} deletes it" + (", in a run without a filter" if filtered else "")


def review_advice(waiting: Waiting) -> str:
    """What to do about a script that is not approved, and what its approval brings; empty where nothing."""
    rejected = waiting.status == Status.REJECTED
    parts = [
        f"change the manifest, or send it again with `apply --rewrite {waiting.name}`" if rejected else "",
        f"its old name {waiting.previous_name} is deleted once this is approved" if waiting.previous_name else "",
    ]
    return "; ".join(part for part in parts if part)


def failure(error: Failure) -> str:
    """What happened, with COC's code and request id where it gave them."""
    known = [f"code {error.code}"] if error.code else []
    known += [f"request id {error.request_id}"] if error.request_id else []
    return error.message + (f" ({', '.join(known)})" if known else "")


def review_state(result: Result) -> str:
    """Who is awaited, or that a review did not approve what was written; empty where it is approved."""
    if result.awaiting:
        who = ", ".join(reviewer.name or reviewer.id for reviewer in result.awaiting)
        return f"{result.status or 'in review'}, awaiting {who}"
    return f"status {result.status}" if result.status not in (None, "", Status.APPROVED) else ""


def taken_over(result: Result) -> str:
    """That an applied adoption took the script from another owner; empty for every other result."""
    taken = result.taken_from if result.outcome is Outcome.APPLIED else None
    return f"taken over from {taken}" if taken else ""


def conflicts_left(report: ApplyReport) -> str:
    """How many were left alone; empty where none was."""
    number = report.conflicts_left
    return f"{counted(number, 'conflict')} left alone: `plan` shows what resolves it." if number else ""


def normalised(result: Result) -> tuple[str, str]:
    """What COC keeps otherwise, and what to do about it."""
    kept = f"COC keeps {', '.join(result.normalised)} in another form than was sent"
    return kept, "; ".join(_remedies(result))


def _remedies(result: Result) -> Iterator[str]:
    """A setting takes a whole field: of `params[token].value` it is `params`."""
    if result.normalises:
        setting = f"normalises: [{', '.join(result.normalises)}]"
        yield f"to accept that, set `{setting}` for this target in cocsync.yaml"
    fields = dict.fromkeys(re.split(r"[\[.]", path)[0] for path in result.normalised)
    ignorable = [key for key in fields if key in FIELD and FIELD[key].ignorable]
    if result.normalises:
        ignorable = [key for key in ignorable if FIELD[key].comparison is not Comparison.TEXT or FIELD[key].values]
    if ignorable:
        yield f"to accept that, put `ignore: [{', '.join(ignorable)}]` into the manifest"
    others = [key for key in fields if key not in ignorable]
    if others and not result.normalises:
        yield f"no setting accepts that for {', '.join(others)}: correct the manifest to what COC keeps"


def remarks(field: FieldChange) -> str:
    """What is to be said of a difference beside its values or its diff; empty where there is nothing."""
    return "; ".join(filter(None, (field.note, IGNORED if field.ignored else "")))


def is_words_only(field: FieldChange) -> bool:
    """Whether only the remarks tell a difference of a content: its lines are the same."""
    return field.path == "content" and not field.diff and bool(field.note)


def apply_counts(report: ApplyReport) -> str:
    """The four outcomes that always stand there, and those of the others that there are."""
    always = (Outcome.APPLIED, Outcome.FAILED, Outcome.STALE, Outcome.NOT_ATTEMPTED)
    others = [outcome for outcome in Outcome if outcome not in always and report.count(outcome)]
    return ", ".join(f"{report.count(outcome)} {outcome.replace('_', ' ')}" for outcome in (*always, *others))


def shown(value: Shown, field: FieldChange) -> str:
    """A field's value on one side."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, dict):
        return _param(value)
    return SENSITIVE if field.sensitive and value == SENSITIVE else _text(value)


def _param(param: dict[str, str | bool]) -> str:
    """`value nginx, description "unit to restart"`: a param as a whole."""
    value = SENSITIVE if param["sensitive"] else _text(str(param["value"]))
    description = f", description {_text(str(param['description']))}" if param["description"] else ""
    return f"value {value}{description}"


def _text(value: str) -> str:
    """A plain word as it is, everything else in quotes."""
    return value if _BARE.fullmatch(value) else '"' + value.replace('"', '\\"') + '"'
