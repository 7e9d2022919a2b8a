"""Executions on the simulator's hosts, with the clients that a run has, and time that passes while somebody sleeps."""

from __future__ import annotations

from typing import Any

from cocsync.coc.execution import Argument, Execution, ExecutionBatch, ExecutionClient, ExecutionHost
from cocsync.coc.http.client import TimeSource
from cocsync.coc.http.transport import Transport
from cocsync.engine.simulated import Simulated
from cocsync.sim import Settings, Simulator
from tests.support.engine import Clock, Open

RUN_ID = (("cocsync", "abcdefghij0123456789"), ("cocsync_d", "ftzds74jme"))


class Account:
    """A simulator and a client that may execute on it; both live by `clock`."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        self.coc = Simulator(settings=Settings(**settings), clock=self.clock.now, sleep=self.clock.sleep)
        around = TimeSource(clock=self.clock.now, now=self.clock.now, sleep=self.clock.sleep, jitter=lambda: 0.5)
        transport = Transport("http://coc.test", handler=Simulated(Open(self.coc)))
        self.client = ExecutionClient(transport, writable=True, surroundings=around)

    def close(self) -> None:
        self.client.close()
        self.coc.close()

    def script(self, **fields: Any) -> str:
        """The uuid of a new script, made by hand."""
        return self.coc.create(name="nightly", **fields)

    def execution(self, script_uuid: str, *batches: tuple[str, ...], **changes: Any) -> Execution:
        """On hosts of these names; every batch but the last one pauses."""
        fields: dict[str, Any] = {
            "script_uuid": script_uuid,
            "arguments": (),
            "batches": tuple(
                ExecutionBatch(hosts=tuple(map(self.host, names)), pauses=index < len(batches))
                for index, names in enumerate(batches, start=1)
            ),
            "timeout": 300,
            "success_rate": 100.0,
            "user": "root",
            "attributes": RUN_ID,
        }
        return Execution(**fields | changes)

    def host(self, name: str) -> ExecutionHost:
        found = self.coc.hosts.find(name)
        return ExecutionHost(
            resource_id=found.resource_id,
            region=found.region_id,
            project_id=found.project_id,
            agent_id=found.agent_id or "",
        )


def argument(name: str, value: Any) -> Argument:
    return Argument(name=name, value=value)
