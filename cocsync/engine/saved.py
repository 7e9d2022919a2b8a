"""Saved plans: writing one, reading one, and what has to be equal to apply it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cocsync import __version__
from cocsync.engine.planfile import (
    SavedPlan,
    dump,
    load,
    refuse_if_old,
    refuse_uncalled_for,
    refuse_unless_current,
    refuse_unless_proven,
    with_needs,
)
from cocsync.engine.requests import ApplyRequest
from cocsync.engine.workspace import Workspace
from cocsync.errors import LocalFailure, Refused, UsageError
from cocsync.model.desired import Desired
from cocsync.plan.change import Action
from cocsync.plan.guards import Allowances
from cocsync.plan.plan import Plan
from cocsync.system import storage

_FILE_MAX = 256 * 1024 * 1024


def save(plan: Plan, path: Path) -> None:
    """Writes the plan to a file for its user only. Raises `LocalFailure`."""
    try:
        text = dump(plan, tool_version=__version__, generated_at=datetime.now(UTC))
        storage.write_named(path, text.encode("utf-8", "backslashreplace"), private=True)
    except OSError as error:
        raise LocalFailure(f"the plan {path} cannot be written: {error.strerror}") from None


def read(path: Path) -> SavedPlan:
    """The plan in the file. Raises `LocalFailure` and `Refused`."""
    try:
        with storage.named(path).open(encoding="utf-8") as file:
            return load(file.read(_FILE_MAX), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise LocalFailure(f"the plan {path} cannot be read: {error}") from None


def read_for(request: ApplyRequest) -> SavedPlan | None:
    """The plan that the request names, None where it names none.

    Raises `UsageError` for options that have no meaning with it or without it, `Refused` where it is too old.
    """
    if request.planfile is None:
        if request.max_age is not None:
            raise UsageError("--max-age is the age of a PLANFILE: give one")
        return None
    if shaping := request.plan.shaping:
        raise UsageError(f"{shaping[0]} shapes a plan, and a saved plan has its shape: plan again with it")
    saved = read(request.planfile)
    refuse_if_old(saved, datetime.now(UTC), None if request.max_age is None else timedelta(seconds=request.max_age))
    return saved


def bound(plan: Plan, request: ApplyRequest, workspace: Workspace, desired: Desired) -> Plan:
    """The saved plan, where it is still this run's and the manifests still ask for it. Raises `Refused`."""
    compared = desired.under(workspace.target.normalisation)
    manifests = {manifest.name: manifest for manifest in compared.manifests}
    _refuse_other_target(plan, workspace, request.plan.allowances)
    refuse_unless_current(plan, manifests)
    if any(change.action in (Action.DELETE, Action.RENAME) for change in plan.changes):
        refuse_unless_proven(plan, workspace.history())
    refuse_uncalled_for(plan, desired, workspace.project.guards)
    return with_needs(plan, manifests)


def _refuse_other_target(plan: Plan, workspace: Workspace, allowed: Allowances) -> None:
    """Raises `Refused` where the plan was made for something else than this run is for, or allows something else."""
    planned, here = plan.target, workspace.target_id
    if planned != here:
        raise Refused(
            f"the plan is for target {planned.name} at {planned.endpoint}, and this run for {here.name} at "
            f"{here.endpoint}, or project or domain differ: name the plan's target and endpoint, or plan again"
        )
    owner = workspace.target.owner
    if plan.owner != owner:
        raise Refused(f"the plan is for owner {plan.owner}, and the owner here is {owner}: plan again")
    if plan.allowances != allowed:
        raise Refused(f"the plan allows more or less than this run: apply it with {_flags(plan.allowances)}")


def _flags(allowed: Allowances) -> str:
    flags = [f"--dangerous-take-over {name}" for name in sorted(allowed.take_over)]
    flags += ["--dangerous-allow-empty"] if allowed.empty else []
    flags += [f"--allow-deletes {allowed.deletes}"] if allowed.deletes is not None else []
    flags += [f"--allow-reviews {allowed.reviews}"] if allowed.reviews is not None else []
    flags += ["--allow-unknown-history"] if allowed.unknown_history else []
    return " ".join(flags) or "none of --allow-* and --dangerous-*"
