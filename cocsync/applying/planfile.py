"""A saved plan: the plan's JSON with the time it was made and a checksum, and back. Pure.

It holds no secret. It is bound to its target, owner, format and, through each change's `desired`, to the manifests of
its own changes; applying it checks all of that. The checksum finds an altered file, it is no signature.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from cocsync import mark as marks
from cocsync.desired import Manifest
from cocsync.errors import LocalFailure, Refused
from cocsync.mark import Keyring
from cocsync.planning.change import Action
from cocsync.planning.plan import FORMAT_VERSION, Plan
from cocsync.report.json import plan_document
from cocsync.report.times import epoch_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan from a file, and when it was made."""

    plan: Plan
    generated_at: datetime


def dump(plan: Plan, *, tool_version: str, generated_at: datetime) -> str:
    """The file's text. `generated_at` has a time zone."""
    document = plan_document(plan, tool_version=tool_version)
    document["generated_at"] = generated_at.isoformat(timespec="seconds")
    document["checksum"] = _checksum(document)
    return json.dumps(document, indent=2) + "\n"


def load(text: str, file: str) -> SavedPlan:
    """The plan in a file. `file` is only named.

    Raises `LocalFailure` where it is no saved plan, `Refused` where it was altered or is of a format that this
    version does not know.
    """
    try:
        document = json.loads(text)
        version = str(document["format_version"])
        if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
            raise Refused(f"{file} has format {version}, this version reads {FORMAT_VERSION}: plan again")
        if document.pop("checksum") != _checksum({k: v for k, v in document.items() if k != "checksum"}):
            raise Refused(f"{file} was altered since it was saved: plan again")
        saved = SavedPlan(plan=_build(Plan, document), generated_at=datetime.fromisoformat(document["generated_at"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise LocalFailure(f"{file} is no plan that `cocsync plan --out` has saved") from None
    if saved.plan.plan_id != document["plan_id"]:
        raise Refused(f"{file} was altered since it was saved: plan again")
    return saved


def refuse_unless_current(plan: Plan, manifests: Mapping[str, Manifest]) -> None:
    """Raises `Refused` where the manifest of one of the changes is no longer what was planned.

    `manifests` are given as they are compared under the target's normalisation.
    """
    for change in plan.changes:
        if change.action is Action.DELETE:
            if change.name in manifests:
                raise Refused(f"{change.name} has a manifest again, and the plan deletes it: plan again")
            continue
        manifest = manifests.get(change.name)
        if manifest is None:
            raise Refused(f"the manifest of {change.name} is gone since the plan: plan again")
        core = marks.make(manifest.script, owner="", protected=manifest.protected, keys=Keyring()).core
        names = change.previous_name is None or change.previous_name in manifest.previous_names
        if core != change.desired or manifest.protected != change.protected or not names:
            raise Refused(f"the manifest of {change.name} changed since the plan: plan again")


def with_needs(plan: Plan, manifests: Mapping[str, Manifest]) -> Plan:
    """The plan with the sensitive values that are missing here, not where it was made."""
    changes = tuple(
        replace(change, needs=manifests[change.name].missing_values if change.name in manifests else ())
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def refuse_if_old(saved: SavedPlan, now: datetime, max_age: timedelta | None) -> None:
    """Raises `Refused` where the plan is older than `max_age`."""
    if max_age is not None and now - saved.generated_at > max_age:
        raise Refused(f"the plan was made at {saved.generated_at.isoformat()}, longer ago than --max-age: plan again")


def _checksum(document: Mapping[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _build(kind: Any, value: Any) -> Any:
    """A record out of its JSON, by the types of its fields."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        if value is None or len(options) > 1:
            return _shown(value)
        return _build(options[0], value)
    if origin in (tuple, frozenset):
        return origin(_build(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, value)
    if issubclass(kind, StrEnum):
        return kind(value)
    if not isinstance(value, kind):
        raise TypeError(kind)
    return value


def _record(kind: type, value: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind)
    given = dict(value)
    if given.get("modified_at") is not None and "modified_at" in hints:
        given["modified_at"] = epoch_ms(given["modified_at"])
    if "at" in hints and given.get("file") is not None:
        given["at"] = {"file": given["file"], "line": given["line"], "column": given["column"]}
    return kind(**{f.name: _build(hints[f.name], given[f.name]) for f in fields(kind) if f.name in given})


def _shown(value: Any) -> Any:
    """A field's value as reports show it."""
    return tuple(value) if isinstance(value, list) else value
