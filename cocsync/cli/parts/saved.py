"""Saved plans on the command line: writing one, reading one, and what has to be equal to apply it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocsync.cli.parts.planning import allowances
from cocsync.cli.parts.run import write_report
from cocsync.errors import LocalFailure, Refused, UsageError
from cocsync.system import storage

if TYPE_CHECKING:
    from cocsync.engine.planfile import SavedPlan
    from cocsync.engine.session import Session
    from cocsync.plan.guards import Allowances
    from cocsync.plan.plan import Plan

_SHAPING = ("prune", "prune_edited", "adopt", "adopt_all", "rewrite", "renew_marks", "include", "exclude")
_FILE_MAX = 256 * 1024 * 1024


def save(plan: Plan, path: Path) -> None:
    """Writes the plan, for its user only."""
    from cocsync import __version__
    from cocsync.engine.planfile import dump

    try:
        write_report(path, dump(plan, tool_version=__version__, generated_at=datetime.now(UTC)), private=True)
    except OSError as error:
        raise LocalFailure(f"the plan {path} cannot be written: {error.strerror}") from None


def read(path: Path) -> SavedPlan:
    """The plan in the file. Raises `LocalFailure` and `Refused`."""
    from cocsync.engine.planfile import load

    try:
        with storage.named(path).open(encoding="utf-8") as file:
            return load(file.read(_FILE_MAX), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise LocalFailure(f"the plan {path} cannot be read: {error}") from None


def refuse_shaping(options: dict[str, Any]) -> None:
    """Raises `UsageError` for an option that would shape another plan than the saved one."""
    for name in _SHAPING:
        if options.get(name):
            raise UsageError(
                f"--{name.replace('_', '-')} shapes a plan, and a saved plan has its shape: plan again with it"
            )


def refuse_other_target(plan: Plan, session: Session, options: dict[str, Any]) -> None:
    """Raises `Refused` where the plan was made for something else than this run is for, or allows something else."""
    planned, here = plan.target, session.target_id()
    if planned != here:
        raise Refused(
            f"the plan is for target {planned.name} at {planned.endpoint}, and this run for {here.name} at "
            f"{here.endpoint}, or project or domain differ: name the plan's target and endpoint, or plan again"
        )
    if plan.owner != session.target.owner:
        raise Refused(f"the plan is for owner {plan.owner}, and the owner here is {session.target.owner}: plan again")
    if plan.allowances != allowances(options):
        raise Refused(f"the plan allows more or less than this run: apply it with {_flags(plan.allowances)}")


def _flags(allowed: Allowances) -> str:
    flags = [f"--dangerous-take-over {name}" for name in sorted(allowed.take_over)]
    flags += ["--dangerous-allow-empty"] if allowed.empty else []
    flags += [f"--allow-deletes {allowed.deletes}"] if allowed.deletes is not None else []
    flags += [f"--allow-reviews {allowed.reviews}"] if allowed.reviews is not None else []
    flags += ["--allow-unknown-history"] if allowed.unknown_history else []
    return " ".join(flags) or "none of --allow-* and --dangerous-*"
