"""A ticket as the simulator keeps it: what was executed, on which hosts, and how far each of them is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

READY, PROCESSING, PAUSED = "READY", "PROCESSING", "PAUSED"
ABNORMAL, CANCELED, FINISHED = "ABNORMAL", "CANCELED", "FINISHED"
STATUSES = (READY, PROCESSING, ABNORMAL, CANCELED, FINISHED)
"""Of a host, in the order of the statistics. A ticket can be PAUSED besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A param of an execution with the value that the script really got."""

    name: str
    value: str
    sensitive: bool = False


@dataclass(slots=True, kw_only=True)
class Instance:
    """One host of a ticket. Times are epoch milliseconds; `outcome` and `seconds` are fixed when it starts."""

    id: int
    resource_id: str
    region_id: str
    provider: str
    type: str
    agent_sn: str = ""
    host_name: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    status: str = READY
    started: int | None = None
    finished: int | None = None
    outcome: str = "ok"
    seconds: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing happens on the host any more."""
        return self.status not in {READY, PROCESSING}


@dataclass(slots=True, kw_only=True)
class Batch:
    """The hosts that run at the same time; `pauses` is the rotation strategy PAUSE."""

    index: int
    pauses: bool
    instances: list[Instance]
    skipped: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be started."""
        return not self.skipped and any(each.status == READY for each in self.instances)

    @property
    def is_running(self) -> bool:
        """Whether a host of it is under way."""
        return any(each.status == PROCESSING for each in self.instances)


@dataclass(slots=True, kw_only=True)
class Ticket:
    """An execution. Times are epoch milliseconds of the ticket's own clock, which runs `speed` times as fast.

    `current` is the batch that was started last, 0 before the first; `judged` the last one whose share of successes
    was looked at; `seen` how far its time was made up for. `wants_pause` and `skips_pause` are operations that have
    not shown yet.
    """

    order_id: int
    uuid: str
    creator: str
    script_uuid: str
    script_name: str
    script_version: str
    content: str
    defaults: tuple[Argument, ...]
    arguments: tuple[Argument, ...]
    timeout: int
    success_rate: float
    user: str
    resourceful: bool
    batches: list[Batch]
    created: int
    speed: float
    seen: int
    status: str = READY
    finished: int | None = None
    current: int = 0
    judged: int = 0
    wants_pause: bool = False
    skips_pause: bool = False

    @property
    def instances(self) -> Iterator[Instance]:
        """Every host, in the order of the batches."""
        return (each for batch in self.batches for each in batch.instances)

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.finished is None

    def batch(self, index: int) -> Batch | None:
        """The batch of this index."""
        return next((batch for batch in self.batches if batch.index == index), None)

    def next_batch(self) -> Batch | None:
        """The batch that would be started next."""
        return next((batch for batch in self.batches if batch.is_waiting), None)


def dump(ticket: Ticket) -> str:
    """A ticket as one line of JSON."""
    return json.dumps(asdict(ticket), separators=(",", ":"))


def load(text: str) -> Ticket:
    """The ticket that `dump` wrote."""
    fields: dict[str, Any] = json.loads(text)
    for name in ("defaults", "arguments"):
        fields[name] = tuple(Argument(**each) for each in fields[name])
    fields["batches"] = [
        Batch(**batch | {"instances": [_instance(each) for each in batch["instances"]]}) for batch in fields["batches"]
    ]
    return Ticket(**fields)


def _instance(fields: dict[str, Any]) -> Instance:
    return Instance(**fields | {"attributes": tuple((key, value) for key, value in fields["attributes"])})
