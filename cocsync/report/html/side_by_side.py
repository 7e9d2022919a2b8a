"""A unified diff as rows of two sides, with the line numbers of each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of one side. Numbers count from 1; `ended` is False where the file ends without a line end."""

    number: int
    text: str
    ended: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What stands beside each other; None where a side has nothing there."""

    before: Line | None
    after: Line | None
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is said about the diff itself: where a hunk begins, how much is cut."""

    text: str

    @property
    def is_hunk(self) -> bool:
        return bool(_HUNK.match(self.text))


Row: TypeAlias = Pair | Note


def side_by_side(diff: str) -> tuple[Row, ...]:
    """The rows of a unified diff without file names. Removed and added lines of one place are paired in order."""
    rows: list[Row] = []
    removed: list[Line] = []
    added: list[Line] = []
    before = after = 1
    for sign, text, ended in _signed(diff.split("\n")):
        if sign == "-":
            removed.append(Line(number=before, text=text, ended=ended))
        elif sign == "+":
            added.append(Line(number=after, text=text, ended=ended))
        else:
            rows += _paired(removed, added)
            rows.append(_unchanged(before, after, text, ended=ended) if sign == " " else Note(text=sign + text))
        before, after = _next(sign, text, before, after)
    return (*rows, *_paired(removed, added))


def common_ends(before: str, after: str) -> tuple[int, int]:
    """How many characters both begin and end with; the two ends do not overlap."""
    start = _common(before, after)
    return start, _common(before[start:][::-1], after[start:][::-1])


def _common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _signed(lines: list[str]) -> Iterator[tuple[str, str, bool]]:
    """Sign and text of each line, and whether it is ended: a line with a backslash says of the last that it is not."""
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if not line.startswith("\\"):
            yield line[:1], line[1:], not following.startswith("\\")


def _paired(removed: list[Line], added: list[Line]) -> list[Row]:
    """The lines beside each other; the lists are empty afterwards."""
    pairs: list[Row] = [Pair(before=one, after=other, changed=True) for one, other in zip_longest(removed, added)]
    removed.clear()
    added.clear()
    return pairs


def _unchanged(before: int, after: int, text: str, *, ended: bool) -> Pair:
    lines = (Line(number=number, text=text, ended=ended) for number in (before, after))
    return Pair(before=next(lines), after=next(lines), changed=False)


def _next(sign: str, text: str, before: int, after: int) -> tuple[int, int]:
    """The numbers of the next line of each side."""
    if hunk := _HUNK.match(sign + text):
        return int(hunk[1]), int(hunk[2])
    return before + (sign in ("-", " ")), after + (sign in ("+", " "))
