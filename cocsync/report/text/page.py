"""A page of text: lines laid out to a width, made harmless and coloured in one place. Pure.

Everything that reaches a page is taken as foreign: no renderer has to remember to escape.
"""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from cocsync.report.terminal import Look, Style, break_at, defused, escaped, escaped_content, text_width

_MIN_ROOM = 20
_HANG = "    "


class Piece(NamedTuple):
    """A stretch of text that stays together where it fits, and its looks."""

    text: str
    looks: tuple[Look, ...] = ()


class Page:
    """Lines in the order in which they are added; `text` is the whole."""

    def __init__(self, *, style: Style, width: int) -> None:
        self._style = style
        self._width = width
        self._lines: list[str] = []

    def flow(self, *pieces: str | Piece, indent: int = 0, hang: str = _HANG, sep: str = "  ") -> None:
        """The pieces one after the other on as many lines as they need; `hang` begins each line but the first.

        A piece that is wider than a line is broken, and none of its characters is lost.
        """
        line = _Line(start=" " * indent)
        for piece in pieces:
            text, looks = (escaped(piece), ()) if isinstance(piece, str) else (escaped(piece.text), piece.looks)
            if line.spans and line.used + len(sep) + text_width(text) > self._width:
                line = self._next(line, indent, hang)
            if line.spans:
                line.add(sep, looks if looks == line.spans[-1].looks else ())
            while text_width(text) > (room := self.room(line.used)):
                head, text = break_at(text, room)
                line.add(head, looks)
                line = self._next(line, indent, hang)
            line.add(text, looks)
        self._lines.append(line.done(self._style))

    def _next(self, line: _Line, indent: int, hang: str) -> _Line:
        self._lines.append(line.done(self._style))
        return _Line(start=" " * indent + hang)

    def room(self, indent: int) -> int:
        """Columns of a line behind an indent."""
        return max(self._width - indent, _MIN_ROOM)

    def sentence(self, text: str, *looks: Look, indent: int = 0) -> None:
        """Words, wrapped between them."""
        self.flow(*(Piece(word, looks) for word in escaped(text).split()), indent=indent, hang="  ", sep=" ")

    def content(self, line: str, *looks: Look, indent: int = 0) -> None:
        """A line of a unified diff; where it is broken, `|` stands in place of its sign."""
        shown = line[:1] + escaped_content(line[1:])
        self.flow(Piece(shown, looks), indent=indent, hang="|")

    def unbroken(self, text: str, *looks: Look) -> None:
        """One line, however wide: for what programs look for."""
        self._lines.append(self._style.paint(defused(escaped(text)), *looks))

    def heading(self, text: str, *looks: Look) -> None:
        """A blank line and the title of what follows."""
        self.blank()
        self.sentence(text, Look.BOLD, *looks)

    def blank(self) -> None:
        """An empty line, unless the page is empty or ends with one."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def text(self) -> str:
        """The lines, each with a line end."""
        return "".join(f"{line}\n" for line in self._lines)


class _Line:
    """A line that is being filled."""

    def __init__(self, start: str) -> None:
        self.used = len(start)
        self.spans: list[Piece] = []
        self._start = start

    def add(self, text: str, looks: tuple[Look, ...]) -> None:
        self.used += text_width(text)
        self.spans.append(Piece(text, looks))

    def done(self, style: Style) -> str:
        """The line, one SGR sequence for spans of equal looks; none where it would begin as a workflow command."""
        plain = self._start + "".join(span.text for span in self.spans)
        if defused(plain) != plain:
            return defused(plain).rstrip()
        alike = groupby(self.spans, key=lambda span: span.looks)
        painted = (style.paint("".join(span.text for span in spans), *looks) for looks, spans in alike)
        return (self._start + "".join(painted)).rstrip()
