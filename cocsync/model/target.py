"""A target: one COC that scripts go to, and how its endpoint is written."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cocsync.model.normalise import EXACT, Normalisation

SIMULATOR = "sim:"
SIMULATOR_FILE = ".cocsync/sim.db"
"""Where the embedded simulator keeps its data unless the endpoint says otherwise, in the repository."""

SHORT_ENDPOINTS = {
    "cn": "https://coc.myhuaweicloud.com",
    "intl": "https://coc-intl.myhuaweicloud.com",
    "eu": "https://coc-eu-west-101-open-api.myhuaweicloud.eu",
}
_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_PRINTABLE = re.compile(r"[!-~]+")
_HARMLESS = re.compile(r"([a-z]+://)?[A-Za-z0-9.-]+(:[0-9]{1,5})?/?")
_FORMS = "give https://HOST, http://localhost:PORT, cn, intl, eu, sim: or sim:PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One of the project's targets. `endpoint` is as `endpoint()` returns it.

    `content_limit` is the longest content in UTF-16 units, where this COC has one of its own.
    `pending_shows_previous`: of a script that awaits review this COC shows the last approved version.
    `normalisation` is what this COC is declared to make of texts.
    """

    name: str
    endpoint: str
    owner: str
    previous_owners: tuple[str, ...] = ()
    project_id: str | None = None
    domain_id: str | None = None
    enterprise_project_id: str | None = None
    content_limit: int | None = None
    pending_shows_previous: bool = False
    normalisation: Normalisation = EXACT

    @property
    def owners(self) -> frozenset[str]:
        """The owner and those before it, none of which two targets in one account may share."""
        return frozenset((self.owner, *self.previous_owners))


def endpoint(text: str) -> str:
    """An endpoint in one form: a short name spelt out, without a slash at the end, the host in lower case.

    A default port goes. `sim:` and `sim:PATH` stay as they are. Raises ValueError, whose text goes on from the
    endpoint's name.
    """
    if text.startswith(SIMULATOR):
        return text
    if text in SHORT_ENDPOINTS:
        return SHORT_ENDPOINTS[text]
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:
        raise ValueError(f"is not a valid endpoint: {_FORMS}") from None
    if url.scheme not in _PORTS or not _HOST.fullmatch(host) or not _PRINTABLE.fullmatch(text):
        raise ValueError(f"is not a valid endpoint: {_FORMS}")
    if url.path.strip("/") or url.query or url.fragment or "@" in url.netloc:
        raise ValueError(
            "has more than scheme, host and port: leave out path, query, user and password (credentials stand in the "
            "environment)"
        )
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError("would send credentials in the clear: use https://, http:// goes to this machine only")
    where = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{where}{'' if port in (None, _PORTS[url.scheme]) else f':{port}'}"


def quoted(text: str) -> str:
    """What a message may repeat of an endpoint that `endpoint()` refuses: nothing of what may hold a password."""
    return text if _HARMLESS.fullmatch(text) else ""


def canonical_endpoint(endpoint: str) -> str:
    """The endpoint in a form in which two that are one COC are equal."""
    if not endpoint.startswith(SIMULATOR):
        return endpoint
    return SIMULATOR + posixpath.normpath(endpoint.removeprefix(SIMULATOR) or SIMULATOR_FILE)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its name or its address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
