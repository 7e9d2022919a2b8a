"""Records of runs for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cocsync.model.running import Query, Selection
from cocsync.model.target import Target
from cocsync.run.claims import Claim, State
from cocsync.run.hosts import Host
from cocsync.run.identity import scope
from cocsync.run.judge import Row
from cocsync.run.layout import TicketPlan
from cocsync.run.manifest import RunManifest
from cocsync.run.strategy import Strategy

TARGET = Target(name="prod", endpoint="https://coc.myhuaweicloud.com", owner="ops", domain_id="1b6f")
NOW = 1_795_900_000_000
DAY = 86_400_000


def host(number: int = 1, **changes: Any) -> Host:
    """A Linux host that is online."""
    base = Host(
        resource_id=f"id-{number:04}",
        name=f"web-{number:02}",
        region="cn-north-4",
        zone="cn-north-4a",
        os="Linux",
        agent="ONLINE",
        agent_id=f"agent-{number}",
        tags=(("role", "web"),),
    )
    return replace(base, **changes)


def hosts(number: int) -> list[Host]:
    return [host(n) for n in range(1, number + 1)]


def run(**changes: Any) -> RunManifest:
    base = RunManifest(
        name="rotate",
        script="rotate_tls",
        digest="d" * 20,
        file="runs/rotate.yaml",
        line=3,
        hosts=Selection(query=Query(region="cn-north-4")),
        strategy=Strategy(),
        expires=NOW + DAY,
    )
    return replace(base, **changes)


def claim(**changes: Any) -> Claim:
    """The claim of `run()` for `TARGET`, made now by the holder `me`."""
    base = Claim(
        run="rotate",
        owner="ops",
        scope=scope(TARGET),
        digest="d" * 20,
        script="rotate_tls",
        script_digest="ftzds74jme",
        hosts=("id-0001", "id-0002"),
        expires=NOW + DAY,
        state=State.CLAIMED,
        holder="me",
        at=NOW,
        claimed_at=NOW,
    )
    return replace(base, **changes)


def rows(plan: TicketPlan, index: int, status: str | None = "FINISHED", **changes: Any) -> list[Row]:
    """A row of that status for every host of a batch."""
    (batch,) = (batch for batch in plan.batches if batch.index == index)
    made = Row(resource_id="", batch=index, status=status, started_at=NOW, finished_at=NOW + 2_000)
    return [replace(made, resource_id=host.resource_id, **changes) for host in batch.hosts]
