"""The gateway's side of request signatures: what a caller must have signed, worked out from the request that came.

`SDK-HMAC-SHA256` signs with the secret key itself, `V11-HMAC-SHA256` with a key derived from it for one day, region
and service (API Request Signing Guide).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from cocsync.sim.wire import Request

DIRECT = "SDK-HMAC-SHA256"
DERIVED = "V11-HMAC-SHA256"

_AUTHORIZATION = re.compile(
    rf"(?:(?P<direct>{DIRECT}) Access=(?P<key>[^,/\s]+)|(?P<derived>{DERIVED}) Credential=(?P<owner>[^,/\s]+)/"
    r"(?P<scope>[^,\s]+)), SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an `Authorization` header says: who signed which headers, and the signature.

    `scope` is `DATE/REGION/SERVICE` for a derived key, else None.
    """

    access_key: str
    scope: str | None
    signed_headers: tuple[str, ...]
    signature: str


def claim_of(authorization: str) -> Claim | None:
    """The claim in an `Authorization` header, None where it is none."""
    match = _AUTHORIZATION.fullmatch(authorization)
    if match is None:
        return None
    return Claim(
        access_key=match["key"] or match["owner"],
        scope=match["scope"],
        signed_headers=tuple(match["headers"].split(";")),
        signature=match["signature"],
    )


def is_signed_by(request: Request, claim: Claim, secret_key: str) -> bool:
    """Whether a claim's signature fits its request, signed headers included."""
    if any(name not in request.headers for name in claim.signed_headers):
        return False
    return hmac.compare_digest(signature(request, claim, secret_key), claim.signature)


def signature(request: Request, claim: Claim, secret_key: str) -> str:
    """The signature that a request must carry; its date is in the header `x-sdk-date`."""
    canonical = hashlib.sha256(canonical_request(request, claim.signed_headers).encode()).hexdigest()
    date = request.headers.get("x-sdk-date", "")
    if claim.scope is None:
        return _hmac(secret_key.encode(), f"{DIRECT}\n{date}\n{canonical}").hex()
    key = derived_key(claim.access_key, secret_key, claim.scope)
    return _hmac(key.encode(), f"{DERIVED}\n{date}\n{claim.scope}\n{canonical}").hex()


def canonical_request(request: Request, signed_headers: tuple[str, ...]) -> str:
    """The text that stands for a request: method, path, query, headers, their names, hash of the body."""
    path = "/".join(_quoted(segment) for segment in unquote(request.path).split("/"))
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(request.query))
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in signed_headers)
    unsigned = request.body and request.headers.get("x-sdk-content-sha256") == "UNSIGNED-PAYLOAD"
    payload = "UNSIGNED-PAYLOAD" if unsigned else hashlib.sha256(request.body).hexdigest()
    return "\n".join(
        [request.method, path if path.endswith("/") else f"{path}/", query, headers, ";".join(signed_headers), payload]
    )


def derived_key(access_key: str, secret_key: str, scope: str) -> str:
    """The key for one day, region and service: HKDF over SHA-256, one block, in hexadecimal."""
    return _hmac(_hmac(access_key.encode(), secret_key), f"{scope}\x01").hex()


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
