"""What a word that nobody knows was meant to be. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence


def suggestion(word: str, known: Sequence[str]) -> str:
    """`: did you mean ...?` where a known word is close, else nothing. Case, `-` and `_` do not part words."""
    plain = {_plain(candidate): candidate for candidate in known}
    match = difflib.get_close_matches(_plain(word), list(plain), n=1)
    return f": did you mean `{plain[match[0]]}`?" if match else ""


def _plain(word: str) -> str:
    return re.sub("[-_ ]", "", word).lower()
