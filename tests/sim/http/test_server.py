"""The simulator over a socket: the same answers, and the real form of each fault."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from cocsync.sim import Request
from cocsync.sim.auth.signature import Claim, signature
from cocsync.sim.http.server import MAX_BODY, Server, serve
from tests.support import children

if TYPE_CHECKING:
    from tests.sim.conftest import Tenant

SCRIPTS = "/v1/job/scripts"
PAGE = f"{SCRIPTS}?limit=1"
NEW = {
    "name": "重启",
    "type": "SHELL",
    "content": "echo 中\n",
    "description": "d",
    "properties": {"risk_level": "LOW", "version": "1"},
}


@pytest.fixture
def server(tenant: Tenant) -> Iterator[Server]:
    """The tenant behind a socket."""
    with serve(tenant.simulator) as running:
        yield running


@pytest.fixture
def connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    """A caller's connection to the server."""
    with closing(connect(server)) as connected:
        yield connected


def connect(server: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)


def ask(
    connection: http.client.HTTPConnection, method: str, target: str, body: object = None
) -> tuple[int, dict[str, str], bytes]:
    content = None if body is None else json.dumps(body).encode()
    connection.request(method, target, content, {"content-type": "application/json"})
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()


def test_answers_are_the_same_over_a_socket_and_in_process(
    make_tenant: Callable[..., Tenant], connection: http.client.HTTPConnection
) -> None:
    in_process = make_tenant()
    known = {"limit": 5, "name_like": "重", "marker": 9}
    uuid = ""
    for method, path, body, query in [
        ("POST", SCRIPTS, NEW, {}),
        ("POST", SCRIPTS, NEW, {}),
        ("POST", SCRIPTS, {}, {}),
        ("GET", SCRIPTS, None, known),
        ("GET", SCRIPTS, None, {}),
        ("GET", f"{SCRIPTS}/{{}}", None, {}),
        ("PUT", f"{SCRIPTS}/{{}}", {"content": "y", "description": "e"}, {}),
        ("POST", f"{SCRIPTS}/{{}}/action", {"status": "APPROVED"}, {}),
        ("DELETE", f"{SCRIPTS}/{{}}", None, {}),
        ("GET", f"{SCRIPTS}/{{}}", None, {}),
        ("PATCH", "/no%20where", None, {}),
    ]:
        target = path.format(uuid) + (f"?{urlencode(query)}" if query else "")
        status, headers, content = ask(connection, method, target, body)
        expected = in_process.send(method, path.format(uuid), body, **query)

        assert (status, content) == (expected.status, expected.body)
        assert headers == {**expected.headers, "content-length": str(len(expected.body))}
        uuid = uuid or json.loads(content)["data"]


def test_a_connection_is_kept_and_serves_again(connection: http.client.HTTPConnection) -> None:
    ask(connection, "GET", PAGE)
    kept = connection.sock
    ask(connection, "GET", f"{SCRIPTS}/SC1")

    assert kept is not None
    assert connection.sock is kept


def test_a_signed_request_passes_as_it_was_sent(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(auth="aksk", access_keys=(("AK", "SK"),))
    with serve(tenant.simulator) as server, closing(connect(server)) as connection:
        headers = {"host": urlsplit(server.url).netloc, "x-sdk-date": "20231114T221320Z", "x-note": "é"}
        query = (("limit", "1"), ("name_like", "a b+/中"))
        request = Request(method="GET", path=SCRIPTS, query=query, headers=headers)
        claim = Claim(access_key="AK", scope=None, signed_headers=tuple(sorted(headers)), signature="")
        authorization = (
            f"SDK-HMAC-SHA256 Access=AK, SignedHeaders={';'.join(claim.signed_headers)}, "
            f"Signature={signature(request, claim, 'SK')}"
        )
        sent = headers | {"authorization": authorization, "x-note": "é".encode().decode("latin-1")}
        connection.request("GET", f"{SCRIPTS}?{urlencode(query)}", headers=sent)

        assert connection.getresponse().status == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("refused", ConnectionResetError),
        ("reset", ConnectionResetError),
        ("reset-after-commit", ConnectionResetError),
        ("lost-before-commit", http.client.RemoteDisconnected),
        ("lost-after-commit", http.client.RemoteDisconnected),
        ("cut", http.client.IncompleteRead),
        ("hang=0.01", http.client.RemoteDisconnected),
        ("hang-after-commit=0.01", http.client.RemoteDisconnected),
    ],
)
def test_a_connection_really_breaks_and_the_next_one_is_served(
    tenant: Tenant, connection: http.client.HTTPConnection, fault: str, error: type[Exception]
) -> None:
    tenant.simulator.inject(fault)

    with pytest.raises(error) as broken:
        ask(connection, "POST", SCRIPTS, NEW)
    assert type(broken.value) is error
    connection.close()
    done = fault.partition("=")[0] in {"reset-after-commit", "lost-after-commit", "cut", "hang-after-commit"}
    assert len(tenant.simulator.scripts()) == done
    assert ask(connection, "GET", PAGE)[0] == 200


def test_a_hang_outlasts_the_patience_of_a_caller_and_ends_with_the_server(tenant: Tenant) -> None:
    tenant.simulator.inject("hang=600*")
    with (
        serve(tenant.simulator) as server,
        socket.create_connection((urlsplit(server.url).hostname, port(server))) as raw,
    ):
        raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
        raw.settimeout(0.1)
        with pytest.raises(TimeoutError):
            raw.recv(1)


def test_a_body_drips_byte_by_byte(tenant: Tenant, connection: http.client.HTTPConnection) -> None:
    tenant.simulator.inject("drip=0.0001")

    assert ask(connection, "GET", PAGE)[2] == b'{"data":{"total":0,"data":[]}}'


def test_a_drip_ends_when_the_server_does(tenant: Tenant) -> None:
    tenant.simulator.inject("drip=600")
    server = serve(tenant.simulator)
    with closing(connect(server)) as connection:
        connection.request("GET", PAGE)
        response = connection.getresponse()
        server.close()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()


def test_a_204_ends_with_its_head(tenant: Tenant, connection: http.client.HTTPConnection) -> None:
    tenant.simulator.inject("204")

    status, headers, content = ask(connection, "GET", PAGE)
    assert (status, content) == (204, b"")
    assert "content-length" not in headers
    assert ask(connection, "GET", PAGE)[0] == 200


def test_a_closed_server_serves_nobody_any_more(tenant: Tenant) -> None:
    server = serve(tenant.simulator)
    with closing(connect(server)) as kept, closing(connect(server)) as late:
        ask(kept, "GET", PAGE)
        server.close()
        server.close()
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            ask(kept, "GET", PAGE)
        with pytest.raises(ConnectionError):
            ask(late, "GET", PAGE)


def test_waiting_for_a_server_ends_when_it_is_closed(server: Server) -> None:
    waiting = threading.Thread(target=server.wait, daemon=True)
    waiting.start()
    server.close()
    children.join(waiting)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"Content-Length: {MAX_BODY + 1}", 413),
        ("Content-Length: many", 411),
        ("Transfer-Encoding: chunked", 411),
    ],
)
def test_a_body_without_a_usable_length_is_refused(server: Server, head: str, status: int) -> None:
    with socket.create_connection((urlsplit(server.url).hostname, port(server)), 20) as raw:
        raw.sendall(f"POST {SCRIPTS} HTTP/1.1\r\n{head}\r\n\r\n".encode())
        response = http.client.HTTPResponse(raw)
        response.begin()

        assert response.status == status
        assert response.getheader("connection") == "close"


def test_a_caller_that_goes_away_is_no_event(tenant: Tenant, server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    tenant.simulator.inject("drip=0.001")
    with socket.create_connection((urlsplit(server.url).hostname, port(server)), 20) as raw:
        raw.sendall(f"GET {PAGE} HTTP/1.1\r\n\r\n".encode())
        raw.recv(1)
    server.close()

    assert capfd.readouterr() == ("", "")


def test_what_is_a_bug_shows_itself(
    tenant: Tenant,
    connection: http.client.HTTPConnection,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tenant.simulator, "handle", None)

    with pytest.raises(http.client.RemoteDisconnected):
        ask(connection, "GET", PAGE)
    assert "TypeError" in capfd.readouterr().err


def test_a_failed_handshake_leaves_the_server_running(tenant: Tenant) -> None:
    without_certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with serve(tenant.simulator, tls=without_certificate) as server:
        assert server.url.startswith("https://127.0.0.1:")
        for _ in range(2):
            with (
                socket.create_connection((urlsplit(server.url).hostname, port(server)), 20) as raw,
                pytest.raises(ssl.SSLError),
            ):
                ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")


def test_control_is_no_path_unless_it_was_asked_for(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "GET", "/_sim/settings")[0] == 404


def port(server: Server) -> int:
    return urlsplit(server.url).port or 0
