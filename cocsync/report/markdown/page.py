"""A Markdown report within a budget of characters: what matters most first, the rest while there is room. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from cocsync.report.markdown.escape import code, codes, details
from cocsync.report.phrases import counted

BUDGET_MIN = 10_000
"""What is always there needs as much."""

ITEMS_SHOWN = 25
"""A list of more shows the names, and folds what is to be said of each."""

_NOTE_ROOM = 400
_SHARE = 12


class Form(NamedTuple):
    """One way to show a block. Lower ranks get room first. `lacks` is what is missing without it: noun and number."""

    text: str
    rank: int = 0
    lacks: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a report, in growing forms. The first is always there; it may be empty."""

    forms: tuple[Form, ...]


class Entry(NamedTuple):
    """One of a list. `group` says what it has in common with others, `text` everything; both are Markdown."""

    group: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list under its title. `head` stands above the entries' texts, which are the rows of a table then.

    Entries of one group follow each other. All names get room at rank `names`, all texts at rank `whole`; some names
    are there in any case, unless the list is `optional`. `noun` is what one text is called where it is left out.
    """

    title: str
    entries: Sequence[Entry]
    names: int
    whole: int
    noun: str
    head: str = ""
    optional: bool = False

    def block(self, budget: int) -> Block:
        """Its forms, within a budget for the whole report."""
        if not self.entries:
            return always("")
        lacks = (self.noun, len(self.entries))
        names = "\n".join((f"{self.title}\n", *self._groups()))
        whole = self._whole(names)
        few = "" if self.optional else self._few(budget // _SHARE)
        if len(whole) <= len(names):
            return Block(forms=(Form(few), Form(whole, self.names, lacks)))
        return Block(forms=(Form(few), Form(names, self.names), Form(whole, self.whole, lacks)))

    def _whole(self, names: str) -> str:
        texts = "\n".join(entry.text for entry in self.entries)
        if self.head:
            return f"{self.title}\n\n{self.head}\n{texts}"
        if len(self.entries) > ITEMS_SHOWN:
            return f"{names}\n\n{details(f'{len(self.entries)} {self.noun}s', texts)}"
        return f"{self.title}\n\n{texts}"

    def _grouped(self) -> Iterator[tuple[str, list[str]]]:
        for group, members in groupby(self.entries, key=lambda entry: entry.group):
            names = [member.name for member in members]
            yield f"- {group} ({len(names)}):", names

    def _groups(self) -> Iterator[str]:
        for label, names in self._grouped():
            yield f"{label} {codes(names)}"

    def _few(self, room: int) -> str:
        """As many names as there is room for, and how many more there are."""
        lines = [f"{self.title}\n"]
        for label, names in self._grouped():
            shown = []
            for name in map(code, names):
                room -= len(name) + 2
                if room < 0:
                    break
                shown.append(name)
            more = [f"and {len(names) - len(shown)} more"] if len(shown) < len(names) else []
            lines.append(f"{label} {', '.join(shown + more)}")
        return "\n".join(lines)


def always(text: str) -> Block:
    """What is never left out; nothing where the text is empty."""
    return Block(forms=(Form(text),))


def laid_out(blocks: Sequence[Block], *, budget: int, foot: str, elsewhere: str) -> str:
    """The blocks in their order, each in the largest form for which there is room.

    `foot` is the last line. `elsewhere` says where the whole is to be found; it stands before the foot where something
    is left out.
    """
    chosen = [block.forms[0].text for block in blocks]
    room = budget - _NOTE_ROOM - _length(foot) - sum(map(_length, chosen))
    lost: Counter[str] = Counter()
    for form, index in _by_rank(blocks):
        more = _length(form.text) - _length(chosen[index])
        if more <= room:
            chosen[index] = form.text
            room -= more
        elif form.lacks:
            lost[form.lacks[0]] += form.lacks[1]
    what = ", ".join(counted(number, noun) for noun, number in lost.items())
    note = f"**Left out** to stay below {budget:,} characters: {what}. {elsewhere}" if lost else ""
    return "\n\n".join(filter(None, (*chosen, note, foot))) + "\n"


def _by_rank(blocks: Sequence[Block]) -> list[tuple[Form, int]]:
    forms = [(form, index) for index, block in enumerate(blocks) for form in block.forms[1:]]
    return sorted(forms, key=lambda pair: pair[0].rank)


def _length(text: str) -> int:
    """With the blank line behind it."""
    return len(text) + 2 if text else 0
