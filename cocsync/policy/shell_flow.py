"""What goes through the commands of a shell script, from one to the next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cocsync.policy.commands import Command, Word, operands
from cocsync.policy.interpreters import Program
from cocsync.policy.paths import joined
from cocsync.policy.shell_words import DOWNLOADED

Nested = Callable[[str, int, int | None], tuple[Command, ...]]
"""Reads a text in another language: the text, an offset, and where it stands character by character, if it does."""

_DOWNLOADERS = frozenset({"curl", "wget", "fetch", "lynx", "aria2c"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What a command reads or writes: downloaded, or a text that is known; and the commands that it comes from."""

    downloaded: bool = False
    given: Word | None = None
    feeds: tuple[Command, ...] = ()


NOTHING = Flow()


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What becomes a `Command`: its parts as far as they stand in the text."""

    words: tuple[Word, ...]
    offset: int
    assigned: tuple[tuple[str, Word], ...] = ()
    writes: tuple[Word, ...] = ()
    by: frozenset[str] = frozenset()


def runs_download(start: Start, program: Program, stdin: Flow, *, by_name: bool, nested: bool) -> bool:
    """`by_name`: something downloaded is in the command's name. A variable alone is one only in a text that something

    runs (`nested`), as in `eval "$code"`.
    """
    name = start.words[0].text
    if by_name and name.startswith("$") and (nested or DOWNLOADED in name):
        return True
    if program.from_stdin and stdin.downloaded and stdin.given is None:
        return True
    return program.file is not None and f"<(${DOWNLOADED})" in program.file.text


def folder_after(name: str, command: Command, folder: str) -> str:
    """Where the commands behind it run; "" where that is not known."""
    if name == "popd":
        return ""
    if name not in ("cd", "pushd"):
        return folder
    targets = operands(command.texts)
    return joined(folder, targets[0]) if targets and all(word.is_literal for word in command.arguments) else ""


def output(name: str, command: Command, stdin: Flow, downloaded: list[bool]) -> Flow:
    """What the command writes."""
    if command.writes or name in ("xargs", "cd"):
        return NOTHING
    if name in _DOWNLOADERS:
        return Flow(downloaded=not _saves(name, command))
    if name in ("echo", "printf"):
        return Flow(downloaded=any(downloaded), given=_echoed(name, command))
    if name == "cat":
        from_arguments = any(downloaded)
        return Flow(downloaded=from_arguments or stdin.downloaded, given=None if command.texts else stdin.given)
    return Flow(downloaded=stdin.downloaded, given=stdin.given if name in ("sudo", "tee") else None)


def _saves(name: str, command: Command) -> bool:
    """Whether it writes what it downloads to a file, so that nothing of it comes out."""
    letters = "o" if name == "curl" else "O" if name == "wget" else ""
    for at, text in enumerate(command.texts):
        if text.startswith("-") and not text.startswith("--") and text[-1:] in letters:
            return command.texts[at + 1 : at + 2] not in ((), ("-",), ("/dev/stdout",))
        if text.startswith(("--output=", "--output-document=")):
            return text.partition("=")[2] not in ("-", "/dev/stdout")
    return False


def _echoed(name: str, command: Command) -> Word | None:
    """The text that `echo` or `printf` writes, as far as it stands there."""
    words = command.arguments
    while words and words[0].text in ("-e", "-n", "-E", "-ne", "-en", "--"):
        words = words[1:]
    if not words:
        return None
    if name == "printf" and len(words) > 1 and "%" in words[0].text:
        words = words[1:]
    separator = "\n" if name == "printf" else " "
    text, pattern = (separator.join(getattr(word, form) for word in words) for form in ("text", "pattern"))
    inner = words[0].inner if len(words) == 1 else None
    if "\\n" in text:
        text, pattern, inner = text.replace("\\n", "\n"), pattern.replace("\\n", "\n"), None
    return Word(text=text, pattern=pattern, offset=command.offset, inner=inner)


def executed(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """The commands behind `-exec` of `find`."""
    start = None
    for index, word in enumerate(words):
        if word.text in ("-exec", "-execdir", "-ok", "-okdir"):
            start = index + 1
        elif start is not None and word.text in (";", "+"):
            yield words[start:index]
            start = None
    if start is not None:
        yield words[start:]
