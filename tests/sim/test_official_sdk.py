"""The official SDK's client, which knows nothing of us, drives the simulator over a socket with signed requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from huaweicloudsdkcoc.v1 import (
    AcceptScriptRequest,
    AddScriptModel,
    ApprovalJobScriptModel,
    CreateScriptRequest,
    DeleteScriptRequest,
    EditScriptModel,
    GetScriptRequest,
    ListScriptsRequest,
    ReviewerInfo,
    ScriptParamDefine,
    ScriptPropertiesModel,
    UpdateScriptRequest,
)
from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException

from cocsync.sim import Simulator
from tests.sim.conftest import AK, DOMAIN, PROJECT, SK, STS, Connect

MASK = "*" * 17


def create(client: Any, **changes: Any) -> str:
    """Creates a script and returns its uuid."""
    fields = {
        "name": "restart_nginx",
        "type": "SHELL",
        "content": "systemctl restart nginx\n",
        "description": "重启 nginx",
        "properties": ScriptPropertiesModel(risk_level="LOW", version="1.0.0"),
    }
    response = client.create_script(CreateScriptRequest(body=AddScriptModel(**{**fields, **changes})))
    return str(response.data)


def get(client: Any, uuid: str) -> Any:
    return client.get_script(GetScriptRequest(script_uuid=uuid)).data


def pages(client: Any, limit: int, **filters: Any) -> Iterator[list[Any]]:
    """Every page, as the SDK's users read them: by the last id, until one is empty."""
    marker: dict[str, int] = {}
    while rows := client.list_scripts(ListScriptsRequest(limit=limit, **marker, **filters)).data.data:
        yield rows
        marker = {"marker": rows[-1].id}


class TestCredentials:
    @pytest.mark.parametrize(
        "credentials",
        [
            GlobalCredentials(AK, SK, DOMAIN),
            BasicCredentials(AK, SK, PROJECT),
            BasicCredentials("TEMP", SK, PROJECT).with_security_token(STS),
        ],
        ids=["global", "basic", "temporary"],
    )
    def test_every_kind_that_the_sdk_has_for_coc_is_let_in(self, connect: Connect, credentials: Any) -> None:
        client = connect(credentials)
        assert get(client, create(client)).name == "restart_nginx"

    @pytest.mark.parametrize(
        "credentials",
        [GlobalCredentials(AK, "wrong", DOMAIN), BasicCredentials("TEMP", SK, PROJECT)],
        ids=["wrong secret", "no security token"],
    )
    def test_others_are_refused_as_the_gateway_does(self, connect: Connect, credentials: Any) -> None:
        with pytest.raises(ClientRequestException) as caught:
            create(connect(credentials))
        assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0301")
        assert caught.value.request_id


class TestScripts:
    def test_a_script_comes_back_as_it_was_sent(self, connect: Connect) -> None:
        client = connect()
        params = [
            ScriptParamDefine("path", "/var", "where", 1, sensitive=False),
            ScriptParamDefine("token", "abc", "", 2, sensitive=True),
        ]
        script = get(client, create(client, script_params=params, enterprise_project_id="0"))
        assert (script.type, script.content, script.description) == (
            "SHELL",
            "systemctl restart nginx\n",
            "重启 nginx",
        )
        assert (script.properties.risk_level, script.properties.version) == ("LOW", "1.0.0")
        assert (script.status, script.enterprise_project_id) == ("APPROVED", "0")
        shown = [(p.param_name, p.param_value, p.param_description, p.sensitive) for p in script.script_params]
        assert shown == [("path", "/var", "where", False), ("token", MASK, "", True)]
        assert len(str(script.gmt_created)) == 13

    @pytest.mark.parametrize("limit", [1, 3, 7, 100])
    def test_every_script_is_listed_once_whatever_the_page(self, connect: Connect, coc: Simulator, limit: int) -> None:
        coc.seed(7)
        listed = [row for page in pages(connect(), limit) for row in page]
        assert sorted(row.script_uuid for row in listed) == sorted(script.uuid for script in coc.scripts())
        assert [row.id for row in listed] == sorted((row.id for row in listed), reverse=True)

    def test_filters_are_understood(self, connect: Connect, coc: Simulator) -> None:
        coc.create(name="磁盘_a", type="PYTHON", risk_level="HIGH", user="alice")
        coc.create(name="disk_b")
        filters: tuple[dict[str, str], ...] = (
            {"name_like": "磁盘"},
            {"type": "PYTHON"},
            {"risk_level": "HIGH"},
            {"creator": "alice"},
        )
        for wanted in filters:
            assert [row.name for page in pages(connect(), 100, **wanted) for row in page] == ["磁盘_a"]

    def test_an_update_replaces_and_starts_a_review_that_ends_by_accepting(self, connect: Connect) -> None:
        client = connect()
        uuid = create(client)
        properties = ScriptPropertiesModel(
            risk_level="HIGH", version="2", reviewers=[ReviewerInfo(reviewer_name="alice", reviewer_id="7a85")]
        )
        body = EditScriptModel(description="new", content="true\n", properties=properties, script_params=[])
        assert client.update_script(UpdateScriptRequest(script_uuid=uuid, body=body)).data == uuid
        script = get(client, uuid)
        assert (script.status, script.content, script.properties.version) == ("PENDING_APPROVE", "true\n", "2")
        assert [(r.reviewer_name, r.reviewer_id) for r in script.properties.reviewers] == [("alice", "7a85")]

        accepted = ApprovalJobScriptModel(status="APPROVED", comments="fine")
        assert client.accept_script(AcceptScriptRequest(script_uuid=uuid, body=accepted)).data is True
        assert get(client, uuid).status == "APPROVED"

    def test_a_deleted_script_is_gone(self, connect: Connect) -> None:
        client = connect()
        uuid = create(client)
        client.delete_script(DeleteScriptRequest(script_uuid=uuid))
        for ask in (GetScriptRequest, DeleteScriptRequest):
            call = client.get_script if ask is GetScriptRequest else client.delete_script
            with pytest.raises(ClientRequestException) as caught:
                call(ask(script_uuid=uuid))
            assert (caught.value.status_code, caught.value.error_code) == (400, "COC.00040603")


class TestErrors:
    def test_a_taken_name(self, connect: Connect) -> None:
        client = connect()
        create(client)
        with pytest.raises(ClientRequestException) as caught:
            create(client)
        assert (caught.value.error_code, caught.value.error_msg) == (
            "COC.00040601",
            "Exist script with same name: restart_nginx.",
        )

    def test_an_invalid_field(self, connect: Connect) -> None:
        with pytest.raises(ClientRequestException) as caught:
            create(connect(), properties=ScriptPropertiesModel(risk_level="LOW"))
        assert caught.value.error_code == "COC.00040050"

    def test_a_gateway_that_throttles_and_a_service_that_fails(self, connect: Connect, coc: Simulator) -> None:
        coc.inject("429=1", "503")
        with pytest.raises(ClientRequestException) as throttled:
            create(connect())
        assert (throttled.value.status_code, throttled.value.error_code) == (429, "APIGW.0308")
        with pytest.raises(ServerResponseException) as failed:
            create(connect())
        assert failed.value.status_code == 503
