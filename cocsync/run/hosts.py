"""Hosts as COC's inventory lists them, and which of them can run a script now. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ONLINE = "online"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A row of the inventory. Texts are as COC spells them, empty where it gives none.

    `agent` is the state of the agent, None where the row shows none. `tags` are pairs; a key may stand twice.
    """

    resource_id: str
    name: str
    region: str = ""
    zone: str = ""
    project_id: str = ""
    enterprise_project: str = ""
    os: str = ""
    agent: str | None = None
    agent_id: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    provider: str = "ecs"
    type: str = "cloudservers"

    @property
    def kind(self) -> tuple[str, str]:
        """Provider and type: hosts of one ticket have the same. COC spells them in several cases."""
        return self.provider.casefold(), self.type.casefold()


def ordered(hosts: Iterable[Host]) -> tuple[Host, ...]:
    """By region, zone, name and id: the order of reports and of batches."""
    return tuple(sorted(hosts, key=lambda host: (host.region, host.zone, host.name, host.resource_id)))


def shows_agents(hosts: Iterable[Host]) -> bool:
    """Whether this COC shows states of agents; older ones do not."""
    return any(host.agent is not None for host in hosts)


def online(host: Host, *, states: bool) -> bool:
    """Whether the host can run a script. Without states an agent's id counts; see `shows_agents`."""
    if states:
        return (host.agent or "").casefold() == ONLINE
    return bool(host.agent_id)


def agent_shown(host: Host, *, states: bool) -> str:
    """The state of the agent in a word or two."""
    if host.agent is not None:
        return host.agent or "(empty)"
    if states:
        return "none"
    return "state not shown" if host.agent_id else "none"
