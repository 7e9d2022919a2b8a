"""Fields that a manifest leaves out of the comparison, and that its writes send all the same. Pure."""

from __future__ import annotations

from dataclasses import replace

from cocsync.model.desired import Manifest
from cocsync.model.fields import FIELD, FIELDS
from cocsync.model.live import Live
from cocsync.model.script import Script
from cocsync.plan.change import FieldChange
from cocsync.plan.diff import differences


def with_ignored(live: Script, desired: Script, ignore: frozenset[str]) -> Script:
    """The live script with the desired values of the ignored fields."""
    return replace(live, **{f.key: f.of(desired) for f in FIELDS if f.key in ignore})


def flagged(fields: tuple[FieldChange, ...], manifest: Manifest) -> tuple[FieldChange, ...]:
    """The differences, with those of ignored fields marked as such."""
    return tuple(replace(field, ignored=field.path in manifest.ignore) for field in fields)


def ignored_fields(manifest: Manifest, live: Live) -> tuple[FieldChange, ...]:
    """What a write of the manifest changes in the live script without being a reason to write."""
    if not manifest.ignore:
        return ()
    return flagged(differences(manifest.script, live, frozenset(FIELD) - manifest.ignore), manifest)
