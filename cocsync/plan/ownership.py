"""Whose a live script is, by its mark. Pure.

A mark is no signature: whoever may edit a script in COC can write any. It tells what a careful hand left alone, and is
never enough to delete a script.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cocsync.model.live import Live
from cocsync.model.mark import Mark


class Claim(StrEnum):
    """What a live script's mark makes it to this owner. All but OURS are kinds of conflict under a manifest's name."""

    OURS = "ours"
    UNMARKED = "unmarked"
    OTHER_OWNER = "owner"
    PREVIOUS_OWNER = "previous_owner"
    COPIED = "copied"
    NEWER_FORMAT = "newer_format"

    @property
    def is_marked_otherwise(self) -> bool:
        """Whether a mark says that somebody else, or another version, manages it: taken over by name only."""
        return self in (Claim.OTHER_OWNER, Claim.PREVIOUS_OWNER, Claim.NEWER_FORMAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """The name under which this repository owns scripts, and the names it used before, which own nothing here."""

    current: str
    previous: frozenset[str] = frozenset()

    def claim(self, live: Live) -> Claim:
        """A mark on another name is a copy, of whatever owner."""
        mark = live.mark
        if mark is None:
            return Claim.UNMARKED
        if not mark.is_of(live.name):
            return Claim.COPIED
        if mark.owner != self.current:
            return Claim.PREVIOUS_OWNER if mark.owner in self.previous else Claim.OTHER_OWNER
        return Claim.NEWER_FORMAT if mark.is_newer else Claim.OURS

    def mark_of_ours(self, live: Live) -> Mark | None:
        """The mark of a script that is ours, None for any other."""
        return live.mark if self.claim(live) is Claim.OURS else None
