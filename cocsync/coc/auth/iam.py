"""Tokens for a user and a password, from IAM (API reference 3.1 and 3.2)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from cocsync.coc.auth.token_cache import Token, TokenCache
from cocsync.coc.http.answer import Reply
from cocsync.coc.http.echo import Screen
from cocsync.coc.http.errors import ApiError, NotSent
from cocsync.coc.http.outgoing import LOOKED_FOR, Outgoing
from cocsync.model.secret import SENSITIVE, Secret

TOKENS = "/v3/auth/tokens"
MARGIN_SECONDS = 15 * 60.0
"""A token is replaced this long before it expires, or with a tenth of its life left where that is less."""

LIFE_SECONDS = 24 * 3600.0
"""Of a token whose answer does not say when it expires (API reference 3.2)."""

RETRY_SECONDS = 5.0
"""For so long a passing failure of IAM's is everybody's: those who waited do not each ask again."""

_KEY_ITERATIONS = 200_000
_TEXT_MAX = 200
_HEADER = re.compile(r"[!-~]+")


class LoginFailed(NotSent):
    """IAM gave no token, so nothing was sent to COC: what IAM said, and the fix as a clause in the imperative."""

    def __init__(self, finding: str, *, fix: str, may_pass: bool = False, reason: str = "") -> None:
        super().__init__(f"{finding}: {fix}", reason=reason, may_pass=may_pass)
        self.finding = finding
        self.fix = fix


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who wants a token. `endpoint` is IAM's, `audience` that of the COC which the token is for."""

    user: str
    password: Secret
    domain: str
    project: str
    endpoint: str
    audience: str

    def cache_key(self) -> str:
        """A name that only somebody with the same password finds again, and from which it is not guessed quickly."""
        identity = json.dumps([self.endpoint, self.audience, self.domain, self.user, self.project]).encode()
        password = self.password.reveal().encode("utf-8", "surrogatepass")
        return hashlib.pbkdf2_hmac("sha256", password, identity, _KEY_ITERATIONS).hex()


class IamToken:
    """A token for all requests of a run, got when the first one needs it and replaced before it expires, but never
    between a look and the PUT or DELETE that rests on it.

    A token that COC refuses is replaced once, however many requests it was refused to; one that IAM has just given
    and COC has never accepted is not. A failure that waiting does not mend is asked for once in a run: IAM locks a
    user after a few wrong passwords. `post` sends JSON to an address and raises `ApiError` where there is no reply;
    `clock` is in epoch seconds; without a cache the token lives for the run.
    """

    def __init__(
        self,
        login: Login,
        *,
        post: Callable[[str, Mapping[str, Any]], Reply],
        clock: Callable[[], float],
        cache: TokenCache | None,
    ) -> None:
        self._login = login
        self._post = post
        self._clock = clock
        self._cache = cache
        self._key = login.cache_key() if cache else ""
        self._lock = threading.Lock()
        self._token = cache.load(self._key) if cache else None
        self._proven = self._token is not None
        self._failed: LoginFailed | None = None
        self._failed_at = 0.0

    def headers(self, request: Outgoing) -> Mapping[str, str]:
        """Raises `LoginFailed`. A request that is not to wait behind a look gets the token at hand, however old."""
        if request.method in LOOKED_FOR and (at_hand := self._token):
            return {"x-auth-token": at_hand.value.reveal()}
        with self._lock:
            token = self._token
            if token is None or self._clock() >= token.renew_at:
                token = self._replaced(token)
            return {"x-auth-token": token.value.reveal()}

    def accepted(self, sent: Mapping[str, str]) -> None:
        if self._proven:  # a look is not to wait either, for a thread that asks IAM
            return
        with self._lock:
            if self._is_current(sent):
                self._proven = True

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Raises `LoginFailed`."""
        with self._lock:
            if self._is_current(refused):
                if not self._proven:
                    return False
                self._replaced(None)
            return True

    def advice(self, code: str) -> str:  # noqa: ARG002
        return (
            "COC refused a token fresh from IAM: check that HW_PROJECT_NAME and HW_IAM_ENDPOINT belong to the site of "
            "this endpoint"
        )

    def _is_current(self, sent: Mapping[str, str]) -> bool:
        return self._token is not None and hmac.compare_digest(
            sent.get("x-auth-token", "").encode(), self._token.value.reveal().encode()
        )

    def _replaced(self, old: Token | None) -> Token:
        """A new token, or the old one where it is still good and IAM is not to be had."""
        now = self._clock()
        try:
            token = self._ask(now)
        except LoginFailed as error:
            if old is None or now >= old.expires_at or not error.may_pass:
                raise
            self._token = replace(old, renew_at=now + RETRY_SECONDS)
            return self._token
        self._token, self._proven = token, False
        if self._cache:
            self._cache.save(self._key, token)
        return token

    def _ask(self, now: float) -> Token:
        if self._failed and not (self._failed.may_pass and now >= self._failed_at + RETRY_SECONDS):
            raise self._failed
        try:
            token = request_token(self._login, self._post, now)
        except LoginFailed as error:
            self._failed, self._failed_at = error, self._clock()
            raise
        self._failed = None
        return token


def request_token(login: Login, post: Callable[[str, Mapping[str, Any]], Reply], now: float) -> Token:
    """Asks IAM for a token whose scope is the project. Raises `LoginFailed`."""
    user = {"name": login.user, "password": login.password.reveal(), "domain": {"name": login.domain}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": {"name": login.project}}}}
    try:
        reply = post(login.endpoint + TOKENS, body)
    except ApiError as error:
        reason = error.reason if isinstance(error, NotSent) else ""
        may_pass = error.may_pass if isinstance(error, NotSent) else True
        fix = "check HW_IAM_ENDPOINT and the network, then run again"
        finding = f"no token from IAM at {login.endpoint}, which cannot be reached ({reason or error})"
        raise LoginFailed(finding, fix=fix, may_pass=may_pass, reason=reason) from error
    token = reply.headers.get("x-subject-token")
    if reply.status != HTTPStatus.CREATED or not token or not _HEADER.fullmatch(token):
        raise _refusal(login, reply)
    life = _life(reply)
    return Token(value=Secret(token), renew_at=now + life - min(MARGIN_SECONDS, life / 10), expires_at=now + life)


def _refusal(login: Login, reply: Reply) -> LoginFailed:
    password = login.password.reveal()
    # IAM's own words hold "password", as many a password does: so only large pieces count.
    shown = Screen([login.password], grain=12).text(_message(reply).replace(password, SENSITIVE))
    said = f"{reply.status} {shown}".strip()
    where = f"no token from IAM at {login.endpoint}"
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        fix = "check HW_USER_NAME, HW_USER_PASSWORD and HW_DOMAIN_NAME, and that the user may log in by programs"
        return LoginFailed(f"{where}, which refuses the user ({said})", fix=fix)
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return LoginFailed(f"{where}, which cannot issue one right now ({said})", fix="run again later", may_pass=True)
    if _message(reply):
        fix = "check HW_DOMAIN_NAME and HW_PROJECT_NAME"
        return LoginFailed(f"{where}, which does not take the request ({said})", fix=fix)
    fix = "check HW_IAM_ENDPOINT, and the proxy if there is one"
    return LoginFailed(f"{where}, which does not answer as IAM does ({said})", fix=fix)


def _message(reply: Reply) -> str:
    """IAM's own word on an error, or ""."""
    match _document(reply):
        case {"error": {"message": str(text)}} | {"error_msg": str(text)}:
            return text[:_TEXT_MAX]
    return ""


def _life(reply: Reply) -> float:
    """Seconds from now until the token expires, by IAM's two dates: so the clocks need not agree."""
    match _document(reply):
        case {"token": {"issued_at": str(issued), "expires_at": str(expires)}}:
            try:
                life = (datetime.fromisoformat(expires) - datetime.fromisoformat(issued)).total_seconds()
            except (ValueError, TypeError):
                return LIFE_SECONDS
            return life if life > 0 else LIFE_SECONDS
    return LIFE_SECONDS


def _document(reply: Reply) -> Any:
    try:
        return json.loads(reply.body or b"")
    except (ValueError, RecursionError):
        return None
