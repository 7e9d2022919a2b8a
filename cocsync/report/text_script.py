"""What text reports share: symbols, and how scripts, conflicts and lists of names are shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cocsync.plan import TargetId, Unmanaged
from cocsync.report.page import Page, Piece
from cocsync.report.times import iso
from cocsync.terminal import Look

ITEM = 2
DETAIL = 6
"""Columns before a script, and before what is said of it."""

NAMES_SHOWN = 10
"""So many names of a list that nobody has to act on are shown, unless more is asked for."""

_SYMBOLS = {
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

_LOOKS = {
    "+": (Look.GREEN,),
    "~": (Look.YELLOW,),
    "-/+": (Look.RED,),
    "-": (Look.RED,),
    ">>": (Look.CYAN,),
    "@": (Look.CYAN,),
    "!": (Look.MAGENTA,),
    "?": (Look.DIM,),
    "=": (Look.DIM,),
}

_CONFLICTS = {
    "unmarked": "in COC, and not written by cocsync",
    "owner": "in COC, and of another owner: {owner}",
    "copied": "in COC, with the mark of a script of another name: a copy, or renamed there",
    "duplicate": "more than once in COC",
    "newer_format": "in COC, written by a newer cocsync",
    "forbidden": "in COC, where this user may not read it (403)",
}

_REMEDIES = {
    "unmarked": "to make it equal the manifest: --adopt {name}, or `adopt: true` in the manifest",
    "owner": "to make it yours: --dangerous-take-over {name}, at plan and at apply",
    "copied": "delete or rename it in COC by hand; or, to make it equal the manifest: --adopt {name}",
    "duplicate": "by hand in COC: delete all but one, or give them other names",
    "newer_format": "update cocsync: this version does not touch it",
    "forbidden": "give this user the right to read it, or the manifest another name",
}


def write_item(page: Page, word: str, name: str, *pieces: str | Piece) -> None:
    """The first line on a script: symbol, word, name, and what else there is beside them."""
    symbol = _SYMBOLS[word]
    page.flow(Piece(f"{symbol} {word}", _LOOKS[symbol]), named(name), *pieces, indent=ITEM)


def write_conflict(page: Page, name: str, kind: str, *, place: Sequence[str], touched: str, owner: str | None) -> None:
    """Why the script is not cocsync's to write, and what resolves that."""
    write_item(page, "conflict", name, *place)
    page.sentence(_CONFLICTS[kind].format(owner=owner or "(unknown)"), indent=DETAIL)
    write_touched(page, touched)
    page.sentence(_REMEDIES[kind].format(name=name), indent=DETAIL)


def write_touched(page: Page, touched: str) -> None:
    """Who touched the script last, and when; nothing where nothing is known."""
    if touched:
        page.sentence(f"last touched in COC by {touched}", indent=DETAIL)


def write_names(page: Page, word: str, names: Sequence[str], *, whole: bool) -> None:
    """A line a name, cut after `NAMES_SHOWN` unless `whole`."""
    shown = names if whole else names[:NAMES_SHOWN]
    for name in shown:
        write_item(page, word, name)
    if more := len(names) - len(shown):
        page.flow(Piece(f"... {more} more (-v shows them)", (Look.DIM,)), indent=ITEM)


def write_unmanaged(page: Page, unmanaged: Sequence[Unmanaged], *, whole: bool) -> None:
    """The names of scripts that are nobody's business here; nothing where there are none."""
    if unmanaged:
        page.heading(f"Unmanaged ({len(unmanaged)}): not of this owner, in no manifest, never touched")
        write_names(page, "unmanaged", [script.name for script in unmanaged], whole=whole)


def write_target(page: Page, target: TargetId, owner: str) -> None:
    """Which COC this is about, and whose scripts."""
    page.flow(f"Target {target.name} at {target.endpoint},", f"owner {owner}", sep=" ")
    known = (("project", target.project_id), ("domain", target.domain_id))
    if facts := [f"{word} {value}" for word, value in known if value]:
        page.flow(*facts, indent=ITEM, hang="")


def write_incomplete(page: Page, *, complete: bool) -> None:
    """A warning where the report does not rest on everything."""
    if not complete:
        page.sentence("Incomplete: COC was not read whole, or the manifests have errors.", Look.YELLOW, Look.BOLD)


def named(name: str) -> Piece:
    """A script's name, standing out."""
    return Piece(name or '""', (Look.BOLD,))


def place(file: str | None, line: int | None) -> list[str]:
    """`file:line` as a piece; none where there is no file."""
    return [] if file is None else [f"{file}:{line}"]


def touched(operator: str | None, modified_at: int | None) -> str:
    """`alice, 2026-01-02T03:04:05Z`; empty where neither is known."""
    when = iso(modified_at, "seconds")
    return f"{operator or 'somebody'}{f', {when}' if when else ''}" if operator or when else ""


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 script`, `2 scripts`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
