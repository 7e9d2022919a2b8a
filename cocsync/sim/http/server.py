"""The simulator over a socket: HTTP/1.1 with keep-alive, and faults of connections as a caller really meets them."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

from cocsync.sim.faults.unanswered import ConnectionLost, ConnectionRefused, ReadTimeout
from cocsync.sim.http.control import PREFIX, control
from cocsync.sim.simulator import Simulator
from cocsync.sim.wire import Rejection, Request, Response

MAX_BODY = 12 * 1024 * 1024
"""Longest body of a request in bytes; the API reference (3.2) names 12 MB for signed requests."""

_LINGER_NOT = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_HANG_UP_SECONDS = 5.0


class Server:
    """A running server, and a context manager that closes it. `url` is its address, without a slash at the end."""

    def __init__(self, listener: _Listener, url: str) -> None:
        self.url = url
        self._listener = listener
        self._thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True, name="simulator")
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and hang up on everybody; may be called twice. The simulator stays open."""
        self._listener.closing.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._listener.hang_up()
        self._thread.join()

    def wait(self) -> None:
        """Serve until somebody calls `close`, or the waiting thread is interrupted."""
        self._thread.join()


def serve(
    simulator: Simulator,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    with_control: bool = False,
    tls: ssl.SSLContext | None = None,
) -> Server:
    """Put a simulator behind a socket and return at once; port 0 takes a free one.

    With control, anybody who reaches the socket can configure the simulator (see `cocsync.sim.http.control`). With
    `tls` it speaks HTTPS. Raises OSError where the address cannot be had.
    """
    listener = _Listener((host, port), simulator, with_control, tls)
    return Server(listener, f"{'https' if tls else 'http'}://{host}:{listener.server_address[1]}")


class _Listener(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], simulator: Simulator, with_control: bool, tls: ssl.SSLContext | None
    ) -> None:
        self.simulator = simulator
        self.with_control = with_control
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, _Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._open.discard(request)
                self._changed.notify_all()

    def hang_up(self) -> None:
        with self._changed:
            for connection in self._open:
                _shut(connection)
            self._changed.wait_for(lambda: not self._open, _HANG_UP_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Show what went wrong, unless it is only that the caller went away or broke off a handshake."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def answer(self) -> None:
        """Serve one request, whatever its method."""
        try:
            self._send(self._answered())
        except ConnectionRefused:
            self._reset()
        except ConnectionLost as lost:
            self._lose(lost)
        except ReadTimeout as timeout:
            self._stall(timeout)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing: the simulator's log of requests is for that."""

    def _answered(self) -> Response:
        try:
            request = self._request()
        except Rejection as rejection:
            self.close_connection = True
            return rejection.response("")
        if self.server.with_control and request.path.startswith(PREFIX):
            return control(self.server.simulator, request)
        return self.server.simulator.handle(request)

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        return Request(
            method=self.command,
            path=path,
            query=tuple(parse_qsl(query, keep_blank_values=True)),
            headers={name.lower(): _as_utf8(value) for name, value in self.headers.items()},
            body=self._body(),
        )

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            raise Rejection(411, "APIGW.0102", "The request must say the length of its body.")
        if int(length) > MAX_BODY:
            raise Rejection(413, "APIGW.0102", f"The request body is longer than {MAX_BODY} bytes.")
        return self.rfile.read(int(length))

    def _send(self, response: Response) -> None:
        has_body = response.status != HTTPStatus.NO_CONTENT
        self.wfile.write(self._head(response) + (response.body if has_body else b""))

    def _head(self, response: Response) -> bytes:
        phrase = self.responses.get(response.status, ("",))[0]
        lines = [
            f"HTTP/1.1 {response.status} {phrase}",
            *(f"{name}: {text}" for name, text in response.headers.items()),
        ]
        if response.status != HTTPStatus.NO_CONTENT:
            lines.append(f"content-length: {len(response.body)}")
        if self.close_connection:
            lines.append("connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def _lose(self, lost: ConnectionLost) -> None:
        if lost.response:
            half = len(lost.response.body) // 2
            self.wfile.write(self._head(lost.response) + lost.response.body[:half])
        self.close_connection = True
        if lost.reset:
            self._reset()

    def _stall(self, timeout: ReadTimeout) -> None:
        self.close_connection = True
        if timeout.response is None:
            self.server.closing.wait(timeout.seconds)
            return
        self.wfile.write(self._head(timeout.response))
        for position in range(len(timeout.response.body)):
            if self.server.closing.wait(timeout.seconds):
                return
            self.wfile.write(timeout.response.body[position : position + 1])

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        socket.close(self.connection.detach())


def _as_utf8(header: str) -> str:
    return header.encode("latin-1", "replace").decode("utf-8", "replace")


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
