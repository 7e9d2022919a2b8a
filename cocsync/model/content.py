"""A script's content, known by its digest, so that its text need not stay in memory while nobody asks for it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cocsync.errors import LocalFailure


class ContentChanged(LocalFailure):
    """A text that was left in its file is there no more."""

    def __init__(self, file: str) -> None:
        super().__init__(f"`{file}` was changed or removed while cocsync was at work: run it again")


@dataclass(frozen=True, slots=True)
class TextReference:
    """Where a text was left. `read` gets it, and may raise `ContentChanged`."""

    file: str
    read: Callable[[], str]


class Content:
    """Two are equal where their texts are, to the byte. Immutable; prints without its text."""

    __slots__ = ("_digest", "_place")

    def __init__(self, text: str, left: TextReference | None = None) -> None:
        """With `left` the text is not kept, but read from there whenever it is asked for."""
        self._digest = _digest(text)
        self._place: str | TextReference = left or text

    @property
    def text(self) -> str:
        """Raises `ContentChanged` where it was left in a file, and is there no more as it was."""
        if isinstance(self._place, str):
            return self._place
        text = self._place.read()
        if _digest(text) != self._digest:
            raise ContentChanged(self._place.file)
        return text

    def changed(self, change: Callable[[str], str]) -> Content:
        """The content with another text, which is made anew from the file where this one was left in a file.

        Raises `ContentChanged`.
        """
        place = self._place
        left = None if isinstance(place, str) else TextReference(place.file, lambda: change(self.text))
        return Content(change(self.text), left)

    @property
    def digest(self) -> str:
        """SHA-256 of the text in UTF-8, in hexadecimal."""
        return self._digest.hex()

    def __bool__(self) -> bool:
        return self._digest != _EMPTY

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and other._digest == self._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __repr__(self) -> str:
        return f"Content({self.digest[:12]})"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


_EMPTY = _digest("")
