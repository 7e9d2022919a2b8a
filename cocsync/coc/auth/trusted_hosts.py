"""Which hosts may be sent a token: whoever holds one acts as its user until it expires.

A project file is written by pull requests, so what it says of an endpoint allows nothing. Only the environment does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from cocsync.coc.auth.authenticator import InvalidCredentials
from cocsync.errors import ExitCode
from cocsync.model.target import SHORT_ENDPOINTS, SIMULATOR, is_loopback
from cocsync.model.target import endpoint as parse_endpoint

ALLOWED = "COCSYNC_ALLOWED_HOSTS"
ENDPOINT = "COCSYNC_ENDPOINT"

PUBLIC = frozenset(urlsplit(endpoint).hostname or "" for endpoint in SHORT_ENDPOINTS.values())
"""COC's public hosts, one for each site. No pattern covers them ("Endpoints and scope" in docs/coc-api.md)."""

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


class UntrustedHost(InvalidCredentials):
    """A token would go to a host that is not COC's own and that the environment does not name. Nothing was sent."""

    exit_code = ExitCode.REFUSED

    def __init__(self, host: str, what: str) -> None:
        super().__init__(
            f"{what} is not sent to {host}, which is neither a public host of COC's nor named by the environment",
            fix=f"where the endpoint is right, set {ALLOWED}={host} outside the repository; else correct the endpoint",
        )


def host_of(endpoint: str) -> str:
    """The host of an endpoint as `target.endpoint` returns it; "" for the embedded simulator."""
    return "" if endpoint.startswith(SIMULATOR) else urlsplit(endpoint).hostname or ""


def is_trusted(host: str, environ: Mapping[str, str]) -> bool:
    """Whether the host may be sent a token: it is COC's own, this machine, or named by the environment.

    `COCSYNC_ENDPOINT` names its host, `COCSYNC_ALLOWED_HOSTS` more of them, exactly and separated by commas.
    Raises `InvalidCredentials` where the latter holds something that is not a host.
    """
    return host in PUBLIC or is_loopback(host) or host in _allowed(environ)


def _allowed(environ: Mapping[str, str]) -> frozenset[str]:
    hosts = {host.strip().lower().strip("[]") for host in environ.get(ALLOWED, "").split(",")} - {""}
    if not all(map(_HOST.fullmatch, hosts)):
        raise InvalidCredentials(
            f"{ALLOWED} holds something that is not a host", fix="give hosts alone, separated by commas: a.example.com"
        )
    try:
        named = host_of(parse_endpoint(environ.get(ENDPOINT, "")))
    except ValueError:
        named = ""
    return frozenset(hosts | {named} - {""})
