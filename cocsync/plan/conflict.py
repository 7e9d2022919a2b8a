"""A live script under a manifest's name that is not ours to write. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ConflictKind(StrEnum):
    """Why the script is not ours to write."""

    UNMARKED = "unmarked"
    OTHER_OWNER = "owner"
    PREVIOUS_OWNER = "previous_owner"
    COPIED = "copied"
    OTHER_TYPE = "other_type"
    DUPLICATE = "duplicate"
    NEWER_FORMAT = "newer_format"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A live script under a manifest's name that is not ours to write, and the place of that manifest.

    `owner` is the mark's, if it has one. `operator` and `modified_at` (epoch milliseconds) are COC's word on who
    touched the script last, None where it has none.
    """

    name: str
    kind: ConflictKind
    file: str
    line: int
    uuid: str | None = None
    owner: str | None = None
    operator: str | None = None
    modified_at: int | None = None
