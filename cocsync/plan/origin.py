"""Where a difference comes from: the manifest, a hand in COC, or both. Pure."""

from __future__ import annotations

from dataclasses import replace

from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.fields import FIELDS, PROTOCOL, same, same_value
from cocsync.model.live import Live
from cocsync.model.mark import Mark
from cocsync.plan.change import Origin
from cocsync.plan.ignored import with_ignored


def is_edited(live: Live, mark: Mark) -> bool:
    """Whether COC shows something else than the mark says was written, and not what COC itself made of that."""
    shown = live.script.protocol
    as_written = bool(live.kept_as) or marks.digest(live.script, protected=mark.protected) == mark.digest
    return not as_written or bool(shown and not same_value(PROTOCOL, shown, mark.protocol))


def origin_of(manifest: Manifest, live: Live, mark: Mark, *, changed: bool) -> Origin:
    """Where the differences come from. `changed`: some are in sensitive values, where an edit in COC does not show.

    There is no third text to compare with, only the mark's digest of what was written last. So two questions are asked
    of it: does COC still show what was written, and does the manifest still ask for it? If COC does, only the manifest
    can have changed. If COC does not, somebody edited there; and where the manifest does not match either, both sides
    changed. That last answer also covers an out-of-date mark (the same edit made on both sides, then another one in the
    manifest): the digest cannot tell the two apart, and the reason that is shown names both.

    COC shows what was written where the digest fits one of three forms of the live script. As it is: the usual case.
    With the manifest's value of the ignored fields: an ignored field that COC forced or somebody changed must not make
    every other difference look like an edit in COC. With the manifest's value of the fields that agree, too: they may
    be equal here and digest otherwise, as for a reviewer whose id COC knows and the manifest leaves out.
    """
    desired = manifest.script
    agreed = {f.key: f.of(desired) for f in FIELDS if f.key in manifest.ignore or same(f, desired, live.script)}
    as_ignored = with_ignored(live.script, desired, manifest.ignore)
    forms = (live.script, as_ignored, replace(live.script, **agreed))
    if not all(is_edited(replace(live, script=form), mark) for form in forms):
        return Origin.MANIFEST
    same_protocol = same_value(PROTOCOL, desired.protocol, mark.protocol)
    as_marked = marks.digest(desired, protected=manifest.protected) == mark.digest and same_protocol
    return Origin.BOTH if changed or not as_marked else Origin.DRIFT
