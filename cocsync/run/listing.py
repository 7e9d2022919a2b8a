"""Tickets and Run manifests as the read-only commands list them. Pure. Times are epoch milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cocsync.run.claims import Claim
from cocsync.run.judge import HostResult, duration
from cocsync.run.manifest import RunManifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTicket:
    """A row of COC's list of tickets, whoever started it."""

    id: str
    name: str
    status: str
    creator: str
    created_at: int | None = None
    finished_at: int | None = None

    @property
    def seconds(self) -> float | None:
        return duration(self.created_at, self.finished_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketBatch:
    """A batch of a ticket, and how many of its hosts are in which state, by COC's words."""

    index: int
    total: int
    rotation: str
    statuses: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTicket:
    """One ticket with its script, batches and hosts."""

    ticket: ListedTicket
    script_uuid: str | None
    script_name: str | None
    batches: tuple[TicketBatch, ...] = ()
    hosts: tuple[HostResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """A Run and what became of it. `word` is its state in one word, `since` when the claim last moved."""

    name: str
    script: str
    ref: str
    word: str
    file: str | None = None
    not_before: int | None = None
    expires: int | None = None
    since: int | None = None
    claim: Claim | None = None


def run_state(run: RunManifest, ref: str, claim: Claim | None, *, paused: bool, now: int) -> RunState:
    """The state of a Run: that of its claim, `paused` where its ticket waits, or what it waits for without one."""
    if claim is not None:
        word = "paused" if paused else claim.state.value
    elif now >= run.expires:
        word = "expired"
    else:
        word = "due" if (run.not_before or 0) <= now else "not_due"
    return RunState(
        name=run.name,
        script=run.script,
        ref=ref,
        word=word,
        file=run.file,
        not_before=run.not_before,
        expires=run.expires,
        since=claim.at if claim else None,
        claim=claim,
    )
