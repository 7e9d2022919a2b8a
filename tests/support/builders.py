"""Short functions that make what the stages of cocsync hand to each other, with defaults to override."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from cocsync.model import mark as marks
from cocsync.model.content import Content
from cocsync.model.desired import Desired, Manifest
from cocsync.model.history import History
from cocsync.model.live import ListedScript, Live, Observed
from cocsync.model.mark import Keyring
from cocsync.model.script import Param, Reviewer, Script, ValueSource
from cocsync.model.secret import Secret
from cocsync.model.source import Source
from cocsync.plan.guards import Allowances, Guards
from cocsync.plan.ownership import Owners
from cocsync.plan.plan import Plan, TargetId
from cocsync.plan.planner import Scope, make_plan
from cocsync.plan.selection import Selection
from cocsync.plan.verdict import Intent

OWNER = "payments_ops"
OWNERS = Owners(current=OWNER)
ALICE = Reviewer(name="alice", id="7a8513cd87b7448283a1d5190eb91234")
BOB = Reviewer(name="bob", id="0f1e2d3c4b5a69788796a5b4c3d2e1f0")
KEYS = Keyring([Secret("an-example-fingerprint-key")])
OTHER_KEYS = Keyring([Secret("another-fingerprint-key-0123")])
NO_KEYS = Keyring()
TARGET = TargetId(name="local", endpoint="sim:")
CREATED = 1_700_000_000_000
MODIFIED = CREATED + 86_400_000


def script(**changes: Any) -> Script:
    """A script without reviewers and params. `content` may be its text."""
    base = Script(
        name="disk_report",
        type="SHELL",
        description="Disk usage",
        content=Content("df -h\n"),
        risk_level="LOW",
        version="1.0.0",
    )
    return replace(base, **with_content(changes))


def with_content(changes: dict[str, Any]) -> dict[str, Any]:
    text = changes.get("content")
    return {**changes, "content": Content(text)} if isinstance(text, str) else changes


def param(name: str = "path", value: str = "/var", **changes: Any) -> Param:
    """A param that is not sensitive."""
    return replace(Param(name=name, value=value), **changes)


def secret(
    name: str = "token", value: str | None = "s3cret", *, ref: str = "env:APP_TOKEN", version: str = ""
) -> Param:
    """A sensitive param as a manifest has it; None is a value that is not available here."""
    source = ValueSource(ref=ref, version=version, value=None if value is None else Secret(value))
    return Param(name=name, sensitive=True, source=source)


_SCRIPT_FIELDS = frozenset(field.name for field in fields(Script))


def manifest(name: str = "disk_report", **changes: Any) -> Manifest:
    """A manifest; changes are fields of `Script` or of `Manifest`."""
    of_script = {key: value for key, value in changes.items() if key in _SCRIPT_FIELDS}
    of_manifest = {key: value for key, value in changes.items() if key not in _SCRIPT_FIELDS}
    base = Manifest(script=script(name=name, **of_script), file=f"scripts/{name}/script.yaml", line=3)
    return replace(base, **of_manifest)


def shown(desired: Script, *, protocol: bool = False) -> Script:
    """The script as COC shows it: without sensitive values, and without the protocol unless asked."""
    params = tuple(replace(p, value="", source=None) if p.sensitive else p for p in desired.params)
    return replace(desired, params=params, protocol=(desired.protocol or "DEFAULT") if protocol else "")


def foreign(name: str = "disk_report", **changes: Any) -> Live:
    """A live script without mark; changes are fields of `Script` or of `Live`."""
    of_script = {key: value for key, value in changes.items() if key in _SCRIPT_FIELDS}
    of_live = {key: value for key, value in changes.items() if key not in _SCRIPT_FIELDS}
    base = Live(
        uuid=f"SC_{name}",
        script=shown(script(name=name, **of_script)),
        mark=None,
        status="APPROVED",
        created_at=CREATED,
        creator="ci",
    )
    return replace(base, **of_live)


def written(
    desired: Manifest, *, owner: str = OWNER, keys: Keyring = NO_KEYS, protocol: bool = False, **changes: Any
) -> Live:
    """The live script as cocsync would have written the manifest; changes are fields of `Live`."""
    mark = marks.make(desired.script, owner=owner, protected=desired.protected, keys=keys)
    live = replace(foreign(desired.name), script=shown(desired.script, protocol=protocol), mark=mark)
    return replace(live, **changes)


def edited(live: Live, **changes: Any) -> Live:
    """The live script after somebody edited these fields of `Script` by hand."""
    return replace(live, script=replace(live.script, **with_content(changes)), modified_at=MODIFIED, operator="mallory")


def row(live: Live, id: int = 1) -> ListedScript:  # noqa: A002 - the record's own field
    """The list's row of a live script."""
    return ListedScript(
        id=id,
        uuid=live.uuid,
        name=live.name,
        type=live.script.type,
        status=live.status,
        created_at=live.created_at,
        modified_at=live.modified_at,
        creator=live.creator,
        operator=live.operator,
    )


class AnyName(frozenset[str]):
    """Holds every name."""

    def __contains__(self, _name: object) -> bool:
        return True


PROVEN = History(names=AnyName())
"""Of a repository that had every script."""

_INTENT_FIELDS = frozenset(field.name for field in fields(Intent))
_SELECTION_FIELDS = frozenset(field.name for field in fields(Selection))


def scope(**changes: Any) -> Scope:
    """A scope; changes are fields of `Intent`, `Selection` or `Scope`. Its history knows every name."""
    of_intent = {key: value for key, value in changes.items() if key in _INTENT_FIELDS}
    of_selection = {key: value for key, value in changes.items() if key in _SELECTION_FIELDS}
    rest = {key: value for key, value in changes.items() if key not in _INTENT_FIELDS | _SELECTION_FIELDS}
    take_over = of_intent.get("take_over", frozenset())
    base = Scope(
        intent=replace(Intent(owners=OWNERS, keys=KEYS), **of_intent),
        selection=replace(Selection(), **of_selection),
        allowances=Allowances(take_over=take_over),
        guards=Guards(),
        history=PROVEN,
    )
    return replace(base, **rest)


def plan_of(
    manifests: list[Manifest],
    lives: list[Live],
    *,
    forbidden: tuple[ListedScript, ...] = (),
    complete: bool = True,
    **changes: Any,
) -> Plan:
    """The plan for these manifests and live scripts; changes are those of `scope`."""
    desired = Desired(manifests=tuple(sorted(manifests, key=lambda m: m.name)))
    observed = Observed(scripts=tuple(lives), forbidden=forbidden, complete=complete)
    return make_plan(desired, observed, scope(**changes), target=TARGET, source=Source())
