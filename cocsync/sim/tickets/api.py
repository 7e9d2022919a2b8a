"""The operations on tickets as COC publishes them: reads, and what steers a ticket (API reference 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cocsync.sim import reading
from cocsync.sim.router import ANY, Call, Route
from cocsync.sim.scripts.service import MASK
from cocsync.sim.settings import Settings
from cocsync.sim.tickets import operations
from cocsync.sim.tickets.ticket import PAUSED, STATUSES, Argument, Batch, Instance, Ticket
from cocsync.sim.tickets.tickets import TicketQuery, Tickets
from cocsync.sim.wire import Refusal, Response, data

ORDERS = "/v1/job/script/orders"
NO_SUCH_TICKET = "COC.00040709"
NOT_POSSIBLE = "COC.00040701"

Act = Callable[[Ticket], bool]


class TicketsApi:
    """Answers requests about tickets that exist."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    def routes(self) -> tuple[Route, ...]:
        """Every operation with its path."""
        one = f"{ORDERS}/{ANY}"
        return (
            Route(method="GET", path=ORDERS, answer=self._list, is_page=True),
            Route(method="GET", path=one, answer=self._info),
            Route(method="GET", path=f"{one}/statistics", answer=self._statistics),
            Route(method="GET", path=f"{one}/batches", answer=self._batches, is_page=True),
            Route(method="GET", path=f"{one}/batches/{ANY}", answer=self._batch, is_page=True),
            Route(method="PUT", path=f"{one}/operation", answer=self._operate),
        )

    def _list(self, call: Call) -> Response:
        total, tickets = self._tickets.page(_query(call), call.settings)
        return data({"total": total, "data": [_row(ticket, call.settings) for ticket in tickets]})

    def _info(self, call: Call) -> Response:
        return data(_info(self._found(call), call.settings))

    def _statistics(self, call: Call) -> Response:
        instances = list(self._found(call).batches)
        return data(
            {
                "total_instance": sum(len(batch.instances) for batch in instances),
                "execute_statistics": [_statistic(status, instances) for status in STATUSES],
            }
        )

    def _batches(self, call: Call) -> Response:
        return data(
            [
                {
                    "batch_index": batch.index,
                    "total_instances": len(batch.instances),
                    "rotation_strategy": "PAUSE" if batch.pauses else "CONTINUE",
                }
                for batch in self._found(call).batches
            ]
        )

    def _batch(self, call: Call) -> Response:
        limit = reading.whole_number(call.request, "limit", 1, 50)
        marker = reading.whole_number(call.request, "marker", 0, 2**31 - 1) or 0
        status = reading.one_of(call.request, "status", STATUSES)
        ticket = self._found(call)
        batch = ticket.batch(int(call.segments[1])) if call.segments[1].isdecimal() else None
        if batch is None:
            reading.refuse_value("batch_index")
        rows = [each for each in batch.instances if each.id > marker and status in {None, each.status}]
        shown = rows[: limit or 50] if self._tickets.has_rows(ticket, call.settings) else []
        return data(
            {
                "batch_index": batch.index,
                "total_instances": len(batch.instances),
                "execute_instances": [self._instance(ticket, each, call.settings) for each in shown],
            }
        )

    def _instance(self, ticket: Ticket, instance: Instance, settings: Settings) -> dict[str, Any]:
        attributes = [{"key": key, "value": value} for key, value in instance.attributes]
        return {
            "id": instance.id,
            "target_instance": {
                "resource_id": instance.resource_id,
                "provider": instance.provider,
                "type": instance.type,
                "region_id": instance.region_id,
                "custom_attributes": attributes if attributes and settings.attributes_kept else None,
                "agent_sn": instance.agent_sn,
                "agent_status": None,
                "properties": {"host_name": instance.host_name, "fixed_ip": None, "zone_id": None, "project_id": None},
            },
            "gmt_created": instance.started,
            "gmt_finished": instance.finished,
            "execute_costs": _costs(instance.started, instance.finished, settings),
            "status": instance.status,
            "message": self._tickets.log(ticket, instance, settings),
        }

    def _operate(self, call: Call) -> Response:
        uuid, body = call.segments[0], reading.body_of(call.request)
        kinds = ("CANCEL_INSTANCE", "SKIP_BATCH", "CANCEL_ORDER", "PAUSE_ORDER", "CONTINUE_ORDER")
        kind = reading.choice(body, "operation_type", kinds)
        done = self._tickets.change(uuid, self._act(kind, body, call.settings), call.settings)
        if done is None:
            raise _no_ticket()
        if not done and not call.settings.accepts_idle_operations:
            raise Refusal(NOT_POSSIBLE, f"{kind} is not possible in this status.")
        return data(uuid)

    def _act(self, kind: str, body: Any, settings: Settings) -> Act:
        start = self._tickets.starter(settings)
        match kind:
            case "PAUSE_ORDER":
                return lambda ticket: operations.pause(ticket, settings)
            case "CONTINUE_ORDER":
                return lambda ticket: operations.continue_(ticket, start, settings)
            case "CANCEL_ORDER":
                return operations.cancel
            case "SKIP_BATCH":
                index = reading.integer(body, "batch_index", 1, 20)
                return lambda ticket: operations.skip_batch(ticket, index, start, settings)
        instance = reading.integer(body, "instance_id", 1, reading.MAX_LONG)
        return lambda ticket: operations.cancel_instance(ticket, instance, settings)

    def _found(self, call: Call) -> Ticket:
        ticket = self._tickets.look(call.segments[0], call.settings)
        if ticket is None:
            raise _no_ticket()
        return ticket


def _no_ticket() -> Refusal:
    return Refusal(NO_SUCH_TICKET, "The script ticket does not exist.")


def _query(call: Call) -> TicketQuery:
    request, settings = call.request, call.settings
    name_like = reading.short_text(request, "name_like", 64)
    if name_like is not None and settings.orders_name_like == "refused":
        reading.refuse_value("name_like")
    return TicketQuery(
        limit=reading.whole_number(request, "limit", 1, 100) or 10,
        after=reading.whole_number(request, "marker", 1, reading.MAX_LONG),
        ascending=settings.ids_ascending,
        creator=reading.short_text(request, "creator", 64),
        status=reading.one_of(request, "status", (*STATUSES, PAUSED)),
        name_part=name_like if settings.orders_name_like == "honoured" else None,
        start=reading.whole_number(request, "start_time", 1, reading.MAX_LONG),
        end=reading.whole_number(request, "end_time", 1, reading.MAX_LONG),
        end_is_finish=settings.end_time_is_finish,
    )


def _row(ticket: Ticket, settings: Settings) -> dict[str, Any]:
    regions = dict.fromkeys(instance.region_id for instance in ticket.instances)
    return {
        "order_id": ticket.order_id,
        "order_name": ticket.script_name[:64],
        "execute_uuid": ticket.uuid,
        **_life(ticket, settings),
        "properties": {"region_ids": ",".join(regions)},
    }


def _info(ticket: Ticket, settings: Settings) -> dict[str, Any]:
    return {
        "execute_uuid": ticket.uuid,
        **_life(ticket, settings),
        "properties": {
            "script_uuid": ticket.script_uuid,
            "script_name": ticket.script_name,
            "script_version_uuid": None,
            "script_version_name": ticket.script_version,
            "current_execute_batch_index": max(ticket.current, 1),
            "execute_param": {
                "resourceful": ticket.resourceful,
                "timeout": ticket.timeout,
                "execute_user": ticket.user,
                "success_rate": ticket.success_rate,
                "script_params": _shown_params(ticket, settings),
            },
            "script_source": "CUSTOM_SCRIPT",
        },
    }


def _life(ticket: Ticket, settings: Settings) -> dict[str, Any]:
    return {
        "gmt_created": ticket.created,
        "gmt_finished": ticket.finished,
        "execute_costs": _costs(ticket.created, ticket.finished, settings),
        "creator": ticket.creator,
        "status": ticket.status,
    }


def _shown_params(ticket: Ticket, settings: Settings) -> list[dict[str, Any]]:
    shown: Iterable[Argument] = ticket.defaults if settings.info_params == "default" else ticket.arguments
    if settings.info_params == "none":
        shown = ()
    masks = settings.info_params != "executed"
    return [
        {"param_name": each.name, "param_value": MASK if masks and each.sensitive else each.value, "param_order": order}
        for order, each in enumerate(shown, start=1)
    ]


def _statistic(status: str, batches: Iterable[Batch]) -> dict[str, Any]:
    counts = {batch.index: sum(each.status == status for each in batch.instances) for batch in batches}
    return {
        "instance_status": status,
        "instance_count": sum(counts.values()),
        "batch_indexes": [index for index, count in counts.items() if count],
    }


def _costs(begun: int | None, ended: int | None, settings: Settings) -> int | None:
    if begun is None or ended is None or settings.costs_in == "none":
        return None
    return ended - begun if settings.costs_in == "ms" else round((ended - begun) / 1000)
