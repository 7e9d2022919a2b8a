"""What a request needs so that COC knows who asks: the seam between transport and credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request as it leaves: exactly these bytes are sent. Header names are in lower case; `query` is without `?`."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Authenticator(Protocol):
    """Adds to each attempt what proves who sends it."""

    def headers(self, request: Outgoing) -> Mapping[str, str]:
        """Headers to add or replace; asked afresh for each attempt."""

    def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401 to a request with these headers: whether another attempt with new ones makes sense."""
