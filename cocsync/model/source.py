"""Which commit the manifests are of. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The Git state of the manifests; None where there is no repository."""

    commit: str | None = None
    dirty: bool | None = None
