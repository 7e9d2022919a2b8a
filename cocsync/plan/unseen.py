"""What a diff of two texts does not show, in words: line ends, the last line end, Unicode form. Pure."""

from __future__ import annotations

import re
import unicodedata

_LINE_END = re.compile(r"\r\n|\n")


def unseen(before: str, after: str) -> str:
    """How COC's text and the manifest's differ where lines look the same; empty where nothing of that kind differs."""
    return "; ".join(filter(None, (_line_ends(before, after), _last_line_end(before, after), _unicode(before, after))))


def folded(before: str, after: str) -> tuple[str, str]:
    """The texts to show a diff of: where words tell that their line ends differ, both with LF."""
    return (_lf(before), _lf(after)) if _line_ends(before, after) else (before, after)


def _line_ends(before: str, after: str) -> str:
    """Texts whose line ends are of the same kinds, and yet not of the same lines, differ line by line in a diff."""
    old, new = _kinds(before), _kinds(after)
    return f"line ends: {new} in the manifest, {old} in COC" if old and new and old != new else ""


def _kinds(text: str) -> str:
    ends = _LINE_END.findall(text)
    crlf = ends.count("\r\n")
    if not ends or not crlf:
        return "LF" if ends else ""
    return "CRLF" if crlf == len(ends) else f"{crlf} of {len(ends)} CRLF"


def _last_line_end(before: str, after: str) -> str:
    old, new = _ending(before), _ending(after)
    return f"last line end: {new} in the manifest, {old} in COC" if before and after and old != new else ""


def _ending(text: str) -> str:
    return "there" if text.endswith("\n") else "none"


def _unicode(before: str, after: str) -> str:
    """Only where the texts are one to the reader: which composed letters a changed line holds is its diff's to show."""
    one, other = (unicodedata.normalize("NFC", _lf(text).rstrip("\n")) for text in (before, after))
    if one != other or _lf(before).rstrip("\n") == _lf(after).rstrip("\n"):
        return ""
    return f"Unicode form: {_form(after)} in the manifest, {_form(before)} in COC"


def _form(text: str) -> str:
    return next((name for name in ("NFC", "NFD") if unicodedata.is_normalized(name, text)), "mixed")


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n")
