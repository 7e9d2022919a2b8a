"""Examining project, endpoint, credentials, clock, network and permissions: what a doctor finds. Reads only."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from urllib.parse import urlsplit

from cocsync.coc.auth.authenticator import InvalidCredentials
from cocsync.coc.auth.credentials import AccessKey, Credentials, NoCredentials
from cocsync.coc.auth.credentials_file import path
from cocsync.doctor import probing
from cocsync.doctor.checkup import Check, State, failed, ok, skipped, warning
from cocsync.engine.connection import authenticator_of, credentials_of, transport_to
from cocsync.engine.feedback import Feedback
from cocsync.engine.requests import Place
from cocsync.engine.workspace import ENDPOINT as ENDPOINT_VARIABLE
from cocsync.engine.workspace import Workspace, home, open_workspace
from cocsync.errors import LocalFailure, ManifestsInvalid, Refused, UsageError
from cocsync.manifests.project import PROJECT_FILE
from cocsync.model.target import SIMULATOR
from cocsync.system import state

PROJECT, ENDPOINT, CREDENTIALS = "project", "endpoint", "credentials"


def examine(place: Place, environ: Mapping[str, str]) -> Iterator[Check]:
    """Every check in its order, also where an earlier one makes it pointless."""
    project = _project(place, environ)
    yield project
    if project.state is State.OK:
        endpoint, workspace = _endpoint(place, environ)
    else:
        endpoint, workspace = skipped(ENDPOINT, "there is no target"), None
    yield endpoint
    if workspace is None:
        because = "there is no endpoint"
        yield from (skipped(name, because) for name in (CREDENTIALS, probing.REACHABILITY, probing.CLOCK))
        yield from probing.no_permissions(because)
        return
    credentials, found = _credentials(workspace)
    yield credentials
    yield from _network(workspace, found, usable=credentials.state is not State.FAILED)


def _project(place: Place, environ: Mapping[str, str]) -> Check:
    try:
        workspace = open_workspace(replace(place, endpoint=None), {**environ, ENDPOINT_VARIABLE: ""}, Feedback())
    except ManifestsInvalid as error:
        first, *more = error.diagnostics
        others = f", and {len(more)} more" if more else ""
        return failed(PROJECT, f"{first.message}{others}", "fix what `cocsync validate` shows")
    except UsageError as error:
        return failed(PROJECT, str(error), "name a target with --target, or as `default_target`")
    except (LocalFailure, Refused) as error:
        return failed(PROJECT, str(error), f"leave `{state.FOLDER}` to cocsync, and keep it out of Git")
    target = workspace.target
    return ok(PROJECT, f"target {target.name} of {workspace.root / PROJECT_FILE}, owner {target.owner}")


def _endpoint(place: Place, environ: Mapping[str, str]) -> tuple[Check, Workspace | None]:
    try:
        workspace = open_workspace(place, environ, Feedback())
    except UsageError as error:
        source = "--endpoint" if place.endpoint else ENDPOINT_VARIABLE
        return failed(ENDPOINT, str(error), f"give {source} an address, or leave it out to use the target's"), None
    target = workspace.target
    variable = ENDPOINT_VARIABLE if environ.get(ENDPOINT_VARIABLE) else f"target {target.name}"
    source = "--endpoint" if place.endpoint else variable
    return ok(ENDPOINT, f"{target.endpoint}, from {source}"), workspace


def _credentials(workspace: Workspace) -> tuple[Check, Credentials | None]:
    if workspace.target.endpoint.startswith(SIMULATOR):
        return skipped(CREDENTIALS, "the embedded simulator asks for none"), None
    try:
        found = credentials_of(workspace)
        if found is None:
            return skipped(CREDENTIALS, "none, and a simulator on this machine may ask for none"), None
        authenticator_of(workspace, found)
    except InvalidCredentials as error:
        return failed(CREDENTIALS, error.finding, error.fix), None
    if found.warnings:
        return warning(CREDENTIALS, found.source, "; ".join(found.warnings)), found
    return ok(CREDENTIALS, found.source), found


def _network(workspace: Workspace, found: Credentials | None, *, usable: bool) -> Iterator[Check]:
    """With credentials that are not `usable` it is still worth knowing whether COC is reached."""

    with ExitStack() as transports:
        anonymous = transports.enter_context(closing(transport_to(workspace, None)))
        host, proxy = _host(workspace)
        reached, reply = probing.reach(anonymous, host, proxy=proxy)
        yield reached
        if reply is None:
            yield skipped(probing.CLOCK, "COC is not reached")
            yield from probing.no_permissions("COC is not reached")
            return
        clock = probing.clock(reply, time.time(), signs=found is not None and isinstance(found.proof, AccessKey))
        yield clock
        if not usable:
            yield from probing.no_permissions("there are no credentials to use")
        elif clock.state is State.FAILED:
            yield from probing.no_permissions("the clock is wrong")
        else:
            ours = transports.enter_context(closing(transport_to(workspace, found))) if found else anonymous
            ways = NoCredentials(path(workspace.environ, home())).fix
            yield from probing.permissions(ours, no_credentials_fix=ways)


def _host(workspace: Workspace) -> tuple[str, str]:
    """What answers, and the proxy on the way there."""

    endpoint = workspace.target.endpoint
    if endpoint.startswith(SIMULATOR):
        return "the embedded simulator", ""
    return urlsplit(endpoint).netloc, probing.proxy_of(endpoint)
