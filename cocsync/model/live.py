"""Live state: what COC was seen to hold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cocsync.model.mark import Mark
from cocsync.model.normalise import EXACT, Normalisation
from cocsync.model.script import Reviewer, Script


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedScript:
    """A row of the script list (API reference 4.2.2): everything but description, content and params.

    Times are epoch milliseconds. `modified_at` is None where the script was never modified.
    """

    id: int
    uuid: str
    name: str
    type: str
    status: str
    created_at: int | None
    modified_at: int | None
    creator: str
    operator: str
    risk_level: str = ""
    version: str = ""
    reviewers: tuple[Reviewer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A script as COC shows it. `script.description` is without the mark; sensitive values are empty.

    `answered_at` is COC's clock when it showed it, in epoch milliseconds; it says nothing about the script.
    `kept_as` is what COC made of the text when cocsync wrote exactly this version, as its read-back showed; without
    forms where nothing is remembered of that.
    """

    uuid: str
    script: Script
    mark: Mark | None
    status: str
    created_at: int | None = None
    modified_at: int | None = None
    creator: str = ""
    operator: str = ""
    enterprise_project_id: str | None = None
    answered_at: int | None = field(default=None, compare=False)
    kept_as: Normalisation = EXACT

    @property
    def name(self) -> str:
        return self.script.name

    def under(self, normalisation: Normalisation) -> Live:
        """The same script with its texts as they are compared under these forms."""
        return replace(self, script=normalisation.script(self.script)) if normalisation else self

    @property
    def protocol(self) -> str:
        """How reviewers are notified: as COC shows it, else as the mark says; empty where neither tells."""
        return self.script.protocol or (self.mark.protocol if self.mark else "")

    @property
    def last_user(self) -> str:
        """Who touched it last: COC leaves the operator empty until the first edit."""
        return self.operator or self.creator

    @property
    def last_touched(self) -> int | None:
        return self.created_at if self.modified_at is None else self.modified_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Live state at one time. Only a complete one may drive a create or a delete.

    `forbidden` are rows whose detail COC refused to show (403). `recalled` are uuids of scripts that were not read in
    this run. `cuts` cut the listing evenly, for the next one.
    """

    scripts: tuple[Live, ...]
    forbidden: tuple[ListedScript, ...] = ()
    complete: bool = True
    recalled: frozenset[str] = frozenset()
    cuts: tuple[int, ...] = ()
