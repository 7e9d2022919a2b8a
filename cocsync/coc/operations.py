"""What steers a ticket that exists (API reference 4.3.6). An answer says that it was accepted, never that it was done.

The client is of a kind of its own: one that reconciles cannot send these requests, and this one nothing else.
"""

from __future__ import annotations

from typing import Any

from cocsync.coc.http.client import Client
from cocsync.coc.http.reach import is_operation
from cocsync.coc.tickets import path_of


class SteeringClient(Client):
    """Reads, and steers tickets; it can neither write scripts nor execute them."""

    def _may_send(self, method: str, path: str) -> bool:
        return method == "GET" or (self._writable and is_operation(method, path))


class TicketOperations:
    """The operations. None is repeated by itself once it may have reached COC.

    Each raises `Rejected` where COC refused it and `OutcomeUnknown` where only a read of the ticket can tell.
    """

    def __init__(self, client: SteeringClient) -> None:
        self._client = client

    def pause(self, uuid: str) -> None:
        """Start no further batch. Hosts under way end."""
        self._operate(uuid, "PAUSE_ORDER")

    def continue_(self, uuid: str) -> None:
        """Go on after a pause. Sent twice it may lift the next pause too."""
        self._operate(uuid, "CONTINUE_ORDER")

    def cancel(self, uuid: str) -> None:
        """End the ticket. Whether a process on a host is ended is not known."""
        self._operate(uuid, "CANCEL_ORDER")

    def skip_batch(self, uuid: str, index: int) -> None:
        """Leave out a batch."""
        self._operate(uuid, "SKIP_BATCH", batch_index=index)

    def cancel_host(self, uuid: str, row_id: int) -> None:
        """End one host, by the id of its row. Another host may be meant by it: a read must show which one ended."""
        self._operate(uuid, "CANCEL_INSTANCE", instance_id=row_id)

    def _operate(self, uuid: str, kind: str, **subject: Any) -> None:
        body = {"operation_type": kind, **subject}
        self._client.put(f"{path_of(uuid)}/operation", body, again=_nothing_is_lost)


def _nothing_is_lost() -> None:
    """An operation replaces nothing of anybody else's, so that it needs no fresh look before it is sent later."""
