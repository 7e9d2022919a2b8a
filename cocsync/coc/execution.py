"""The one request that runs a script on hosts (API reference 4.2.6), and the only client that can send it.

It differs from a modification of the script in its method alone, so it has a client of its own: one that reconciles
cannot send it, and this one cannot write scripts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from cocsync.coc.http.answer import Answer
from cocsync.coc.http.errors import OutcomeUnknown, Rejected
from cocsync.coc.http.reach import is_execution
from cocsync.coc.http.request import Request
from cocsync.coc.operations import SteeringClient
from cocsync.coc.scripts import PATH
from cocsync.model.secret import MASK, Secret

HOSTS_PER_BATCH = 10
BATCHES_PER_TICKET = 20
HOSTS_PER_TICKET = 200

PROVIDER = "ECS"
TYPE = "CLOUDSERVER"
"""How an execution spells what the inventory calls `ecs` and `cloudservers`."""

_TICKET = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOTHING_RAN = frozenset(
    {"COC.00010002", "COC.00040050", "COC.00040601", "COC.00040603", "COC.00040604", "COC.00040702"}
)
"""Codes of a 400 that refuses the request for what is in it: values, a missing script, an unknown host."""

_GATEWAY_STATUS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_GATEWAY_CODES = ("APIGW.", "APIG.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A param with the value that the script is to get. A sensitive value is a `Secret`."""

    name: str
    value: str | Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionHost:
    """A host of an execution: what the inventory says of it."""

    resource_id: str
    region: str
    project_id: str
    agent_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionBatch:
    """Hosts that run at the same time. `pauses` halts the ticket after them, unless the batch is the last one."""

    hosts: tuple[ExecutionHost, ...]
    pauses: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """Everything that one ticket is to do. `arguments` are all params of the script in the order of its definition.

    `timeout` is in seconds a host, `success_rate` in percent with one decimal. `attributes` stand on every host.
    """

    script_uuid: str
    arguments: tuple[Argument, ...]
    batches: tuple[ExecutionBatch, ...]
    timeout: int
    success_rate: float
    user: str
    attributes: tuple[tuple[str, str], ...]


class ExecutionClient(SteeringClient):
    """Reads, steers tickets and executes scripts; it cannot write scripts.

    An execution is sent again only where COC certainly did nothing: without a connection, and on 429. A 401 is final:
    not every one comes from the gateway, and the reads before an execution have renewed a token that had expired.
    """

    def _may_send(self, method: str, path: str) -> bool:
        return (self._writable and is_execution(method, path)) or super()._may_send(method, path)

    def _attempt(self, request: Request, attempt: int, *, may_renew: bool) -> Answer:
        executes = is_execution(request.method, request.path)
        try:
            return super()._attempt(request, attempt, may_renew=may_renew and not executes)
        except Rejected as error:
            if executes and not nothing_ran(error):
                raise OutcomeUnknown(str(error), request_id=error.request_id) from None
            raise


class ExecutionApi:
    """Executes scripts."""

    def __init__(self, client: ExecutionClient) -> None:
        self._client = client

    def execute(self, execution: Execution) -> str:
        """The new ticket's id.

        Raises `NotSent` and `Rejected` where certainly nothing ran, and `OutcomeUnknown` where it may have: then the
        ticket has to be looked for, and the request must not be repeated.
        """
        path = f"{PATH}/{quote(execution.script_uuid, safe='')}"
        screen = self._client.screen
        screen.add(each.value for each in execution.arguments if isinstance(each.value, Secret))
        ticket = self._client.post(path, body_of(execution)).data
        if not (isinstance(ticket, str) and _TICKET.fullmatch(ticket) and screen.name(ticket) == ticket):
            raise OutcomeUnknown(f"POST {path}: COC's answer holds no id of a ticket")
        return ticket


def nothing_ran(error: Rejected) -> bool:
    """Whether an answer to an execution proves that no host was reached."""
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if error.status in _GATEWAY_STATUS:
        return error.code.startswith(_GATEWAY_CODES)
    return error.status == HTTPStatus.BAD_REQUEST and error.has_code(_NOTHING_RAN)


def body_of(execution: Execution) -> dict[str, Any]:
    """The request as COC takes it, with every field that the reference of 2023 requires."""
    return {
        "execute_param": {
            "resourceful": True,
            "timeout": execution.timeout,
            "success_rate": execution.success_rate,
            "execute_user": execution.user,
            "script_params": [
                {"param_name": each.name, "param_value": _revealed(each), "param_order": order}
                for order, each in enumerate(execution.arguments, start=1)
            ],
        },
        "execute_batches": [
            {
                "batch_index": index,
                "rotation_strategy": "PAUSE" if batch.pauses else "CONTINUE",
                "target_instances": [_host(host, execution.attributes) for host in batch.hosts],
            }
            for index, batch in enumerate(execution.batches, start=1)
        ],
    }


def _host(host: ExecutionHost, attributes: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {
        "resource_id": host.resource_id,
        "region_id": host.region,
        "provider": PROVIDER,
        "type": TYPE,
        "custom_attributes": [{"key": key, "value": value} for key, value in attributes],
        "agent_sn": host.agent_id,
        "project_id": host.project_id,
    }


def _revealed(argument: Argument) -> str:
    value = argument.value.reveal() if isinstance(argument.value, Secret) else argument.value
    if value == MASK:
        raise AssertionError(f"param {argument.name}: an execution needs its real value")
    return value
