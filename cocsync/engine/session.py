"""From the command line to the pieces: the repository, the target, the API, the desired and the live state."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cocsync.diagnostics import errors
from cocsync.errors import LocalFailure, ManifestsInvalid, UsageError
from cocsync.manifests.project import PROJECT_FILE, Project
from cocsync.manifests.project import load as load_project
from cocsync.model.desired import Desired
from cocsync.model.target import SIMULATOR, SIMULATOR_FILE, Target, endpoint, quoted
from cocsync.plan.plan import TargetId
from cocsync.system import state, storage

if TYPE_CHECKING:
    from cocsync.cli.parts.run import Run
    from cocsync.coc.auth.authenticator import Authenticator
    from cocsync.coc.auth.credentials import Credentials
    from cocsync.coc.scripts import ScriptsApi
    from cocsync.manifests.validated import Validated
    from cocsync.model.live import Observed
    from cocsync.observe.cache import Cache
    from cocsync.plan.history import History
    from cocsync.sim import Simulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A repository and the target that the run is for."""

    run: Run
    root: Path
    project: Project
    target: Target

    @property
    def state(self) -> Path:
        """The folder for what is not the user's: simulator, backups, lock, reports. Ignored by git."""
        return self.root / state.FOLDER

    @property
    def memory(self) -> Path:
        """The folder for what is remembered from run to run. It may be deleted at any time."""
        return memory(self.run, self.root)

    def target_id(self) -> TargetId:
        return TargetId(
            name=self.target.name,
            endpoint=self.target.endpoint,
            project_id=self.target.project_id,
            domain_id=self.target.domain_id,
        )

    def history(self) -> History:
        """Names of scripts that this repository is proven to have had, or why nobody knows."""
        from cocsync.engine.proof import history

        return history(self.root, self.project.sources, f"{state.FOLDER}/runs")

    def desired(self) -> Desired:
        """The manifests for the target, whatever is wrong with them."""
        from cocsync.manifests.manifest import load

        validated = validated_in(self.memory)
        found = load(self.project, self.root, self.target.name, self.run.environ, validated=validated)
        validated.save()
        return found

    @contextmanager
    def api(self, *, writable: bool, max_rate: float | None = None) -> Iterator[ScriptsApi]:
        """The target's scripts. With `writable=False` no request but GET can leave. `max_rate` is requests a second."""
        from cocsync.cli.parts.log import request_log
        from cocsync.cli.parts.run import say
        from cocsync.coc.http.client import Client
        from cocsync.coc.http.transport import Transport
        from cocsync.coc.scripts import ScriptsApi

        where = self.target.endpoint
        if where.startswith(SIMULATOR):
            transport = Transport("http://simulator", simulator=self.simulator())
        else:
            found = self.credentials()
            for warning in found.warnings if found else ():
                say(warning, err=True)
            transport = Transport(where, authenticator=self.authenticator(found) if found else None)
        with request_log(self.run) as log:
            client = Client(transport, writable=writable, max_rate=max_rate, log=log)
            try:
                yield ScriptsApi(client)
            finally:
                client.close()

    def credentials(self) -> Credentials | None:
        """Those at hand, None where there are none and a server on this machine may ask for none.

        Raises `InvalidCredentials`, also where the target's host may not be sent them.
        """
        from cocsync.coc.auth.credentials import NoCredentials, find, for_host
        from cocsync.coc.auth.trusted_hosts import host_of

        target, environ = self.target, self.run.environ
        try:
            found = find(environ, home(), project_id=target.project_id, domain_id=target.domain_id)
            return for_host(found, host_of(target.endpoint), environ)
        except NoCredentials:
            if target.endpoint.startswith("http://"):
                return None
            raise

    def authenticator(self, found: Credentials) -> Authenticator:
        """What sends these credentials to the target. Raises `InvalidCredentials`."""
        from cocsync.coc.auth.credentials import authenticator
        from cocsync.coc.http.transport import post_json

        folder = state.cache_folder(self.run.environ, home())
        return authenticator(found, endpoint=self.target.endpoint, post=post_json, clock=time.time, cache_folder=folder)

    def simulator(self) -> Simulator:
        """The embedded simulator of a `sim:` target. Raises `UsageError` for any other."""
        from cocsync.sim import Simulator, StorageError

        where = self.target.endpoint
        if not where.startswith(SIMULATOR):
            raise UsageError(f"target {self.target.name} is not a simulator: its endpoint is {where}")
        path = self.root / (where.removeprefix(SIMULATOR) or SIMULATOR_FILE)
        try:
            return Simulator(storage.named(path))
        except StorageError as error:
            raise LocalFailure(str(error)) from None
        except OSError as error:
            raise LocalFailure(f"the simulator's data {path} cannot be used: {error.strerror}") from None

    def cache(self) -> Cache:
        """What is remembered of this target's scripts, for this owner."""
        from cocsync.observe.cache import FORMAT, Cache

        target = self.target
        owners = [target.owner, *sorted(target.previous_owners)]
        bound = [FORMAT, target.endpoint, target.project_id, target.domain_id, owners, target.normalisation.names]
        scope = hashlib.sha256(json.dumps(bound).encode()).hexdigest()[:32]
        return Cache(self.memory / "cache.db", scope)

    def observe(self, api: ScriptsApi, *, parallelism: int) -> Observed:
        from cocsync.cli.parts.progress import status_line
        from cocsync.observe.reading import observe

        with status_line(self.run) as line:
            return observe(api, parallelism=parallelism, progress=line)


def open_session(run: Run) -> Session:
    """The session for the folder and the target that the run names.

    Raises `ManifestsInvalid` where the project file has errors, `UsageError` where the target is unknown and `Refused`
    where the state in the checkout may be somebody else's.
    """
    root = find_root(run.directory)
    project, found = load_project(root)
    if project is None:
        raise ManifestsInvalid(errors(found))
    target = _overridden(run, project.target(run.target))
    state.refuse_foreign(root)
    return Session(run=run, root=root, project=project, target=target)


def home() -> Path:
    """The user's folder; where the system knows of none, a path below which nothing is and nothing can be made."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)


def memory(run: Run, root: Path) -> Path:
    """The folder for what is remembered of the repository from run to run."""
    return state.memory(run.environ, home(), root)


def validated_in(folder: Path) -> Validated:
    """Which manifest files were found valid before, as the folder for what is remembered has it."""
    from cocsync.manifests import schema
    from cocsync.manifests.validated import Validated

    return Validated(folder / "validated", schema.text("manifest"))


def find_root(directory: Path | None) -> Path:
    """The folder with the project file: the one that -C names, else this one or the nearest above it."""
    here = (directory or Path.cwd()).resolve()
    if directory is None:
        for folder in (here, *here.parents):
            if (folder / PROJECT_FILE).is_file():
                return folder
    return here


def _overridden(run: Run, target: Target) -> Target:
    """The target under the flag's or the variable's endpoint; says so on stderr, since it is another COC."""
    for text, source in ((run.endpoint, "--endpoint"), (run.environ.get("COCSYNC_ENDPOINT"), "COCSYNC_ENDPOINT")):
        if not text:
            continue
        try:
            where = endpoint(text)
        except ValueError as error:
            raise UsageError(" ".join(filter(None, (source, quoted(text), str(error))))) from None
        if where != target.endpoint:
            run.note(f"Endpoint {where} from {source}, instead of {target.endpoint} of target {target.name}.")
        return replace(target, endpoint=where)
    return target
