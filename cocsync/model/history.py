"""What proves that this repository had a script, beside the mark, which anybody can write. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Why git cannot tell every name that a manifest of this repository ever had, and what makes it tell."""

    cause: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Names that scripts of this repository are proven to have had.

    Without a `gap` a name that is not among them never was this repository's; with one nobody knows.
    """

    names: frozenset[str] = frozenset()
    gap: Gap | None = None

    def may_delete(self, name: str, *, allow_unknown: bool) -> bool:
        """Whether a script of this owner may go under that name: proven, or not known and allowed nevertheless."""
        return name in self.names or (allow_unknown and self.gap is not None)
