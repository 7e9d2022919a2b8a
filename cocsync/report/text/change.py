"""The parts of a text report that show one script's differences. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from cocsync.model.secret import SENSITIVE
from cocsync.plan.change import FieldChange
from cocsync.report.phrases import is_words_only, remarks, shown
from cocsync.report.terminal import Look, escaped, text_width
from cocsync.report.text.page import Page, Piece

NEW_CONTENT_LINES = 10
"""So much of a content that is new is shown, unless more is asked for: the repository has it whole."""

_DIFF_LOOKS = {"+": (Look.GREEN,), "-": (Look.RED,), "@": (Look.CYAN,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """How a report names what stands in COC and what the manifest says."""

    short: str
    """The two on one line, as a format of `before` and `after`."""
    before: str = ""
    after: str = ""
    """What stands before each where they need a line of their own; empty where only `after` is shown."""
    legend: str = ""
    """What a content diff's signs mean, where that is not plain."""


NEW = Sides(short="{after}")
PLAN_SIDES = Sides(short="{before} -> {after}", before="before:", after="after: ")
DRIFT_SIDES = Sides(
    short="{before} in COC; {after} in the manifest",
    before="in COC:         ",
    after="in the manifest:",
    legend=" (- in COC, + in the manifest)",
)


def write_fields(page: Page, fields: tuple[FieldChange, ...], sides: Sides, *, indent: int, whole: bool) -> None:
    """Every difference, contents last; of content that is new only the beginning, unless `whole`."""
    for field in sorted(fields, key=lambda field: bool(field.diff)):
        if field.diff:
            _write_diff(page, field, field.diff, sides, indent=indent, whole=whole)
        elif is_words_only(field):
            page.flow(f"{field.path}:", remarks(field), indent=indent, sep=" ")
            continue
        else:
            _write_values(page, field, sides, indent=indent)
        if remark := remarks(field):
            page.flow(f"({remark})", indent=indent + 2)


def _write_diff(page: Page, field: FieldChange, diff: str, sides: Sides, *, indent: int, whole: bool) -> None:
    page.flow(f"{field.path}{sides.legend}:", indent=indent)
    lines = diff.split("\n")
    shown = lines if whole or field.before is not None else lines[: NEW_CONTENT_LINES + 1]
    for line in shown:
        page.content(line, *_DIFF_LOOKS.get(line[:1], ()), indent=indent + 2)
    if more := len(lines) - len(shown):
        page.flow(Piece(f"... {more} more lines (-v shows them)", (Look.DIM,)), indent=indent + 2)


def _write_values(page: Page, field: FieldChange, sides: Sides, *, indent: int) -> None:
    before, after = shown(field.before, field), shown(field.after, field)
    if field.sensitive and before == after:
        page.flow(f"{field.path}:", f"{SENSITIVE}, another value", indent=indent, sep=" ")
        return
    short = f"{field.path}: {sides.short.format(before=before, after=after)}"
    if text_width(escaped(short)) <= page.room(indent) or not sides.before:
        page.flow(short, indent=indent)
        return
    page.flow(f"{field.path}:", indent=indent)
    page.flow(f"{sides.before} {before}", indent=indent + 2)
    page.flow(f"{sides.after} {after}", indent=indent + 2)
