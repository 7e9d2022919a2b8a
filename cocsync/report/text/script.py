"""What text reports share: how scripts, conflicts and lists of names are shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cocsync.plan.conflict import Conflict
from cocsync.plan.plan import TargetId, Unmanaged
from cocsync.report.phrases import INCOMPLETE, SYMBOLS, conflict_meaning, conflict_remedy, touched
from cocsync.report.terminal import Look
from cocsync.report.text.page import Page, Piece

ITEM = 2
DETAIL = 6
"""Columns before a script, and before what is said of it."""

NAMES_SHOWN = 10
"""So many names of a list that nobody has to act on are shown, unless more is asked for."""

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


def write_item(page: Page, word: str, name: str, *pieces: str | Piece) -> None:
    """The first line on a script: symbol, word, name, and what else there is beside them."""
    symbol = SYMBOLS[word]
    page.flow(Piece(f"{symbol} {word}", _LOOKS[symbol]), named(name), *pieces, indent=ITEM)


def write_conflict(page: Page, conflict: Conflict) -> None:
    """Why the script is not cocsync's to write, and what resolves that."""
    write_item(page, "conflict", conflict.name, *place(conflict.file, conflict.line))
    page.sentence(conflict_meaning(conflict), indent=DETAIL)
    write_touched(page, touched(conflict.operator, conflict.modified_at))
    page.sentence(conflict_remedy(conflict), indent=DETAIL)


def write_touched(page: Page, who: str) -> None:
    """Who touched the script last, and when; nothing where nothing is known."""
    if who:
        page.sentence(f"last touched in COC by {who}", indent=DETAIL)


def write_names(page: Page, word: str, names: Sequence[str], *, whole: bool) -> None:
    """A line a name, cut after `NAMES_SHOWN` unless `whole`."""
    shown = names if whole else names[:NAMES_SHOWN]
    for name in shown:
        write_item(page, word, name)
    if more := len(names) - len(shown):
        page.flow(Piece(f"... {more} more (-v shows them)", (Look.DIM,)), indent=ITEM)


def write_unmanaged(page: Page, unmanaged: Sequence[Unmanaged], *, whole: bool) -> None:
    """The names of scripts not managed by this repository; nothing where there are none."""
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
        page.sentence(INCOMPLETE, Look.YELLOW, Look.BOLD)


def named(name: str) -> Piece:
    """A script's name, standing out."""
    return Piece(name or '""', (Look.BOLD,))


def place(file: str | None, line: int | None) -> list[str]:
    """`file:line` as a piece; none where there is no file."""
    return [] if file is None else [f"{file}:{line}"]
