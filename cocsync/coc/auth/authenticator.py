"""What a request needs so that COC knows who asks: the seam between transport and credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cocsync.coc.http.echo import Screen
from cocsync.errors import CocsyncError
from cocsync.model.secret import SENSITIVE, Secret

_PROOFS = ("x-auth-token", "x-security-token", "authorization")
_SIGNATURE_PARTS = re.compile(r"(?:Access|Signature|Credential)=([^,\s]+)")


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


class InvalidCredentials(CocsyncError):
    """Credentials that are not whole or not usable: what was found, without any value, and the fix as a clause."""

    def __init__(self, finding: str, *, fix: str) -> None:
        super().__init__(f"{finding}: {fix}")
        self.finding = finding
        self.fix = fix


class FixedToken:
    """A token that somebody else got, sent as it is."""

    def __init__(self, token: Secret, source: str) -> None:
        self._token = token
        self._source = source

    def headers(self, request: Outgoing) -> Mapping[str, str]:  # noqa: ARG002
        return {"x-auth-token": self._token.reveal()}

    def accepted(self, sent: Mapping[str, str]) -> None:
        pass

    def renew(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002
        return False

    def advice(self, code: str) -> str:  # noqa: ARG002
        return f"put a new token into {self._source}: tokens expire after a day, and this one is not valid here"


def without_proofs(text: str, sent: Mapping[str, str]) -> str:
    """The text without the tokens and signature that a request carried.

    A gateway that refuses a signature shows what it expected to be signed, and so repeats signed headers
    ("Signing" in docs/coc-api.md).
    """
    for name in _PROOFS:
        if proof := sent.get(name):
            text = text.replace(proof, SENSITIVE)
    return text


def screen_of_proofs(sent: Mapping[str, str]) -> Screen:
    """Finds what is left of the proofs in any other form. The public parts of a signature may be repeated."""
    tokens = [sent.get(name, "") for name in _PROOFS if name != "authorization"]
    parts = _SIGNATURE_PARTS.findall(sent.get("authorization", ""))
    return Screen(map(Secret, (*tokens, *parts)), grain=8, stride=12)
