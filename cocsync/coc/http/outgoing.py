"""A request as it leaves, and what may stand between it and the network: who proves the sender, and who answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cocsync.coc.http.answer import Reply

LOOKED_FOR = ("PUT", "DELETE")
"""What somebody else's version may be lost by: sent right behind a look, or after a fresh one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request as it leaves: exactly these bytes are sent. Header names are in lower case; `query` is without `?`."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Authenticator(Protocol):
    """Adds to each attempt what proves who sends it. Thread-safe. Names of headers are in lower case."""

    def headers(self, request: Outgoing) -> Mapping[str, str]:
        """Headers to add or replace; asked afresh for each attempt."""

    def accepted(self, sent: Mapping[str, str]) -> None:
        """After a success of a request with these headers: they are good."""

    def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401 to a request with these headers: whether another attempt with new ones makes sense."""

    def advice(self, code: str) -> str:
        """What a user can do about a 401 that stays, by COC's error code: a clause in the imperative."""


class Handler(Protocol):
    """Answers requests inside this process, in the network's place. Thread-safe."""

    def handle(self, request: Outgoing) -> Reply:
        """The answer, with its body as it would come over a socket.

        Raises `ConnectionRefusedError` where nothing was sent, and `ConnectionResetError` where the answer is lost.
        """

    def close(self) -> None:
        """Nothing more is asked."""
