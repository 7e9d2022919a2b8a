"""Manifests -> desired state for one target. Works offline; reads only files below the repository and the secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cocsync.diagnostics import Diagnostic, Position, Severity, in_order
from cocsync.manifests import files, schema, yaml_source, yaml_text
from cocsync.manifests.content import Body, body
from cocsync.manifests.fields import Fields
from cocsync.manifests.lint import Loaded, lint
from cocsync.manifests.names import name_problems
from cocsync.manifests.params import params
from cocsync.manifests.project import API_VERSION, PROJECT_FILE, Project
from cocsync.manifests.validated import Validated
from cocsync.manifests.values import ValueReader
from cocsync.manifests.yaml_source import Document
from cocsync.model.content import ContentChanged
from cocsync.model.desired import Desired, Manifest
from cocsync.model.fields import FIELD, REVIEWER_NAME_MAX, utf16_length
from cocsync.model.mark import split
from cocsync.model.script import Reviewer, Script
from cocsync.policy.check import DeepChecks, NoDeepChecks
from cocsync.suggestion import suggestion

KIND = "Script"


def load(
    project: Project,
    root: Path,
    target_name: str,
    environ: Mapping[str, str],
    deep_checks: DeepChecks | None = None,
    validated: Validated | None = None,
) -> Desired:
    """Every manifest that is for the target, by name, and everything that is to be said about the files.

    `environ` is what `value_from: {env: ...}` reads. What `validated` covers is not judged by the schema again.
    Without `deep_checks` the deep rules of the policy are left out.
    A source that is no folder is the error `source-missing`. Raises UsageError for a target that the project does not
    have.
    """
    target = project.target(target_name)
    reader = ValueReader(root, project.secrets, environ)
    found: list[Diagnostic] = []
    second = _SecondReading(project, target.name, root)
    manifests: list[Manifest] = []

    def each() -> Iterator[Loaded]:
        for document in _documents(project, root, found, validated or Validated(None, ""), second):
            fields = Fields(document, project, target.name)
            _check_targets(fields, project)
            if target.name in fields.get("targets", (target.name,)):
                text = body(fields, root, target.content_limit)
                manifest = _manifest(fields, project, reader, text)
                manifests.append(manifest)
                yield Loaded(manifest=manifest, fields=fields, source=text.source)
            found.extend(fields.found)

    judged = list(lint(each(), project.policy, deep_checks or NoDeepChecks()))
    found += (*judged, *name_problems(manifests, second.fields))
    manifests.sort(key=lambda m: (m.name, m.file, m.line))
    return Desired(manifests=tuple(manifests), diagnostics=in_order(found))


def _documents(
    project: Project, root: Path, found: list[Diagnostic], validated: Validated, second: _SecondReading
) -> Iterator[Document]:
    """Documents that are valid by the schema."""
    for file in _files(project, root, found):
        try:
            data = files.read_file(root, file, yaml_text.MAX_BYTES)
        except files.Unreadable as unreadable:
            found.append(_about(file, Severity.ERROR, "manifest-unreadable", f"`{file}` {unreadable}"))
            continue
        second.note(file, data)
        documents, unparsed = yaml_source.parse(data, file)
        found += unparsed
        if not documents and not unparsed:
            found.append(_about(file, Severity.ERROR, "manifest-empty", f"`{file}` holds no manifest: delete the file"))
        known = validated.covers(data)
        judged = [(d, () if known else _foreign(d) or schema.validate("manifest", d)) for d in documents]
        found += [problem for _, problems in judged for problem in problems]
        if not any(problems for _, problems in judged):
            validated.add(data)
        yield from (document for document, problems in judged if not problems)


def _files(project: Project, root: Path, found: list[Diagnostic]) -> list[str]:
    """The manifest files of all sources, each once."""
    listed: dict[str, None] = {}
    for index, source in enumerate(project.sources):
        try:
            source_files = files.manifest_files(root, source)
        except files.Unreadable as unreadable:
            message = f"source folder `{source}` {unreadable}: correct `sources` in {PROJECT_FILE}, or create it"
            found.append(project.document.error("source-missing", message, ("sources", index)))
            continue
        listed.update(dict.fromkeys(source_files.files))
        for file, reason in source_files.refused:
            found.append(_about(file, Severity.ERROR, "source-entry", f"`{file}` {reason}"))
    listed.pop(PROJECT_FILE, None)
    return list(listed)


def _about(file: str, severity: Severity, code: str, message: str) -> Diagnostic:
    return Diagnostic(severity=severity, code=code, message=message, at=Position(file=file))


def _foreign(document: Document) -> tuple[Diagnostic, ...]:
    """One finding, not fifty, for a file that is something else."""
    head = document.data if isinstance(document.data, dict) else {}
    if head.get("apiVersion") == API_VERSION and head.get("kind") == KIND:
        return ()
    path = ("kind",) if head.get("apiVersion") == API_VERSION else ("apiVersion",)
    message = f"no manifest: it needs `apiVersion: {API_VERSION}` and `kind: {KIND}`, or a place outside `sources`"
    return (document.error("not-a-manifest", message, path),)


def _manifest(fields: Fields, project: Project, reader: ValueReader, text: Body) -> Manifest:
    script = Script(
        name=fields.get("name"),
        type=text.type,
        description=fields.get("description"),
        content=text.content,
        risk_level=fields.get("risk_level"),
        version=fields.get("version"),
        reviewers=_reviewers(fields, project.people),
        protocol=fields.get("protocol", ""),
        params=params(fields, reader),
    )
    _check_script(fields, script)
    return Manifest(
        script=script,
        file=fields.document.file,
        line=fields.position("name").line,
        content_file=text.file,
        previous_names=tuple(fields.get("previous_names", ())),
        adopt=fields.get("adopt", False),
        protected=fields.get("protected", False),
        ignore=frozenset(fields.get("ignore", ())),
        waived=frozenset(waiver["rule"] for waiver in fields.get("waivers", ())),
    )


class _SecondReading:
    """Fields of manifests that were loaded: to keep every document for the few with problems takes much memory."""

    def __init__(self, project: Project, target: str, root: Path) -> None:
        self._project = project
        self._target = target
        self._root = root
        self._read: dict[str, int] = {}
        self._file = ""
        self._documents: dict[int, Document] = {}

    def note(self, file: str, data: bytes) -> None:
        """What was read of a file."""
        self._read[file] = hash(data)

    def fields(self, manifest: Manifest) -> Fields:
        """Raises `ContentChanged` where the file is no more as it was read."""
        if manifest.file != self._file:
            self._file, self._documents = manifest.file, self._documents_of(manifest.file)
        return Fields(self._documents[manifest.line], self._project, self._target)

    def _documents_of(self, file: str) -> dict[int, Document]:
        """Documents by the line of their name."""
        try:
            data = files.read_file(self._root, file, yaml_text.MAX_BYTES)
        except files.Unreadable:
            raise ContentChanged(file) from None
        if hash(data) != self._read[file]:
            raise ContentChanged(file)
        return {document.position(("name",)).line: document for document in yaml_source.parse(data, file)[0]}


def _reviewers(fields: Fields, people: tuple[Reviewer, ...]) -> tuple[Reviewer, ...]:
    known = {person.name: person for person in people}
    reviewers: list[Reviewer] = []
    for index, entry in enumerate(fields.get("reviewers", ())):
        if isinstance(entry, str) and entry not in known:
            hint = suggestion(entry, tuple(known)) or ": add it there, or give `{name: ..., id: ...}`"
            fields.error("unknown-person", f"`people` in {PROJECT_FILE} has no `{entry}`{hint}", "reviewers", index)
            continue
        reviewer = known[entry] if isinstance(entry, str) else Reviewer(**entry)
        if not reviewer.name.isascii() and not reviewer.id:
            message = (
                f"reviewer `{reviewer.name}` is not plain ASCII and may look like another user: give the `id`, or list "
                f"the name under `people` in {PROJECT_FILE} and write it alone"
            )
            fields.error("reviewer-name", message, "reviewers", index)
        if utf16_length(reviewer.name) > REVIEWER_NAME_MAX:
            message = f"reviewer's name is longer than {REVIEWER_NAME_MAX} UTF-16 units"
            fields.error("too-long", message, "reviewers", index)
        if any(r.name == reviewer.name or (r.id and r.id == reviewer.id) for r in reviewers):
            fields.error("duplicate-reviewer", f"reviewer `{reviewer.name}` stands twice", "reviewers", index)
        reviewers.append(reviewer)
    return tuple(reviewers)


def _check_script(fields: Fields, script: Script) -> None:
    """What the schema cannot say: it counts code points, COC counts UTF-16 units."""
    for key in ("description", "version"):
        limit = FIELD[key].max_length
        length = utf16_length(FIELD[key].of(script))
        if limit is not None and length > limit:
            message = f"`{key}` has {length} UTF-16 units, {limit} are allowed: shorten it"
            fields.error("too-long", message, key)
    if split(script.description)[1] is not None:
        message = "`description` holds a mark of cocsync's, which only cocsync writes: delete `[cocsync:...]`"
        fields.error("description-mark", message, "description")
    if "-" in script.name:
        message = "the API reference has no `-` in a name, though COC is seen to take it: use `_`"
        fields.warning("name-hyphen", message, "name")


def _check_targets(fields: Fields, project: Project) -> None:
    names = project.target_names
    for index, name in enumerate(fields.get("targets", ())):
        if name not in names:
            fields.error("unknown-target", _unknown_target(name, names), "targets", index)
    for name in fields.get("overrides", {}):
        if name not in names:
            fields.error("unknown-target", _unknown_target(name, names), "overrides", name)


def _unknown_target(name: str, names: tuple[str, ...]) -> str:
    return f"no target `{name}`{suggestion(name, names) or f': {PROJECT_FILE} has ' + ', '.join(names)}"
