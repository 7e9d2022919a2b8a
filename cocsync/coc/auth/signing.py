"""Requests signed with an access key: `SDK-HMAC-SHA256` (API Request Signing Guide)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote

from cocsync.coc.http.outgoing import Outgoing
from cocsync.model.secret import Secret

ALGORITHM = "SDK-HMAC-SHA256"
SKEW_MAX_SECONDS = 15 * 60
"""By how much the date of a signature may differ from the gateway's clock."""

_EXPIRED = "APIGW.0303"
_SIGNED = frozenset({"host", "content-type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs each attempt anew, with a date of its own. `clock` is in epoch seconds.

    The scope's ids go along where they are given; an access key alone has its account's.
    """

    access_key: str = field(repr=False)
    secret_key: Secret
    security_token: Secret | None = None
    project_id: str | None = None
    domain_id: str | None = None
    clock: Callable[[], float]

    def headers(self, request: Outgoing) -> Mapping[str, str]:
        added = {"x-sdk-date": datetime.fromtimestamp(self.clock(), UTC).strftime("%Y%m%dT%H%M%SZ")}
        if self.project_id:
            added["x-project-id"] = self.project_id
        if self.domain_id:
            added["x-domain-id"] = self.domain_id
        if self.security_token:
            added["x-security-token"] = self.security_token.reveal()
        dated = replace(request, headers={**request.headers, **added})
        return {**added, "authorization": authorization(dated, self.access_key, self.secret_key)}

    def accepted(self, sent: Mapping[str, str]) -> None:
        pass

    def renew(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002
        return False

    def advice(self, code: str) -> str:
        if code == _EXPIRED:
            return "set the clock of this machine: it differs from COC's by more than 15 minutes"
        token = ", that the security token is theirs and still valid," if self.security_token else ""
        return f"check that access key and secret key belong together{token} and that the key is enabled in IAM"


def authorization(request: Outgoing, access_key: str, secret_key: Secret) -> str:
    """The header of that name for a request whose headers hold its date, `x-sdk-date`."""
    digest = hashlib.sha256(canonical_request(request).encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{request.headers['x-sdk-date']}\n{digest}"
    signature = hmac.digest(secret_key.reveal().encode(), to_sign.encode(), "sha256").hex()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={_names(request)}, Signature={signature}"


def canonical_request(request: Outgoing) -> str:
    """The text that stands for the request, in the six parts of the guide.

    Signed are the headers that no proxy may alter: `host`, `content-type` and those that begin with `x-`.
    """
    path = "/".join(quote(segment, safe="") for segment in unquote(request.path).split("/"))
    headers = "".join(f"{name}:{value.strip()}\n" for name, value in sorted(_signed(request).items()))
    return "\n".join(
        (
            request.method,
            path if path.endswith("/") else f"{path}/",
            canonical_query(request.query),
            headers,
            _names(request),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def canonical_query(query: str) -> str:
    """A query in the one form that is signed: sorted, everything but `A-Za-z0-9-_.~` percent-encoded."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def _names(request: Outgoing) -> str:
    return ";".join(sorted(_signed(request)))


def _signed(request: Outgoing) -> dict[str, str]:
    given = {"host": request.host, **request.headers}
    return {n: value for n, value in given.items() if n in _SIGNED or (n.startswith("x-") and "_" not in n)}
