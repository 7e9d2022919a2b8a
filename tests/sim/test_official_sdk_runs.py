"""The official SDK drives hosts, execution and tickets over a socket, signed; our requests equal its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from huaweicloudsdkcoc.v1 import (
    CountResourcesRequest,
    Customttribute,
    ExecuteInstancesBatchInfo,
    ExecuteResourceInstance,
    ExecuteScriptRequest,
    GetScriptJobBatchRequest,
    GetScriptJobInfoRequest,
    GetScriptJobStatisticsRequest,
    JobScriptOrderOperationBody,
    ListResourcesRequest,
    ListScriptJobBatchesRequest,
    ListScriptJobsRequest,
    OperateScriptJobRequest,
    ScriptExecuteInputParam,
    ScriptExecuteModel,
    ScriptExecuteParam,
)
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.utils.http_utils import sanitize_for_serialization

from cocsync.coc.execution import Execution, ExecutionBatch, ExecutionHost, body_of
from cocsync.coc.operations import SteeringClient, TicketOperations
from cocsync.model.secret import Secret
from cocsync.sim import Simulator
from tests.sim.conftest import Connect
from tests.support.canned import Canned, data
from tests.support.executions import argument

KIND = {"provider": "ecs", "type": "cloudservers"}


@pytest.fixture
def fast(coc: Simulator) -> Simulator:
    """Tickets that take no time that anybody would notice."""
    coc.configure(ticket_speed=10_000.0)
    return coc


def model(*batches: tuple[ExecuteResourceInstance, ...], params: tuple[Any, ...] = ()) -> ScriptExecuteModel:
    """What the SDK sends to execute a script."""
    return ScriptExecuteModel(
        execute_param=ScriptExecuteParam(
            resourceful=True, timeout=300, success_rate=66.6, execute_user="root", script_params=list(params)
        ),
        execute_batches=[
            ExecuteInstancesBatchInfo(index, list(hosts), "PAUSE" if index < len(batches) else "CONTINUE")
            for index, hosts in enumerate(batches, start=1)
        ],
    )


def instance(row: Any, *attributes: tuple[str, str]) -> ExecuteResourceInstance:
    """A host of the inventory as the SDK names it in an execution."""
    return ExecuteResourceInstance(
        resource_id=row.resource_id,
        region_id=row.region_id,
        provider="ECS",
        type="CLOUDSERVER",
        custom_attributes=[Customttribute(key, value) for key, value in attributes],
        agent_sn=row.agent_id,
        project_id=row.project_id,
    )


def hosts(client: Any, **filters: Any) -> list[Any]:
    return list(client.list_resources(ListResourcesRequest(limit=100, **KIND, **filters)).data)


def execute(client: Any, coc: Simulator, *batches: tuple[ExecuteResourceInstance, ...]) -> str:
    uuid = coc.create(name=f"nightly_{len(coc.scripts())}")
    return str(client.execute_script(ExecuteScriptRequest(script_uuid=uuid, body=model(*batches))).data)


def info(client: Any, ticket: str) -> Any:
    return client.get_script_job_info(GetScriptJobInfoRequest(execute_uuid=ticket)).data


def ends(client: Any, ticket: str, status: str) -> Any:
    """The ticket once it has this status: at this speed it takes no more than a few looks."""
    shown = (info(client, ticket) for _ in range(50))
    return next(each for each in shown if each.status == status)


def operate(client: Any, ticket: str, kind: str, **subject: int) -> str:
    body = JobScriptOrderOperationBody(operation_type=kind, **subject)
    return str(client.operate_script_job(OperateScriptJobRequest(execute_uuid=ticket, body=body)).data)


class TestHosts:
    @pytest.mark.parametrize("limit", [1, 5, 100])
    def test_every_host_is_listed_once_whatever_the_page(self, connect: Connect, coc: Simulator, limit: int) -> None:
        client = connect()

        def pages() -> Iterator[list[Any]]:
            marker: dict[str, str] = {}
            while rows := client.list_resources(ListResourcesRequest(limit=limit, **KIND, **marker)).data:
                yield rows
                marker = {"marker": rows[-1].id}

        names = [row.name for page in pages() for row in page]
        assert sorted(names) == sorted(host.name for host in coc.hosts.all())
        assert client.count_resources(CountResourcesRequest(**KIND)).data == len(names) == 12

    def test_filters_and_fields_are_understood(self, connect: Connect) -> None:
        client = connect()
        web, db = hosts(client, name="web-01"), hosts(client, name="db-01")
        assert {(tag.key, tag.value) for tag in web[0].tags} == {("role", "web"), ("env", "prod")}
        assert [row.name for row in hosts(client, agent_state="OFFLINE")] == ["edge-04"]
        ids = [row.resource_id for row in (*web, *db)]
        assert [row.name for row in hosts(client, resource_id_list=ids)] == ["web-01", "db-01"]
        assert client.count_resources(CountResourcesRequest(region_id="ap-southeast-3", **KIND)).data == 4


class TestTickets:
    def test_a_run_with_a_canary_is_executed_continued_and_read(self, connect: Connect, fast: Simulator) -> None:
        client = connect()
        first, second, third = hosts(client)[:3]
        run_id = ("cocsync", "abcdefghij0123456789")
        fast.hosts.change("web-03", outcome="fail", log="no space left")
        ticket = execute(client, fast, (instance(first, run_id),), (instance(second), instance(third)))
        assert ends(client, ticket, "PAUSED").properties.script_name.startswith("nightly_")

        detail = client.get_script_job_batch(
            GetScriptJobBatchRequest(execute_uuid=ticket, batch_index=1, limit=50)
        ).data
        (row,) = detail.execute_instances
        assert (row.status, row.target_instance.resource_id) == ("FINISHED", first.resource_id)
        shown = [(each.key, each.value) for each in row.target_instance.custom_attributes]
        assert shown == [run_id]

        assert operate(client, ticket, "CONTINUE_ORDER") == ticket
        assert ends(client, ticket, "ABNORMAL").properties.execute_param.timeout == 300
        detail = client.get_script_job_batch(
            GetScriptJobBatchRequest(execute_uuid=ticket, batch_index=2, limit=50)
        ).data
        assert [(row.status, row.message) for row in detail.execute_instances][1] == ("ABNORMAL", "no space left")

        counts = client.get_script_job_statistics(GetScriptJobStatisticsRequest(execute_uuid=ticket)).data
        found = {each.instance_status: each.instance_count for each in counts.execute_statistics}
        assert (counts.total_instance, found["FINISHED"], found["ABNORMAL"]) == (3, 2, 1)
        batches = client.list_script_job_batches(ListScriptJobBatchesRequest(execute_uuid=ticket)).data
        assert [(each.batch_index, each.total_instances, each.rotation_strategy) for each in batches] == [
            (1, 1, "PAUSE"),
            (2, 2, "CONTINUE"),
        ]

    def test_tickets_are_paused_cancelled_skipped_and_listed(self, connect: Connect, coc: Simulator) -> None:
        client = connect()
        one, two, three = (instance(row) for row in hosts(client)[:3])
        coc.configure(ready_seconds=3600.0)
        ticket = execute(client, coc, (one, two), (three,))
        operate(client, ticket, "PAUSE_ORDER")
        operate(client, ticket, "SKIP_BATCH", batch_index=2)
        request = GetScriptJobBatchRequest(execute_uuid=ticket, batch_index=1, limit=50)
        rows = client.get_script_job_batch(request).data.execute_instances
        operate(client, ticket, "CANCEL_INSTANCE", instance_id=rows[0].id)
        operate(client, ticket, "CANCEL_ORDER")
        assert info(client, ticket).status == "CANCELED"
        listed = client.list_script_jobs(ListScriptJobsRequest(limit=100, status="CANCELED", start_time=1)).data
        assert (listed.total, [row.execute_uuid for row in listed.data]) == (1, [ticket])
        assert client.list_script_jobs(ListScriptJobsRequest(limit=1, marker=listed.data[0].order_id)).data.data == []

    def test_refusals_carry_the_codes_of_coc(self, connect: Connect, coc: Simulator) -> None:
        client = connect()
        unknown = ExecuteResourceInstance(resource_id="gone", region_id="cn-north-4")
        with pytest.raises(ClientRequestException) as caught:
            execute(client, coc, (unknown,))
        assert (caught.value.status_code, caught.value.error_code) == (400, "COC.00040702")
        with pytest.raises(ClientRequestException) as caught:
            info(client, "SCT1")
        assert (caught.value.status_code, caught.value.error_code) == (400, "COC.00040709")


class TestOurRequests:
    def test_an_execution_is_what_the_sdk_would_send(self, coc: Simulator) -> None:
        web, db = coc.hosts.find("web-01"), coc.hosts.find("db-01")
        ours = [
            ExecutionHost(
                resource_id=each.resource_id,
                region=each.region_id,
                project_id=each.project_id,
                agent_id=each.agent_id or "",
            )
            for each in (web, db)
        ]
        run_id = ("cocsync", "abcdefghij0123456789")
        execution = Execution(
            script_uuid="SC1",
            arguments=(argument("path", "/var"), argument("token", Secret("s3cret"))),
            batches=(
                ExecutionBatch(hosts=(ours[0],), pauses=True),
                ExecutionBatch(hosts=(ours[1],), pauses=False),
            ),
            timeout=300,
            success_rate=66.6,
            user="root",
            attributes=(run_id,),
        )
        params = (ScriptExecuteInputParam("path", "/var", 1), ScriptExecuteInputParam("token", "s3cret", 2))
        theirs = model((instance(web, run_id),), (instance(db, run_id),), params=params)
        assert body_of(execution) == sanitize_for_serialization(theirs)
        assert body_of(replace(execution, success_rate=50.0)) != sanitize_for_serialization(theirs)

    def test_operations_are_what_the_sdk_would_send(self) -> None:
        server = Canned(lambda _: data("SCT1"))
        operations = TicketOperations(server.client(SteeringClient))
        expected = [
            JobScriptOrderOperationBody(operation_type="PAUSE_ORDER"),
            JobScriptOrderOperationBody(operation_type="CONTINUE_ORDER"),
            JobScriptOrderOperationBody(operation_type="CANCEL_ORDER"),
            JobScriptOrderOperationBody(operation_type="SKIP_BATCH", batch_index=2),
            JobScriptOrderOperationBody(operation_type="CANCEL_INSTANCE", instance_id=7),
        ]
        operations.pause("SCT1")
        operations.continue_("SCT1")
        operations.cancel("SCT1")
        operations.skip_batch("SCT1", 2)
        operations.cancel_host("SCT1", 7)
        sent = [json.loads(request.body) for request in server.requests]
        assert sent == [sanitize_for_serialization(body) for body in expected]
