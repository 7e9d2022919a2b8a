"""Who makes a request: the gateway's checks of tokens and signatures, and the tokens that IAM gives out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cocsync.sim.auth.signature import claim_of, is_signed_by
from cocsync.sim.auth.store import TokenStore
from cocsync.sim.reading import body_of
from cocsync.sim.scripts.script import user_id
from cocsync.sim.settings import Settings
from cocsync.sim.wire import Refusal, Rejection, Request, Response, answer

TOKENS = "/v3/auth/tokens"
USER_HEADER = "x-sim-user"
"""Names the user in whose name a request is made where the simulator asks for no authentication."""

_BAD_CREDENTIALS = "APIGW.0301"
_EXPIRED = "APIGW.0303"


class Authenticator:
    """Tells the user of a request and gives out tokens, under the settings that a call comes with."""

    def __init__(self, tokens: TokenStore, clock: Callable[[], float]) -> None:
        self._tokens = tokens
        self._clock = clock

    def user(self, request: Request, settings: Settings) -> str:
        """The name of the user who makes a request; raises Rejection with 401."""
        if settings.auth == "none":
            return request.headers.get(USER_HEADER) or settings.api_user
        token = request.headers.get("x-auth-token")
        if token and settings.auth in {"token", "any"}:
            return self._token_owner(token, settings)
        if settings.auth in {"aksk", "any"} and "authorization" in request.headers:
            self._check_signature(request, settings)
            return settings.api_user
        raise Rejection(401, _BAD_CREDENTIALS, f"The request carries no {_WANTED[settings.auth]}.")

    def issue(self, request: Request, settings: Settings) -> Response:
        """IAM's answer to a request for a token: 201 with the header `x-subject-token`, or an error in IAM's shape."""
        try:
            user, domain, project = _identity(body_of(request))
        except (Refusal, KeyError, TypeError) as error:
            return _iam_error(400, "Bad Request", f"The request body is invalid: {error}")
        name, password = user
        if not password or (settings.users and (name, password) not in settings.users):
            return _iam_error(401, "Unauthorized", "The username or password is wrong.")
        now = self._clock()
        token = f"MIIS{secrets.token_urlsafe(48)}"
        self._tokens.add(token, name, now + settings.token_lifetime)
        body = {
            "token": {
                "methods": ["password"],
                "issued_at": _iso(now),
                "expires_at": _iso(now + settings.token_lifetime),
                "user": {"id": user_id(name), "name": name, "domain": {"id": user_id(domain), "name": domain}},
                "project": {"id": user_id(project), "name": project},
            }
        }
        return answer(body, 201, {"x-subject-token": token})

    def _token_owner(self, token: str, settings: Settings) -> str:
        if token in settings.tokens:
            return settings.api_user
        known = self._tokens.get(token)
        if known is None or known[1] <= self._clock():
            raise Rejection(401, _BAD_CREDENTIALS, "The token is not valid or has expired.")
        return known[0]

    def _check_signature(self, request: Request, settings: Settings) -> None:
        claim = claim_of(request.headers["authorization"])
        if claim is None or "x-sdk-date" not in claim.signed_headers:
            raise Rejection(401, _BAD_CREDENTIALS, "The Authorization header is not a signature with a date.")
        self._check_date(request.headers.get("x-sdk-date", ""), settings.max_skew)
        secret_key = dict(settings.access_keys).get(claim.access_key)
        if secret_key is None:
            raise Rejection(401, _BAD_CREDENTIALS, "The access key is not known.")
        security_token = dict(settings.security_tokens).get(claim.access_key)
        if security_token is not None and request.headers.get("x-security-token") != security_token:
            raise Rejection(401, _BAD_CREDENTIALS, "The security token of the access key is missing or wrong.")
        if not is_signed_by(request, claim, secret_key):
            raise Rejection(401, _BAD_CREDENTIALS, "The signature does not fit the request.")

    def _check_date(self, text: str, max_skew: float) -> None:
        try:
            date = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise Rejection(401, _BAD_CREDENTIALS, "The date of the signature is not valid.") from None
        if abs(date.timestamp() - self._clock()) > max_skew:
            raise Rejection(401, _EXPIRED, "The signature has expired: its date is too far from the server's clock.")


_WANTED = {"token": "token", "aksk": "signature", "any": "token and no signature"}


def _identity(body: Mapping[str, object]) -> tuple[tuple[str, str], str, str]:
    auth = _at(body, "auth")
    identity = _at(auth, "identity")
    if identity["methods"] != ["password"]:
        raise TypeError('methods must be ["password"]')
    user = _at(_at(identity, "password"), "user")
    project = _at(_at(auth, "scope"), "project")
    domain = _at(user, "domain")
    return (_word(user, "name"), _word(user, "password")), _word(domain, "name"), _word(project, "name")


def _at(value: Mapping[str, object], key: str) -> Mapping[str, object]:
    inner = value[key]
    if not isinstance(inner, dict):
        raise TypeError(f"{key} must be an object")
    return inner


def _word(value: Mapping[str, object], key: str) -> str:
    word = value[key]
    if not isinstance(word, str):
        raise TypeError(f"{key} must be a text")
    return word


def _iam_error(status: int, title: str, message: str) -> Response:
    return answer({"error": {"code": status, "title": title, "message": message}}, status)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
