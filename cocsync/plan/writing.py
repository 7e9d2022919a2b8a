"""A write of a manifest as a change: what it sends, and what it found. Pure."""

from __future__ import annotations

from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.model.mark import Keyring
from cocsync.plan.change import Action, Change, FieldChange, Precondition, SentValue
from cocsync.plan.ignored import with_ignored


def write(action: Action, manifest: Manifest, live: Live | None, fields: tuple[FieldChange, ...]) -> Change:
    """The change, for now without reason, that makes `live` equal the manifest, or creates it where there is none."""
    script = manifest.script
    core = marks.make(script, owner="", protected=manifest.protected, keys=Keyring()).core
    return Change(
        action=action,
        name=manifest.name,
        reason="",
        uuid=live.uuid if live else None,
        file=manifest.file,
        line=manifest.line,
        risk_level=script.risk_level,
        fields=fields,
        needs=manifest.missing_values,
        sources=sent_values(manifest),
        protected=manifest.protected,
        restarts_review=live is not None and bool(script.reviewers),
        reviewers=script.reviewers,
        desired=core,
        precondition=precondition(live, manifest) if live else None,
        operator=(live.last_user or None) if live else None,
        modified_at=live.last_touched if live else None,
    )


def precondition(live: Live, manifest: Manifest | None) -> Precondition:
    """What a plan remembers of a live script, so that apply can tell whether it is still that."""
    seen = with_ignored(live.script, manifest.script, manifest.ignore) if manifest else live.script
    return Precondition(
        uuid=live.uuid,
        digest=marks.long_digest(seen, protected=live.mark is not None and live.mark.protected),
        gmt_modified=live.modified_at,
        status=live.status,
    )


def sent_values(manifest: Manifest) -> tuple[SentValue, ...]:
    """Where the sensitive values come from that a write of this manifest sends, in the order of its params."""
    params = manifest.script.sensitive_params
    return tuple(SentValue(param=param.name, source=param.source.ref) for param in params if param.source)
