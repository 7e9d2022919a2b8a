"""The operation that executes a script on hosts, with its documented limits (API reference 4.2.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from cocsync.sim import reading
from cocsync.sim.hosts.fleet import Fleet
from cocsync.sim.router import ANY, Call, Route
from cocsync.sim.scripts.api import SCRIPTS
from cocsync.sim.scripts.script import StoredScript
from cocsync.sim.scripts.service import APPROVED, not_found
from cocsync.sim.scripts.store import Store
from cocsync.sim.scripts.validate import PARAM_VALUE, script_uuid
from cocsync.sim.settings import Settings
from cocsync.sim.tickets.ticket import Argument, Batch, Instance, Ticket
from cocsync.sim.tickets.tickets import HOSTS_MAX, Tickets
from cocsync.sim.wire import Refusal, Response, data

NO_SUCH_INSTANCE = "COC.00040702"
NOT_APPROVED = "COC.00040701"
BATCHES_MAX = 20
BATCH_MAX = 10
PARAMS_MAX = 20
ATTRIBUTES_MAX = 5

_VALUE = re.compile(r"""[a-zA-Z0-9_\-/. ?:",=+@\\\[{\]}]*""")


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    timeout: int
    success_rate: float
    user: str
    resourceful: bool
    params: Mapping[str, str]


class ExecutionApi:
    """Answers requests that execute a script: a ticket, or a refusal after which nothing runs."""

    def __init__(self, store: Store, fleet: Fleet, tickets: Tickets) -> None:
        self._store = store
        self._fleet = fleet
        self._tickets = tickets

    def routes(self) -> tuple[Route, ...]:
        """The operation with its path."""
        return (Route(method="POST", path=f"{SCRIPTS}/{ANY}", answer=self._execute),)

    def _execute(self, call: Call) -> Response:
        try:
            return data(self._started(call).uuid)
        except Refusal as refusal:
            status = call.settings.refused_execute_status
            if status == HTTPStatus.NO_CONTENT:
                return Response(status=status)
            raise Refusal(refusal.code, refusal.message, status) from None

    def _started(self, call: Call) -> Ticket:
        body = reading.body_of(call.request)
        script = self._runnable(script_uuid(call.segments[0]), call.settings)
        how = _how(body.get("execute_param"), call.settings)
        arguments = _arguments(script, how.params, call.settings)
        batches = self._batches(body.get("execute_batches"), call.settings)

        def make(order_id: int, uuid: str, created: int) -> Ticket:
            for place, instance in enumerate(each for batch in batches for each in batch.instances):
                instance.id = (order_id - 1) * HOSTS_MAX + place + 1
            return Ticket(
                order_id=order_id,
                uuid=uuid,
                creator=call.user,
                script_uuid=script.uuid,
                script_name=script.name,
                script_version=script.version,
                content=script.content,
                defaults=_defaults(script),
                arguments=arguments,
                timeout=how.timeout,
                success_rate=how.success_rate,
                user=how.user,
                resourceful=how.resourceful,
                batches=batches,
                created=created,
                speed=call.settings.ticket_speed,
                seen=created,
            )

        return self._tickets.add(make)

    def _runnable(self, uuid: str, settings: Settings) -> StoredScript:
        """What runs: the script as it is, unless it waits for a review or failed one."""
        script = self._store.current(uuid)
        if script is None:
            raise not_found(settings)
        if script.status == APPROVED or settings.unapproved_runs == "new":
            return script
        if settings.unapproved_runs == "old" and script.approved:
            return script.approved
        raise Refusal(NOT_APPROVED, "The script is not approved.")

    def _batches(self, sent: object, settings: Settings) -> list[Batch]:
        if sent is None:
            reading.refuse_empty("execute_batches")
        batches = [self._batch(each, settings) for each in reading.items(sent, "execute_batches", BATCHES_MAX)]
        instances = [instance for batch in batches for instance in batch.instances]
        if not batches:
            reading.refuse_empty("execute_batches")
        if sorted(batch.index for batch in batches) != list(range(1, len(batches) + 1)):
            reading.refuse_value("batch_index")
        if len({instance.resource_id for instance in instances}) < len(instances):
            reading.refuse_value("target_instances")
        if len({(instance.provider.lower(), instance.type.lower()) for instance in instances}) > 1:
            reading.refuse_value("provider")
        return sorted(batches, key=lambda batch: batch.index)

    def _batch(self, sent: object, settings: Settings) -> Batch:
        fields = reading.mapping(sent, "execute_batches")
        if fields.get("target_instances") in (None, []):
            reading.refuse_empty("target_instances")
        hosts = reading.items(fields["target_instances"], "target_instances", BATCH_MAX)
        return Batch(
            index=reading.integer(fields, "batch_index", 1, BATCHES_MAX),
            pauses=reading.choice(fields, "rotation_strategy", ("CONTINUE", "PAUSE")) == "PAUSE",
            instances=[self._instance(reading.mapping(each, "target_instances"), settings) for each in hosts],
        )

    def _instance(self, fields: Mapping[str, object], settings: Settings) -> Instance:
        least = 1 if settings.execute_needs_2023_fields else 0
        resource_id = reading.text(fields, "resource_id", 1, 64)
        provider = reading.optional_text(fields, "provider", 32) or "ECS"
        type_ = reading.optional_text(fields, "type", 32) or "CLOUDSERVER"
        for name in ("agent_sn", "project_id"):
            reading.text({name: "", **fields}, name, least, 32)
        host = self._fleet.get(resource_id)
        if host is None or (host.provider.upper(), host.type.upper().rstrip("S")) != (provider.upper(), type_.upper()):
            raise Refusal(NO_SUCH_INSTANCE, f"The instance {resource_id} of {provider} {type_} does not exist.")
        return Instance(
            id=0,
            resource_id=resource_id,
            region_id=reading.text(fields, "region_id", 1, 32),
            provider=provider.lower(),
            type=type_.lower(),
            agent_sn=reading.optional_text(fields, "agent_sn", 32),
            host_name=host.name,
            attributes=_attributes(fields.get("custom_attributes")),
        )


def _how(sent: object, settings: Settings) -> _How:
    if sent is None:
        reading.refuse_empty("execute_param")
    fields = reading.mapping(sent, "execute_param")
    resourceful = fields.get("resourceful")
    if resourceful is None and settings.execute_needs_2023_fields:
        reading.refuse_empty("resourceful")
    if not isinstance(resourceful, bool | None):
        reading.refuse_value("resourceful")
    rate = reading.number(fields, "success_rate", 1, 100)
    if round(rate, 1) != rate:
        reading.refuse_value("success_rate")
    return _How(
        timeout=reading.integer(fields, "timeout", 6, 1799),
        success_rate=rate,
        user=reading.text(fields, "execute_user", 1, 32),
        resourceful=resourceful is not False,
        params=_params(fields.get("script_params"), settings),
    )


def _params(sent: object, settings: Settings) -> Mapping[str, str]:
    given = [] if sent is None else reading.items(sent, "script_params", PARAMS_MAX)
    fields = [reading.mapping(each, "script_params") for each in given]
    params = {reading.text(each, "param_name", 1, 64): _value(each, settings) for each in fields}
    if len(params) < len(fields):
        reading.refuse_value("param_name")
    orders = [each.get("param_order") for each in fields]
    if settings.execute_needs_2023_fields and orders != list(range(1, len(orders) + 1)):
        reading.refuse_value("param_order")
    return params


def _value(fields: Mapping[str, object], settings: Settings) -> str:
    value = reading.text(fields, "param_value", 0, settings.param_value_max)
    if ".." in value or not _VALUE.fullmatch(value):
        raise Refusal(PARAM_VALUE, "The paramValue is invalid.")
    return value


def _arguments(script: StoredScript, sent: Mapping[str, str], settings: Settings) -> tuple[Argument, ...]:
    """In the order of the definition, which is that of the command line."""
    if sent.keys() - {param.name for param in script.params}:
        reading.refuse_value("param_name")
    left_out = {param.name: param.value if settings.omitted_params_stored else "" for param in script.params}
    return tuple(
        Argument(name=param.name, value=sent.get(param.name, left_out[param.name]), sensitive=param.sensitive)
        for param in script.params
    )


def _defaults(script: StoredScript) -> tuple[Argument, ...]:
    return tuple(Argument(name=each.name, value=each.value, sensitive=each.sensitive) for each in script.params)


def _attributes(sent: object) -> tuple[tuple[str, str], ...]:
    given = [] if sent is None else reading.items(sent, "custom_attributes", ATTRIBUTES_MAX)
    fields = [reading.mapping(each, "custom_attributes") for each in given]
    return tuple((reading.text(each, "key", 1, 10), reading.text(each, "value", 0, 20)) for each in fields)
