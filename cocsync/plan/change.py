"""A change: one thing that apply would do to one script, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from cocsync.model.script import Reviewer


class Action(StrEnum):
    """What apply would do. The order is that of reports and summaries."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    RENAME = "rename"
    ADOPT = "adopt"


DELETING = (Action.DELETE, Action.REPLACE, Action.RENAME)
"""Actions that take a script away, each counted as one delete by the guards."""


class Origin(StrEnum):
    """Who caused a difference: a change in the repository, an edit in COC, or both."""

    MANIFEST = "manifest"
    DRIFT = "drift"
    BOTH = "both"


Shown: TypeAlias = "str | bool | tuple[str, ...] | dict[str, str | bool] | None"
"""A field's value as reports show it: never a sensitive value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A difference in one field. `before` is COC's, `after` the manifest's.

    `path` is in manifest keys: `content`, `params[token].value`, `params` for their order.
    Content stands as `sha256:HEX` with a unified `diff` of at most `diff.DIFF_MAX` characters beside it; there is none
    where the lines are the same. `note` says in words what values and diff do not show: line ends, the last line end,
    Unicode form. `forms` are names of `normalise.Form` where the two sides differ in nothing else. `ignored`: the
    manifest leaves it out of the comparison, and a write sends it all the same.
    """

    path: str
    before: Shown
    after: Shown
    sensitive: bool = False
    diff: str | None = None
    forms: tuple[str, ...] = ()
    note: str = ""
    ignored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentValue:
    """Where the value of a sensitive param comes from: `env:NAME` or `file:PATH`. No mark says where it came from."""

    param: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Precondition:
    """The live script that the plan saw: apply goes on only where uuid and digest are still these."""

    uuid: str
    digest: str
    gmt_modified: int | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One planned change.

    `uuid` is None for a create. Of a rename it is the old script's. `desired` is the mark's core for the manifest
    (`nnnaaaaaaaaaa.pvvvv`), None for a delete. `needs` are the sources of sensitive values that this write sends and
    that are not available here. `value_only`: nothing but sensitive values differs, which only a run with the key sees.
    `operator` and `modified_at` (epoch milliseconds) are COC's word on who touched the live script last, and when.
    `protected` is what the mark will say. `rewrite`: written also where nothing differs, because somebody asked.
    `reviewers` are those who have to approve what is written. `taken_from` is the owner whose mark an adoption
    replaces. `replaces` are the sensitive values in COC that an adoption replaces, which COC does not show. `sources`
    are those of all sensitive values that it sends.
    """

    action: Action
    name: str
    reason: str
    origin: Origin = Origin.MANIFEST
    uuid: str | None = None
    file: str | None = None
    line: int | None = None
    risk_level: str = ""
    previous_name: str | None = None
    fields: tuple[FieldChange, ...] = ()
    needs: tuple[str, ...] = ()
    restarts_review: bool = False
    value_only: bool = False
    desired: str | None = None
    precondition: Precondition | None = None
    operator: str | None = None
    modified_at: int | None = None
    protected: bool = False
    rewrite: bool = False
    reviewers: tuple[Reviewer, ...] = ()
    taken_from: str | None = None
    replaces: tuple[SentValue, ...] = ()
    sources: tuple[SentValue, ...] = ()
