"""Where the proof of who we are comes from: the environment, then the SDK's credentials file; see docs/credentials.md.

The first source that holds anything is used, and used whole: nothing is filled in from another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cocsync.coc.auth import credentials_file
from cocsync.coc.auth.authenticator import FixedToken, InvalidCredentials
from cocsync.coc.auth.iam import IamToken, Login
from cocsync.coc.auth.signing import Signer
from cocsync.coc.auth.token_cache import TokenCache
from cocsync.coc.auth.trusted_hosts import ALLOWED, UntrustedHost, is_trusted
from cocsync.coc.http.answer import Reply
from cocsync.coc.http.outgoing import Authenticator
from cocsync.model.secret import Secret
from cocsync.model.target import SHORT_ENDPOINTS
from cocsync.model.target import endpoint as parse_endpoint

TOKEN = "COCSYNC_AUTH_TOKEN"  # noqa: S105
IAM_ENDPOINT = "HW_IAM_ENDPOINT"
DEFAULT_IAM = "https://iam.myhuaweicloud.com"
"""IAM of the two sites that share it; elsewhere it must be named, since it cannot be told from COC's address."""

_DEFAULT_IAM_SITES = frozenset({SHORT_ENDPOINTS["cn"], SHORT_ENDPOINTS["intl"]})
_LOGIN = ("HW_USER_NAME", "HW_USER_PASSWORD", "HW_DOMAIN_NAME", "HW_PROJECT_NAME")
_PLAIN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """Signs requests. With a security token it is a temporary one. The ids are the scope, where one is named."""

    access_key: str = field(repr=False)
    secret_key: Secret
    security_token: Secret | None = None
    project_id: str | None = None
    domain_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyToken:
    """A token that somebody else got."""

    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user and password, for a token from IAM. `iam_endpoint` is None where nobody names it."""

    name: str
    password: Secret
    domain: str
    project: str
    iam_endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What proves who we are. `source` names the variables or the file; neither it nor a warning holds a value."""

    proof: AccessKey | ReadyToken | User
    source: str
    warnings: tuple[str, ...] = ()


class NoCredentials(InvalidCredentials):
    """No source holds any; the fix lists the ways to give some."""

    def __init__(self, file: Path) -> None:
        key_pairs = ", or ".join(f"{names.access_key} and {names.secret_key}" for names in _KEYS)
        super().__init__(
            "no credentials",
            fix=f"set {key_pairs}; or a token in {TOKEN}; or {', '.join(_LOGIN)} and {IAM_ENDPOINT} for a token from "
            f"IAM; or put ak and sk into {file}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeyNames:
    access_key: str
    secret_key: str
    security_token: str
    project_id: str
    domain_id: str


_KEYS = (
    _KeyNames(
        access_key="HUAWEICLOUD_SDK_AK",
        secret_key="HUAWEICLOUD_SDK_SK",  # noqa: S106
        security_token="HUAWEICLOUD_SDK_SECURITY_TOKEN",  # noqa: S106
        project_id="HUAWEICLOUD_SDK_PROJECT_ID",
        domain_id="HUAWEICLOUD_SDK_DOMAIN_ID",
    ),
    _KeyNames(
        access_key="HW_ACCESS_KEY",
        secret_key="HW_SECRET_KEY",  # noqa: S106
        security_token="HW_SECURITY_TOKEN",  # noqa: S106
        project_id="HW_PROJECT_ID",
        domain_id="HW_DOMAIN_ID",
    ),
)
_FILE_KEYS = _KeyNames(
    access_key="ak",
    secret_key="sk",  # noqa: S106
    security_token="security_token",  # noqa: S106
    project_id="project_id",
    domain_id="domain_id",
)


def find(
    environ: Mapping[str, str], home: Path, *, project_id: str | None = None, domain_id: str | None = None
) -> Credentials:
    """The credentials of the first source that holds any: access keys in the SDK's variables, then in Terraform's, a
    ready token, a user and password, the credentials file.

    An empty variable counts as unset. `project_id` and `domain_id` are the target's and beat those of the source: the
    project file says where scripts go. Raises `InvalidCredentials`, and `NoCredentials` where no source holds any.
    """
    for names in _KEYS:
        if found := _access_key(environ, names, project_id, domain_id):
            return Credentials(proof=found, source=f"{names.access_key} and {names.secret_key}")
    if token := environ.get(TOKEN):
        return Credentials(proof=ReadyToken(token=Secret(_plain(TOKEN, token))), source=TOKEN)
    if environ.get("HW_USER_NAME") or environ.get("HW_USER_PASSWORD"):
        return Credentials(proof=_user(environ), source=f"{', '.join(_LOGIN[:-1])} and {_LOGIN[-1]}")
    profile = credentials_file.read(environ, home)
    if profile and (found := _access_key(profile.values, _FILE_KEYS, project_id, domain_id, where=profile.where)):
        return Credentials(proof=found, source=profile.where, warnings=profile.warnings)
    raise NoCredentials(credentials_file.path(environ, home))


def for_host(credentials: Credentials, host: str, environ: Mapping[str, str]) -> Credentials:
    """The credentials as they may be used for this host, with a warning where it is one that nobody vouches for.

    Raises `UntrustedHost` where it would be sent a token of any kind. A signature proves one request alone, and the
    secret key stays here.
    """
    if is_trusted(host, environ):
        return credentials
    match credentials.proof:
        case ReadyToken():
            raise UntrustedHost(host, f"the token in {credentials.source}")
        case User():
            raise UntrustedHost(host, "a token from IAM")
        case AccessKey(security_token=Secret()):
            raise UntrustedHost(host, f"the security token beside {credentials.source}")
    warning = (
        f"requests signed with {credentials.source} go to {host}, which is neither a public host of COC's nor named by "
        f"the environment: where that is right, set {ALLOWED}={host}"
    )
    return replace(credentials, warnings=(*credentials.warnings, warning))


def authenticator(
    credentials: Credentials,
    *,
    endpoint: str,
    post: Callable[[str, Mapping[str, Any]], Reply],
    clock: Callable[[], float],
    cache_folder: Path | None,
) -> Authenticator:
    """What sends these credentials to the COC at `endpoint`. Raises `InvalidCredentials`.

    `post` sends JSON to an address and raises `ApiError` where there is no reply; `clock` is in epoch seconds.
    Without a cache folder a token from IAM lives for the run.
    """
    proof = credentials.proof
    if isinstance(proof, AccessKey):
        return Signer(
            access_key=proof.access_key,
            secret_key=proof.secret_key,
            security_token=proof.security_token,
            project_id=proof.project_id,
            domain_id=proof.domain_id,
            clock=clock,
        )
    if isinstance(proof, ReadyToken):
        return FixedToken(proof.token, credentials.source)
    cache = TokenCache(cache_folder) if cache_folder else None
    return IamToken(_login(proof, endpoint), post=post, clock=clock, cache=cache)


def _access_key(
    given: Mapping[str, str], names: _KeyNames, project_id: str | None, domain_id: str | None, *, where: str = ""
) -> AccessKey | None:
    """The access key under these names, None where neither half is there. `where` is the file it stands in."""
    halves = (names.access_key, names.secret_key)
    missing = [name for name in halves if not given.get(name)]
    if len(missing) == len(halves):
        return None
    place = f" in {where}" if where else ""
    if missing:
        there = next(name for name in halves if name not in missing)
        raise InvalidCredentials(f"{there} is set{place} and {missing[0]} is not", fix="set both, or neither")

    def value(name: str) -> str | None:
        return _plain(name, given[name], place) if given.get(name) else None

    security_token = value(names.security_token)
    return AccessKey(
        access_key=_plain(names.access_key, given[names.access_key], place),
        secret_key=Secret(_plain(names.secret_key, given[names.secret_key], place)),
        security_token=Secret(security_token) if security_token else None,
        project_id=project_id or value(names.project_id),
        domain_id=domain_id or value(names.domain_id),
    )


def _user(environ: Mapping[str, str]) -> User:
    missing = [name for name in _LOGIN if not environ.get(name)]
    if missing:
        there = ", ".join(name for name in _LOGIN if name not in missing)
        raise InvalidCredentials(f"{there} set without {', '.join(missing)}", fix="set all four, for a token from IAM")
    name, password, domain, project = (environ[name] for name in _LOGIN)
    return User(
        name=name, password=Secret(password), domain=domain, project=project, iam_endpoint=_iam_endpoint(environ)
    )


def _iam_endpoint(environ: Mapping[str, str]) -> str | None:
    text = environ.get(IAM_ENDPOINT)
    if not text:
        return None
    try:
        return parse_endpoint(text if "://" in text else f"https://{text}")
    except ValueError as error:
        reason = str(error).partition(": ")[0]
        raise InvalidCredentials(f"{IAM_ENDPOINT} {reason}", fix=f"give an address such as {DEFAULT_IAM}") from None


def _login(user: User, endpoint: str) -> Login:
    iam = user.iam_endpoint or (DEFAULT_IAM if endpoint in _DEFAULT_IAM_SITES else None)
    if iam is None:
        raise InvalidCredentials(f"no IAM is known for {endpoint}", fix=f"set {IAM_ENDPOINT}")
    return Login(
        user=user.name,
        password=user.password,
        domain=user.domain,
        project=user.project,
        endpoint=iam,
        audience=endpoint,
    )


def _plain(name: str, value: str, place: str = "") -> str:
    """The value, where it may stand in a header. Raises `InvalidCredentials`, which does not repeat it."""
    if not _PLAIN.fullmatch(value):
        raise InvalidCredentials(
            f"{name}{place} has a space, a line end or a character outside ASCII in it", fix="copy it again, alone"
        )
    return value
