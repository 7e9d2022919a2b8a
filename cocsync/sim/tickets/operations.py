"""What people and programs do to a ticket that exists (API reference 4.3.6)."""

from __future__ import annotations

from collections.abc import Iterable

from cocsync.sim.settings import Settings
from cocsync.sim.tickets.progress import Start, go_on, leave
from cocsync.sim.tickets.ticket import (
    ABNORMAL,
    CANCELED,
    PAUSED,
    PROCESSING,
    READY,
    Instance,
    Ticket,
)


def pause(ticket: Ticket, settings: Settings) -> bool:
    """Let the running hosts end and start no further batch; False where it cannot be done."""
    if ticket.status not in {READY, PROCESSING}:
        return False
    ticket.wants_pause = True
    if settings.pauses_at_once and ticket.status == PROCESSING:
        ticket.status = PAUSED
    return True


def continue_(ticket: Ticket, start: Start, settings: Settings) -> bool:
    """Go on after a pause; False where it cannot be done."""
    if ticket.status == PAUSED:
        _resume(ticket, start, settings)
    elif ticket.status == ABNORMAL and ticket.is_open and settings.abnormal_continues:
        go_on(ticket, ticket.seen, start)
    elif ticket.status in {READY, PROCESSING} and ticket.wants_pause:
        ticket.wants_pause = False
    elif ticket.status in {READY, PROCESSING} and settings.continue_skips_pause:
        ticket.skips_pause = True
    else:
        return False
    return True


def cancel(ticket: Ticket) -> bool:
    """End all hosts that have not ended; False where the ticket is over."""
    if not ticket.is_open:
        return False
    _cancel(ticket.instances, ticket.seen)
    ticket.status, ticket.finished = CANCELED, ticket.seen
    return True


def skip_batch(ticket: Ticket, index: int, start: Start, settings: Settings) -> bool:
    """Leave out a batch, or what is left of it; False where there is none or it is over."""
    batch = ticket.batch(index)
    if batch is None or not ticket.is_open:
        return False
    if ticket.status == ABNORMAL and index == ticket.current:
        go_on(ticket, ticket.seen, start)
        return True
    if not (batch.is_waiting or batch.is_running):
        return False
    batch.skipped = True
    waiting = [each for each in batch.instances if each.status == READY]
    _cancel((each for each in batch.instances if each.status == PROCESSING), ticket.seen)
    for instance in waiting:
        instance.status = settings.skipped_status
    return True


def cancel_instance(ticket: Ticket, instance_id: int, settings: Settings) -> bool:
    """End one host; False where there is no such host in the ticket or it has ended."""
    instances = list(ticket.instances)
    ids = [each.id for each in instances]
    if instance_id not in ids or not ticket.is_open:
        return False
    shift = 1 if settings.cancels_next_instance else 0
    instance = instances[(ids.index(instance_id) + shift) % len(instances)]
    if instance.is_over:
        return False
    _cancel((instance,), ticket.seen)
    return True


def _resume(ticket: Ticket, start: Start, settings: Settings) -> None:
    current = ticket.batch(ticket.current)
    ticket.wants_pause = False
    if current and current.is_running:
        ticket.status = PROCESSING
    elif current and ticket.judged < current.index:
        leave(ticket, current, start, settings)
    else:
        go_on(ticket, ticket.seen, start)


def _cancel(instances: Iterable[Instance], at: int) -> None:
    for instance in instances:
        if not instance.is_over:
            instance.finished = at if instance.status == PROCESSING else None
            instance.status = CANCELED
