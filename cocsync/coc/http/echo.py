"""What may be shown of a server's words once it was sent a secret: a refusal often repeats what it refuses. Pure.

A text is shown only where no piece of a secret is found in it: as it is, in other letter case, escaped for JSON, URLs
or HTML, in hexadecimal or in base64, spread by other characters, and in most nestings of these. That hides a
harmless text now and then; code and request id of an error remain.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable, Iterator
from threading import Lock
from urllib.parse import unquote, unquote_plus

from cocsync.model.secret import SENSITIVE, Secret

HIDDEN = f"{SENSITIVE} text, left out since it may repeat a value that was sent"

_TEXT_MAX = 4000
_ROUNDS_MAX = 16
_ESCAPE = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(["'\\/]))""")
_INTRODUCER = re.compile(r"0x|\\x|\\u00|[^0-9a-z]")
_SPACE = re.compile(r"\s")
_SPREAD = re.compile(r"[^0-9a-z]")
_ENCODED = re.compile(r"[A-Za-z0-9+/_=\s-]{8,}")
_HEX = re.compile(r"[0-9a-fA-F\s:-]{8,}")


class Screen:
    """Judges texts against the secrets that were added to it. Thread-safe.

    A piece is `grain` characters, a secret of fewer whole; pieces are taken at every `stride`th character.
    """

    def __init__(self, secrets: Iterable[Secret] = (), *, grain: int = 4, stride: int = 1) -> None:
        self._grain = grain
        self._stride = stride
        self._lock = Lock()
        self._known: set[Secret] = set()
        self._waiting: list[Secret] = []
        self._long: dict[int, set[str]] = {}
        self._short: dict[int, set[str]] = {}
        self.add(secrets)

    def add(self, secrets: Iterable[Secret]) -> None:
        """Adds secrets that no text may repeat from now on. Empty ones are ignored."""
        with self._lock:
            new = {secret for secret in secrets if secret.reveal()} - self._known
            self._known |= new
            self._waiting += new

    def text(self, text: str) -> str:
        """The text, or a word on why it is not shown."""
        long, short = self._needles()
        return HIDDEN if text and (long or short) and _repeats(text, long, short) else text

    def name(self, text: str) -> str:
        """A code or an id, or `SENSITIVE` where it repeats a piece of a secret that is no shorter than a piece."""
        long, _ = self._needles()
        return SENSITIVE if text and long and _repeats(text, long) else text

    def _needles(self) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
        """What must not be found, by length; made when it is first asked for, since most runs never do."""
        with self._lock:
            for secret in self._waiting:
                value = secret.reveal()
                needles = self._long if len(value) >= self._grain else self._short
                for needle in _forms(value, self._grain, self._stride):
                    needles.setdefault(len(needle), set()).add(needle)
            self._waiting.clear()
            return self._long, self._short


def _forms(value: str, grain: int, stride: int) -> Iterator[str]:
    """Every piece of the value in every encoding, in lower case."""
    squeezed = _SPREAD.sub("", value.lower())
    spellings = {value, value.lower(), value.upper(), _SPACE.sub("", value)}
    for spelling in spellings | {squeezed if len(squeezed) >= grain else value}:
        for start in range(0, max(len(spelling) - grain, 0) + 1, stride):
            piece = spelling[start : start + grain]
            data = piece.encode("utf-8", "surrogatepass")
            yield piece.lower()
            yield data.hex()
            for offset in range(3):
                encoded = base64.b64encode(bytes(offset) + data).decode()
                yield encoded[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6].lower()


def _repeats(text: str, *needles: dict[int, set[str]]) -> bool:
    if len(text) > _TEXT_MAX:
        return True
    views = _views(text)
    return views is None or any(_holds(view, found) for view in views for found in needles)


def _holds(view: str, needles: dict[int, set[str]]) -> bool:
    return any(
        view[start : start + length] in among
        for length, among in needles.items()
        for start in range(len(view) - length + 1)
    )


def _views(text: str) -> set[str] | None:
    """The text with every escape undone in every order, and what is encoded in it; None where that takes too long."""
    plain = _undone({text})
    inner = plain and _undone({view for outer in plain for view in (*_decoded(outer), *_decoded(_bare(outer)))})
    if plain is None or inner is None:
        return None
    lower = {view.lower() for view in plain | inner}
    urls = {view.replace("-", "+").replace("_", "/") for view in lower}
    spaceless = {_SPACE.sub("", view) for view in lower}
    return (
        lower
        | urls
        | spaceless
        | {_SPREAD.sub("", view) for view in lower}
        | {_INTRODUCER.sub("", view) for view in lower}
    )


def _bare(text: str) -> str:
    """The text without what stands before bytes in hexadecimal."""
    return re.sub(r"0x|\\x", "", text)


def _undone(views: set[str]) -> set[str] | None:
    """The texts, and what they become where escapes are undone while there are some; None after too many rounds."""
    found, new = set(views), views
    for _ in range(_ROUNDS_MAX):
        new = {undone for view in new for undone in _undoings(view)} - found
        if not new:
            return found
        found |= new
    return None


def _undoings(view: str) -> tuple[str, ...]:
    return _unescaped(view), unquote(view), unquote_plus(view), html.unescape(view)


def _unescaped(text: str) -> str:
    def plain(escape: re.Match[str]) -> str:
        number = escape[1] or escape[2]
        return chr(int(number, 16)) if number else escape[3]

    return _ESCAPE.sub(plain, text)


def _decoded(text: str) -> Iterator[str]:
    """What the runs of base64 and hexadecimal in a text hold, wherever they begin."""
    for run in _ENCODED.findall(text):
        letters = re.sub(r"[\s=]", "", run.replace("-", "+").replace("_", "/"))
        for start in range(4):
            whole = letters[start : start + (len(letters) - start) // 4 * 4]
            yield base64.b64decode(whole).decode("latin-1")
    for run in _HEX.findall(text):
        digits = re.sub(r"[\s:-]", "", run)
        for start in range(2):
            whole = digits[start : start + (len(digits) - start) // 2 * 2]
            yield binascii.unhexlify(whole).decode("latin-1")
