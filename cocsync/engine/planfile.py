"""A saved plan: the plan's JSON with the time it was made and a checksum, and back. Pure.

It holds no secret. It is bound to its target, owner, format and, through each change's `desired`, to the manifests of
its own changes; applying it checks all of that. The checksum finds an altered file, it is no signature: whoever can
write the file can make it anew, so nothing in it is done that the manifests do not ask for.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from cocsync.errors import LocalFailure, Refused
from cocsync.model import mark as marks
from cocsync.model.desired import Desired, Manifest
from cocsync.model.history import History
from cocsync.model.mark import Keyring
from cocsync.plan.change import DELETING, Action, Change
from cocsync.plan.guards import Guards, history_guard, policy_guard, review_guard
from cocsync.plan.plan import FORMAT_VERSION, Plan
from cocsync.plan.writing import sent_values
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

    Raises `LocalFailure` where it is no saved plan, `Refused` where it was altered, is of a format that this version
    does not know, or holds anything that no plan holds.
    """
    try:
        document = json.loads(text)
        version = str(document["format_version"])
        if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
            raise Refused(f"{file} has format {version}, this version reads {FORMAT_VERSION}: plan again")
        if document.pop("checksum") != _checksum({k: v for k, v in document.items() if k != "checksum"}):
            raise Refused(f"{file} was altered since it was saved: plan again")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise LocalFailure(f"{file} is not a plan saved by `cocsync plan --out`") from None
    saved = _saved(document)
    if saved is None:
        raise Refused(f"{file} was altered since it was saved, or holds what no plan of its format holds: plan again")
    return saved


def _saved(document: Mapping[str, Any]) -> SavedPlan | None:
    """The plan, where saving it again gives exactly this document: no other key, type, count or id."""
    try:
        plan = _build(Plan, document)
        at = datetime.fromisoformat(document["generated_at"])
        again = {**plan_document(plan, tool_version=document["tool_version"]), "generated_at": document["generated_at"]}
        is_whole = at.tzinfo is not None and _checksum(again) == _checksum(document)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None
    return SavedPlan(plan=plan, generated_at=at) if is_whole else None


def refuse_unless_current(plan: Plan, manifests: Mapping[str, Manifest]) -> None:
    """Raises `Refused` where a change is not, or no longer, what the manifests ask for.

    `manifests` are given as they are compared under the target's normalisation.
    """
    old_names = {name for manifest in manifests.values() for name in manifest.previous_names}
    seen: set[str] = set()
    for change in plan.changes:
        if change.name in seen:
            raise Refused(f"the plan changes {change.name} twice: plan again")
        seen.add(change.name)
        if change.action is Action.DELETE:
            _refuse_delete(change, manifests, old_names)
        else:
            _refuse_write(change, manifests.get(change.name))


def _refuse_delete(change: Change, manifests: Mapping[str, Manifest], old_names: AbstractSet[str]) -> None:
    if change.name in manifests:
        raise Refused(f"{change.name} has a manifest again, and the plan deletes it: plan again")
    if change.name in old_names:
        raise Refused(
            f"{change.name} is a previous name of a manifest, and that rename deletes it when it is due: plan again"
        )


def _refuse_write(change: Change, manifest: Manifest | None) -> None:
    if manifest is None:
        raise Refused(f"the manifest of {change.name} is gone since the plan: plan again")
    core = marks.make(manifest.script, owner="", protected=manifest.protected, keys=Keyring()).core
    renames = change.action is Action.RENAME
    names = change.previous_name in manifest.previous_names if renames else change.previous_name is None
    writes = not renames or bool(change.fields)
    same_sources = change.sources == (sent_values(manifest) if writes else ())
    if core != change.desired or manifest.protected != change.protected or not names or not same_sources:
        raise Refused(f"the manifest of {change.name} changed since the plan: plan again")
    if change.action is Action.REPLACE and manifest.protected:
        raise Refused(f"{change.name} is protected, and the plan replaces it: plan again")


def refuse_uncalled_for(plan: Plan, desired: Desired, guards: Guards) -> None:
    """Raises `Refused` where a fresh plan with these changes would be refused, as far as the manifests tell."""
    allowed = plan.allowances
    names = {change.name for change in plan.changes}
    if not desired.manifests and names and not allowed.empty:
        raise Refused("there is no manifest for this target: nothing of the plan is applied")
    limit = guards.max_delete if allowed.deletes is None else allowed.deletes
    if (deletes := sum(change.action in DELETING for change in plan.changes)) > limit:
        raise Refused(f"the plan deletes {deletes} scripts, more than the {limit} that are allowed: plan again")
    reviewed = {manifest.name for manifest in desired.manifests if manifest.script.reviewers}
    again = sum(c.name in reviewed and (c.action is Action.ADOPT or not c.fields) for c in plan.changes)
    violations = [d for d in desired.diagnostics if d.is_error and d.script in names]
    for finding in (review_guard(again, guards, allowed), policy_guard(violations)):
        if finding:
            raise Refused(finding.message)


def refuse_unless_proven(plan: Plan, history: History) -> None:
    """Raises `Refused` where it deletes under a name that nothing shows to have been this repository's."""
    names = [change.name for change in plan.changes if change.action is Action.DELETE]
    names += [change.previous_name for change in plan.changes if change.previous_name]
    allow = plan.allowances.unknown_history
    unproven = [name for name in names if not history.may_delete(name, allow_unknown=allow)]
    if guard := history_guard(unproven, history.gap, plan.allowances):
        raise Refused(guard.message)
    if unproven:
        raise Refused(f"the plan deletes {', '.join(unproven)}, never in this repository's history: plan again")


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
    """A record out of its JSON, by the types of its fields. Raises `TypeError` and its like where it is none."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        if value is None or len(options) > 1:
            return _shown(value)
        return _build(options[0], value)
    if origin in (tuple, frozenset):
        if not isinstance(value, list):
            raise TypeError(origin)
        return origin(_build(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, value)
    if issubclass(kind, StrEnum):
        return kind(value)
    if type(value) is not kind:
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
    """A field's value as reports show it: `change.Shown`."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    items = value.values() if isinstance(value, dict) else (value,)
    if not all(item is None or isinstance(item, str | bool) for item in items):
        raise TypeError(value)
    return value
