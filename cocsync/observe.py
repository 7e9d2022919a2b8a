"""Live state, complete or not at all: the proven list, then every detail. Never writes, knows no manifest."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from cocsync import mark
from cocsync.coc.errors import Rejected
from cocsync.coc.scripts import Detail, ScriptsApi
from cocsync.listing import read_rows
from cocsync.live import Live, Observed, Row

Progress = Callable[[int, int], None]
"""Called with how many details are read, and of how many."""


def observe(api: ScriptsApi, *, parallelism: int, progress: Progress | None = None) -> Observed:
    """Everything that COC holds. A script that vanishes while it is read is not there.

    Raises `ListingUnproven` and `ApiError`; a 403 on single scripts is reported as `forbidden`, on all of them raised.
    """
    rows = read_rows(api.page)
    found: list[Live] = []
    forbidden: list[Row] = []
    refusal: Rejected | None = None
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        try:
            for done, (row, detail) in enumerate(
                zip(rows, pool.map(lambda r: _try_get(api, r), rows), strict=True), start=1
            ):
                if isinstance(detail, Live):
                    found.append(detail)
                elif detail is not None:
                    forbidden.append(row)
                    refusal = detail
                if progress:
                    progress(done, len(rows))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if refusal is not None and not found:
        raise refusal
    return Observed(scripts=tuple(found), forbidden=tuple(forbidden))


def read(api: ScriptsApi, uuid: str) -> Live | None:
    """One script as it is now, or None where COC says by its code that it is not there."""
    try:
        return recognise(api.get(uuid))
    except Rejected as error:
        if error.is_not_found:
            return None
        raise


def recognise(detail: Detail) -> Live:
    """A detail with its mark told apart from the description."""
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
    )


def _try_get(api: ScriptsApi, row: Row) -> Live | Rejected | None:
    try:
        return read(api, row.uuid)
    except Rejected as error:
        if error.is_forbidden:
            return error
        raise
