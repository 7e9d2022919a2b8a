"""The hosts in the simulator's database: what the API pages through, and what is changed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cocsync.sim.database import Database
from cocsync.sim.errors import ConsoleError
from cocsync.sim.hosts.host import OUTCOMES, Host, dump, first, load

_SCHEMA = "CREATE TABLE hosts (id TEXT PRIMARY KEY, resource_id TEXT UNIQUE, name TEXT, host TEXT)"
_CHANGEABLE = frozenset(each.name for each in fields(Host)) - {"id", "resource_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostQuery:
    """Which hosts a request asks for. `exact` compares fields of a host, `resource_ids` None means any.

    `after` is the id of the last host of the page before.
    """

    provider: str
    type: str
    exact: Mapping[str, str] = field(default_factory=dict)
    resource_ids: tuple[str, ...] | None = None
    limit: int = -1
    after: str | None = None
    offset: int = 0
    unordered: bool = False


class Fleet:
    """The inventory. Methods are thread-safe; several processes may use one file."""

    def __init__(self, database: Database) -> None:
        self._db = database
        if database.create("hosts", _SCHEMA):
            self.restore()

    def all(self) -> tuple[Host, ...]:
        """Every host, by id."""
        return tuple(load(text) for (text,) in self._db.all("SELECT host FROM hosts ORDER BY id"))

    def get(self, resource_id: str) -> Host | None:
        """The host of this resource id."""
        row = self._db.one("SELECT host FROM hosts WHERE resource_id = ?", (resource_id,))
        return load(row[0]) if row else None

    def find(self, name_or_id: str) -> Host:
        """The host of this name or resource id; raises ConsoleError where there is none, or several."""
        found = self._db.all("SELECT host FROM hosts WHERE ? IN (name, resource_id)", (name_or_id,))
        if len(found) != 1:
            raise ConsoleError(
                f"{len(found)} hosts are named {name_or_id!r}; use one of the resource ids"
                if found
                else f"there is no host {name_or_id!r}"
            )
        return load(found[0][0])

    def change(self, name_or_id: str, **changes: Any) -> None:
        """Change fields of a host by hand: what it does, or what the inventory shows. Raises ConsoleError.

        A new outcome moves the state of the agent: `offline` to OFFLINE, any other one back to ONLINE.
        """
        unknown = sorted(changes.keys() - _CHANGEABLE)
        if unknown:
            raise ConsoleError(
                f"{unknown[0]!r} of a host cannot be changed; what can: {', '.join(sorted(_CHANGEABLE))}"
            )
        with self._db.transaction():
            before = self.find(name_or_id)
            host = replace(before, **_agent(before, changes) | changes)
            _check(host)
            self.put((host,))

    def put(self, hosts: Iterable[Host]) -> None:
        """Keep hosts, new or changed."""
        rows = [(host.id, host.resource_id, host.name, dump(host)) for host in hosts]
        with self._db.transaction():
            self._db.run_many("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?, ?)", rows)

    def remove(self, name_or_id: str) -> None:
        """Take a host out of the inventory by hand. Raises ConsoleError."""
        with self._db.transaction():
            self._db.run("DELETE FROM hosts WHERE id = ?", (self.find(name_or_id).id,))

    def fill(self, hosts: Iterable[Host]) -> None:
        """Have exactly these hosts."""
        with self._db.transaction():
            self._db.run("DELETE FROM hosts")
            self.put(hosts)

    def restore(self) -> None:
        """Have the hosts that a new simulator has."""
        self.fill(first())

    def page(self, query: HostQuery) -> tuple[Host, ...]:
        """The hosts that a request asks for."""
        matching, values = _conditions(query)
        key, last = "id", "?"
        if query.unordered:
            key, last = "resource_id", "(SELECT resource_id FROM hosts WHERE id = ?)"
        if query.after is not None:
            matching += f" AND {key} > {last}"
            values.append(query.after)
        rows = self._db.all(
            f"SELECT host FROM hosts WHERE {matching} ORDER BY {key} LIMIT ? OFFSET ?",  # noqa: S608
            [*values, query.limit, query.offset],
        )
        return tuple(load(text) for (text,) in rows)

    def count(self, query: HostQuery) -> int:
        """How many hosts match, whatever the page."""
        matching, values = _conditions(query)
        return int(self._db.one(f"SELECT count(*) FROM hosts WHERE {matching}", values)[0])  # noqa: S608


def _conditions(query: HostQuery) -> tuple[str, list[Any]]:
    exact = {"provider": query.provider, "type": query.type, **query.exact}
    parts = [f"lower(json_extract(host, '$.{name}')) = lower(?)" for name in exact]
    values: list[Any] = list(exact.values())
    if query.resource_ids is not None:
        parts.append(f"resource_id IN ({', '.join('?' * len(query.resource_ids))})")
        values += query.resource_ids
    return " AND ".join(parts), values


def _agent(host: Host, changes: Mapping[str, Any]) -> dict[str, Any]:
    if "outcome" not in changes or (changes["outcome"] == "offline") == (host.outcome == "offline"):
        return {}
    return {"agent_state": "OFFLINE" if changes["outcome"] == "offline" else "ONLINE"}


def _check(host: Host) -> None:
    if host.outcome not in OUTCOMES:
        raise ConsoleError(f"the outcome of a host is one of {', '.join(OUTCOMES)}, not {host.outcome!r}")
    if type(host.seconds) not in {int, float} or host.seconds < 0:
        raise ConsoleError(f"the seconds of a host are a number from 0, not {host.seconds!r}")
    if not isinstance(host.log, str | None):
        raise ConsoleError("the log of a host is a text")
