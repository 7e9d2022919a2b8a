"""What to do next about a ticket that is followed: wait, go on, ask, halt, or end. Pure.

Whether a canary was good is decided here and from rows; COC only waits behind its batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cocsync.run.judge import Phase, Row, is_final, phase
from cocsync.run.layout import TicketPlan

ROW_POLLS = 8
"""Polls after a ticket closed in which rows may still appear."""

_CHANGED = "the script was changed in COC meanwhile"


class Step(StrEnum):
    """The next step."""

    WAIT = "wait"
    READ_BATCH = "read_batch"
    """Read the rows and logs of the batches that are not judged."""
    READ_SCRIPT = "read_script"
    """Read the script in COC again, and compare it."""
    CONTINUE = "continue"
    ASK = "ask"
    """A person lifts the pause."""
    PAUSE_ORDER = "pause_order"
    CANCEL_ORDER = "cancel_order"
    NEXT_TICKET = "next_ticket"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The step and, where it is not to wait, why."""

    step: Step
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the last poll and the reads of ended batches showed of a ticket.

    `status` is COC's word. `rows` are those of the batches that were read, by batch index. `waiting` are the batches of
    which the statistics list every host under READY. `failures` are those of the whole run so far, by rows where they
    were read and by statistics where they were not. `running` counts hosts under way. `ended_polls` counts polls since
    the ticket was first seen closed. `script_changed` is None where the script was not read since the batch ended.
    `pause_sent`: PAUSE_ORDER was sent.
    """

    status: str | None
    rows: Mapping[int, Sequence[Row]]
    failures: int
    waiting: frozenset[int] = frozenset()
    running: int = 0
    ended_polls: int = 0
    script_changed: bool | None = None
    pause_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the run allows: failures in all, whether a person lifts pauses, and how many tickets there are."""

    max_failures: int
    ask: bool = False
    tickets: int = 1


def decide(plan: TicketPlan, seen: Seen, rules: Rules) -> Decision:
    """The next step about the ticket of this plan."""
    stands = phase(seen.status)
    if stands is Phase.CLOSED:
        return _closed(plan, seen, rules)
    if why := _why_halt(seen, rules, stands):
        return _halt(seen, why, stands)
    if stands is Phase.PAUSED:
        return _paused(plan, seen, rules)
    return Decision(step=Step.WAIT)


def at_pause(seen: Seen) -> int | None:
    """After which batch a paused ticket waits; 0: before the first. None where nothing shows it.

    Statistics are as new as the status; rows may be older, and count only where statistics show nothing.
    """
    unbegun = {index for index, rows in seen.rows.items() if rows and all(row.status == "READY" for row in rows)}
    waiting = seen.waiting or unbegun
    return min(waiting) - 1 if waiting else None


def judged(plan: TicketPlan, index: int, rows: Sequence[Row]) -> bool:
    """Whether every host of the batch has a row that is final."""
    by_host = {row.resource_id: row for row in rows}
    (batch,) = (batch for batch in plan.batches if batch.index == index)
    return all(is_final(by_host.get(host.resource_id)) for host in batch.hosts)


def _why_halt(seen: Seen, rules: Rules, stands: Phase) -> str:
    if seen.failures > rules.max_failures:
        return _too_many(seen, rules)
    if stands is Phase.HALTED:
        return f"COC stopped the ticket, whose status is {seen.status}"
    if seen.script_changed:
        return _CHANGED
    return ""


def _too_many(seen: Seen, rules: Rules) -> str:
    return f"{seen.failures} failed, and at most {rules.max_failures} may"


def _halt(seen: Seen, why: str, stands: Phase) -> Decision:
    """Hosts under way are never cancelled: the order is paused, they end, and only then it is cancelled."""
    if stands is Phase.RUNNING and not seen.pause_sent:
        return Decision(step=Step.PAUSE_ORDER, reason=why)
    if seen.running:
        return Decision(step=Step.WAIT, reason=why)
    return Decision(step=Step.CANCEL_ORDER, reason=why)


def _paused(plan: TicketPlan, seen: Seen, rules: Rules) -> Decision:
    index = at_pause(seen)
    if index is None:
        return Decision(step=Step.READ_BATCH, reason="nothing shows yet which batch the ticket waits behind")
    if index == 0:
        return Decision(
            step=Step.CANCEL_ORDER, reason="COC paused before the first batch, so it cannot be judged alone"
        )
    for batch in plan.batches[:index]:
        if not judged(plan, batch.index, seen.rows.get(batch.index, ())):
            return Decision(
                step=Step.READ_BATCH, reason=f"not every host of batch {batch.index} is known to have ended"
            )
    if seen.script_changed is None:
        return Decision(step=Step.READ_SCRIPT)
    if rules.ask or not plan.batches[index - 1].pause:
        return Decision(step=Step.ASK, reason=f"paused after batch {index}")
    return Decision(step=Step.CONTINUE, reason=f"batch {index} is within the limit")


def _closed(plan: TicketPlan, seen: Seen, rules: Rules) -> Decision:
    unjudged = _unaccounted(plan, seen)
    if unjudged and seen.ended_polls < ROW_POLLS:
        return Decision(step=Step.READ_BATCH, reason=f"rows of batch {unjudged[0]} are awaited")
    if unjudged:
        return Decision(step=Step.END, reason=f"rows of batch {unjudged[0]} are missing")
    if plan.index == rules.tickets or seen.status != "FINISHED":
        return Decision(step=Step.END)
    if seen.failures > rules.max_failures:
        return Decision(step=Step.END, reason=_too_many(seen, rules))
    if seen.script_changed is None:
        return Decision(step=Step.READ_SCRIPT)
    return Decision(step=Step.END, reason=_CHANGED) if seen.script_changed else Decision(step=Step.NEXT_TICKET)


def _unaccounted(plan: TicketPlan, seen: Seen) -> list[int]:
    """Batches with a host of which nothing final is known. Only a finished ticket has begun every host."""
    if seen.status == "FINISHED":
        return [b.index for b in plan.batches if not judged(plan, b.index, seen.rows.get(b.index, ()))]
    known = {row.resource_id for rows in seen.rows.values() for row in rows if is_final(row) or row.status == "READY"}
    return [b.index for b in plan.batches if not {host.resource_id for host in b.hosts} <= known]
