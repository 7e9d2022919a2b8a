"""What hosts print: kept beside the tickets, since one log can be as long as a thousand tickets."""

from __future__ import annotations

import json

from cocsync.sim.database import Database
from cocsync.sim.hosts.host import Host
from cocsync.sim.settings import Settings
from cocsync.sim.tickets.ticket import PROCESSING, READY, Instance, Ticket

_SCHEMA = "CREATE TABLE logs (instance INTEGER PRIMARY KEY, ticket INTEGER, bytes INTEGER, log TEXT)"
_OWN = {"ok": "{script} has ended on {host}.\n", "fail": "{script} has failed on {host}.\n"}


class Logs:
    """The logs of all tickets."""

    def __init__(self, database: Database) -> None:
        self._db = database
        database.create("logs", _SCHEMA)

    def write(self, ticket: Ticket, instance: Instance, host: Host | None, settings: Settings) -> None:
        """Keep what a host is going to print, cut as the limit says."""
        log = "" if host is None else host.log if host.log is not None else _OWN.get(host.outcome, "")
        if host is not None and host.log is None:
            log = log.format(script=ticket.script_name, host=host.name)
        room = settings.log_bytes_max
        if settings.log_limit_of == "ticket":
            room -= self._db.one("SELECT coalesce(sum(bytes), 0) FROM logs WHERE ticket = ?", (ticket.order_id,))[0]
        raw = log.encode("utf-8", "surrogatepass")
        if len(raw) > room:
            raw = raw[len(raw) - max(room, 0) :] if settings.log_keeps_tail else raw[: max(room, 0)]
            log = raw.decode("utf-8", "ignore")
        self._db.run(
            "INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?)",
            (instance.id, ticket.order_id, len(raw), json.dumps(log)),
        )

    def read(self, instance: Instance, now: int, ends: int, settings: Settings) -> str:
        """What a host shows at a time, of a run that ends then, both in milliseconds."""
        if instance.status == READY or (instance.status == PROCESSING and not settings.log_while_running):
            return ""
        row = self._db.one("SELECT log FROM logs WHERE instance = ?", (instance.id,))
        log: str = json.loads(row[0]) if row else ""
        if instance.status == PROCESSING:
            begun = instance.started or 0
            return log[: len(log) * (now - begun) // max(ends - begun, 1)]
        return log

    def clear(self) -> None:
        """Forget them."""
        self._db.run("DELETE FROM logs")
