"""What an import comes to: the record of a run of `import`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One script's files, relative to the repository, with `/`; texts are written as they are.

    `cut`: the description was too long for the mark. `sources` are the sensitive values to be provided.
    """

    name: str
    folder: str
    files: Mapping[str, str]
    cut: bool = False
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A script that is not imported, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """A script whose manifest now says what COC holds; with `why_not`, one where that failed, and why."""

    name: str
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What an import comes to, by name. Each chosen script without a manifest is in `imported` or `skipped`.

    Of the others, those that differ and were asked for are in `updated`; `left` are as they were.
    """

    imported: tuple[Imported, ...] = ()
    left: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    updated: tuple[Updated, ...] = ()
