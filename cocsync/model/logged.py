"""One attempt of a request, as logs may show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One attempt, as logs may show it: no header, no query, no body."""

    method: str
    path: str
    attempt: int
    seconds: float
    status: int | None = None
    code: str = ""
    request_id: str = ""
    failure: str = ""
