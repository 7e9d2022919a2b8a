"""One change or difference in Markdown: as an item, as a row, and folded with all its fields. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cocsync.model.script import Reviewer, RiskLevel
from cocsync.model.secret import SENSITIVE
from cocsync.plan.change import Action, Change, FieldChange
from cocsync.report.danger import dangers
from cocsync.report.markdown.escape import (
    code,
    codes,
    details,
    diff_line,
    fenced,
    in_html,
    prose,
    row,
    table,
    value_line,
)
from cocsync.report.markdown.page import Block, Entry, Form
from cocsync.report.phrases import (
    REVIEWS_AGAIN,
    hand_on,
    is_words_only,
    missing_values,
    remarks,
    replaced_values,
    sent_values,
    shown,
)

PATHS_SHOWN = 8

CHANGE_TABLE = table(("", "script", "risk", "changes", "why", "also"))


def reviewed_by(reviewers: Sequence[Reviewer]) -> str:
    """The names of users, as code: nobody is notified."""
    return codes(reviewer.name or reviewer.id for reviewer in reviewers)


def place(file: str | None, line: int | None) -> str:
    """`file:line`; empty where there is no file."""
    return "" if file is None else code(f"{file}:{line}")


def risk(level: str) -> str:
    """HIGH stands out."""
    return f"**{level}**" if level == RiskLevel.HIGH else prose(level.lower())


def paths(fields: Sequence[FieldChange]) -> str:
    """The names of the fields, the first `PATHS_SHOWN`."""
    more = len(fields) - PATHS_SHOWN
    return codes(field.path for field in fields[:PATHS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def item(marked: str, *points: str) -> str:
    """A list item with points below it; those that are empty are left out."""
    return "\n".join((f"- {marked}", *(f"  - {point}" for point in points if point)))


def danger_entry(change: Change) -> Entry:
    """A dangerous change with every reason to look at it."""
    whys = dangers(change)
    hand = hand_on(change)
    text = item(
        _headline(change),
        *whys,
        f"why: {prose(change.reason)}",
        f"last touched in COC by {prose(hand)}" if hand else "",
        f"changes {_changed(change)}" if change.action is not Action.DELETE else "",
        *_afterwards(change),
    )
    return Entry(group=f"**{change.action}**, {whys[0]}", name=change.name, text=text)


def change_entry(change: Change) -> Entry:
    """A change as a row of `CHANGE_TABLE`."""
    script = "<br>".join(filter(None, (code(change.name), place(change.file, change.line))))
    cells = (f"**{change.action}**", script, risk(change.risk_level), _changed(change), prose(change.reason))
    return Entry(group=f"**{change.action}**", name=change.name, text=row(*cells, "; ".join(_afterwards(change))))


def _headline(change: Change) -> str:
    old = f" from {code(change.previous_name)}" if change.previous_name else ""
    facts = [f"{risk(change.risk_level)} risk" if change.risk_level else "", place(change.file, change.line)]
    return ", ".join(filter(None, (f"**{change.action}** {code(change.name)}{old}", *facts)))


def _changed(change: Change) -> str:
    if change.action is Action.CREATE:
        return "everything: the script is new"
    if not change.fields:
        return "nothing that COC shows but the mark"
    return "everything" if change.action is Action.RENAME else paths(change.fields)


def _afterwards(change: Change) -> Iterator[str]:
    yield from map(prose, replaced_values(change))
    if sent := sent_values(change):
        yield prose(sent)
    if missing := missing_values(change):
        yield f"**{prose(missing)}**"
    if change.restarts_review:
        yield f"{REVIEWS_AGAIN}: {reviewed_by(change.reviewers)}" if change.reviewers else REVIEWS_AGAIN
    elif change.reviewers:
        yield f"goes to review: {reviewed_by(change.reviewers)}"


def fields_block(word: str, name: str, fields: Sequence[FieldChange], *, new: bool, ranks: tuple[int, int]) -> Block:
    """All differences of a script, folded: the values at the first rank, the contents at the second.

    `new`: there is nothing in COC that they would replace.
    """
    if not fields:
        return Block(forms=(Form(""),))
    values = [line for field in fields if not field.diff for line in _values(field, new=new)]
    contents = [part for field in fields if field.diff for part in _content(field, field.diff)]
    listed = ", ".join(in_html(field.path) for field in fields[:PATHS_SHOWN])
    summary = f"<b>{word}</b> {in_html(name)}: {listed}{', ...' if len(fields) > PATHS_SHOWN else ''}"
    body = [fenced(values)] if values else []
    whole = details(summary, *body, *contents)
    if not contents:
        return Block(forms=(Form(""), Form(whole, ranks[0], ("field list", 1))))
    if not values:
        return Block(forms=(Form(""), Form(whole, ranks[1], ("content diff", 1))))
    short = details(summary, *body, "The content's diff is left out here.")
    return Block(forms=(Form(""), Form(short, ranks[0], ("field list", 1)), Form(whole, ranks[1], ("content diff", 1))))


def _content(field: FieldChange, diff: str) -> tuple[str, str]:
    remark = remarks(field)
    told = f"{code(field.path)} ({prose(remark)}):" if remark else f"{code(field.path)}:"
    return told, fenced(map(diff_line, diff.split("\n")))


def _values(field: FieldChange, *, new: bool) -> Iterator[str]:
    before, after = shown(field.before, field), shown(field.after, field)
    if field.sensitive and before == after:
        yield value_line("!", f"{field.path}: {SENSITIVE}, another value")
        return
    if is_words_only(field):
        yield value_line("!", f"{field.path}: {remarks(field)}")
        return
    if not new:
        yield value_line("-", f"{field.path}: {before}")
    yield value_line("+", f"{field.path}: {after}")
    if remark := remarks(field):
        yield value_line("!", f"{field.path}: {remark}")
