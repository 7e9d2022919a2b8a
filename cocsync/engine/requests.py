"""What a command asks of the engine: frozen records, made in one place from the command line's values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cocsync.plan.guards import Allowances
from cocsync.plan.selection import Selection


class Refresh(StrEnum):
    """How much of COC is read again: what seems to have changed, everything, or only what a manifest names."""

    AUTO = "auto"
    FULL = "full"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run works: a folder (None: here or above), and what overrides the project file's target."""

    directory: Path | None = None
    target: str | None = None
    endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How COC is read. `parallelism` is requests at once and `max_rate` requests a second; None leaves it to us."""

    refresh: Refresh = Refresh.FULL
    parallelism: int | None = None
    max_rate: float | None = None
    cached: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a plan is to cover and what it may do. `prune` None means what the project file says."""

    selection: Selection = field(default_factory=Selection)
    reading: Reading = field(default_factory=Reading)
    prune: bool | None = False
    prune_edited: bool = False
    adopt: frozenset[str] = frozenset()
    adopt_all: bool = False
    rewrite: frozenset[str] = frozenset()
    renew_marks: bool = False
    allowances: Allowances = field(default_factory=Allowances)

    @property
    def shaping(self) -> tuple[str, ...]:
        """The options given that shape a plan, as the command line spells them."""
        given = {
            "--prune": bool(self.prune),
            "--prune-edited": self.prune_edited,
            "--adopt": self.adopt,
            "--adopt-all": self.adopt_all,
            "--rewrite": self.rewrite,
            "--renew-marks": self.renew_marks,
            "--include": self.selection.include,
            "--exclude": self.selection.exclude,
        }
        return tuple(flag for flag, value in given.items() if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest:
    """What an apply is to carry out: the plan that `plan` asks for, or exactly the one saved in `planfile`.

    `plan_id` is the only plan that may be applied; `max_age` is the oldest that a saved one may be, in seconds.
    """

    plan: PlanRequest = field(default_factory=PlanRequest)
    planfile: Path | None = None
    plan_id: str | None = None
    max_age: float | None = None
    fail_fast: bool = False
    fail_on_conflict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """Which live scripts become manifests. No name means every script that has none here.

    `folder` is where new ones go, None for the first of `sources`; `overwrite` brings differences into those there.
    """

    names: tuple[str, ...] = ()
    folder: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """Which backup becomes manifests: a folder below `.cocsync/backups`, and one script of it or all."""

    backup: Path
    name: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateRequest:
    """Which files are reported on, relative to where the command runs; none means all. `deep` runs programs too."""

    paths: tuple[str, ...] = ()
    deep: bool = False
