"""Reading the whole script list, and proving that it is whole ("List scripts" in docs/coc-api.md).

A page names no next page: its marker is the last id of the page before, so pages can only be read one after the other.
With 50 ms a request, 10,000 scripts would take five seconds. But a marker may be any id. So the range of ids behind the
first page is cut into segments, each is read page by page, and all of them at once. A segment ends at the first id
beyond its last one, hence every id is read by exactly one segment, also where scripts come and go meanwhile.

Where ids are dense is not known, so a first reading cuts the range into equal parts, and remembers ids that cut what it
found into parts of as many rows each, for the next one. Bad cuts cost time and never a row.

Segments are trusted only where their sum is COC's total and no uuid stands twice. Anything else may be an edit that
fell between two requests or a COC that lists otherwise than documented; both are left to one sequential pass, whose own
rules decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from cocsync.coc.http.paging import PAGE_SIZE, Walk
from cocsync.coc.scripts import Page
from cocsync.errors import ListingUnproven
from cocsync.model.live import ListedScript

FetchPage = Callable[[int | None], Page]

SEGMENTS = 11
SEQUENTIAL_PAGES = 3
"""A list of no more pages is read page by page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """Ids behind `marker`, up to and including `last`; to the end where that is None."""

    marker: int
    last: int | None


def read_rows(fetch: FetchPage, cuts: tuple[int, ...] = ()) -> tuple[ListedScript, ...]:
    """Every row, in COC's order.

    `cuts` are ids at which an earlier reading of the same list was cut evenly (see `even_cuts`); they are only a hint.
    Ids must run strictly in the direction that the first page shows, each beyond the marker, and uuids must be unique.
    Raises `ListingUnproven`, and whatever `fetch` raises.
    """
    first = fetch(None)
    if first.total is not None and first.total > SEQUENTIAL_PAGES * PAGE_SIZE:
        rows = _in_segments(fetch, first, cuts)
        if rows is not None:
            return rows
        first = fetch(None)
    return _in_sequence(fetch, first)


def even_cuts(rows: tuple[ListedScript, ...]) -> tuple[int, ...]:
    """Ids that cut the list behind its first page into `SEGMENTS` parts of as many rows each."""
    rest = rows[PAGE_SIZE:]
    step = -(-len(rest) // SEGMENTS) if len(rows) > SEQUENTIAL_PAGES * PAGE_SIZE else 0
    return tuple(row.id for row in rest[step - 1 : -1 : step]) if step else ()


def _in_segments(fetch: FetchPage, first: Page, cuts: tuple[int, ...]) -> tuple[ListedScript, ...] | None:
    """The rows, or None where the range cannot be cut into segments, or they do not fit together."""
    walk = Walk(first.total)
    try:
        walk.take(first.rows)
    except ListingUnproven:
        return None
    direction = walk.direction
    segments = _segments(first.rows[-1].id, direction, cuts)
    if len(segments) < 2:  # noqa: PLR2004
        return None
    with ThreadPoolExecutor(max_workers=len(segments)) as pool:
        try:
            parts = [first.rows, *pool.map(lambda s: tuple(_segment_rows(fetch, s, direction, first.total)), segments)]
        except ListingUnproven:
            return None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    rows = tuple(row for part in parts for row in part)
    if len(rows) != first.total or len({row.uuid for row in rows}) < len(rows):
        return None
    return rows


def _segments(start: int, direction: int, cuts: tuple[int, ...]) -> list[_Segment]:
    """The range behind the first page. Ascending, nobody knows its end, so there it takes cuts to cut it."""
    if direction > 0:
        inner = sorted(cut for cut in cuts if cut > start)
    elif cuts:
        inner = sorted((cut for cut in cuts if cut < start), reverse=True)
    else:
        inner = sorted({start - start * n // SEGMENTS for n in range(1, SEGMENTS)} - {start, 0}, reverse=True)
    edges = [start, *inner]
    return [_Segment(marker=a, last=b) for a, b in pairwise(edges)] + [_Segment(marker=edges[-1], last=None)]


def _segment_rows(fetch: FetchPage, segment: _Segment, direction: int, total: int | None) -> Iterator[ListedScript]:
    marker, walk = segment.marker, Walk(total, direction=direction, beyond=segment.marker)
    while rows := fetch(marker).rows:
        walk.take(rows)
        for row in rows:
            if segment.last is not None and (row.id - segment.last) * direction > 0:
                return
            yield row
        marker = rows[-1].id
        if marker == segment.last or (segment.last is None and len(rows) < PAGE_SIZE):
            return


def _in_sequence(fetch: FetchPage, first: Page) -> tuple[ListedScript, ...]:
    """Page by page until an empty page, or a page that is not full where the sum is COC's total.

    Where sum and total disagree the list is read once more: two equal readings are believed, since nothing says that
    the total is reliable.
    """
    rows = _pass(fetch, first)
    if first.total is None or len(rows) == first.total:
        return rows
    if not rows:
        raise ListingUnproven(f"COC says that it has {first.total} scripts and lists none; run it again")
    page = fetch(None)
    again = _pass(fetch, page)
    if len(again) == page.total or [r.uuid for r in again] == [r.uuid for r in rows]:
        return again
    raise ListingUnproven(
        f"COC says that it has {page.total} scripts and lists {len(again)}, and the list changed between two "
        "readings; run it again when nobody is editing scripts"
    )


def _pass(fetch: FetchPage, page: Page) -> tuple[ListedScript, ...]:
    total, rows, seen, walk = page.total, list[ListedScript](), set[str](), Walk(page.total)
    while page.rows:
        walk.take(page.rows)
        for row in page.rows:
            if row.uuid in seen:
                raise ListingUnproven(f"COC lists the script {row.uuid} twice; nothing is planned from such a list")
            seen.add(row.uuid)
        rows += page.rows
        if len(rows) == total and len(page.rows) < PAGE_SIZE:
            break
        page = fetch(rows[-1].id)
    return tuple(rows)
