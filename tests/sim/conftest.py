"""A tenant of the simulator, and a caller's hand on its API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cocsync.sim import Request, Response, Settings, Simulator
from tests.support import canary

SCRIPTS = "/v1/job/scripts"
AK, SK, STS = canary.planted("ak"), canary.planted("sk"), canary.planted("security-token")
DOMAIN, PROJECT = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"

Connect = Callable[..., Any]


class Tenant:
    """A simulator whose clock moves only by hand and whose waits are noted in `slept`."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.now = 1_700_000_000.0
        self.slept: list[float] = []
        self.simulator = Simulator(settings=settings, clock=lambda: self.now, sleep=self.slept.append)

    def send(self, method: str, path: str, body: object = None, **query: object) -> Response:
        """The raw answer to a request with a JSON body."""
        content = b"" if body is None else json.dumps(body).encode()
        pairs = tuple((name, str(value)) for name, value in query.items())
        return self.simulator.handle(Request(method=method, path=path, query=pairs, body=content))

    def done(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """What a request that must succeed gets under `data`."""
        response = self.send(method, path, body, **query)
        assert response.status == 200, response
        return json.loads(response.body)["data"]

    def refusal(self, method: str, path: str, body: object = None, **query: object) -> tuple[int, str, str]:
        """Status, code and text of a request that must be refused."""
        response = self.send(method, path, body, **query)
        error = json.loads(response.body)
        return response.status, error["error_code"], error["error_msg"]

    def create(self, **changes: object) -> str:
        """Create a script through the API and return its uuid."""
        uuid: str = self.done("POST", SCRIPTS, new_script(**changes))
        return uuid

    def detail(self, uuid: str) -> dict[str, Any]:
        """A script as a read shows it."""
        shown: dict[str, Any] = self.done("GET", f"{SCRIPTS}/{uuid}")
        return shown

    def page(self, **query: object) -> list[dict[str, Any]]:
        """The rows of a page of the list."""
        rows: list[dict[str, Any]] = self.done("GET", SCRIPTS, **{"limit": 100} | query)["data"]
        return rows


def new_script(**changes: object) -> dict[str, object]:
    """A body that creates a script, with some fields changed; None leaves a field out."""
    body: dict[str, object] = {
        "name": "restart_nginx",
        "type": "SHELL",
        "content": "systemctl restart nginx\n",
        "description": "Restart nginx",
        "properties": {"risk_level": "LOW", "version": "1.0.0"},
    } | changes
    return {name: value for name, value in body.items() if value is not None}


def param(name: str = "token", value: str = "abc", order: int = 1, **changes: object) -> dict[str, object]:
    """A param as the wire has it."""
    return {
        "param_name": name,
        "param_value": value,
        "param_description": "",
        "param_order": order,
        "sensitive": False,
    } | changes


@pytest.fixture
def make_tenant() -> Iterator[Callable[..., Tenant]]:
    """Makes tenants with some settings changed."""
    made: list[Tenant] = []

    def make(**settings: Any) -> Tenant:
        made.append(Tenant(Settings(**settings)))
        return made[-1]

    yield make
    for tenant in made:
        tenant.simulator.close()


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    """A tenant with the default settings."""
    return make_tenant()


@pytest.fixture
def coc() -> Iterator[Simulator]:
    """A simulator that wants signatures."""
    settings = Settings(auth="aksk", access_keys=((AK, SK), ("TEMP", SK)), security_tokens=(("TEMP", STS),))
    with Simulator(settings=settings) as coc:
        yield coc


@pytest.fixture
def connect(coc: Simulator, serving: Callable[[Simulator], str]) -> Connect:
    """A client of the official SDK's with these credentials, an access key of the account unless given."""
    from huaweicloudsdkcoc.v1 import CocClient
    from huaweicloudsdkcore.auth.credentials import GlobalCredentials
    from huaweicloudsdkcore.http.http_config import HttpConfig

    url = serving(coc)

    def client(credentials: Any = None) -> Any:
        builder = CocClient.new_builder().with_http_config(HttpConfig(timeout=(5, 5)))
        return builder.with_credentials(credentials or GlobalCredentials(AK, SK, DOMAIN)).with_endpoint(url).build()

    return client
