"""Rows of a ticket -> what became of each host. A ticket's own status proves nothing about a host. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cocsync.run.hosts import Host
from cocsync.run.identity import RUN_ID_ATTRIBUTE
from cocsync.run.layout import TicketPlan

MISSING = "missing"
"""Stands for the status of a host that has no row."""


class Outcome(StrEnum):
    """What became of a host, the worst first."""

    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_STARTED = "not_started"
    SKIPPED = "skipped"
    OK = "ok"


class Phase(StrEnum):
    """Where a ticket stands."""

    RUNNING = "running"
    PAUSED = "paused"
    HALTED = "halted"
    """COC stopped it, and it is still open: later batches never start."""
    CLOSED = "closed"


_PHASES = {
    "READY": Phase.RUNNING,
    "PROCESSING": Phase.RUNNING,
    "PAUSED": Phase.PAUSED,
    "ABNORMAL": Phase.HALTED,
    "ERROR": Phase.HALTED,
    "FINISHED": Phase.CLOSED,
    "CANCELED": Phase.CLOSED,
    "ROLLBACKED": Phase.CLOSED,
}
_OUTCOMES = {
    "READY": Outcome.NOT_STARTED,
    "FINISHED": Outcome.OK,
    "ABNORMAL": Outcome.FAILED,
    "ROLLBACKED": Outcome.FAILED,
    "CANCELED": Outcome.CANCELLED,
}
_STARTED = "PROCESSING"
_FAILED = (Outcome.FAILED, Outcome.CANCELLED, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A host's row in a ticket. Times are epoch milliseconds; `status` is COC's word, None where it gives none.

    `attributes` are None where this COC shows none.
    """

    resource_id: str
    batch: int
    status: str | None
    started_at: int | None = None
    finished_at: int | None = None
    attributes: Mapping[str, str] | None = None
    instance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What a host printed: `tail` are its last lines, `digest` tells whether two logs are equal.

    `file` is where the whole is kept, None where it is not.
    """

    tail: tuple[str, ...] = ()
    digest: str = ""
    file: str | None = None
    bytes: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HostResult:
    """One host of a run. `ticket` and `batch` are None where it was in none; `note` says what the words do not."""

    resource_id: str
    name: str
    region: str
    outcome: Outcome
    status: str = ""
    ticket: str | None = None
    batch: int | None = None
    seconds: float | None = None
    note: str = ""
    log: Log = Log()


def phase(status: str | None) -> Phase:
    """Where a ticket of that status stands. An unknown word is taken for running, and shown."""
    return _PHASES.get(status or "", Phase.RUNNING)


def is_open(status: str | None) -> bool:
    """Whether a ticket of that status may still change."""
    return phase(status) is not Phase.CLOSED


def results(
    plan: TicketPlan, ticket: str, rows: Sequence[Row], *, timeout: int, cancelled: bool, open_: bool
) -> tuple[HostResult, ...]:
    """One result for each planned host, in the plan's order, whatever the rows are.

    `cancelled`: somebody is known to have cancelled. `open_`: the ticket may still change, so a host that has no row or
    runs is not final; see `is_final`. Rows of other hosts are passed over, and of two rows of a host the last counts.
    """
    by_host = {row.resource_id: row for row in rows}
    return tuple(
        _result(host, batch.index, ticket, by_host.get(host.resource_id), timeout, cancelled=cancelled, open_=open_)
        for batch in plan.batches
        for host in batch.hosts
    )


def is_final(row: Row | None) -> bool:
    """Whether a host's row cannot change any more. That of one which has not started can."""
    return row is not None and row.status in _OUTCOMES and row.status != "READY"


def failures(found: Iterable[HostResult], *, open_: bool) -> int:
    """How many count against `max_failures`: whatever ended and did not end well.

    A host without a row counts only once its ticket is closed for good.
    """
    undecided = (_STARTED, MISSING) if open_ else ()
    return sum(result.outcome in _FAILED and result.status not in undecided for result in found)


def failures_in(counts: Mapping[str, int]) -> int:
    """How many hosts of a ticket's statistics ended otherwise than well. A word that is not known counts as such."""
    harmless = ("READY", _STARTED, "FINISHED")
    return sum(number for status, number in counts.items() if status not in harmless)


def carry(rows: Sequence[Row], run_id: str) -> bool | None:
    """Whether every row carries the run id; None where this COC shows no attributes, or there are no rows."""
    if not rows or all(row.attributes is None for row in rows):
        return None
    return all((row.attributes or {}).get(RUN_ID_ATTRIBUTE) == run_id for row in rows)


def duration(started_at: int | None, finished_at: int | None) -> float | None:
    """Seconds between two times in milliseconds; None where one is missing or they contradict each other."""
    if started_at is None or finished_at is None or finished_at < started_at:
        return None
    return (finished_at - started_at) / 1000


def _result(
    host: Host, batch: int, ticket: str, row: Row | None, timeout: int, *, cancelled: bool, open_: bool
) -> HostResult:
    status = MISSING if row is None else row.status or ""
    outcome = _OUTCOMES.get(status, Outcome.UNKNOWN)
    seconds = None if row is None else duration(row.started_at, row.finished_at)
    note = _note(status, open_=open_)
    if outcome is Outcome.CANCELLED and not cancelled and seconds is not None and seconds >= timeout:
        outcome, note = Outcome.FAILED, f"probably timed out: it ran for the {timeout} s that it may take"
    if outcome is Outcome.CANCELLED and cancelled and row is not None and row.started_at is None:
        outcome = Outcome.NOT_STARTED
    return HostResult(
        resource_id=host.resource_id,
        name=host.name,
        region=host.region,
        outcome=outcome,
        status=status,
        ticket=ticket,
        batch=batch,
        seconds=seconds,
        note=note,
    )


def _note(status: str, *, open_: bool) -> str:
    if status == MISSING:
        return "COC shows no row of it" + (" yet" if open_ else "")
    if status == _STARTED:
        return "still running when it was last looked at"
    if status not in _OUTCOMES:
        return f"COC calls its state {status or '(nothing)'}, which this version does not know"
    return ""
