"""Whose a live script is, by its mark. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cocsync.live import Live
from cocsync.mark import Mark


class Claim(StrEnum):
    """What a live script's mark makes it to this owner. All but OURS are kinds of conflict under a manifest's name."""

    OURS = "ours"
    UNMARKED = "unmarked"
    OWNER = "owner"
    COPIED = "copied"
    NEWER_FORMAT = "newer_format"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """The name under which this repository owns scripts, and the names it used before."""

    current: str
    previous: frozenset[str] = frozenset()

    def claim(self, live: Live) -> Claim:
        """A mark on another name is a copy, whoever's; a newer format of ours is never touched."""
        mark = live.mark
        if mark is None:
            return Claim.UNMARKED
        if not mark.is_of(live.name):
            return Claim.COPIED
        if mark.owner != self.current and mark.owner not in self.previous:
            return Claim.OWNER
        return Claim.NEWER_FORMAT if mark.is_newer else Claim.OURS

    def mark_of_ours(self, live: Live) -> Mark | None:
        """The mark of a script that is ours, None for any other."""
        return live.mark if self.claim(live) is Claim.OURS else None
