"""`cocsync doctor`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cocsync.cli.parts import reports
from cocsync.cli.parts.run import Run, verb
from cocsync.doctor.checkup import Checkup

if TYPE_CHECKING:
    from cocsync.coc.auth.credentials import Credentials
    from cocsync.coc.http.transport import Transport
    from cocsync.doctor.checkup import Check
    from cocsync.engine.session import Session
    from cocsync.errors import ExitCode

PROJECT, ENDPOINT, CREDENTIALS = "project", "endpoint", "credentials"


@verb(Checkup)
def doctor(run: Run) -> ExitCode:
    """Check project, endpoint, credentials, clock, network and permissions; say how to mend what is wrong. Reads only.

    Exits with 1 where a check fails.
    """
    from cocsync.errors import ExitCode

    checkup = Checkup(checks=tuple(_checks(run)))
    reports.emit(run, checkup)
    return ExitCode.ERROR if checkup.failed else ExitCode.OK


def _checks(run: Run) -> Iterator[Check]:
    """Every check in its order, also where an earlier one makes it pointless."""
    from cocsync.doctor.checkup import State, skipped
    from cocsync.doctor.probing import CLOCK, REACHABILITY, no_permissions

    project = _project(run)
    yield project
    endpoint, session = _endpoint(run) if project.state is State.OK else (skipped(ENDPOINT, "there is no target"), None)
    yield endpoint
    if session is None:
        because = "there is no endpoint"
        yield from (skipped(name, because) for name in (CREDENTIALS, REACHABILITY, CLOCK))
        yield from no_permissions(because)
        return
    credentials, found = _credentials(session)
    yield credentials
    yield from _network(session, found, usable=credentials.state is not State.FAILED)


def _project(run: Run) -> Check:
    from cocsync.doctor.checkup import failed, ok
    from cocsync.engine.session import open_session
    from cocsync.errors import LocalFailure, ManifestsInvalid, Refused, UsageError
    from cocsync.manifests.project import PROJECT_FILE
    from cocsync.system import state

    try:
        session = open_session(replace(run, endpoint=None, environ={**run.environ, "COCSYNC_ENDPOINT": ""}))
    except ManifestsInvalid as error:
        first, *more = error.diagnostics
        others = f", and {len(more)} more" if more else ""
        return failed(PROJECT, f"{first.message}{others}", "mend what `cocsync validate` shows")
    except UsageError as error:
        return failed(PROJECT, str(error), "name a target with --target, or as `default_target`")
    except (LocalFailure, Refused) as error:
        return failed(PROJECT, str(error), f"leave `{state.FOLDER}` to cocsync, and keep it out of Git")
    target = session.target
    return ok(PROJECT, f"target {target.name} of {session.root / PROJECT_FILE}, owner {target.owner}")


def _endpoint(run: Run) -> tuple[Check, Session | None]:
    from cocsync.doctor.checkup import failed, ok
    from cocsync.engine.session import open_session
    from cocsync.errors import UsageError

    variable = "COCSYNC_ENDPOINT"
    try:
        session = open_session(replace(run, quiet=True))
    except UsageError as error:
        source = "--endpoint" if run.endpoint else variable
        return failed(ENDPOINT, str(error), f"give {source} an address, or leave it out to use the target's"), None
    target = session.target
    source = "--endpoint" if run.endpoint else variable if run.environ.get(variable) else f"target {target.name}"
    return ok(ENDPOINT, f"{target.endpoint}, from {source}"), session


def _credentials(session: Session) -> tuple[Check, Credentials | None]:
    from cocsync.coc.auth.authenticator import InvalidCredentials
    from cocsync.doctor.checkup import failed, ok, skipped, warning
    from cocsync.model.target import SIMULATOR

    if session.target.endpoint.startswith(SIMULATOR):
        return skipped(CREDENTIALS, "the embedded simulator asks for none"), None
    try:
        found = session.credentials()
        if found is None:
            return skipped(CREDENTIALS, "none, and a simulator on this machine may ask for none"), None
        session.authenticator(found)
    except InvalidCredentials as error:
        return failed(CREDENTIALS, error.finding, error.fix), None
    if found.warnings:
        return warning(CREDENTIALS, found.source, "; ".join(found.warnings)), found
    return ok(CREDENTIALS, found.source), found


def _network(session: Session, found: Credentials | None, *, usable: bool) -> Iterator[Check]:
    """With credentials that are not `usable` it is still worth knowing whether COC is reached."""
    from cocsync.coc.auth.credentials import AccessKey, NoCredentials
    from cocsync.coc.auth.credentials_file import path
    from cocsync.doctor import probing
    from cocsync.doctor.checkup import State, skipped
    from cocsync.engine.session import home

    with ExitStack() as transports:
        anonymous = transports.enter_context(closing(_transport(session)))
        host, proxy = _host(session)
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
            ours = transports.enter_context(closing(_transport(session, found))) if found else anonymous
            ways = NoCredentials(path(session.run.environ, home())).fix
            yield from probing.permissions(ours, no_credentials_fix=ways)


def _transport(session: Session, found: Credentials | None = None) -> Transport:
    from cocsync.coc.http.transport import Transport
    from cocsync.model.target import SIMULATOR

    if session.target.endpoint.startswith(SIMULATOR):
        return Transport("http://simulator", simulator=session.simulator())
    return Transport(session.target.endpoint, authenticator=session.authenticator(found) if found else None)


def _host(session: Session) -> tuple[str, str]:
    """What answers, and the proxy on the way there."""
    from cocsync.doctor.probing import proxy_of
    from cocsync.model.target import SIMULATOR

    endpoint = session.target.endpoint
    if endpoint.startswith(SIMULATOR):
        return "the embedded simulator", ""
    return urlsplit(endpoint).netloc, proxy_of(endpoint)
