"""A script under a new name: created first, the old one deleted once the new one is approved. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.plan.change import Action, Change, Origin
from cocsync.plan.origin import is_edited
from cocsync.plan.ownership import Claim, Owners
from cocsync.plan.writing import precondition, write


def old_script(manifest: Manifest, lives: Mapping[str, tuple[Live, ...]], owners: Owners) -> Live | None:
    """The script of ours under one of the previous names, if there is exactly one under that name."""
    for name in manifest.previous_names:
        there = lives.get(name, ())
        if len(there) == 1 and owners.claim(there[0]) is Claim.OURS:
            return there[0]
    return None


def begun(create: Change, old: Live) -> Change:
    """The create of the new script as the first half of the rename. A protected old script stays, so that is none."""
    if is_kept(old):
        return replace(create, reason=f"renamed from {old.name}, which is protected and stays")
    return replace(
        create,
        action=Action.RENAME,
        previous_name=old.name,
        uuid=old.uuid,
        precondition=precondition(old, None),
        reason=f"renamed from {old.name}: created first; the old one is deleted once this one is approved{_loss(old)}",
        origin=_origin(old),
        operator=old.last_user or None,
        modified_at=old.last_touched,
    )


def finished(manifest: Manifest, old: Live) -> Change:
    """The second half, where the new script is there, ours and approved: the old one is deleted, nothing is sent."""
    return replace(
        write(Action.RENAME, manifest, old, ()),
        previous_name=old.name,
        precondition=precondition(old, None),
        reason=f"{manifest.name} is there and approved: the old {old.name} is deleted{_loss(old)}",
        origin=_origin(old),
        restarts_review=False,
        needs=(),
        sources=(),
        reviewers=(),
    )


def is_kept(old: Live) -> bool:
    """Whether the rename leaves the old script in COC."""
    return old.mark is not None and old.mark.protected


def _loss(old: Live) -> str:
    """A rename deletes what a hand wrote under the old name, too."""
    edited = _origin(old) is Origin.BOTH
    return "; it was edited in COC since cocsync wrote it, and a copy of that is kept" if edited else ""


def _origin(old: Live) -> Origin:
    return Origin.BOTH if old.mark and is_edited(old, old.mark) else Origin.MANIFEST
