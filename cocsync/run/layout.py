"""Hosts in batches, batches in tickets, as COC takes them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from cocsync.run.hosts import Host, ordered
from cocsync.run.limits import TICKET_BATCHES
from cocsync.run.strategy import Strategy, pauses, success_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`index` counts within its ticket, from 1. `pause`: the ticket waits behind it for a CONTINUE."""

    index: int
    hosts: tuple[Host, ...]
    pause: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPlan:
    """One execution: at most 20 batches of 10 hosts. `index` counts within the run, from 1."""

    index: int
    batches: tuple[Batch, ...]

    @property
    def hosts(self) -> tuple[Host, ...]:
        return tuple(host for batch in self.batches for host in batch.hosts)

    def success_rate(self, failures: int) -> float:
        """The rate to send where so many hosts may still fail; see `strategy.success_rate`."""
        return success_rate([len(batch.hosts) for batch in self.batches], failures)


def layout(hosts: Sequence[Host], strategy: Strategy) -> tuple[TicketPlan, ...]:
    """All hosts, each once, in order of region, zone and name. Sizes go on from one ticket to the next."""
    batches = list(_cut(ordered(hosts), strategy.batches))
    tickets: list[TicketPlan] = []
    while batches:
        taken = batches[:TICKET_BATCHES]
        waits = pauses(len(taken), strategy.pause_after, first=not tickets)
        numbered = enumerate(zip(taken, waits, strict=True), 1)
        tickets.append(
            TicketPlan(
                index=len(tickets) + 1,
                batches=tuple(Batch(index=index, hosts=members, pause=pause) for index, (members, pause) in numbered),
            )
        )
        del batches[: len(taken)]
    return tuple(tickets)


def _cut(hosts: Sequence[Host], sizes: Sequence[int]) -> Iterator[tuple[Host, ...]]:
    rest = iter(hosts)
    index = 0
    while members := tuple(islice(rest, sizes[min(index, len(sizes) - 1)])):
        yield members
        index += 1
