"""Text on a terminal or in a pipeline's log: foreign text made sanitised, widths, wrapping and colour. Pure.

Names, descriptions, contents and error texts come from elsewhere. Shown as they are they could move the cursor, hide or
reverse what stands beside them, or run a workflow command. Here they become visible escapes (`\\x1b`, `\\u202e`); a
backslash of the text's own stays as it is, so an escape does not tell itself from the same characters typed out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SPACES = frozenset(" \u3000")

# Letters and marks that show nothing: Unicode's Default_Ignorable_Code_Point beyond the categories above, and the blank
# Braille pattern.
_UNSEEN = frozenset(
    map(chr, [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, 0xFFA0])
) | frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))

# The runner of GitHub Actions reads `##[` anywhere in a line, Azure's agent and TeamCity `##vso[` and `##teamcity[`.
_HASH_COMMAND = re.compile(r"##(?=\w*\[)")
_COLON_COMMAND = re.compile(r"\s*::")

_TAB_STOP = 4


class _Escapes(dict[int, str]):
    """What `str.translate` puts for each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = shown = _escape(chr(code)) if _is_unseen(chr(code)) else chr(code)
        return shown


def _is_unseen(char: str) -> bool:
    category = unicodedata.category(char)
    return category in _UNSEEN_CATEGORIES or char in _UNSEEN or (category == "Zs" and char not in _SPACES)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


_ESCAPES = _Escapes()


def sanitised(text: str) -> str:
    """The text as one line that may begin a line of any terminal or log.

    Every character that controls, formats or shows nothing is a visible escape: C0 and C1 with line ends and tabs, bidi
    and zero-width characters, surrogates, private and unassigned ones, spaces other than U+0020 and U+3000. Workflow
    commands (`::name::` at the start, `##[name]` anywhere) are broken by an escape.
    """
    return defused(escaped(text))


def escaped(text: str) -> str:
    """As `sanitised`, for text that does not begin a line. A combining mark at the start would alter what is before."""
    shown = _HASH_COMMAND.sub(r"#\\x23", text.translate(_ESCAPES))
    if shown and unicodedata.category(shown[0]).startswith("M"):
        return _escape(shown[0]) + shown[1:]
    return shown


def defused(line: str) -> str:
    """A line or rest of a line that is no workflow command where it begins a line."""
    return line.replace("::", "\\x3a:", 1) if _COLON_COMMAND.match(line) else line


def escaped_content(line: str) -> str:
    """A line of a script as `escaped` text: tabs as arrows up to the tab stop, a space at the end as an escape."""
    parts = line.split("\t")
    shown = escaped(parts[0])
    for part in parts[1:]:
        shown += "\u2192".ljust(_TAB_STOP - text_width(shown) % _TAB_STOP) + escaped(part)
    return shown[:-1] + "\\x20" if line.endswith(" ") else shown


def text_width(text: str) -> int:
    """Terminal columns that visible text takes: wide characters two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def split_at(text: str, columns: int) -> tuple[str, str]:
    """The longest start of the text that fits into the columns, at least one character, and the rest."""
    used = 0
    for index, char in enumerate(text):
        used += _char_width(char)
        if used > columns and index:
            return text[:index], text[index:]
    return text, ""


def break_at(text: str, columns: int) -> tuple[str, str]:
    """As `split_at`, but behind a space where the second half of the columns has one."""
    head, rest = split_at(text, columns)
    space = head.rfind(" ") + 1
    return (text[:space], text[space:]) if rest and space > len(head) // 2 else (head, rest)


class Look(Enum):
    """A way of showing text; the value is the parameter of the SGR sequence."""

    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    MAGENTA = "35"
    CYAN = "36"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Whether text is coloured."""

    colour: bool = False

    def paint(self, text: str, *looks: Look) -> str:
        """The text in these looks; as it is where colour is off."""
        if not (self.colour and looks and text):
            return text
        return f"\x1b[{';'.join(look.value for look in looks)}m{text}\x1b[0m"


PLAIN = Style()


def wants_colour(flag: bool | None, environ: Mapping[str, str], *, isatty: bool) -> bool:
    """Whether to colour: a flag decides, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then the terminal.

    A variable that is empty says nothing; one that is "0" does not force.
    """
    if flag is not None:
        return flag
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return isatty and environ.get("TERM") != "dumb"
