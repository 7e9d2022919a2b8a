"""A workspace: the repository, the target that a run is for, and what is kept between runs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cocsync.diagnostics import errors, faults
from cocsync.engine.feedback import Feedback
from cocsync.engine.proof import history
from cocsync.engine.requests import Place
from cocsync.errors import ManifestsInvalid, Refused, UsageError
from cocsync.manifests import manifest as manifests
from cocsync.manifests import schema
from cocsync.manifests.project import PROJECT_FILE, Project
from cocsync.manifests.project import load as load_project
from cocsync.manifests.validated import Validated
from cocsync.model.desired import Desired
from cocsync.model.history import History
from cocsync.model.mark import Keyring
from cocsync.model.source import Source
from cocsync.model.target import Target, endpoint, quoted
from cocsync.observe.cache import FORMAT, Cache
from cocsync.plan.ownership import Owners
from cocsync.plan.plan import TargetId
from cocsync.system import git, state

ENDPOINT = "COCSYNC_ENDPOINT"
FINGERPRINT_KEY = "COCSYNC_FINGERPRINT_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A repository and the target that the run is for. `environ` is the environment that the run may read."""

    root: Path
    project: Project
    target: Target
    environ: Mapping[str, str]

    @property
    def state(self) -> Path:
        """The folder for what is not the user's: simulator, backups, lock, reports. Ignored by git."""
        return self.root / state.FOLDER

    @property
    def memory(self) -> Path:
        """The folder for what is remembered from run to run. It may be deleted at any time."""
        return memory_of(self.environ, self.root)

    @property
    def target_id(self) -> TargetId:
        """The target as plans and reports name it."""
        return TargetId(
            name=self.target.name,
            endpoint=self.target.endpoint,
            project_id=self.target.project_id,
            domain_id=self.target.domain_id,
        )

    @property
    def owners(self) -> Owners:
        """Whose scripts are ours at this target."""
        return Owners(current=self.target.owner, previous=frozenset(self.target.previous_owners))

    @property
    def keys(self) -> Keyring:
        """The fingerprint keys of the environment. Raises `Refused` for one that is too short."""
        return Keyring.parse(self.environ.get(FINGERPRINT_KEY, ""))

    def source(self) -> Source:
        """The commit that is checked out, as far as git tells."""
        return git.source(self.root)

    def history(self) -> History:
        """Names of scripts that this repository is proven to have had, or why they are not known."""
        return history(self.root, self.project.sources, f"{state.FOLDER}/runs")

    def manifests(self) -> Desired:
        """The manifests for the target, whatever is wrong with them."""
        validated = validated_in(self.memory)
        found = manifests.load(self.project, self.root, self.target.name, self.environ, validated=validated)
        validated.save()
        return found

    def desired(self) -> Desired:
        """The manifests for the target, all of them valid.

        Raises `Refused` for a source folder that is not there, `ManifestsInvalid` for every other error but the
        policy's.
        """
        desired = self.manifests()
        found = faults(desired.diagnostics)
        if found and all(d.code == "source-missing" for d in found):
            raise Refused("; ".join(d.message for d in found))
        if found:
            raise ManifestsInvalid(desired.diagnostics)
        return desired

    def cache(self) -> Cache:
        """What is remembered of this target's scripts, for this owner."""
        target = self.target
        owners = [target.owner, *sorted(target.previous_owners)]
        bound = [FORMAT, target.endpoint, target.project_id, target.domain_id, owners, target.normalisation.names]
        scope = hashlib.sha256(json.dumps(bound).encode()).hexdigest()[:32]
        return Cache(self.memory / "cache.db", scope)


def open_workspace(place: Place, environ: Mapping[str, str], feedback: Feedback) -> Workspace:
    """The workspace for the folder and the target that the run names.

    Raises `ManifestsInvalid` where the project file has errors, `UsageError` where the target is unknown and `Refused`
    where the state in the checkout may be somebody else's.
    """
    root = find_root(place.directory)
    project, found = load_project(root)
    if project is None:
        raise ManifestsInvalid(errors(found))
    target = _overridden(project.target(place.target), place, environ, feedback)
    state.refuse_foreign(root)
    return Workspace(root=root, project=project, target=target, environ=environ)


def home() -> Path:
    """The user's folder; where the system knows of none, a path below which nothing is and nothing can be made."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)


def memory_of(environ: Mapping[str, str], root: Path) -> Path:
    """The folder for what is remembered of the repository from run to run."""
    return state.memory(environ, home(), root)


def validated_in(folder: Path) -> Validated:
    """Which manifest files were found valid before, as the folder for what is remembered has it."""
    return Validated(folder / "validated", schema.text("manifest"))


def find_root(directory: Path | None) -> Path:
    """The folder with the project file: the one that is given, else this one or the nearest above it."""
    here = (directory or Path.cwd()).resolve()
    if directory is None:
        for folder in (here, *here.parents):
            if (folder / PROJECT_FILE).is_file():
                return folder
    return here


def _overridden(target: Target, place: Place, environ: Mapping[str, str], feedback: Feedback) -> Target:
    """The target under the flag's or the variable's endpoint; reports it, since that is another COC."""
    for text, source in ((place.endpoint, "--endpoint"), (environ.get(ENDPOINT), ENDPOINT)):
        if not text:
            continue
        try:
            where = endpoint(text)
        except ValueError as error:
            raise UsageError(" ".join(filter(None, (source, quoted(text), str(error))))) from None
        if where != target.endpoint:
            feedback.note(f"Endpoint {where} from {source}, instead of {target.endpoint} of target {target.name}.")
        return replace(target, endpoint=where)
    return target
