"""Connections on which no attempt lasts longer than it may, however slowly its bytes come."""

from __future__ import annotations

import ssl
import threading
import time
from typing import Any

import httpcore


class Deadline(threading.local):
    """When this thread's attempt has to be over. httpx limits the pause between two bytes, not their sum."""

    at = 0.0

    def set(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        left = self.at - time.monotonic()
        return left if timeout is None else min(left, timeout)


class _BoundStream(httpcore.NetworkStream):
    """A connection on which no read or write outlasts the deadline of the attempt that it serves."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.ReadTimeout("the attempt took too long")
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.WriteTimeout("the attempt took too long")
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _BoundStream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class BoundBackend(httpcore.NetworkBackend):
    """Makes connections that keep a deadline, for a pool of httpcore's."""

    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        return _BoundStream(self._inner.connect_tcp(*args, **kwargs), self._deadline)
