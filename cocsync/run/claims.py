"""A claim: the record by which a Run manifest is executed at most once, and the moves between its states. Pure.

Times are epoch milliseconds. A claim only ever changes by a move of the table, and whoever makes one does so by a lease
from the record that was read; see cocsync.system.refs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

HOLD_MS = 60_000
"""How long after its claim a holder may still begin: before the POST both of its clocks must agree."""

QUIET_MS = 600_000
"""How long a record must have stood still before somebody else decides on behalf of a holder that may be alive."""

CONTINUE_QUIET_MS = 60_000
"""How long after a CONTINUE that shows no effect it may be sent again."""


class State(StrEnum):
    """Where a run stands."""

    CLAIMED = "claimed"
    REFUSED = "refused"
    POSTING = "posting"
    TICKET = "ticket"
    CONTINUING = "continuing"
    UNKNOWN = "unknown"
    ENDED = "ended"


class Who(StrEnum):
    """Who makes a move."""

    FIRST = "first"
    """A client that found no claim."""
    HOLDER = "holder"
    """The client whose claim it is, within its time."""
    NEXT = "next"
    """A later `run --pending`."""
    FINDER = "finder"
    """Anyone who found the ticket by its run id."""
    ANYONE = "anyone"
    PERSON = "person"
    """Somebody who passed `--confirm-not-run`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A move that is allowed. `quiet` is how long the record must have stood still before it."""

    start: State | None
    end: State
    who: Who
    quiet: int = 0


STEPS = (
    Step(start=None, end=State.CLAIMED, who=Who.FIRST),
    Step(start=State.CLAIMED, end=State.POSTING, who=Who.HOLDER),
    Step(start=State.CLAIMED, end=State.REFUSED, who=Who.HOLDER),
    Step(start=State.CLAIMED, end=State.CLAIMED, who=Who.PERSON, quiet=QUIET_MS),
    Step(start=State.REFUSED, end=State.CLAIMED, who=Who.NEXT),
    Step(start=State.POSTING, end=State.TICKET, who=Who.HOLDER),
    Step(start=State.POSTING, end=State.TICKET, who=Who.FINDER),
    Step(start=State.POSTING, end=State.UNKNOWN, who=Who.HOLDER),
    Step(start=State.POSTING, end=State.UNKNOWN, who=Who.ANYONE, quiet=QUIET_MS),
    Step(start=State.POSTING, end=State.REFUSED, who=Who.HOLDER),
    Step(start=State.TICKET, end=State.CONTINUING, who=Who.ANYONE),
    Step(start=State.TICKET, end=State.POSTING, who=Who.ANYONE),
    Step(start=State.TICKET, end=State.ENDED, who=Who.ANYONE),
    Step(start=State.CONTINUING, end=State.CONTINUING, who=Who.ANYONE),
    Step(start=State.CONTINUING, end=State.POSTING, who=Who.ANYONE),
    Step(start=State.CONTINUING, end=State.ENDED, who=Who.ANYONE),
    Step(start=State.UNKNOWN, end=State.TICKET, who=Who.FINDER),
    Step(start=State.UNKNOWN, end=State.CLAIMED, who=Who.PERSON),
)
"""Every move there is. From `ended` there is none."""


class NotAllowed(Exception):
    """A move that the table does not have, or not yet: a fault of the caller, or a client that woke up too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTicket:
    """A ticket of the run: its index from 1, its run id, and COC's id and status as they were last read."""

    index: int
    run_id: str
    id: str
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What `run.json` holds. `index` is the ticket that the state is about, from 1; `attempt` counts claims from 1.

    `holder` is a random name of the process that claimed. `at` is when this record was written, `claimed_at` when its
    attempt was claimed. `pause` is the batch after which the ticket was last continued. `hosts` are resource ids.
    """

    run: str
    owner: str
    scope: str
    digest: str
    script: str
    script_digest: str
    hosts: tuple[str, ...]
    expires: int
    state: State
    holder: str
    at: int
    claimed_at: int
    index: int = 1
    attempt: int = 1
    pause: int = 0
    tickets: tuple[ClaimedTicket, ...] = ()
    reason: str = ""
    outcome: str = ""
    summary: Mapping[str, int] | None = None

    @property
    def ticket(self) -> ClaimedTicket | None:
        """The ticket that the state is about."""
        return next((ticket for ticket in self.tickets if ticket.index == self.index), None)


def may_begin(claimed_at: int, claimed_tick: float, *, now: int, tick: float) -> bool:
    """Whether a holder is within its time by the wall clock (milliseconds) and the steady one (seconds).

    Asked immediately before each move of the holder towards the POST, and before the POST itself: a process that slept
    longer, or whose clock was set, gives up.
    """
    return 0 <= now - claimed_at < HOLD_MS and 0 <= (tick - claimed_tick) * 1000 < HOLD_MS


def posting(claim: Claim, index: int, *, who: Who, holder: str, now: int) -> Claim:
    """The POST of ticket `index` is about to be sent: the next that has none, by this holder and nobody else."""
    expected = 1 + max((ticket.index for ticket in claim.tickets), default=0)
    if index != expected:
        raise NotAllowed(f"ticket {index} is not the next one, which is {expected}")
    if claim.state is State.CLAIMED and holder != claim.holder:
        raise NotAllowed("another process holds the claim")
    since = claim.claimed_at if claim.state is State.CLAIMED else now
    return replace(_moved(claim, State.POSTING, who, now), index=index, pause=0, holder=holder, claimed_at=since)


def refused(claim: Claim, reason: str, *, holder: str, now: int) -> Claim:
    """An answer proves that nothing ran. The next `run --pending` may claim again."""
    _only_holder(claim, holder)
    return replace(_moved(claim, State.REFUSED, Who.HOLDER, now), reason=reason)


def unknown(claim: Claim, reason: str, *, who: Who, holder: str, now: int) -> Claim:
    """The answer to the POST was lost, and no ticket with the run id was found."""
    if who is Who.HOLDER:
        _only_holder(claim, holder)
    return replace(_moved(claim, State.UNKNOWN, who, now), reason=reason)


def found(claim: Claim, ticket: ClaimedTicket, *, who: Who, now: int) -> Claim:
    """The ticket is there: by the answer to the POST, or found by its run id."""
    if ticket.index != claim.index:
        raise NotAllowed(f"ticket {ticket.index} is not the one that is awaited, which is {claim.index}")
    return replace(_moved(claim, State.TICKET, who, now), tickets=(*claim.tickets, ticket), reason="")


def continuing(claim: Claim, pause: int, *, now: int) -> Claim:
    """CONTINUE is about to be sent for the pause after batch `pause`.

    For the same pause again only where COC still shows it, `CONTINUE_QUIET_MS` after the last time.
    """
    if pause < claim.pause:
        raise NotAllowed(f"the pause after batch {pause} is over: {claim.pause} was continued")
    if claim.state is State.CONTINUING and pause == claim.pause and now - claim.at < CONTINUE_QUIET_MS:
        raise NotAllowed(f"the pause after batch {pause} is being continued by somebody")
    return replace(_moved(claim, State.CONTINUING, Who.ANYONE, now), pause=pause)


def ended(claim: Claim, outcome: str, summary: Mapping[str, int], status: str, *, now: int) -> Claim:
    """Every host is accounted for. `status` is that of the last ticket."""
    last = claim.tickets[:-1] + tuple(replace(ticket, status=status) for ticket in claim.tickets[-1:])
    moved = _moved(claim, State.ENDED, Who.ANYONE, now)
    return replace(moved, outcome=outcome, summary=dict(summary), tickets=last)


def again(claim: Claim, *, who: Who, holder: str, hosts: tuple[str, ...], script_digest: str, now: int) -> Claim:
    """The next attempt: after a refusal by a later client, otherwise by a person who confirms that nothing ran."""
    moved = _moved(claim, State.CLAIMED, who, now)
    return replace(
        moved,
        holder=holder,
        claimed_at=now,
        attempt=claim.attempt + 1,
        hosts=hosts,
        script_digest=script_digest,
        reason="",
    )


def _only_holder(claim: Claim, holder: str) -> None:
    if holder != claim.holder:
        raise NotAllowed("another process holds the claim")


def _moved(claim: Claim, end: State, who: Who, now: int) -> Claim:
    steps = [step for step in STEPS if (step.start, step.end, step.who) == (claim.state, end, who)]
    if not steps:
        raise NotAllowed(f"a claim that is {claim.state} does not become {end} by {who}")
    if now - claim.at < steps[0].quiet:
        raise NotAllowed(f"a claim that is {claim.state} becomes {end} only {steps[0].quiet // 60_000} minutes later")
    return replace(claim, state=end, at=now)
