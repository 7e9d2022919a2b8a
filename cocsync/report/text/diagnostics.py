"""Diagnostics for people: file:line:column, what is wrong, and the line with a caret below it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cocsync.diagnostics import Checked, Diagnostic, Position, Severity
from cocsync.report.phrases import counted
from cocsync.report.terminal import Look, escaped, split_at, text_width
from cocsync.report.text.page import Page, Piece
from cocsync.report.view import View

_LOOKS = {Severity.ERROR: (Look.RED, Look.BOLD), Severity.WARNING: (Look.YELLOW,), Severity.NOTE: (Look.CYAN,)}
_EXCERPT_INDENT = 4
_CUT = "..."


def diagnostics_text(checked: Checked, view: View) -> str:
    """Every diagnostic and, as the last line, how many there are."""
    page = Page(style=view.style, width=view.width)
    write_diagnostics(page, checked.found)
    page.blank()
    looked_at = "" if checked.scripts is None else f" in {counted(checked.scripts, 'script')}"
    count = Counter(diagnostic.severity for diagnostic in checked.found)
    if checked.found:
        numbers = ", ".join(counted(count[severity], severity.value) for severity in Severity)
        page.unbroken(f"Found {numbers}{looked_at}.", Look.BOLD)
    else:
        page.unbroken(f"No problems found{looked_at}.", Look.BOLD, Look.GREEN)
    return page.text()


def write_diagnostics(page: Page, found: Iterable[Diagnostic], *, indent: int = 0) -> None:
    """One after the other, each with its excerpt where there is one."""
    for diagnostic in found:
        at = diagnostic.at
        where = [f"{at.file}:{at.line}:{at.column}:"] if at else []
        severity = Piece(f"{diagnostic.severity}:", _LOOKS[diagnostic.severity])
        page.flow(
            *where, severity, *escaped(diagnostic.message).split(), f"[{diagnostic.code}]", indent=indent, sep=" "
        )
        if at and diagnostic.excerpt is not None:
            _write_excerpt(page, diagnostic.excerpt, at, indent=indent + _EXCERPT_INDENT)


def _write_excerpt(page: Page, excerpt: str, at: Position, *, indent: int) -> None:
    """The line, cut on both sides to the page where it is long, and a caret below the column."""
    before, after = escaped(excerpt[: at.column - 1]).lstrip(), escaped(excerpt[at.column - 1 :]).rstrip()
    room = page.room(indent)
    before = _last(before, room // 2)
    after = _first(after, room - text_width(before))
    page.flow(f"{before}{after}", indent=indent)
    page.flow(Piece("^", (Look.GREEN, Look.BOLD)), indent=indent + text_width(before))


def _first(text: str, columns: int) -> str:
    if text_width(text) <= columns:
        return text
    return split_at(text, columns - len(_CUT))[0] + _CUT


def _last(text: str, columns: int) -> str:
    if text_width(text) <= columns:
        return text
    return _CUT + split_at(text[::-1], columns - len(_CUT))[0][::-1]
