"""What each kind of client can send, whatever its caller asks for."""

from __future__ import annotations

import pytest

from cocsync.coc.execution import ExecutionClient
from cocsync.coc.http.client import Client, WriteInReadOnlyRun
from cocsync.coc.operations import SteeringClient
from tests.support.canned import Canned, data

SCRIPTS, ORDERS = "/v1/job/scripts", "/v1/job/script/orders"
EXECUTIONS = [("POST", f"{SCRIPTS}/SC1"), ("POST", f"{SCRIPTS}/SC1/x"), ("POST", f"{SCRIPTS}/SC1/action/x")]
DISGUISED = [
    "/v1/job/./scripts/SC1",
    "/v1/job/x/../scripts/SC1",
    "/v1/job//scripts/SC1",
    "//v1/job/scripts/SC1",
    "/v1/job/%73cripts/SC1",
    "/v1/job/scripts%2FSC1",
    "/v1/job/scripts/SC1/action/..",
]
OPERATIONS = [("PUT", f"{ORDERS}/SCT1/operation"), ("POST", f"{ORDERS}/x"), ("DELETE", f"{ORDERS}/SCT1")]
WRITES = [
    ("POST", SCRIPTS),
    ("PUT", f"{SCRIPTS}/SC1"),
    ("DELETE", f"{SCRIPTS}/SC1"),
    ("POST", f"{SCRIPTS}/SC1/action"),
]
READS = [("GET", SCRIPTS), ("GET", f"{SCRIPTS}/SC1"), ("GET", f"{ORDERS}/SCT1"), ("GET", "/v1/resources")]
REACH = {
    (Client, True): [*READS, *WRITES],
    (Client, False): READS,
    (SteeringClient, True): [*READS, *OPERATIONS],
    (SteeringClient, False): READS,
    (ExecutionClient, True): [*READS, *OPERATIONS, *EXECUTIONS],
    (ExecutionClient, False): READS,
}


def send(client: Client, method: str, path: str) -> None:
    match method:
        case "GET":
            client.get(path)
        case "DELETE":
            client.delete(path)
        case "POST":
            client.post(path, {})
        case _:
            client.put(path, {})


@pytest.mark.parametrize(("method", "path"), [*READS, *WRITES, *OPERATIONS, *EXECUTIONS])
@pytest.mark.parametrize(("kind", "writable"), REACH)
def test_a_client_sends_what_it_is_for_and_nothing_else(
    kind: type[Client], writable: bool, method: str, path: str
) -> None:
    server = Canned(lambda _: data("done"))
    client = server.client(kind, writable=writable)
    if (method, path) in REACH[kind, writable]:
        send(client, method, path)
        assert [(request.method, request.path) for request in server.requests] == [(method, path)]
    else:
        with pytest.raises(WriteInReadOnlyRun):
            send(client, method, path)
        assert server.requests == []


@pytest.mark.parametrize("path", DISGUISED)
def test_a_path_that_a_server_may_take_for_an_execution_is_one(path: str) -> None:
    server = Canned(lambda _: data("done"))
    with pytest.raises(WriteInReadOnlyRun):
        server.client(Client).post(path, {})
    assert server.requests == []
