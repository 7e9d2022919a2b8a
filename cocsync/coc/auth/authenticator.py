"""Credentials that cannot be used, and the simplest that can: a token that somebody else got."""

from __future__ import annotations

from collections.abc import Mapping

from cocsync.coc.http.outgoing import Outgoing
from cocsync.errors import CocsyncError
from cocsync.model.secret import Secret


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
