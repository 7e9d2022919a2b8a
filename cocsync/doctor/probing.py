"""A doctor's requests: whether COC is reached, knows us and lets us read. GET only, and one attempt each."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from cocsync.coc.auth.iam import LoginFailed
from cocsync.coc.auth.signing import SKEW_MAX_SECONDS
from cocsync.coc.http.answer import Reply, code_of, interpret
from cocsync.coc.http.errors import ApiError, NotSent, Rejected
from cocsync.coc.http.transport import Transport
from cocsync.coc.scripts import PATH, is_not_found
from cocsync.doctor.checkup import Check, failed, ok, skipped, warning

REACHABILITY, CLOCK, AUTHENTICATION, LIST, GET = "reachability", "clock", "authentication", "list", "get"

_SKEW_NOTED_SECONDS = 60
_ONE = {"limit": "1"}
_LATER = "run again later"


def reach(transport: Transport, host: str, *, proxy: str) -> tuple[Check, Reply | None]:
    """Whether a COC answers, asked without credentials, and its answer where one does. `proxy` is "" for none."""
    by_way_of = f" through the proxy {proxy}" if proxy else ""
    try:
        reply = transport.send("GET", PATH, query=_ONE)
    except NotSent as error:
        finding, fix = _no_connection(error, proxied=bool(proxy))
        return failed(REACHABILITY, f"no connection to {host}{by_way_of}: {finding}", fix), None
    except ApiError as error:
        fix = f"{_LATER}; where it stays, check the proxy or firewall between here and {host}"
        return failed(REACHABILITY, f"{host} is connected to{by_way_of} and does not answer: {error}", fix), None
    answer = f"{host} answers{by_way_of}"
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return failed(REACHABILITY, f"{answer} {reply.status}: it is unavailable right now", _LATER), None
    if reply.status == HTTPStatus.NOT_FOUND or not _is_cocs(reply):
        kind = reply.headers.get("content-type", "nothing readable").partition(";")[0]
        finding = f"{answer} {reply.status} with {code_of(reply) or kind}, which is not how COC answers"
        return failed(REACHABILITY, finding, _elsewhere(proxied=bool(proxy))), None
    return ok(REACHABILITY, answer), reply


def clock(reply: Reply, now: float, *, signs: bool) -> Check:
    """Whether the clock here, in epoch seconds, and COC's agree: a signature is good for 15 minutes either way."""
    try:
        there = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return skipped(CLOCK, "COC's answer has no date to compare with")
    seconds = round(now - (there if there.tzinfo else there.replace(tzinfo=UTC)).timestamp())
    if abs(seconds) <= _SKEW_NOTED_SECONDS:
        return ok(CLOCK, "the clock here and COC's agree")
    finding = f"the clock here is {_span(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'} COC's"
    fix = "set the clock of this machine, best by NTP"
    if abs(seconds) <= SKEW_MAX_SECONDS or not signs:
        return warning(CLOCK, finding, fix)
    return failed(CLOCK, f"{finding}, and signatures are refused from 15 minutes on", fix)


def permissions(transport: Transport, *, no_credentials_fix: str) -> Iterator[Check]:
    """Whether COC knows who asks, and whether they may list scripts and read one."""
    known, reply = _authentication(transport, no_credentials_fix)
    yield known
    if reply is None:
        yield from no_permissions("COC did not accept the credentials", LIST, GET)
        return
    listed, data = _permitted(LIST, PATH, reply, "coc:document:list")
    yield listed or ok(LIST, f"scripts can be listed{_count(data)}")
    yield _read_one(transport, data) if listed is None else skipped(GET, "there is no list")


def no_permissions(because: str, *names: str) -> Iterator[Check]:
    """The checks that `permissions` would make, skipped; all of them or those of these names."""
    return (skipped(name, because) for name in names or (AUTHENTICATION, LIST, GET))


def proxy_of(url: str) -> str:
    """The proxy that the environment names for an address, without user and password; "" where there is none."""
    split = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(split.scheme) or proxies.get("all") or ""
    if not proxy or proxy_bypass(split.netloc):
        return ""
    return proxy.rpartition("://")[2].rpartition("@")[2].rstrip("/")


def _authentication(transport: Transport, no_credentials_fix: str) -> tuple[Check, Reply | None]:
    """Whether COC knows who asks, and its list where it does."""
    try:
        reply = transport.send("GET", PATH, query=_ONE)
    except LoginFailed as error:
        return failed(AUTHENTICATION, error.finding, error.fix), None
    except ApiError as error:
        return failed(AUTHENTICATION, str(error), _LATER), None
    if reply.status == HTTPStatus.UNAUTHORIZED:
        code = code_of(reply)
        fix = transport.advice(code) or no_credentials_fix
        return failed(AUTHENTICATION, f"COC does not accept the credentials ({reply.status} {code})", fix), None
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return warning(AUTHENTICATION, "not checked: COC is throttling requests (429)", _LATER), None
    return ok(AUTHENTICATION, "COC accepts the credentials"), reply


def _read_one(transport: Transport, data: Any) -> Check:
    match data:
        case {"data": [{"script_uuid": str(uuid)}, *_]}:
            pass
        case _:
            return skipped(GET, "COC holds no script that could be read")
    path = f"{PATH}/{uuid}"
    try:
        reply = transport.send("GET", path)
    except ApiError as error:
        return failed(GET, str(error), _LATER)
    return _permitted(GET, path, reply, "coc:document:get")[0] or ok(GET, "a script can be read")


def _permitted(name: str, path: str, reply: Reply, action: str) -> tuple[Check | None, Any]:
    """What is wrong with an answer that should be a success, and its data where nothing is."""
    try:
        return None, interpret("GET", path, reply).data
    except Rejected as error:
        if error.is_forbidden:
            finding = f"COC forbids it ({HTTPStatus.FORBIDDEN} {error.code}".rstrip() + ")"
            return failed(name, finding, f"allow this user or agency the action {action} in IAM"), None
        if is_not_found(error):
            return warning(name, "the script was deleted before it could be read", "run again"), None
        return failed(name, str(error), f"{_LATER}; where it stays, give Huawei Cloud's support the request id"), None
    except ApiError as error:
        return failed(name, str(error), f"{_LATER}; where it stays, check the endpoint and the proxy"), None


def _no_connection(error: NotSent, *, proxied: bool) -> tuple[str, str]:
    """Why there is no connection, and the fix."""
    cause = _system_cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        fix = _CERTIFICATE_FIXES.get(cause.verify_code, _PRIVATE_CA)
        return f"its certificate is not trusted ({cause.verify_message})", fix
    if isinstance(cause, ssl.SSLError):
        return f"it does not speak TLS ({error.reason})", _elsewhere(proxied=proxied)
    if proxied:
        return error.reason, "check HTTPS_PROXY and its user and password, or name the host in NO_PROXY"
    if isinstance(cause, socket.gaierror):
        return f"its name is not known ({error.reason})", f"{_ENDPOINT}, and the DNS of this machine; {_PROXY}"
    if isinstance(cause, ConnectionRefusedError):
        return f"nothing listens there ({error.reason})", f"{_ENDPOINT}; {_PROXY}"
    return error.reason, f"check the network and firewall; {_PROXY}"


_ENDPOINT = "check the endpoint's spelling"
_PROXY = "where the network asks for a proxy, set HTTPS_PROXY"
_PRIVATE_CA = "set SSL_CERT_FILE to the certificate of the authority that signed it, as of the company's proxy"
_CERTIFICATE_FIXES = {
    9: "set the clock of this machine: for it, the certificate is not valid yet",
    10: "check the clock of this machine; where it is right, the server's certificate has expired",
    62: "check the endpoint: the certificate is for another host",
    64: "check the endpoint: the certificate is for another host",
}
"""By X509_V_ERR code of OpenSSL."""


def _elsewhere(*, proxied: bool) -> str:
    proxy = "name the host in NO_PROXY" if proxied else _PROXY
    return f"check the endpoint; where it is right, a login page or proxy stands in between: {proxy}"


def _system_cause(error: BaseException) -> BaseException:
    """The system's own exception below what the client made of it."""
    below = error.__cause__ or error.__context__
    return error if below is None else _system_cause(below)


def _is_cocs(reply: Reply) -> bool:
    try:
        document = json.loads(reply.body or b"")
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and ("data" in document or bool(code_of(reply)))


def _count(data: Any) -> str:
    total = data.get("total") if isinstance(data, dict) else None
    return f", {total} in all" if isinstance(total, int) else ""


def _span(seconds: int) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min")) if number)
