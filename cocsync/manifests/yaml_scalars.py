"""What a scalar without quotes means in YAML 1.2's core schema. Pure."""

from __future__ import annotations

import re
from typing import Any

_CORE = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


_NUMBER_START = frozenset("+-.0123456789")


_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")


_FLOAT = re.compile(
    r"[-+]?(?=\.?[0-9])(?:0|[1-9][0-9]{0,17})?(?:\.[0-9]{0,18}(?:[eE][-+]?[0-9]{1,2})?|[eE][-+]?[0-9]{1,2})"
)
"""YAML 1.2's core numbers without octal, hexadecimal, infinity and what has more than 18 digits: those are text."""


def resolved(text: str) -> Any:
    """What a scalar without quotes means."""
    if text in _CORE:
        return _CORE[text]
    if text[0] in _NUMBER_START:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text
