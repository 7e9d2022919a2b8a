"""The project file `cocsync.yaml`: who owns scripts here, where the manifests lie and where they go."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from cocsync.diagnostics import Diagnostic, Position, Severity, errors, in_order
from cocsync.errors import UsageError
from cocsync.manifests import files, schema, yaml_source, yaml_text
from cocsync.manifests.yaml_source import Document
from cocsync.model.normalise import Normalisation
from cocsync.model.script import Reviewer
from cocsync.model.target import SIMULATOR, SIMULATOR_FILE, Target, canonical_endpoint, endpoint, quoted
from cocsync.plan.guards import Guards
from cocsync.policy.rules import Policy
from cocsync.suggestion import suggestion

PROJECT_FILE = "cocsync.yaml"
API_VERSION = "cocsync/v1"
DEFAULT_SOURCES = ("scripts",)
DEFAULT_TARGET = "local"
BACKUPS_KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPolicy:
    """What `value_from` may read: `env` are patterns of variable names, none for no variable; `files` are folders."""

    env: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A valid project file. `default_target` is None where there are several and none is named.

    `backups_kept` is how many copies of one script stay, the newest. `document` is the file itself, for the positions
    and values of its `defaults`.
    """

    owner: str
    previous_owners: tuple[str, ...]
    sources: tuple[str, ...]
    people: tuple[Reviewer, ...]
    prune: bool
    guards: Guards
    backups_kept: int
    secrets: SecretPolicy
    policy: Policy
    default_target: str | None
    targets: tuple[Target, ...]
    document: Document = field(repr=False, compare=False)

    @property
    def target_names(self) -> tuple[str, ...]:
        return tuple(target.name for target in self.targets)

    def target(self, name: str | None = None) -> Target:
        """The named target, or the default one. Raises UsageError where there is none."""
        wanted = name or self.default_target
        names = ", ".join(self.target_names)
        if wanted is None:
            raise UsageError(f"which target? Pass --target NAME, or set default_target in {PROJECT_FILE}: {names}")
        for target in self.targets:
            if target.name == wanted:
                return target
        hint = suggestion(wanted, self.target_names) or f": {PROJECT_FILE} has {names}"
        raise UsageError(f"no target `{wanted}`{hint}")


def load(root: Path) -> tuple[Project | None, tuple[Diagnostic, ...]]:
    """The project of the folder, None where anything is wrong with its file."""
    try:
        data = files.read_file(root, PROJECT_FILE, yaml_text.MAX_BYTES)
    except files.Unreadable as unreadable:
        return None, (_unreadable(unreadable),)
    documents, found = yaml_source.parse(data, PROJECT_FILE)
    if not errors(found) and len(documents) != 1:
        found = (_nowhere("project-documents", "must hold exactly one document"),)
    if not errors(found):
        found = schema.validate("project", documents[0]) or tuple(_problems(documents[0]))
    return (None if errors(found) else _project(documents[0])), in_order(found)


def _unreadable(error: files.Unreadable) -> Diagnostic:
    if error.missing:
        return _nowhere("project-missing", "is missing: run `cocsync init`, or name the folder with -C DIR")
    return _nowhere("project-unreadable", str(error))


def _nowhere(code: str, message: str) -> Diagnostic:
    at = Position(file=PROJECT_FILE)
    return Diagnostic(severity=Severity.ERROR, code=code, message=f"`{PROJECT_FILE}` {message}", at=at)


def _project(document: Document) -> Project:
    data = document.data
    secrets = data.get("secrets", {})
    targets = tuple(_target(name, body, data) for name, body in _bodies(data).items())
    return Project(
        owner=data["owner"],
        previous_owners=tuple(data.get("previous_owners", ())),
        sources=tuple(data.get("sources", DEFAULT_SOURCES)),
        people=tuple(Reviewer(name=name, id=id_) for name, id_ in data.get("people", {}).items()),
        prune=data.get("prune", False),
        guards=Guards(**{name: int(limit) for name, limit in data.get("guards", {}).items()}),
        backups_kept=int(data.get("backups", {}).get("keep", BACKUPS_KEPT)),
        secrets=SecretPolicy(
            env=tuple(secrets.get("env", ())),
            files=tuple(secrets.get("files", ())),
        ),
        policy=Policy(severities=tuple(data.get("policy", {}).get("rules", {}).items())),
        default_target=data.get("default_target") or _only(targets),
        targets=targets,
        document=document,
    )


def _bodies(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    bodies: dict[str, dict[str, Any]] = data.get("targets", {DEFAULT_TARGET: {"endpoint": SIMULATOR}})
    return bodies


def _target(name: str, body: dict[str, Any], data: dict[str, Any]) -> Target:
    limit = body.get("limits", {}).get("content")
    return Target(
        name=name,
        endpoint=endpoint(body["endpoint"]),
        owner=body.get("owner", data["owner"]),
        previous_owners=tuple(body.get("previous_owners", data.get("previous_owners", ()))),
        project_id=body.get("project_id"),
        domain_id=body.get("domain_id"),
        enterprise_project_id=body.get("enterprise_project_id"),
        content_limit=None if limit is None else int(limit),
        pending_shows_previous=body.get("pending_shows") == "previous",
        normalisation=Normalisation.of(body.get("normalises", ())),
    )


def _only(targets: tuple[Target, ...]) -> str | None:
    """The target that needs no name: the only one, or `local`."""
    names = [target.name for target in targets]
    return names[0] if len(names) == 1 else next((name for name in names if name == DEFAULT_TARGET), None)


def _problems(document: Document) -> Iterator[Diagnostic]:
    """What the schema cannot say. The document is valid by it."""
    data = document.data
    bodies = _bodies(data)
    wanted = data.get("default_target")
    if wanted is not None and wanted not in bodies:
        hint = suggestion(wanted, tuple(bodies)) or f": there are {', '.join(bodies)}"
        yield document.error("unknown-target", f"no target `{wanted}`{hint}", ("default_target",))
    for index, source in enumerate(data.get("sources", ())):
        try:
            files.inside(source)
        except files.Unreadable as unreadable:
            yield document.error("source-outside", f"source `{source}` {unreadable}", ("sources", index))
    targets = []
    for name, body in bodies.items():
        try:
            targets.append(_target(name, body, data))
        except ValueError as error:
            text = quoted(body["endpoint"])
            message = f"endpoint `{text}` {error}" if text else f"endpoint {error}"
            found = document.error("endpoint", message, ("targets", name, "endpoint"))
            yield found if text else replace(found, excerpt=None)
    yield from _simulators(document)
    yield from _shared_owners(document, targets)


def _simulators(document: Document) -> Iterator[Diagnostic]:
    """A file outside the repository is only for somebody to name who runs cocsync, not for who writes the project."""
    for name, body in _bodies(document.data).items():
        where = str(body["endpoint"])
        file = posixpath.normpath(where.removeprefix(SIMULATOR) or SIMULATOR_FILE)
        if where.startswith(SIMULATOR) and posixpath.dirname(file) != posixpath.dirname(SIMULATOR_FILE):
            try:
                files.inside(file)
            except files.Unreadable as unreadable:
                message = f"the simulator's data `{file}` {unreadable}"
                yield document.error("endpoint", message, ("targets", name, "endpoint"))


def _shared_owners(document: Document, targets: list[Target]) -> Iterator[Diagnostic]:
    """Two targets in one account would each take the other's scripts for their own."""
    for one, other in combinations(targets, 2):
        shared = one.owners & other.owners
        same_domain = one.domain_id == other.domain_id or None in (one.domain_id, other.domain_id)
        if shared and same_domain and canonical_endpoint(one.endpoint) == canonical_endpoint(other.endpoint):
            message = (
                f"targets `{one.name}` and `{other.name}` have the same endpoint and domain and both own"
                f" `{min(shared)}`: give each an `owner` and `previous_owners` of its own"
            )
            yield document.error("shared-owner", message, ("targets", other.name))
