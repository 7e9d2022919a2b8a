"""Whether the live sensitive values are those that cocsync wrote: COC shows a mask, so the mark must tell. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.model.mark import Keyring, Mark
from cocsync.model.script import Script
from cocsync.model.secret import SENSITIVE
from cocsync.plan.change import FieldChange, SentValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`changes` is what differs in sensitive values; `reason` is why they cannot be compared, empty where they can."""

    changes: tuple[FieldChange, ...] = ()
    reason: str = ""


def verify_values(manifest: Manifest, live: Script, mark: Mark, keys: Keyring) -> Verification:
    """Compares the manifest's sensitive values with what the live script's own mark says of its values.

    Where the two have other sensitive params, that is a visible difference, and the values are not compared.
    """
    script = manifest.script
    versions = _version_changes(manifest, mark) if marks.versions_digest(script) != mark.versions else ()
    if not script.sensitive_params or not _same_sensitive_params(script, live):
        return Verification(changes=versions)
    reason = _reason_unverified(manifest, mark, keys)
    if reason:
        return Verification(changes=versions, reason=reason)
    if any(marks.value_fingerprint(script, key) == mark.fingerprint for key in keys.find(mark)):
        return Verification(changes=versions)
    values = tuple(
        FieldChange(path=f"params[{p.name}].value", before=SENSITIVE, after=SENSITIVE, sensitive=True)
        for p in script.sensitive_params
    )
    return Verification(changes=(*versions, *values))


def can_put_back(manifest: Manifest, live: Script, mark: Mark, keys: Keyring) -> bool:
    """Whether every sensitive value of the live script is known here, so that it could be created again as it is."""
    if not live.sensitive_params:
        return True
    checked = verify_values(manifest, live, mark, keys)
    return _same_sensitive_params(manifest.script, live) and not checked.reason and not checked.changes


def replaced_values(manifest: Manifest, live: Live, keys: Keyring) -> tuple[SentValue, ...]:
    """The sensitive values in COC that adopting the live script replaces; none where its own mark proves all equal."""
    script, mark = live.script, live.mark
    if mark and not mark.is_newer and mark.is_of(live.name) and can_put_back(manifest, script, mark, keys):
        return ()
    there = {p.name for p in script.sensitive_params}
    return tuple(
        SentValue(param=p.name, source=p.source.ref)
        for p in manifest.script.sensitive_params
        if p.name in there and p.source
    )


def _same_sensitive_params(desired: Script, live: Script) -> bool:
    return [p.name for p in desired.sensitive_params] == [p.name for p in live.sensitive_params]


def _reason_unverified(manifest: Manifest, mark: Mark, keys: Keyring) -> str:
    if manifest.missing_values:
        return f"{', '.join(manifest.missing_values)} not available"
    if not mark.fingerprint:
        return "written without a fingerprint key"
    if not keys:
        return "no COCSYNC_FINGERPRINT_KEY here"
    if not keys.find(mark):
        return "written under another fingerprint key"
    return ""


def _version_changes(manifest: Manifest, mark: Mark) -> tuple[FieldChange, ...]:
    """The mark holds one digest over all versions, so which one was before is not known."""
    before = "(other)" if mark.versions else None
    versions = [(p.name, p.source.version) for p in manifest.script.params if p.source and p.source.version]
    if not versions:
        return (FieldChange(path="secret_version", before=before, after=None),)
    return tuple(
        FieldChange(path=f"params[{name}].secret_version", before=before, after=version) for name, version in versions
    )
