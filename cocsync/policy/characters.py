"""The first line, and characters that make a script look otherwise than it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cocsync.model.script import ScriptType
from cocsync.policy.reading import Reading
from cocsync.policy.rules import Finding, in_content

_ENV_OPTION = re.compile(r"-.*|\w+=.*")
_RUNS: dict[str, re.Pattern[str]] = {
    ScriptType.SHELL: re.compile(r"(?:ba|da|a|k|mk|z)?sh|busybox"),
    ScriptType.PYTHON: re.compile(r"(?:python|pypy)[\d.]*"),
}

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2064\u3164\uffa0\U000e0000-\U000e007f]"
    "|(?!\\A)\ufeff"
    "|(?<=[\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\\x00-\\x7f])"
)
"""Joiners only beside ASCII: between other characters they belong to Persian, to Indic scripts and to emoji."""
_CHARACTERS = (
    ("bidi-character", _BIDI, "makes the script read otherwise than it runs: delete it"),
    ("invisible-character", _INVISIBLE, "is not shown: delete it"),
)


def find(reading: Reading) -> Iterator[Finding]:
    """Of the content as its file has it, before its line ends are made those that are sent."""
    yield from _shebang(reading.script.type, reading.text)
    if reading.text.isascii():
        return
    for rule, pattern, says in _CHARACTERS:
        yield from _each_line(reading.text, rule, pattern, says)


def _shebang(kind: str, content: str) -> Iterator[Finding]:
    first = content.partition("\n")[0]
    if not first.startswith("#!"):
        return
    runs = _RUNS.get(kind)
    if runs is None:
        message = f"COC runs {kind}, for which a first line names no interpreter: delete it, or correct the type"
        yield in_content("shebang-type", message, content, 0)
    elif not runs.fullmatch(_interpreter(first)):
        message = f"the first line names an interpreter that does not run {kind}: correct it, or the type"
        yield in_content("shebang-type", message, content, 0)
    if first.endswith("\r"):
        message = "the first line ends in CRLF, so that no system finds its interpreter: save the file with LF"
        yield in_content("shebang-crlf", message, content, len(first) - 1)


def _interpreter(first: str) -> str:
    """The name of the program that the line starts; behind `env`, of the one that this starts."""
    words = [word.rpartition("/")[2] for word in first[2:].split()]
    if words[:1] == ["env"]:
        words = [word for word in words[1:] if not _ENV_OPTION.fullmatch(word)]
    return words[0] if words else ""


def _each_line(content: str, rule: str, pattern: re.Pattern[str], says: str) -> Iterator[Finding]:
    """The first on each line."""
    match = pattern.search(content)
    while match:
        yield in_content(rule, f"U+{ord(match[0]):04X} {says}", content, match.start())
        end = content.find("\n", match.start())
        match = pattern.search(content, end) if end >= 0 else None
