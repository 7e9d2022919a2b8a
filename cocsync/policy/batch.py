"""The commands of a BAT script, and of the PowerShell that it starts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cocsync.policy import interpreters
from cocsync.policy.commands import Command, Effect, Word, moved, program_name, quoted
from cocsync.policy.powershell import commands as powershell_commands

_CONTINUED = re.compile(r"\^\r?\n")
_TOKEN = re.compile(
    r"(?P<end>\r?\n)|(?P<operator>&&|\|\||[&|()])|(?P<redirect>\d?>{1,2}(?:&\d)?|\d?<(?:&\d)?)|(?P<space>[ \t,;=]+)"
    r"|(?P<word>(?:\"[^\"\r\n]*(?:\"|(?=\r?\n)|\Z)|\^.|(?<=[:)])\([A-Za-z,]{1,12}\)|[^\s\"&|()<>,;=^]|\^)+)",
)
_COMMENT = re.compile(r"[ \t@(]*(?:::|rem(?![\w.-]))[^\n]*", re.IGNORECASE)
_LABEL = re.compile(r"[ \t]*:[ \t]*([\w.-]+)[^\n]*")
_GLUED = re.compile(r"(@?\w+|\w:|)((?:/[A-Za-z?]{1,2}(?::[^/]*)?)+)", re.ASCII)
_SWITCH = re.compile(r"/[^/]*")
_LINE = re.compile(r"(?:[^\"&\n]|\"[^\"\n]*\"|\")*")
_CONDITION_WORDS = frozenset({"not", "/i", "exist", "defined", "errorlevel", "cmdextversion"})
_COMPARISONS = frozenset({"==", "equ", "neq", "lss", "leq", "gtr", "geq"})
_DOWNLOADERS = frozenset({"curl", "wget"})
_FOLDERS = frozenset({"cd", "chdir", "pushd"})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def commands(text: str) -> tuple[Command, ...]:
    """In the order of the text, with the folder that each runs in where a `cd` before it says so."""
    found: list[Command] = []
    folder, feeds, downloaded = "", tuple[Command, ...](), False
    for words, ends, offset in _statements(text):
        if not words:
            folder = "" if ends == ":" else folder
            continue
        first = len(found)
        for command in _started(words, text):
            runs = downloaded and _reads_program(command)
            effects = command.effects | ({Effect.RUNS_DOWNLOAD} if runs else set())
            found.append(replace(command, folder=folder, feeds=feeds, effects=effects))
            folder = _folder(command, folder)
        downloaded = ends == "|" and (downloaded or any(one.name in _DOWNLOADERS for one in found[first:]))
        feeds = (*feeds, *found[first:]) if ends in ("|", "&", ")") else ()
        if _is_bomb(words, ends, text, offset):
            found.append(replace(_command(words), effects=frozenset({Effect.FORKS_WITHOUT_END})))
    return tuple(found)


def _reads_program(command: Command) -> bool:
    """An interpreter that runs its standard input."""
    return interpreters.is_interpreter(command.name) and interpreters.program(command.words).from_stdin


def without_comments(text: str) -> str:
    """As long as the text, and each line where it was."""
    return "\n".join(" " * len(line) if _COMMENT.match(line) else line for line in text.split("\n"))


def _statements(text: str) -> Iterator[tuple[tuple[Word, ...], str, int]]:
    """The words of each command, what ends it, and where that stands. A label ends what is known: `:`."""
    code = _CONTINUED.sub(lambda match: " " * len(match[0]), without_comments(text))
    words: list[Word] = []
    redirected = False
    at = 0
    while match := _TOKEN.match(code, at):
        at = match.end()
        if match.lastgroup in ("end", "operator"):
            yield tuple(words), match[0].strip() or "\n", match.start()
            words, redirected = [], False
            if match.lastgroup == "end" and (label := _LABEL.match(code, at)):
                yield (), ":", at
                at = label.end()
        elif match.lastgroup == "redirect":
            redirected = "&" not in match[0]
        elif match.lastgroup == "word":
            words += () if redirected else _words(match[0], match.start())
            redirected = False
        elif "==" in match[0]:
            words.append(quoted("==", match.start()))
    yield tuple(words), "\n", at


def _words(written: str, offset: int) -> list[Word]:
    """One word, and the switches that are glued to it or to one another: `del/f/s`, `/s/q`."""
    text = re.sub(r"\^(.)", r"\1", written).replace('"', "")
    glued = _GLUED.fullmatch(text)
    if glued is None:
        return [quoted(text, offset, offset if text == written else None)]
    parts = [part for part in (glued[1], *_SWITCH.findall(glued[2])) if part]
    return [quoted(part, offset) for part in parts]


def _started(words: tuple[Word, ...], text: str) -> Iterator[Command]:
    """The command behind `if`, `for`, `call` and `start`, and those that it takes as text."""
    words = _behind_prefix(words)
    if not words:
        return
    command = _command(words)
    yield command
    if command.name in ("cmd", "powershell", "pwsh"):
        if command.name == "cmd":
            at = next((i for i, word in enumerate(words) if word.text.lower() in ("/c", "/k")), None)
            inner = " ".join(word.text for word in words[at + 1 :]) if at is not None else ""
            yield from (moved(one, command.offset) for one in (commands(inner) if inner else ()))
        else:
            line = _whole(text, command.offset)
            yield from (moved(one, command.offset) for one in powershell_commands(line))


def _whole(text: str, offset: int) -> str:
    """The rest of the logical line up to the next command: to PowerShell `|` and brackets are its own."""
    match = _LINE.match(_CONTINUED.sub("  ", text[offset:]))
    return match[0] if match else ""


def _command(words: tuple[Word, ...]) -> Command:
    return Command(words=words, offset=words[0].offset, windows=True)


def _behind_prefix(words: tuple[Word, ...]) -> tuple[Word, ...]:
    while words:
        first = words[0].text.lower().lstrip("@")
        if first == "":
            words = words[1:]
        elif first == "if":
            words = _behind_condition(words[1:])
        elif first == "for":
            words = ()
        elif first in ("do", "else", "call"):
            words = words[1:]
        elif first == "start":
            words = _behind_start(words[1:])
        else:
            name = words[0]
            return (replace(name, text=name.text.lstrip("@"), pattern=name.pattern.lstrip("@")), *words[1:])
    return ()


def _behind_condition(words: tuple[Word, ...]) -> tuple[Word, ...]:
    index = 0
    while index < len(words) and words[index].text.lower() in ("not", "/i"):
        index += 1
    if index < len(words) and words[index].text.lower() in _CONDITION_WORDS:
        return words[index + 2 :]
    for at in range(index, len(words)):
        if words[at].text.lower() in _COMPARISONS:
            return words[at + 2 :]
    return words[index + 1 :]


def _behind_start(words: tuple[Word, ...]) -> tuple[Word, ...]:
    index = 0
    while index < len(words) and (
        words[index].text.startswith("/") or not words[index].text or words[index].inner is None
    ):
        index += 1
    return words[index:]


def _folder(command: Command, folder: str) -> str:
    if command.name == "popd":
        return ""
    if command.name not in _FOLDERS:
        return folder
    targets = [text for text in command.texts if text.lower() != "/d"]
    return targets[0] if targets else folder


def _is_bomb(words: tuple[Word, ...], ends: str, text: str, offset: int) -> bool:
    """The script into itself: `%0|%0`."""
    if ends != "|" or not _is_self(words):
        return False
    rest = text[offset + 1 :].partition("\n")[0]
    return any(_is_self(one) for one, _, _ in _statements(rest))


def _is_self(words: tuple[Word, ...]) -> bool:
    words = _behind_prefix(words)
    return bool(words) and program_name(words[0].text) in ("%0", "%~0", "%~f0", "%~dpnx0")
