"""Programs that run a text: as an argument, from a file, or from their standard input. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cocsync.policy.commands import Word, program_name, takes_next

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash"})
_OTHERS = re.compile(r"(?:python|pypy|perl|ruby|node|nodejs|php|lua|pwsh)[\d.]*")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_STDIN = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_ALL_ARGUMENTS = frozenset({"$@", "$*", "${@}", "${*}", "${@:1}", "${@:2}"})

_AFTER_OPTION: dict[str, tuple[str, ...]] = {
    "su": ("-c", "--command", "--session-command"),
    "runuser": ("-c", "--command"),
    "script": ("-c", "--command"),
    "flock": ("-c", "--command"),
    "sg": ("-c",),
    "ansible": ("-a", "--args"),
}
_SSH_OPTIONS = "BbcDEeFIiJLlmOopQRSWw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What an interpreter runs: `text`, the file `file`, or what it reads (`from_stdin`)."""

    text: tuple[Word, ...] = ()
    file: Word | None = None
    from_stdin: bool = False
    python: bool = False


def is_interpreter(name: str) -> bool:
    return name in SHELLS or _OTHERS.fullmatch(name) is not None


def program(words: tuple[Word, ...]) -> Program:
    """What the command runs beside itself; nothing of all three where it is no interpreter."""
    name = program_name(words[0].text)
    if name in SHELLS:
        return _of_shell(words[1:])
    if _OTHERS.fullmatch(name):
        return _of_other(words[1:], python=_PYTHON.fullmatch(name) is not None)
    if name in ("source", "."):
        file = words[1] if len(words) > 1 else None
        return Program(file=file, from_stdin=file is not None and file.text in _STDIN)
    if name in ("at", "batch"):
        return Program(from_stdin=True)
    return Program(text=_text(name, words[1:]))


def _of_shell(words: tuple[Word, ...]) -> Program:
    index, runs_text, reads = 0, False, False
    while index < len(words) and (text := words[index].text)[:1] in ("-", "+") and text != "-":
        index += 1
        if text == "--":
            break
        if not text.startswith("--"):
            runs_text = runs_text or "c" in text
            reads = reads or "s" in text
        index += takes_next(text, "oO") or text in ("--rcfile", "--init-file")
    rest = words[index:]
    if runs_text:
        return Program(text=rest[:1])
    return Program(from_stdin=True) if reads else _of_file(rest)


def _of_other(words: tuple[Word, ...], *, python: bool) -> Program:
    flags = "cm" if python else "eEnpr"
    index = 0
    while index < len(words) and (text := words[index].text).startswith("-") and text != "-":
        index += 1
        if text == "--":
            break
        if not text.startswith("--") and (flag := next((c for c in text[1:] if c in flags), "")):
            glued = text.partition(flag)[2]
            return Program(text=words[index : index + 1] if flag == "c" and not glued else (), python=python)
        index += takes_next(text, "WX")
    found = _of_file(words[index:])
    return Program(file=found.file, from_stdin=found.from_stdin, python=python)


def _of_file(words: tuple[Word, ...]) -> Program:
    if not words or words[0].text in _STDIN or words[0].text in _ALL_ARGUMENTS:
        return Program(from_stdin=True)
    return Program(file=words[0])


def _text(name: str, words: tuple[Word, ...]) -> tuple[Word, ...]:
    if name == "eval":
        return words
    if name == "trap":
        return words[:1] if len(words) > 1 and not words[0].text.startswith("-") else ()
    if name == "ssh":
        return _behind_host(words)
    options = _AFTER_OPTION.get(name, ())
    for at, word in enumerate(words):
        if word.text in options:
            return words[at + 1 : at + 2]
    return ()


def _behind_host(words: tuple[Word, ...]) -> tuple[Word, ...]:
    index = 0
    while index < len(words) and words[index].text.startswith("-"):
        index += 1 + takes_next(words[index].text, _SSH_OPTIONS)
    return words[index + 1 :]
