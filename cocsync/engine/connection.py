"""A connection to one target's COC: one client for the run, and the operations that stand on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from cocsync.coc.auth.credentials import Credentials, NoCredentials, authenticator, find, for_host
from cocsync.coc.auth.trusted_hosts import host_of
from cocsync.coc.http.client import Client
from cocsync.coc.http.outgoing import Authenticator
from cocsync.coc.http.transport import Transport, post_json
from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.feedback import Feedback
from cocsync.engine.simulated import Simulated, simulator_of
from cocsync.engine.workspace import Workspace, home
from cocsync.model.target import SIMULATOR
from cocsync.system import state


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What the run can ask this COC for. Operations share one client, hence one pace and one set of credentials."""

    client: Client

    @property
    def scripts(self) -> ScriptsApi:
        """Scripts (API reference 4.2)."""
        return ScriptsApi(self.client)


@contextmanager
def connect(
    workspace: Workspace, feedback: Feedback, *, writable: bool = False, max_rate: float | None = None
) -> Iterator[Connection]:
    """A connection that is closed with the block. With `writable=False` no request but GET can leave.

    `max_rate` is requests a second. Raises `InvalidCredentials` where there are none to be used.
    """
    client = Client(_transport(workspace, feedback), writable=writable, max_rate=max_rate, log=feedback.request)
    try:
        yield Connection(client=client)
    finally:
        with suppress(Exception):  # all requests have ended, and their report is worth more
            client.close()


def transport_to(workspace: Workspace, found: Credentials | None) -> Transport:
    """Connections to the target's COC, with these credentials or without any."""
    where = workspace.target.endpoint
    if where.startswith(SIMULATOR):
        return Transport("http://simulator", handler=Simulated(simulator_of(workspace)))
    return Transport(where, authenticator=authenticator_of(workspace, found) if found else None)


def credentials_of(workspace: Workspace) -> Credentials | None:
    """Those at hand, None where there are none and a server on this machine may ask for none.

    Raises `InvalidCredentials`, also where the target's host may not be sent them.
    """
    target, environ = workspace.target, workspace.environ
    try:
        found = find(environ, home(), project_id=target.project_id, domain_id=target.domain_id)
        return for_host(found, host_of(target.endpoint), environ)
    except NoCredentials:
        if target.endpoint.startswith("http://"):
            return None
        raise


def authenticator_of(workspace: Workspace, found: Credentials) -> Authenticator:
    """What sends these credentials to the target. Raises `InvalidCredentials`."""
    folder = state.cache_folder(workspace.environ, home())
    where = workspace.target.endpoint
    return authenticator(found, endpoint=where, post=post_json, clock=time.time, cache_folder=folder)


def _transport(workspace: Workspace, feedback: Feedback) -> Transport:
    if workspace.target.endpoint.startswith(SIMULATOR):
        return transport_to(workspace, None)
    found = credentials_of(workspace)
    for warning in found.warnings if found else ():
        feedback.warn(warning)
    return transport_to(workspace, found)
