"""Script tickets as COC shows them (API reference 4.3.1 to 4.3.5): wire <-> records. Only reads, and no judgement.

What a ticket says of its params is not read: COC may show defaults or masks in place of what was executed. Its costs
are not either, since nobody knows their unit: durations follow from the times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cocsync.coc.http.client import Client
from cocsync.coc.http.errors import AnswerTooLarge, ApiError, OutcomeUnknown, Rejected
from cocsync.coc.wire import answered_at, count, dig, millis, records, text, whole

PATH = "/v1/job/script/orders"
PAGE_SIZE = 100
"""The documented maximum of `limit` in the list."""

ROWS_PAGE_SIZE = 50
"""The same in the details of a batch, which has ten hosts at most."""

LOGS_MAX = 16 * 1024 * 1024
"""Bytes of the details of a batch that are read: ten hosts may have a log of a megabyte each."""

NO_SUCH_TICKET = "COC.00040709"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """A ticket in the list. Times are epoch milliseconds; `name` is the script's, as far as anybody knows."""

    order_id: int
    uuid: str
    name: str
    status: str
    creator: str
    created_at: int | None
    finished_at: int | None
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPage:
    """One page of the list. `total` is COC's word and no proof; `answered_at` the server's clock, if it shows one."""

    rows: tuple[TicketRow, ...]
    total: int | None
    answered_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketInfo:
    """A ticket as such: nothing in it says how a host fared. `current_batch` is None where COC does not say."""

    uuid: str
    status: str
    creator: str
    created_at: int | None
    finished_at: int | None
    script_uuid: str
    script_name: str
    current_batch: int | None
    timeout: int | None
    user: str
    answered_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """How many hosts have a status, and in which batches."""

    status: str
    count: int
    batches: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Progress in one request. `total` is None where COC does not say; the counts need not add up to it."""

    total: int | None
    counts: tuple[StatusCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch of a ticket. `rotation` is COC's word: `CONTINUE` or `PAUSE`."""

    index: int
    total: int | None
    rotation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRow:
    """A host in a batch. `id` is that of the row, `message` its whole log; `attributes` None where none are shown."""

    id: int
    resource_id: str
    region: str
    status: str
    message: str
    created_at: int | None
    finished_at: int | None
    attributes: tuple[tuple[str, str], ...] | None

    @property
    def seconds(self) -> float | None:
        """How long the host took, None where the times do not tell."""
        if self.created_at is None or self.finished_at is None or self.finished_at < self.created_at:
            return None
        return (self.finished_at - self.created_at) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDetail:
    """The hosts of a batch. There may be fewer rows than `total` says: COC writes them a while after the ticket."""

    total: int | None
    rows: tuple[HostRow, ...]


class TicketsApi:
    """Reads of tickets. Each raises `ApiError` where it does not succeed; see `says_no_ticket`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def page(
        self,
        marker: int | None = None,
        *,
        since: int | None = None,
        status: str | None = None,
        creator: str | None = None,
        name_like: str | None = None,
    ) -> TicketPage:
        """The tickets behind `marker` (the last order id of the page before), at most `PAGE_SIZE`, newest first.

        `since` is in epoch milliseconds. `name_like` is a hint that some COC refuse with 400 and others ignore.
        """
        given = {"marker": marker, "start_time": since, "status": status, "creator": creator, "name_like": name_like}
        query = {name: str(value) for name, value in given.items() if value is not None}
        answer = self._client.get(PATH, {"limit": str(PAGE_SIZE), **query})
        rows = answer.data if isinstance(answer.data, list) else dig(answer.data, "data")
        if not isinstance(rows, list):
            raise OutcomeUnknown(f"GET {PATH}: COC's page holds no list of tickets")
        return TicketPage(
            rows=tuple(map(_row, rows)),
            total=count(dig(answer.data, "total")),
            answered_at=answered_at(answer.headers),
        )

    def info(self, uuid: str) -> TicketInfo:
        """What is known of a ticket as a whole."""
        path = path_of(uuid)
        answer = self._client.get(path)
        data, properties = answer.data, dig(answer.data, "properties")
        if not text(dig(data, "status")):
            raise OutcomeUnknown(f"GET {path}: COC's answer holds no status")
        return TicketInfo(
            uuid=uuid,
            status=text(data["status"]),
            creator=text(data.get("creator")),
            created_at=millis(data.get("gmt_created")),
            finished_at=millis(data.get("gmt_finished")),
            script_uuid=text(dig(properties, "script_uuid")),
            script_name=text(dig(properties, "script_name")),
            current_batch=whole(dig(properties, "current_execute_batch_index")),
            timeout=whole(dig(properties, "execute_param", "timeout")),
            user=text(dig(properties, "execute_param", "execute_user")),
            answered_at=answered_at(answer.headers),
        )

    def statistics(self, uuid: str) -> Statistics:
        """How many hosts are how far."""
        path = f"{path_of(uuid)}/statistics"
        data = self._client.get(path).data
        if not isinstance(dig(data, "execute_statistics"), list):
            raise OutcomeUnknown(f"GET {path}: COC's answer holds no statistics")
        return Statistics(
            total=count(data.get("total_instance")), counts=tuple(map(_count, records(data["execute_statistics"])))
        )

    def batches(self, uuid: str) -> tuple[Batch, ...]:
        """The batches of a ticket, by index."""
        path = f"{path_of(uuid)}/batches"
        data = self._client.get(path).data
        if not isinstance(data, list):
            raise OutcomeUnknown(f"GET {path}: COC's answer holds no list of batches")
        return tuple(sorted((_batch(path, raw) for raw in data), key=lambda batch: batch.index))

    def batch(self, uuid: str, index: int) -> BatchDetail:
        """Every host of a batch with its whole log: one request, or one a host where the logs are too long for that."""
        path = f"{path_of(uuid)}/batches/{index}"
        try:
            pages = list(self._row_pages(path, ROWS_PAGE_SIZE))
        except AnswerTooLarge:
            pages = list(self._row_pages(path, 1))
        return BatchDetail(total=pages[0].total, rows=tuple(row for page in pages for row in page.rows))

    def _row_pages(self, path: str, limit: int) -> Iterator[BatchDetail]:
        query, seen = {"limit": str(limit)}, set[int]()
        while True:
            data = self._client.get(path, query, body_max=LOGS_MAX).data
            rows = dig(data, "execute_instances")
            if not isinstance(rows, list):
                raise OutcomeUnknown(f"GET {path}: COC's answer holds no list of hosts")
            page = BatchDetail(total=count(data.get("total_instances")), rows=tuple(_host(path, raw) for raw in rows))
            ids = [row.id for row in page.rows]
            if len({*ids}) < len(ids) or seen & {*ids}:
                raise OutcomeUnknown(f"GET {path}: COC shows a host twice")
            yield page
            seen |= {*ids}
            if len(ids) < limit or len(seen) == page.total:
                return
            query["marker"] = str(ids[-1])


def path_of(uuid: str) -> str:
    """The path of a ticket, whatever a user has typed as its id."""
    return f"{PATH}/{quote(uuid, safe='')}"


def says_no_ticket(error: ApiError) -> bool:
    """Whether COC says that there is no such ticket; for a ticket just made that can also mean: not yet."""
    return isinstance(error, Rejected) and error.has_code((NO_SUCH_TICKET,))


def _row(raw: Any) -> TicketRow:
    order_id, uuid = whole(dig(raw, "order_id")), text(dig(raw, "execute_uuid"))
    if order_id is None or not uuid:
        raise OutcomeUnknown(f"GET {PATH}: a ticket without id")
    return TicketRow(
        order_id=order_id,
        uuid=uuid,
        name=text(raw.get("order_name")),
        status=text(raw.get("status")),
        creator=text(raw.get("creator")),
        created_at=millis(raw.get("gmt_created")),
        finished_at=millis(raw.get("gmt_finished")),
        regions=tuple(filter(None, text(dig(raw, "properties", "region_ids")).split(","))),
    )


def _count(raw: Any) -> StatusCount:
    indexes = raw.get("batch_indexes")
    return StatusCount(
        status=text(raw.get("instance_status")),
        count=count(raw.get("instance_count")) or 0,
        batches=tuple(index for index in indexes if whole(index) is not None) if isinstance(indexes, list) else (),
    )


def _batch(path: str, raw: Any) -> Batch:
    index = whole(dig(raw, "batch_index"))
    if index is None:
        raise OutcomeUnknown(f"GET {path}: a batch without index")
    return Batch(index=index, total=count(raw.get("total_instances")), rotation=text(raw.get("rotation_strategy")))


def _host(path: str, raw: Any) -> HostRow:
    id_, target = whole(dig(raw, "id")), dig(raw, "target_instance")
    if id_ is None or not text(dig(target, "resource_id")):
        raise OutcomeUnknown(f"GET {path}: a host without id")
    attributes = dig(target, "custom_attributes")
    return HostRow(
        id=id_,
        resource_id=text(target["resource_id"]),
        region=text(target.get("region_id")),
        status=text(raw.get("status")),
        message=text(raw.get("message")),
        created_at=millis(raw.get("gmt_created")),
        finished_at=millis(raw.get("gmt_finished")),
        attributes=tuple((text(pair.get("key")), text(pair.get("value"))) for pair in records(attributes))
        if isinstance(attributes, list)
        else None,
    )
