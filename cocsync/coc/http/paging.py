"""What pages of a list must keep to, so that reading them ends and proves something
("List scripts" in docs/coc-api.md)."""

from __future__ import annotations

from collections.abc import Collection

from cocsync.errors import ListingUnproven
from cocsync.model.live import ListedScript

PAGE_SIZE = 100
"""The documented maximum of `limit` (API reference 4.2.2)."""

PAGES_MAX = 1000
"""A longer list is not read: no account is known with a tenth of these scripts, and a server could go on for ever."""

_ROWS_SPARE = 10 * PAGE_SIZE


class Walk:
    """One reading of a list or of a part of it, page after page.

    `beyond` is the marker that the first page has to lie beyond, `direction` that of its ids, where they are known.
    Scripts may be created meanwhile, and a total may be wrong: twice as many rows as it says, and some, may come.
    """

    def __init__(self, total: int | None, *, direction: int = 0, beyond: int | None = None) -> None:
        self.direction = direction
        self._last = beyond
        self._pages = self._rows = 0
        self._total = total

    def take(self, rows: Collection[ListedScript]) -> None:
        """The next page. Raises `ListingUnproven` where it is one too many, or its ids do not go on in their order."""
        self._pages += 1
        self._rows += len(rows)
        beyond_total = self._total is not None and self._rows > 2 * self._total + _ROWS_SPARE
        if self._pages > PAGES_MAX or beyond_total:
            said = "" if self._total is None else f", and it says that it has {self._total}"
            raise ListingUnproven(
                f"COC's list does not end after {self._rows} scripts{said}; nothing is planned from such a list"
            )
        for row in rows:
            self._step(row.id)

    def _step(self, id_: int) -> None:
        """+1 is up, -1 down; 0 stands for a single row so far."""
        last, self._last = self._last, id_
        if last is None:
            return
        step = (id_ > last) - (id_ < last)
        if step == 0 or (self.direction and step != self.direction):
            raise ListingUnproven(
                f"COC's list goes from id {last} to id {id_}, against its own order; nothing is planned from such "
                "a list"
            )
        self.direction = step
