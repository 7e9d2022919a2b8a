"""What the rules of the policy say of manifests, each finding where it stands in the repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import tee

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.manifests.fields import Fields
from cocsync.manifests.yaml_source import Path as YamlPath
from cocsync.model.desired import Manifest
from cocsync.policy import secrets
from cocsync.policy.check import DeepChecks, evaluate
from cocsync.policy.rules import RULE, Finding, Policy
from cocsync.policy.waivers import UNUSED

_EXCERPT_MAX = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A manifest, its fields, and its content as the file has it: "" where it cannot be had."""

    manifest: Manifest
    fields: Fields
    source: str


def lint(loaded: Iterable[Loaded], policy: Policy, deep_checks: DeepChecks) -> Iterator[Diagnostic]:
    """What the policy finds, in the order of the manifests.

    Each is checked before the next is loaded, unless a deep check has to see them all.

    Those whose content cannot be had are not judged.
    """
    judged, again = tee(one for one in loaded if one.source and one.manifest.script.type)
    deep = deep_checks.find(one.manifest.script for one in again)
    for one, found in zip(judged, deep, strict=True):
        script, waived = one.manifest.script, _waived(one)
        findings = evaluate(script, one.source, policy, waived=waived, deep=found, deep_rules=deep_checks.rules)
        yield from (_diagnostic(one, severity, finding) for severity, finding in findings if _is_ours(one, finding))


def _waived(one: Loaded) -> dict[str, YamlPath]:
    return {waiver["rule"]: ("waivers", index) for index, waiver in enumerate(one.fields.get("waivers", ()))}


def _is_ours(one: Loaded, finding: Finding) -> bool:
    """A waiver among the project's defaults is for all, so that no single manifest can call it unused."""
    shared = one.fields.layer("waivers").document is not one.fields.document
    return not (finding.rule == UNUSED and finding.line is None and shared)


def _diagnostic(one: Loaded, severity: Severity, finding: Finding) -> Diagnostic:
    """What is wrong with a waiver is no finding of the policy's, and cannot be waived."""
    script = one.manifest.name if finding.rule in RULE else None
    place = _in_manifest(one, finding.path) if finding.line is None else _in_content(one, finding, finding.line)
    message = finding.message if place.known else f"line {finding.line} of the content: {finding.message}"
    return Diagnostic(
        severity=severity, code=finding.rule, message=message, at=place.at, excerpt=place.excerpt, script=script
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """`known` is False where only the content as a whole can be pointed to."""

    at: Position
    excerpt: str | None = None
    known: bool = True


def _in_manifest(one: Loaded, path: YamlPath) -> _Place:
    layer = one.fields.layer(str(path[0]))
    at = layer.document.position((*layer.path, *path))
    return _Place(at=at, excerpt=layer.document.excerpt(at.line))


def _in_content(one: Loaded, finding: Finding, line: int) -> _Place:
    text = one.source.split("\n")[line - 1].rstrip("\r")
    excerpt = None if finding.secret or secrets.is_in(text) or finding.column > _EXCERPT_MAX else text[:_EXCERPT_MAX]
    if one.manifest.content_file is not None:
        at = Position(file=one.manifest.content_file, line=line, column=finding.column)
        return _Place(at=at, excerpt=excerpt)
    layer = one.fields.layer("content")
    key = layer.document.position((*layer.path, "content"))
    written = layer.document.excerpt(key.line + line) or ""
    indent = written.removesuffix(text)
    if not text.strip() or indent == written or indent.strip():
        return _Place(at=key, known=False)
    at = Position(file=key.file, line=key.line + line, column=len(indent) + finding.column)
    return _Place(at=at, excerpt=indent + excerpt if excerpt is not None else None)
