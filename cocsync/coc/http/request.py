"""What an operation asks of a client: one request, sent until it succeeds or is known not to."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

BODY_MAX = 1024 * 1024
"""Bytes of an answer that are read. The largest detail that COC's limits allow has 0.8 MiB with every character
escaped, a page of 100 scripts less; 40 of them at once must fit into memory whatever a server sends.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, whichever attempt carries it. An answer longer than `body_max` bytes is not read.

    `refusals` are the error codes by which COC says no to this operation for good, even with status 500: nothing was
    done, and asking again does not help.
    """

    method: str
    path: str
    query: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    refusals: AbstractSet[str] = frozenset()
    body_max: int = BODY_MAX
