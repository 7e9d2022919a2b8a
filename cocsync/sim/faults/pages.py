"""Lists that lie: pages in another order, with rows too many or too few, or with nothing where the rows should be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from cocsync.sim.faults.exchange import Exchange, Kind
from cocsync.sim.wire import Response, encode


def null(_: str, exchange: Exchange) -> Response:
    """Do the request, and answer with null in place of the list, or of `data`."""
    return _edited(exchange.done(), _with_null)


def _same_page(_: str, exchange: Exchange) -> Response:
    query = tuple(pair for pair in exchange.request.query if pair[0] != "marker")
    return exchange.proceed(replace(exchange.request, query=query))


def _limit(value: str, exchange: Exchange) -> Response:
    query = tuple(pair for pair in exchange.request.query if pair[0] != "limit")
    return exchange.proceed(replace(exchange.request, query=(*query, ("limit", value or "100"))))


def _total(value: str, exchange: Exchange) -> Response:
    def lie(body: dict[str, Any]) -> None:
        page = body["data"]
        if isinstance(page, dict) and "total" in page:
            page["total"] = int(value or 0) + (page["total"] if value[:1] in {"+", "-"} else 0)

    return _edited(exchange.done(), lie)


def _disorder(_: str, exchange: Exchange) -> Response:
    return _lying(exchange, list.reverse)


def _duplicate_row(_: str, exchange: Exchange) -> Response:
    def lie(rows: list[Any]) -> None:
        rows[-1:] = rows[:1]

    return _lying(exchange, lie)


def _drop_row(_: str, exchange: Exchange) -> Response:
    def lie(rows: list[Any]) -> None:
        del rows[len(rows) // 2 : len(rows) // 2 + 1]

    return _lying(exchange, lie)


def _empty_page(_: str, exchange: Exchange) -> Response:
    return _lying(exchange, list.clear)


def _lying(exchange: Exchange, lie: Callable[[list[Any]], None]) -> Response:
    def edit(body: dict[str, Any]) -> None:
        holder, key = _rows(body)
        lie(holder[key])

    return _edited(exchange.done(), edit)


def _with_null(body: dict[str, Any]) -> None:
    holder, key = _rows(body)
    holder[key] = None


def _rows(body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Where the rows of a page stand: below one of the keys that COC uses for them, or as `data` itself."""
    page = body["data"]
    if isinstance(page, dict):
        for key in ("data", "execute_instances"):
            if key in page:
                return page, key
    return body, "data"


def _edited(response: Response, edit: Callable[[dict[str, Any]], None]) -> Response:
    if response.status != HTTPStatus.OK:
        return response
    body = json.loads(response.body)
    edit(body)
    return replace(response, body=encode(body))


PAGE_KINDS: Mapping[str, Kind] = {
    "same-page": _same_page,  # the first page whatever the marker
    "limit": _limit,  # pages of VALUE rows whatever the limit
    "total": _total,  # `total` is VALUE, or changed by it where it has a sign; done
    "disorder": _disorder,  # the rows of the page in reverse
    "duplicate-row": _duplicate_row,  # the first row in place of the last
    "drop-row": _drop_row,  # the row in the middle is missing
    "empty-page": _empty_page,  # no rows, `total` as it is
}
"""Faults of lists: they strike only requests for a page."""
