"""An account of COC to try facts on: the simulator, or a real one."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cocsync.coc.auth.credentials import authenticator, find
from cocsync.coc.auth.signing import Signer
from cocsync.coc.http.answer import Reply
from cocsync.coc.http.transport import Transport, post_json
from cocsync.engine.simulated import Simulated
from cocsync.model.secret import Secret
from cocsync.model.target import endpoint
from cocsync.sim import Settings, Simulator
from tests.support import canary

SCRIPTS = "/v1/job/scripts"
ORDERS = "/v1/job/script/orders"
HOSTS = "/v1/resources"
KIND: dict[str, Any] = {"provider": "ecs", "type": "cloudservers"}
NOT_FOUND = {"COC.00040601", "COC.00040603", "COC.00040604"}
PREFIX = "cocsync_conformance_"
AK, SK = canary.planted("ak"), canary.planted("sk")
ACCOUNTS = ("simulator", "real") if os.environ.get("COCSYNC_CONFORMANCE") else ("simulator",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `data` is that of a success; `code` and `text` are those of an error."""

    status: int
    request_id: str
    data: Any = None
    code: str = ""
    text: str = ""

    @property
    def is_success(self) -> bool:
        return self.status == 200 and not self.code and self.data is not None


@dataclass(slots=True, kw_only=True)
class Account:
    """Requests as the API reference writes them, on scripts whose names begin with `prefix` and on no others.

    `patience` is how often something that shows late is looked at again, a second apart. `host` names the only host
    on which scripts are executed; "" for none.
    """

    transport: Transport
    prefix: str
    patience: int = 0
    host: str = ""
    pause: Callable[[float], None] = time.sleep
    created: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, body: dict[str, Any] | None = None, **query: object) -> Answer:
        asked = {name: str(value) for name, value in query.items()}
        return _answer(self.transport.send(method, path, query=asked or None, body=body))

    def body(self, name: str = "script", **changes: Any) -> dict[str, Any]:
        """A body that creates a script; what is None is left out."""
        fields = {
            "name": self.prefix + name,
            "type": "SHELL",
            "content": "echo hello\n",
            "description": "made by a conformance test",
            "properties": {"risk_level": "LOW", "version": "1.0.0", "reviewers": []},
            "script_params": [],
        }
        return {key: value for key, value in {**fields, **changes}.items() if value is not None}

    def try_to_create(self, name: str = "script", **changes: Any) -> Answer:
        answer = self.send("POST", SCRIPTS, self.body(name, **changes))
        if answer.is_success:
            self.created.append(answer.data)
        return answer

    def create(self, name: str = "script", **changes: Any) -> str:
        """The uuid of a new script."""
        answer = self.try_to_create(name, **changes)
        assert answer.is_success, answer
        return str(answer.data)

    def update(self, uuid: str, **changes: Any) -> Answer:
        body = self.body(**changes)
        return self.send(
            "PUT",
            f"{SCRIPTS}/{uuid}",
            {key: body[key] for key in body.keys() - {"name", "type", "enterprise_project_id"}},
        )

    def get(self, uuid: str) -> Answer:
        return self.send("GET", f"{SCRIPTS}/{uuid}")

    def detail(self, uuid: str) -> dict[str, Any]:
        answer = self.get(uuid)
        assert answer.is_success, answer
        return dict(answer.data)

    def pages(self, limit: int = 100, **query: object) -> Iterator[list[dict[str, Any]]]:
        """The pages of our own scripts, by the last id, to the empty one."""
        asked: dict[str, Any] = {"name_like": self.prefix[:32], "limit": limit, **query}
        while rows := self.send("GET", SCRIPTS, **asked).data["data"]:
            yield rows
            asked["marker"] = rows[-1]["id"]

    def rows(self, **query: object) -> list[dict[str, Any]]:
        pages = self.pages(100, **query)
        return [row for page in pages for row in page if row["name"].startswith(self.prefix)]

    def hosts(self, **query: object) -> list[dict[str, Any]]:
        """A page of the inventory."""
        answer = self.send("GET", HOSTS, **{**KIND, "limit": 100, **query})
        assert answer.is_success, answer
        return list(answer.data)

    def executions(self, **how: Any) -> dict[str, Any]:
        """A body that executes a script on the host that was named. Skips the test where none was."""
        if not self.host:
            pytest.skip("COCSYNC_CONFORMANCE_HOST names no host")
        (found,) = [row for row in self.hosts(name=self.host) if self.host in {row["name"], row["resource_id"]}]
        target = {
            "resource_id": found["resource_id"],
            "region_id": found["region_id"],
            "project_id": found["project_id"],
            "agent_sn": found["agent_id"],
            "custom_attributes": [{"key": "cocsync", "value": "conformance"}],
        }
        return {
            "execute_param": {
                "resourceful": True,
                "timeout": 60,
                "success_rate": 100,
                "execute_user": "root",
                "script_params": [],
                **how,
            },
            "execute_batches": [{"batch_index": 1, "rotation_strategy": "CONTINUE", "target_instances": [target]}],
        }

    def execute(self, **how: Any) -> str:
        """The ticket of a script that only prints, once it has ended."""
        body = self.executions(**how)
        params = [
            param(each["param_name"], "stored", order) for order, each in enumerate(how.get("script_params", ()), 1)
        ]
        uuid = self.create("prints", content="echo conformance\n", script_params=params)
        answer = self.send("POST", f"{SCRIPTS}/{uuid}", body)
        assert answer.is_success, answer
        ticket = str(answer.data)
        over = {"FINISHED", "CANCELED", "ABNORMAL"}
        assert any(self.eventually(lambda: self.order(ticket)["status"] in over) for _ in range(12))
        assert any(self.eventually(lambda: bool(self.order_rows(ticket))) for _ in range(2))
        return ticket

    def order(self, ticket: str) -> dict[str, Any]:
        """What a ticket says of itself; nothing yet where it does not show."""
        return dict(self.send("GET", f"{ORDERS}/{ticket}").data or {"status": ""})

    def order_rows(self, ticket: str) -> list[dict[str, Any]]:
        """The hosts of its first batch."""
        return list(self.send("GET", f"{ORDERS}/{ticket}/batches/1", limit=50).data["execute_instances"])

    def eventually(self, is_so: Callable[[], bool]) -> bool:
        for _ in range(self.patience):
            if is_so():
                return True
            self.pause(1)
        return is_so()

    def clean_up(self) -> None:
        """Deletes what was created, and what an earlier run left behind."""
        for uuid in {*self.created, *(row["script_uuid"] for row in self.rows())}:
            self.send("DELETE", f"{SCRIPTS}/{uuid}")
        self.created.clear()


def param(name: str, value: str, order: int, *, sensitive: bool = False) -> dict[str, Any]:
    """A param as the wire has it."""
    return {
        "param_name": name,
        "param_value": value,
        "param_description": "",
        "param_order": order,
        "sensitive": sensitive,
    }


def _answer(reply: Reply) -> Answer:
    document = json.loads(reply.body or b"{}")
    return Answer(
        status=reply.status,
        request_id=reply.headers.get("x-request-id", ""),
        data=document.get("data"),
        code=document.get("error_code") or "",
        text=document.get("error_msg") or "",
    )


@contextmanager
def simulated(settings: Settings) -> Iterator[Account]:
    """An account of the simulator with these settings, which wants signatures as COC does; its tickets end at once."""
    signed = settings.changed({"auth": "aksk", "access_keys": [(AK, SK)], "ticket_speed": 1000.0})
    with Simulator(settings=signed) as simulator:
        signer = Signer(access_key=AK, secret_key=Secret(SK), clock=time.time)
        transport = Transport("http://coc.test", handler=Simulated(simulator), authenticator=signer)
        yield Account(transport=transport, prefix=PREFIX, patience=5, host="web-01", pause=lambda _: None)


@contextmanager
def real() -> Iterator[Account]:
    where = endpoint(os.environ.get("COCSYNC_ENDPOINT", "cn"))
    found = find(os.environ, Path.home())
    proven = authenticator(found, endpoint=where, post=post_json, clock=time.time, cache_folder=None)
    host = os.environ.get("COCSYNC_CONFORMANCE_HOST", "")
    account = Account(transport=Transport(where, authenticator=proven), prefix=PREFIX, patience=10, host=host)
    account.clean_up()
    try:
        yield account
    finally:
        account.clean_up()
        account.transport.close()
