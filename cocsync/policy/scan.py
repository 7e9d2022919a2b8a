"""Script text with what is no code blanked out, and cut into commands.

Everything keeps its place: what is blanked becomes spaces, so that an offset means the same in every form. None of
this parses a language. It is right for what people write, and wrong without harm for what they could. Patterns begin
with what they look for and look behind it after that: Python then jumps from one such place to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cocsync.model.script import ScriptType

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})

_TAKES_TEXT = SHELLS | {"su", "cmd", "powershell", "pwsh"}
_TEXT_FLAGS = ("-c", "-command", "/c")
_HASH_COMMENT = re.compile(r"#(?<!\S#)[^\n]*")
_BAT_COMMENT = re.compile(r"^[ \t@]*(?:rem\b|::)[^\n]*", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(r"""\\.|"(?:[^"\\]|\\.)*+"|(?P<blank>'[^']*+'|#(?<!\S#)[^\n]*)""", re.DOTALL)
_FUNCTION = re.compile(r"([ \t]*)(?:function[ \t]+[\w:.-]+|[\w:.-]+[ \t]*\(\))\s*([{(]|$)")

_CONTINUED = re.compile(r"\\\r?\n|(?<=[|&])[ \t]*\r?\n")
_CONTINUED_IN_BAT = re.compile(r"\^\r?\n")
_SEGMENT = re.compile(r"(?:[^\n;&|()`]|(?<=>)&|&(?=>))+")
_PIPE = re.compile(r"(?<!\|)\|&?\Z")
_PYTHON_PUNCTUATION = str.maketrans(dict.fromkeys("\"',[]", " "))
_QUOTES = str.maketrans(dict.fromkeys("\"'"))
_PREFIX = re.compile(
    r"[{!@]|if|not|then|elif|else|while|until|do|sudo|doas|env|exec|command|builtin|nohup|setsid|time|timeout|nice"
    r"|ionice|xargs|busybox|call|-.*|/[bcqi]|\d+[smhd]?|\w+=.*",
    re.IGNORECASE,
)
_PREFIX_WITH_OPERAND = frozenset({"-u", "-g", "-s", "-I", "exist", "errorlevel"})


class AnyCase:
    """A pattern, written in lower case, that matches in either. Of a match only the offsets are the text's own."""

    def __init__(self, pattern: str) -> None:
        self._lower = re.compile(pattern)
        self._any = re.compile(pattern, re.IGNORECASE)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        # Python cannot jump to the next first letter while it ignores case.
        return self._lower.finditer(text.lower()) if text.isascii() else self._any.finditer(text)

    def is_in(self, text: str) -> bool:
        return next(self.finditer(text), None) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A simple command: its words without quotes, whether it reads a pipe, and its offset.

    Words that only start another command (`sudo`, `then`, `timeout 60`) are left out.
    """

    words: tuple[str, ...]
    piped: bool
    offset: int

    @property
    def name(self) -> str:
        """The program without its folder, in lower case; on Windows without `.exe`."""
        return self.words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")

    @property
    def nested(self) -> tuple[str, ...]:
        """The words of the command that this one takes as text, as `bash -c` does."""
        if self.name == "eval":
            return self.words[1:]
        if self.name == "ssh":
            return _without_prefix(self.words[1:])[1:]
        if self.name in _TAKES_TEXT:
            return next((self.words[i + 1 :] for i, word in enumerate(self.words) if word.lower() in _TEXT_FLAGS), ())
        return ()


def commands(kind: str, text: str) -> Iterator[Command]:
    """The commands in the order of the text. Of Python, what a call could start, with its arguments."""
    continued = _CONTINUED_IN_BAT if kind == ScriptType.BAT else _CONTINUED
    text = without_comments(kind, continued.sub(lambda match: " " * len(match[0]), text))
    if kind == ScriptType.PYTHON:
        text = text.translate(_PYTHON_PUNCTUATION)
    for segment in _SEGMENT.finditer(text):
        start = segment.start()
        offset = start + len(segment[0]) - len(segment[0].lstrip())
        piped = _PIPE.search(text, max(0, start - 2), start) is not None
        words = _without_prefix(segment[0].translate(_QUOTES).split())
        while words:
            command = Command(words=words, piped=piped, offset=offset)
            yield command
            words = _without_prefix(command.nested)


def _without_prefix(words: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    index = 0
    while index < len(words):
        if words[index] in _PREFIX_WITH_OPERAND:
            index += 2
        elif _PREFIX.fullmatch(words[index]):
            index += 1
        else:
            break
    return tuple(words[index:])


def without_comments(kind: str, text: str) -> str:
    return (_BAT_COMMENT if kind == ScriptType.BAT else _HASH_COMMENT).sub(blank, text)


def expanded_by_shell(text: str) -> str:
    """What a shell looks for `$` in: without comments and text in single quotes."""
    return _QUOTED.sub(lambda match: blank(match) if match["blank"] else match[0], text)


def without_functions(text: str) -> str:
    """A shell script without its functions, in which `$1` is something else. They end as they begin, indented alike."""
    kept: list[str] = []
    function: list[str] = []
    end = ""
    for line in text.split("\n"):
        header = None if function else _FUNCTION.match(line)
        if not header and not function:
            kept.append(line)
            continue
        function.append(line)
        if header:
            end = header[1] + (")" if header[2] == "(" else "}")
        if line.startswith(end) or (header and "{" in line and line.count("{") == line.count("}")):
            kept += [" " * len(part) for part in function]
            function = []
    return "\n".join(kept + function)


def blank(match: re.Match[str]) -> str:
    """Replaces a match by as much space, on as many lines."""
    return re.sub(r"[^\n]", " ", match[0])
