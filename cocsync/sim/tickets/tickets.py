"""The tickets in the simulator's database. Whoever reads one sees it as it is now: time is made up for then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cocsync.sim.database import Database
from cocsync.sim.errors import ConsoleError
from cocsync.sim.hosts.fleet import Fleet
from cocsync.sim.settings import Settings
from cocsync.sim.tickets.logs import Logs
from cocsync.sim.tickets.progress import advance, ends_at
from cocsync.sim.tickets.ticket import Instance, Ticket, dump, load

HOSTS_MAX = 200
"""Most hosts of a ticket."""

_SCHEMA = """
CREATE TABLE tickets (order_id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT UNIQUE, open INTEGER, ticket TEXT);
CREATE INDEX tickets_open ON tickets (open)
"""
_COC_ZONE = timedelta(hours=8)
_ODD = 0x9E3779B97


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuery:
    """What one page of the list asks for. `after` is the order id of the last row of the page before, exclusive."""

    limit: int
    after: int | None = None
    ascending: bool = False
    creator: str | None = None
    status: str | None = None
    name_part: str | None = None
    start: int | None = None
    end: int | None = None
    end_is_finish: bool = False


class Tickets:
    """The tickets of one tenant. Methods are thread-safe; `settings` are those in force when a method is called."""

    def __init__(self, database: Database, fleet: Fleet, clock: Callable[[], float]) -> None:
        self._db = database
        self._fleet = fleet
        self._clock = clock
        self._logs = Logs(database)
        database.create("tickets", _SCHEMA)

    def all(self) -> tuple[Ticket, ...]:
        """Every ticket as it was last looked at, by order id."""
        return tuple(load(text) for (text,) in self._db.all("SELECT ticket FROM tickets ORDER BY order_id"))

    def get(self, uuid: str) -> Ticket:
        """One ticket as it was last looked at. Raises ConsoleError where there is none."""
        row = self._db.one("SELECT ticket FROM tickets WHERE uuid = ?", (uuid,))
        if row is None:
            raise ConsoleError(f"there is no ticket {uuid!r}")
        return load(row[0])

    def add(self, make: Callable[[int, str, int], Ticket]) -> Ticket:
        """Keep a new ticket, which `make` makes from its order id, its uuid and the time in milliseconds."""
        with self._db.transaction():
            row = self._db.one("SELECT seq FROM sqlite_sequence WHERE name = 'tickets'")
            order_id = (row[0] if row else 0) + 1
            seconds = self._clock()
            ticket = make(order_id, new_uuid(order_id, seconds), int(seconds * 1000))
            self._write(ticket)
        return ticket

    def change(self, uuid: str, act: Callable[[Ticket], bool], settings: Settings) -> bool | None:
        """Do something to a ticket as it is now; what `act` returns, None where there is no such ticket."""
        with self._db.transaction():
            ticket = self._now(uuid, settings)
            if ticket is None:
                return None
            done = act(ticket)
            advance(ticket, ticket.seen, self.starter(settings), settings)
            self._write(ticket)
        return done

    def look(self, uuid: str, settings: Settings) -> Ticket | None:
        """A ticket as it is now, None where there is none or it does not show yet."""
        with self._db.transaction():
            return self._now(uuid, settings)

    def page(self, query: TicketQuery, settings: Settings) -> tuple[int, list[Ticket]]:
        """How many tickets match now, and one page of them."""
        with self._db.transaction():
            for (uuid,) in self._db.all("SELECT uuid FROM tickets WHERE open"):
                self._now(uuid, settings)
            found = [each for each in self.all() if _matches(each, query) and self._shows(each, settings)]
        if not query.ascending:
            found.reverse()
        behind = [each for each in found if query.after is None or _is_behind(each, query)]
        return len(found), behind[: query.limit]

    def log(self, ticket: Ticket, instance: Instance, settings: Settings) -> str:
        """What a host of a ticket has printed so far."""
        return self._logs.read(instance, ticket.seen, ends_at(instance, ticket.timeout), settings)

    def clear(self) -> None:
        """Forget all tickets and logs. Order ids go on where they were."""
        with self._db.transaction():
            self._db.run("DELETE FROM tickets")
            self._logs.clear()

    def starter(self, settings: Settings) -> Callable[[Ticket, Instance], None]:
        """Has a host that starts do what the inventory says of it then; one that is gone has no agent."""

        def start(ticket: Ticket, instance: Instance) -> None:
            host = self._fleet.get(instance.resource_id)
            instance.outcome, instance.seconds = (host.outcome, host.seconds) if host else ("offline", 0.0)
            self._logs.write(ticket, instance, host, settings)

        return start

    def has_rows(self, ticket: Ticket, settings: Settings) -> bool:
        """Whether the details of a ticket's batches have rows by now."""
        return self._age(ticket) >= settings.rows_shown_after * 1000

    def _now(self, uuid: str, settings: Settings) -> Ticket | None:
        row = self._db.one("SELECT ticket, open FROM tickets WHERE uuid = ?", (uuid,))
        if row is None:
            return None
        ticket = load(row[0])
        if row[1] and advance(ticket, self._time_of(ticket), self.starter(settings), settings):
            self._write(ticket)
        return ticket if self._shows(ticket, settings) else None

    def _time_of(self, ticket: Ticket) -> int:
        return ticket.created + round((self._clock() * 1000 - ticket.created) * ticket.speed)

    def _shows(self, ticket: Ticket, settings: Settings) -> bool:
        return self._age(ticket) >= settings.tickets_shown_after * 1000

    def _age(self, ticket: Ticket) -> int:
        return max(self._time_of(ticket), ticket.seen) - ticket.created

    def _write(self, ticket: Ticket) -> None:
        values: tuple[Any, ...] = (ticket.order_id, ticket.uuid, ticket.is_open, dump(ticket))
        self._db.run("INSERT OR REPLACE INTO tickets VALUES (?, ?, ?, ?)", values)


def new_uuid(order_id: int, seconds: float) -> str:
    """`SCT`, the time of creation in UTC+8 and nine hexadecimal digits that belong to the id alone: 26 characters."""
    time = (datetime.fromtimestamp(seconds, UTC) + _COC_ZONE).strftime("%Y%m%d%H%M%S")
    return f"SCT{time}{order_id * _ODD % 2**36:09x}"


def _matches(ticket: Ticket, query: TicketQuery) -> bool:
    limited = ticket.finished if query.end_is_finish else ticket.created
    return (
        query.creator in {None, ticket.creator}
        and query.status in {None, ticket.status}
        and (query.name_part is None or query.name_part.lower() in ticket.script_name.lower())
        and (query.start is None or ticket.created >= query.start)
        and (query.end is None or (limited is not None and limited <= query.end))
    )


def _is_behind(ticket: Ticket, query: TicketQuery) -> bool:
    after = query.after or 0
    return ticket.order_id > after if query.ascending else ticket.order_id < after
