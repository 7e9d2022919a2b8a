"""How a shell script begins, as far as that is plain without a parser: most give their params names there. Pure."""

from __future__ import annotations

import re

_PLAIN = r"(?:[^'\"`<\\({#\n}]|\$\{[^'\"`<\\({#\n}]*\}|\"(?:[^'\"`<\\({#\n}]|\$\{[^'\"`<\\({#\n}]*\})*\"|(?<=\S)#)*"
_LINE = re.compile(rf"(?P<code>{_PLAIN})(?:(?<!\S)#.*)?")
_FUNCTION = re.compile(r"[A-Za-z_]\w*[ \t]?\(\)[ \t]?\{[ \t]*", re.ASCII)
_KEYWORD = re.compile(r"\b(?:function|set|shift|eval|trap|coproc)\b")
_OPTIONS = re.compile(r"set(?:[ \t]+(?:[-+][A-Za-z]+|pipefail))+[ \t]*", re.ASCII)
_USE = re.compile(r"\$(?:\{([1-9][0-9]{0,3})(?![0-9])|([1-9]))", re.ASCII)


def positions_used(text: str, count: int) -> frozenset[int]:
    """Positions that the script surely uses itself, on its first lines, read until there are `count` of them.

    A line that could begin a quote, a here-document or anything else that goes on behind it ends the reading; so does
    a function with more than plain lines in it.
    """
    seen: set[int] = set()
    in_function = False
    for line in text.split("\n"):
        if not in_function and _FUNCTION.fullmatch(line):
            in_function = True
        elif in_function and line == "}":
            in_function = False
        elif plain := _LINE.fullmatch(line):
            if not in_function:
                if _KEYWORD.search(plain["code"]) and not _OPTIONS.fullmatch(plain["code"]):
                    break
                seen |= {int(one or other) for one, other in _USE.findall(plain["code"])}
            if len(seen) >= count:
                break
        else:
            break
    return frozenset(seen)
