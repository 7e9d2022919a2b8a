"""What time does to a ticket: batches begin and end, hosts succeed and fail, pauses and thresholds stop it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from cocsync.sim.settings import Settings
from cocsync.sim.tickets.ticket import (
    ABNORMAL,
    CANCELED,
    FINISHED,
    PAUSED,
    PROCESSING,
    READY,
    Batch,
    Instance,
    Ticket,
)

Start = Callable[[Ticket, Instance], None]
"""Fixes what a host that starts now is going to do."""


def advance(ticket: Ticket, now: int, start: Start, settings: Settings) -> bool:
    """Have everything happen that is due by `now`, in milliseconds of the ticket's clock; False where nothing is.

    The clock never goes back behind what has happened.
    """
    ticket.seen = max(ticket.seen, now)
    happened = False
    while ticket.is_open and _step(ticket, start, settings):
        happened = True
    return happened


def _step(ticket: Ticket, start: Start, settings: Settings) -> bool:
    """One thing that is due; False where nothing is."""
    if ticket.status == READY:
        return _open(ticket, start, settings)
    ended = False
    for instance in ticket.instances:
        if instance.status == PROCESSING and (ends := ends_at(instance, ticket.timeout)) <= ticket.seen:
            instance.status, instance.finished, ended = _ending(instance, ticket.timeout, settings), ends, True
    current = ticket.batch(ticket.current)
    if ticket.status == PROCESSING and current and not current.is_running:
        leave(ticket, current, start, settings)
        return True
    return ended


def _open(ticket: Ticket, start: Start, settings: Settings) -> bool:
    begins = ticket.created + round(settings.ready_seconds * 1000)
    if ticket.seen < begins:
        return False
    first = ticket.next_batch()
    if ticket.wants_pause or (first and first.pauses and settings.pause_is_before):
        ticket.status, ticket.wants_pause = PAUSED, False
    else:
        go_on(ticket, begins, start)
    return True


def leave(ticket: Ticket, batch: Batch, start: Start, settings: Settings) -> None:
    """From a batch that is over to the next one, a pause, or the end."""
    at = max((each.finished for each in batch.instances if each.finished is not None), default=ticket.seen)
    ticket.judged = batch.index
    if not batch.skipped and _has_failed(ticket, batch, settings):
        ticket.status, ticket.wants_pause = ABNORMAL, False
        ticket.finished = at if settings.abnormal_closes else None
        return
    following = ticket.next_batch()
    pausing = following is not None and (following if settings.pause_is_before else batch).pauses
    if pausing and ticket.skips_pause:
        pausing = ticket.skips_pause = False
    if following and (pausing or ticket.wants_pause):
        ticket.status, ticket.wants_pause = PAUSED, False
        return
    go_on(ticket, at, start)


def go_on(ticket: Ticket, at: int, start: Start) -> None:
    """Start the next batch, or end where there is none."""
    ticket.wants_pause = False
    batch = ticket.next_batch()
    if batch is None:
        ticket.status, ticket.finished = FINISHED, at
        return
    ticket.status, ticket.current = PROCESSING, batch.index
    for instance in batch.instances:
        if instance.status == READY:
            instance.status, instance.started = PROCESSING, at
            start(ticket, instance)


def ends_at(instance: Instance, timeout: int) -> int:
    """When a host that runs will have ended."""
    lasts = timeout if _is_late(instance, timeout) else 0.0 if instance.outcome == "offline" else instance.seconds
    return (instance.started or 0) + round(lasts * 1000)


def _is_late(instance: Instance, timeout: int) -> bool:
    return instance.outcome != "offline" and (instance.outcome == "hang" or instance.seconds >= timeout)


def _ending(instance: Instance, timeout: int, settings: Settings) -> str:
    if _is_late(instance, timeout):
        return settings.timeout_status
    return FINISHED if instance.outcome == "ok" else ABNORMAL


def _has_failed(ticket: Ticket, batch: Batch, settings: Settings) -> bool:
    """Whether too few hosts succeeded, or can still succeed, for the success rate, which has one decimal."""
    judged = batch.instances if settings.success_rate_of == "batch" else list(ticket.instances)
    failed = sum(each.status in {ABNORMAL, CANCELED} for each in judged)
    return (len(judged) - failed) * 1000 < round(ticket.success_rate * 10) * len(judged)
