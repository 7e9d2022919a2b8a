"""Changed content under the version of the old one: which is then running where is anybody's guess."""

from __future__ import annotations

from cocsync.diagnostics import Diagnostic, Position
from cocsync.model.desired import Manifest
from cocsync.plan.change import Action, Change, Origin
from cocsync.policy.rules import VERSION_UNCHANGED, Policy


def version_finding(change: Change, manifest: Manifest, policy: Policy) -> Diagnostic | None:
    """Judged where a plan knows what COC has. What only a hand changed in COC is no change of the repository's."""
    severity = policy.severity(VERSION_UNCHANGED)
    if severity is None or VERSION_UNCHANGED in manifest.waived or not _is_broken(change):
        return None
    message = f"the content of {manifest.name} changes and its version does not: raise `version`"
    at = Position(file=manifest.file, line=manifest.line)
    return Diagnostic(severity=severity, code=VERSION_UNCHANGED, message=message, at=at, script=manifest.name)


def _is_broken(change: Change) -> bool:
    paths = {field.path for field in change.fields}
    written = change.action in (Action.UPDATE, Action.REPLACE) and change.origin is Origin.MANIFEST
    return written and "content" in paths and "version" not in paths
