"""Where a difference comes from: the manifest, a hand in COC, or both. Pure."""

from __future__ import annotations

from dataclasses import replace

from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.fields import FIELDS, same
from cocsync.model.live import Live
from cocsync.model.mark import Mark
from cocsync.plan.change import Origin
from cocsync.plan.ignored import with_ignored


def is_edited(live: Live, mark: Mark) -> bool:
    """Whether COC shows something else than the mark says was written, and not what COC itself made of that."""
    shown = live.script.protocol
    as_written = bool(live.kept_as) or marks.digest(live.script, protected=mark.protected) == mark.digest
    return not as_written or bool(shown and shown != (mark.protocol or "DEFAULT"))


def origin_of(manifest: Manifest, live: Live, mark: Mark, *, changed: bool) -> Origin:
    """Where the differences come from. `changed`: some are in sensitive values, where no hand shows.

    The live script is as cocsync wrote it where its digest is the mark's in one of three forms: as it is, with the
    manifest's value of the ignored fields, or of those that agree too (COC may know an id that a reviewer lacks here).
    """
    desired = manifest.script
    agreed = {f.key: f.of(desired) for f in FIELDS if f.key in manifest.ignore or same(f, desired, live.script)}
    as_ignored = with_ignored(live.script, desired, manifest.ignore)
    forms = (live.script, as_ignored, replace(live.script, **agreed))
    if not all(is_edited(replace(live, script=form), mark) for form in forms):
        return Origin.MANIFEST
    same_protocol = (desired.protocol or "DEFAULT") == (mark.protocol or "DEFAULT")
    as_marked = marks.digest(desired, protected=manifest.protected) == mark.digest and same_protocol
    return Origin.BOTH if changed or not as_marked else Origin.DRIFT
