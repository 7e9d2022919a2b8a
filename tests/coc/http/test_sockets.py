"""The transport on real connections: bodies of any size and pace, certificates, proxies and redirects."""

from __future__ import annotations

import gzip
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
import trustme

from cocsync.coc.auth.authenticator import FixedToken
from cocsync.coc.http.answer import Reply
from cocsync.coc.http.client import Client
from cocsync.coc.http.errors import NotSent, OutcomeUnknown
from cocsync.coc.http.request import BODY_MAX
from cocsync.coc.http.transport import Transport
from cocsync.model.logged import Logged
from cocsync.model.secret import Secret
from cocsync.sim import Response, Simulator
from cocsync.sim.http.server import serve
from tests.support import canary, children
from tests.support.canned import Canned

PATH = "/v1/job/scripts"
ASKED = {"limit": "1"}
PASSWORD = canary.planted("password")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy")

Talk = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names neither proxies nor certificates."""
    for name in (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@contextmanager
def listening(talk: Talk) -> Iterator[int]:
    """The port of a server that talks so to each caller, in turn. What the caller breaks off is no matter."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                with caller, suppress(OSError):
                    talk(caller)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        children.join(thread)


def ask(url: str, *, method: str = "GET", seconds: float = 5.0, token: str = "") -> Reply:
    """One attempt on a connection of its own."""
    authenticator = FixedToken(Secret(token), "TOKEN") if token else None
    with closing(Transport(url, attempt_seconds=seconds, authenticator=authenticator)) as transport:
        return transport.send(method, PATH, query=ASKED)


class TestPace:
    """Each byte comes in time, and all of them together do not."""

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_headers_that_drip_do_not_outlast_the_attempt(self, method: str) -> None:
        def drip(caller: socket.socket) -> None:
            caller.recv(65536)
            caller.sendall(b"HTTP/1.1 200 OK\r\n")
            caller.settimeout(0.05)
            while True:
                caller.sendall(b"x-drip: y\r\n")
                with suppress(TimeoutError):
                    assert not caller.recv(1)
                    return

        with listening(drip) as port, pytest.raises(OutcomeUnknown, match="ReadTimeout"):
            ask(f"http://127.0.0.1:{port}", method=method, seconds=0.3)

    def test_a_body_that_drips_does_not_outlast_the_attempt(self, serving: Callable[[Simulator], str]) -> None:
        coc = Simulator()
        coc.inject("drip=0.05")
        with coc, pytest.raises(OutcomeUnknown, match="ReadTimeout"):
            ask(serving(coc), seconds=0.3)

    def test_a_server_that_does_not_read_does_not_outlast_the_attempt(self) -> None:
        def stall(caller: socket.socket) -> None:
            caller.recv(1)
            stop.recv(1)

        stop, go = socket.socketpair()
        with (
            stop,
            go,
            listening(stall) as port,
            closing(Transport(f"http://127.0.0.1:{port}", attempt_seconds=0.3)) as to,
        ):
            with pytest.raises(OutcomeUnknown, match="WriteTimeout"):
                to.send("POST", PATH, body={"content": "x" * 20_000_000})
            go.sendall(b"!")

    def test_a_handshake_that_does_not_come_does_not_outlast_the_attempt(self) -> None:
        def be_silent(caller: socket.socket) -> None:
            while caller.recv(65536):
                pass

        with listening(be_silent) as port, pytest.raises(NotSent) as caught:
            ask(f"https://127.0.0.1:{port}", seconds=0.3)
        assert caught.value.may_pass

    def test_the_next_attempt_on_the_same_thread_has_all_its_time(self, serving: Callable[[Simulator], str]) -> None:
        coc = Simulator()
        coc.inject("drip=0.1")
        with coc, closing(Transport(serving(coc), attempt_seconds=1.0)) as transport:
            with pytest.raises(OutcomeUnknown):
                transport.send("GET", PATH, query=ASKED)
            assert transport.send("GET", PATH, query=ASKED).status == 200


class TestSize:
    @pytest.mark.parametrize("fault", ["huge=32", "gzip-bomb=32"])
    def test_a_body_is_read_no_further_than_the_limit_and_its_connection_is_not_used_again(
        self, serving: Callable[[Simulator], str], fault: str
    ) -> None:
        coc = Simulator()
        coc.inject(fault)
        with coc, closing(Transport(serving(coc))) as transport:
            assert transport.send("GET", PATH, query=ASKED).body is None
            assert transport.send("GET", PATH, query=ASKED).body is not None

    @pytest.mark.parametrize("layers", [1, 2])
    def test_a_bomb_is_not_unpacked(self, layers: int) -> None:
        """128 MB from 128 kB; of a bomb in a bomb not even the first one."""
        packing = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        body = b"".join(packing.compress(bytes(1 << 20)) for _ in range(128)) + packing.flush()
        if layers == 2:
            body = gzip.compress(body, mtime=0)
        headers = {"content-encoding": ", ".join(["gzip"] * layers)}
        bomb = Response(status=200, headers=headers, body=body)
        tracemalloc.start()
        try:
            with suppress(OutcomeUnknown):
                assert Canned(lambda _: bomb).transport().send("GET", PATH).body is None
            assert tracemalloc.get_traced_memory()[1] < 3 * BODY_MAX
        finally:
            tracemalloc.stop()

    def test_the_answer_to_a_refused_token_is_not_read(self) -> None:
        """It says that its body is endless; the next attempt goes on a connection of its own."""

        def refuse_and_talk(caller: socket.socket) -> None:
            caller.recv(65536)
            status = b"200 OK" if heard else b"401 Unauthorized"
            length = b"2" if heard else b"999999999999"
            heard.append(caller)
            caller.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: " + length + b"\r\n\r\n{}")
            assert not caller.recv(65536)

        class Renewing(FixedToken):
            def renew(self, _: object) -> bool:
                return True

        heard: list[socket.socket] = []
        with listening(refuse_and_talk) as port:
            authenticator = Renewing(Secret("t"), "T")
            with closing(Transport(f"http://127.0.0.1:{port}", authenticator=authenticator)) as transport:
                assert transport.send("GET", PATH, query=ASKED).body == b"{}"

    def test_a_compressed_answer_is_read(self, serving: Callable[[Simulator], str]) -> None:
        with Simulator() as coc:
            coc.inject("gzip")
            reply = ask(serving(coc))
        assert reply.body == b'{"data":{"total":0,"data":[]}}'

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "deflate"])
    def test_one_that_is_packed_in_a_way_that_was_not_asked_for_is_a_lost_answer(self, encoding: str) -> None:
        packed = Response(status=200, headers={"content-encoding": encoding}, body=b"?")
        with pytest.raises(OutcomeUnknown, match="DecodingError"):
            Canned(lambda _: packed).transport().send("DELETE", PATH)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def over_tls(authority: trustme.CA, *names: str, until: datetime | None = None) -> Iterator[tuple[Simulator, str]]:
    """A simulator that speaks HTTPS under a certificate for these names, and its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, not_after=until).configure_cert(context)
    with Simulator() as coc, serve(coc, tls=context) as server:
        yield coc, server.url


class TestCertificate:
    @pytest.fixture
    def trusted(self, authority: trustme.CA, tmp_path: Path, environ: pytest.MonkeyPatch) -> None:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        environ.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    @pytest.mark.usefixtures("trusted")
    def test_an_authority_of_ones_own_is_named_by_the_environment(self, authority: trustme.CA) -> None:
        with over_tls(authority, "127.0.0.1") as (_, url):
            assert ask(url).status == 200

    def test_one_that_nobody_named_is_not_trusted_and_not_asked_twice(self, authority: trustme.CA) -> None:
        told: list[Logged] = []
        with over_tls(authority, "127.0.0.1") as (coc, url), closing(Transport(url)) as transport:
            with pytest.raises(NotSent, match=r"CERTIFICATE_VERIFY_FAILED.*nothing was sent") as caught:
                Client(transport, writable=False, log=told.append).get(PATH)
            assert (len(told), len(coc.requests), caught.value.may_pass) == (1, 0, False)

    @pytest.mark.usefixtures("trusted")
    @pytest.mark.parametrize("wrong", ["name", "date"])
    def test_a_certificate_for_another_name_or_time_is_not_trusted(self, authority: trustme.CA, wrong: str) -> None:
        name = "elsewhere.test" if wrong == "name" else "127.0.0.1"
        until = datetime(2020, 1, 1, tzinfo=UTC) if wrong == "date" else None
        with over_tls(authority, name, until=until) as (coc, url):
            with pytest.raises(NotSent) as caught:
                ask(url)
            assert not caught.value.may_pass
            assert len(coc.requests) == 0

    @pytest.mark.parametrize("exists", [True, False])
    def test_a_certificate_file_that_cannot_be_used_is_named(
        self, tmp_path: Path, environ: pytest.MonkeyPatch, exists: bool
    ) -> None:
        if exists:
            (tmp_path / "ca.pem").write_text("no certificate")
        environ.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        with pytest.raises(NotSent, match="SSL_CERT_FILE") as caught:
            Transport("https://coc.test")
        assert not caught.value.may_pass


@contextmanager
def proxy(to_port: int) -> Iterator[tuple[str, list[str]]]:
    """A proxy that connects every caller to one port, its address, and the first lines of what it was asked."""
    asked: list[str] = []

    def tunnel(caller: socket.socket) -> None:
        asked.append(caller.recv(65536).split(b"\r\n")[0].decode())
        with socket.create_connection(("127.0.0.1", to_port)) as target:
            caller.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = Thread(target=pump, args=(target, caller), daemon=True)
            back.start()
            pump(caller, target)
            children.join(back)

    with listening(tunnel) as port:
        yield f"http://127.0.0.1:{port}", asked


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class TestProxy:
    @pytest.fixture(autouse=True)
    def _trusted(self, authority: trustme.CA, tmp_path: Path, environ: pytest.MonkeyPatch) -> None:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        environ.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    @pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
    def test_it_is_asked_for_a_tunnel_and_learns_no_more_than_the_host(
        self, authority: trustme.CA, environ: pytest.MonkeyPatch, variable: str
    ) -> None:
        """The host exists nowhere, so the answer came through the tunnel, under COC's own certificate."""
        with over_tls(authority, "coc.test") as (coc, url), proxy(int(url.rpartition(":")[2])) as (address, asked):
            environ.setenv(variable, address)
            assert ask("https://coc.test", token="T0KEN").status == 200
            assert (asked, len(coc.requests)) == (["CONNECT coc.test:443 HTTP/1.1"], 1)

    def test_a_host_that_needs_none_is_asked_without(self, authority: trustme.CA, environ: pytest.MonkeyPatch) -> None:
        with over_tls(authority, "127.0.0.1") as (_, url):
            environ.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
            environ.setenv("NO_PROXY", "127.0.0.1")
            assert ask(url).status == 200

    @pytest.mark.parametrize("answer", [b"407 Proxy Authentication Required", b"403 Forbidden", b"502 Bad Gateway"])
    def test_one_that_refuses_sends_nothing_on(self, environ: pytest.MonkeyPatch, answer: bytes) -> None:
        def refuse(caller: socket.socket) -> None:
            caller.recv(65536)
            caller.sendall(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\n\r\n")

        with listening(refuse) as port:
            environ.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@127.0.0.1:{port}")
            with pytest.raises(NotSent, match=answer.decode()) as caught:
                ask("https://coc.test")
        assert not canary.is_in(str(caught.value))

    @pytest.mark.parametrize("address", ["socks5://u:{}@127.0.0.1:1", "gopher://u:{}@127.0.0.1:1", "http://proxy:port"])
    def test_one_that_cannot_be_used_is_an_expected_failure(self, environ: pytest.MonkeyPatch, address: str) -> None:
        environ.setenv("ALL_PROXY", address.format(PASSWORD))
        with pytest.raises(NotSent, match="ALL_PROXY") as caught:
            Transport("https://coc.test")
        assert not canary.is_in(str(caught.value))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_takes_a_token_elsewhere(serving: Callable[[Simulator], str], status: int) -> None:
    def redirect(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(f"HTTP/1.1 {status} X\r\nLocation: {url}{PATH}\r\nContent-Length: 0\r\n\r\n".encode())

    with Simulator() as elsewhere, listening(redirect) as port:
        url = serving(elsewhere)
        assert ask(f"http://127.0.0.1:{port}", token="T0KEN").status == status
        assert len(elsewhere.requests) == 0
