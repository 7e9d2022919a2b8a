"""What a script starts, in one form for every language: commands made of words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

QUOTED = "\0"
"""Stands in `Word.pattern` for a quoted character that a shell would otherwise expand."""
EXPANDED = "$`*?[{~"
"""The characters that a shell expands."""

_QUOTING = str.maketrans(dict.fromkeys(EXPANDED, QUOTED))


class Effect(Enum):
    """What a command does beside what its name and its words say."""

    RUNS_DOWNLOAD = auto()
    FORKS_WITHOUT_END = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """`text` is without quotes and escapes; what a variable or a command gives stays as `$name` and `$()`.

    `pattern` is the same with `QUOTED` for quoted characters that a shell would expand. `offset` is where the word
    begins in the content, `inner` where its text stands there character by character; None where it does not.
    """

    text: str
    pattern: str
    offset: int
    inner: int | None = None

    @property
    def is_literal(self) -> bool:
        """Nothing in it is known only when the script runs."""
        return "$" not in self.pattern and "`" not in self.pattern


def quoted(text: str, offset: int, inner: int | None = None) -> Word:
    """A word of which no character is expanded."""
    return Word(text=text, pattern=as_quoted(text), offset=offset, inner=inner)


def as_quoted(text: str) -> str:
    return text.translate(_QUOTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program with its words, without what only starts it (`sudo`, `timeout 60`); or a function of Python's.

    `folder` is where it runs, "" where that is not known. `given` is the text on its standard input, and `feeds` are
    the commands whose output that is. `writes` are the files that its output goes to, `assigned` the variables that
    are set for it alone, `by` the programs that only start it. `windows`: paths and switches are those of Windows.
    """

    words: tuple[Word, ...]
    offset: int
    assigned: tuple[tuple[str, Word], ...] = ()
    writes: tuple[Word, ...] = ()
    folder: str = ""
    given: Word | None = None
    feeds: tuple[Command, ...] = ()
    effects: frozenset[Effect] = frozenset()
    by: frozenset[str] = frozenset()
    windows: bool = False

    @property
    def name(self) -> str:
        """Without its folder; of Windows in lower case and without `.exe`. "" where there is only a redirection."""
        return program_name(self.words[0].text, windows=self.windows) if self.words else ""

    @property
    def arguments(self) -> tuple[Word, ...]:
        return self.words[1:]

    @property
    def texts(self) -> tuple[str, ...]:
        """The arguments' texts."""
        return tuple(word.text for word in self.words[1:])


def moved(command: Command, offset: int) -> Command:
    """The command as if all of it stood there."""
    return replace(command, words=tuple(replace(word, offset=offset) for word in command.words), offset=offset)


def program_name(text: str, *, windows: bool = False) -> str:
    if not windows:
        return text.rpartition("/")[2]
    return text.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe").removesuffix(".com")


def operands(texts: tuple[str, ...], with_value: str = "") -> tuple[str, ...]:
    """Arguments that are no options, where the short options in `with_value` take the next word."""
    found: list[str] = []
    index = 0
    while index < len(texts):
        text = texts[index]
        if text == "--":
            return (*found, *texts[index + 1 :])
        if text.startswith("-") and text != "-":
            index += 1 + takes_next(text, with_value)
        else:
            found.append(text)
            index += 1
    return tuple(found)


def takes_next(option: str, with_value: str) -> bool:
    """Whether a cluster of short options ends in one that takes the next word: `-xu` in `sudo -xu root`."""
    if option.startswith("--"):
        return False
    return next((at == len(option) - 1 for at, letter in enumerate(option) if at and letter in with_value), False)
