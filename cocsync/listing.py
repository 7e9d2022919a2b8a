"""Reading the whole script list, and proving that it is whole (facts 2.2: paging by the last id)."""

from __future__ import annotations

from collections.abc import Callable

from cocsync.coc.scripts import PAGE_SIZE, Page
from cocsync.errors import ListingUnproven
from cocsync.live import Row

FetchPage = Callable[[int | None], Page]


def read_rows(fetch: FetchPage) -> tuple[Row, ...]:
    """Every row, in COC's order.

    Ids must run strictly in the direction that the first page shows, each beyond the marker, and uuids must be unique.
    Paging ends with an empty page, or with a page that is not full where the sum is COC's total. Where sum and
    total disagree the list is read once more: two equal readings are believed, since nothing says that the total is
    reliable.

    Raises `ListingUnproven`, and whatever `fetch` raises.
    """
    rows, total = _pass(fetch)
    if total is None or len(rows) == total:
        return rows
    again, total_again = _pass(fetch)
    if len(again) == total_again or [r.uuid for r in again] == [r.uuid for r in rows]:
        return again
    raise ListingUnproven(
        f"COC says that it has {total_again} scripts and lists {len(again)}, and the list changed between two "
        "readings; run it again when nobody is editing scripts"
    )


def _pass(fetch: FetchPage) -> tuple[tuple[Row, ...], int | None]:
    page = fetch(None)
    total, rows, seen, direction = page.total, list[Row](), set[str](), 0
    while page.rows:
        for row in page.rows:
            direction = _next_direction(rows[-1].id if rows else None, row, direction)
            if row.uuid in seen:
                raise ListingUnproven(f"COC lists the script {row.uuid} twice; nothing is planned from such a list")
            seen.add(row.uuid)
            rows.append(row)
        if len(rows) == total and len(page.rows) < PAGE_SIZE:
            break
        page = fetch(rows[-1].id)
    return tuple(rows), total


def _next_direction(last: int | None, row: Row, direction: int) -> int:
    """+1 ascending, -1 descending, 0 not known yet."""
    if last is None:
        return 0
    step = (row.id > last) - (row.id < last)
    if step == 0 or (direction and step != direction):
        raise ListingUnproven(
            f"COC's list goes from id {last} to id {row.id}, against its own order; nothing is planned from such a list"
        )
    return step
