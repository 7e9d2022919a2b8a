"""Whether what the pages of the inventory held is all of it. Pure.

A query may only rest on an inventory that is proven: a host that was missed would be left out silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from cocsync.errors import Refused
from cocsync.run.hosts import Host

PAGE = 100
"""Hosts asked for in one page."""

MAX_HOSTS = 100_000
MAX_READINGS = 2


class InventoryUnproven(Refused):
    """The inventory could not be proven complete, so no query may rest on it."""


class Verdict(StrEnum):
    """What becomes of a reading."""

    PROVEN = "proven"
    READ_AGAIN = "read_again"


class Reading:
    """One walk through the pages, of which each is added as it comes."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}
        self.ended = False

    @property
    def hosts(self) -> tuple[Host, ...]:
        return tuple(self._hosts.values())

    def add(self, page: Sequence[Host]) -> None:
        """The next page; a short or an empty one is the last. Raises `InventoryUnproven` where an id repeats."""
        for host in page:
            if host.resource_id in self._hosts:
                raise InventoryUnproven(
                    f"COC listed host {host.resource_id} twice, so its inventory changes or is not paged as documented:"
                    " run again, or name the hosts with --host"
                )
            self._hosts[host.resource_id] = host
        if len(self._hosts) > MAX_HOSTS:
            raise InventoryUnproven(f"the inventory has more than {MAX_HOSTS:,} hosts: name the hosts with --host")
        self.ended = len(page) < PAGE


def verdict(readings: Sequence[Sequence[Host]], count: int | None) -> Verdict:
    """What the readings so far prove. `count` is COC's own, None where it serves none.

    With a count one reading of as many hosts is proof, and one more is tried where it differs. Without, two readings
    must hold the same hosts. Raises `InventoryUnproven` where that fails.
    """
    last = readings[-1]
    if count is not None:
        if len(last) == count:
            return Verdict.PROVEN
        reason = f"COC counts {count} hosts and lists {len(last)}"
    elif len(readings) == 1:
        return Verdict.READ_AGAIN
    elif {host.resource_id for host in readings[-2]} == {host.resource_id for host in last}:
        return Verdict.PROVEN
    else:
        reason = "two readings of the inventory differ"
    if len(readings) < MAX_READINGS:
        return Verdict.READ_AGAIN
    raise InventoryUnproven(f"{reason}: the inventory is not proven. Run again, or name the hosts with --host")
