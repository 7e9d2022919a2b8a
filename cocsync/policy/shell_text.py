"""A text of shell within a content, and where its parts stand there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cocsync.policy.commands import Word
from cocsync.policy.shell_tree import Tree


@dataclass(slots=True, kw_only=True)
class Text:
    """Stands at the offset `start` of the content: character by character where `verbatim` says so, else as a whole."""

    tree: Tree
    start: int = 0
    verbatim: bool = True

    def place(self, byte: int) -> int:
        """The offset of a byte of the tree in the content."""
        return self._moved(self.tree.offset(byte))

    def inner(self, byte: int) -> int | None:
        """The same, where what stands there is the content's own text."""
        return self.place(byte) if self.verbatim else None

    def placed(self, word: Word) -> Word:
        """A word of the tree as one of the content."""
        if not self.start and self.verbatim:
            return word
        inner = None if word.inner is None or not self.verbatim else self.start + word.inner
        return replace(word, offset=self._moved(word.offset), inner=inner)

    def _moved(self, offset: int) -> int:
        return self.start + offset if self.verbatim else self.start
