"""Live state, complete or not at all: the proven list, then every detail. Never writes, knows no manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock

from cocsync.coc.http.errors import Rejected
from cocsync.coc.scripts import Detail, Page, ScriptsApi, is_not_found
from cocsync.model import mark
from cocsync.model.live import ListedScript, Live, Observed
from cocsync.observe.listing import FetchPage, even_cuts, read_rows

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and of how many; 0 where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of a list is read, and what of it stays in memory.

    Rows that are not `wanted` are left out. What `remembered` knows of a row is not read. `trimmed` is what stays in
    memory of a script that was read.
    """

    wanted: Callable[[ListedScript], bool] = lambda _: True
    remembered: Callable[[ListedScript], Live | None] = lambda _: None
    trimmed: Callable[[Live], Live] = lambda live: live


def observe(
    api: ScriptsApi,
    *,
    parallelism: int,
    progress: Progress | None = None,
    listed: tuple[ListedScript, ...] | None = None,
    extent: Extent | None = None,
) -> Observed:
    """Everything in the extent that COC holds. A script that vanishes while it is read is not there.

    `listed` is the whole list, where that was read already. Where the extent leaves rows out, it is not complete.
    Raises `ListingUnproven` and `ApiError`; a 403 on single scripts is reported as `forbidden`, on all of them raised.
    """
    if listed is None:
        listed = read_list(api, progress=progress)
    extent = extent or Extent()
    rows = [row for row in listed if extent.wanted(row)]
    recalled = {row.uuid: live for row in rows if (live := extent.remembered(row))}
    unknown = [row for row in rows if row.uuid not in recalled]
    details = dict(
        zip((row.uuid for row in unknown), _read_all(api, unknown, extent.trimmed, parallelism, progress), strict=True)
    )
    refused = [detail for detail in details.values() if isinstance(detail, Rejected)]
    if refused and len(refused) == len(rows):
        raise refused[0]
    found = [recalled.get(row.uuid) or details[row.uuid] for row in rows]
    return Observed(
        scripts=tuple(live for live in found if isinstance(live, Live)),
        forbidden=tuple(row for row in unknown if isinstance(details[row.uuid], Rejected)),
        complete=len(rows) == len(listed),
        recalled=frozenset(recalled),
        cuts=even_cuts(listed),
    )


def reread(api: ScriptsApi, observed: Observed, uuids: frozenset[str], *, extent: Extent, parallelism: int) -> Observed:
    """What was observed, with these recalled scripts read. One that may not be read becomes forbidden."""
    chosen = [live for live in observed.scripts if live.uuid in uuids]
    details = dict(
        zip((live.uuid for live in chosen), _read_all(api, chosen, extent.trimmed, parallelism, None), strict=True)
    )
    found = [details.get(live.uuid, live) for live in observed.scripts]
    forbidden = [_row_of(live) for live in chosen if isinstance(details[live.uuid], Rejected)]
    return replace(
        observed,
        scripts=tuple(live for live in found if isinstance(live, Live)),
        forbidden=(*observed.forbidden, *forbidden),
        recalled=observed.recalled - uuids,
    )


def read_list(
    api: ScriptsApi, cuts: tuple[int, ...] = (), *, progress: Progress | None = None
) -> tuple[ListedScript, ...]:
    """Every row; see `read_rows`."""
    return read_rows(_counting(api.page, progress) if progress else api.page, cuts)


def _counting(page: FetchPage, progress: Progress) -> FetchPage:
    """Tells of every page how many rows have come; pages may come at once."""
    counted = 0
    lock = Lock()

    def fetch(marker: int | None) -> Page:
        nonlocal counted
        found = page(marker)
        with lock:
            counted += len(found.rows)
            progress("Listing scripts", counted, found.total or 0)
        return found

    return fetch


def _row_of(live: Live) -> ListedScript:
    return ListedScript(
        id=0,
        uuid=live.uuid,
        name=live.name,
        type=live.script.type,
        status=live.status,
        created_at=live.created_at,
        modified_at=live.modified_at,
        creator=live.creator,
        operator=live.operator,
    )


def _read_all(
    api: ScriptsApi,
    scripts: Sequence[ListedScript | Live],
    trimmed: Callable[[Live], Live],
    parallelism: int,
    progress: Progress | None,
) -> list[Live | Rejected | None]:
    """Details in the order given; the first failure that concerns more than one script ends it."""

    def read_one(script: ListedScript | Live) -> Live | Rejected | None:
        result = _try_get(api, script.uuid)
        return trimmed(result) if isinstance(result, Live) else result

    results: list[Live | Rejected | None] = []
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        try:
            # Trimmed at once: results that wait for an earlier one's turn would wait with their contents.
            for result in pool.map(read_one, scripts):
                results.append(result)
                if progress:
                    progress("Reading scripts", len(results), len(scripts))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return results


def read(api: ScriptsApi, uuid: str, *, before_write: bool = False) -> Live | None:
    """One script as it is now, or None where COC says by its code that it is not there.

    `before_write` as for `ScriptsApi.get`.
    """
    try:
        return live_of(api.get(uuid, before_write=before_write))
    except Rejected as error:
        if is_not_found(error):
            return None
        raise


def live_of(detail: Detail) -> Live:
    """A detail with its mark separated from the description."""
    description, found = mark.split(detail.script.description)
    row = detail.row
    return Live(
        uuid=row.uuid,
        script=replace(detail.script, description=description),
        mark=found,
        status=row.status,
        created_at=row.created_at,
        modified_at=row.modified_at,
        creator=row.creator,
        operator=row.operator,
        enterprise_project_id=detail.enterprise_project_id,
        answered_at=detail.answered_at,
    )


def _try_get(api: ScriptsApi, uuid: str) -> Live | Rejected | None:
    try:
        return read(api, uuid)
    except Rejected as error:
        if error.is_forbidden:
            return error
        raise
