"""Limits on what one run may do, and the findings that refuse it. The numbers come from the project file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cocsync.diagnostics import Diagnostic
from cocsync.model.history import Gap

NO_MANIFESTS = "no-manifests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The project's `guards`."""

    max_delete: int = 3
    max_delete_percent: int = 20
    max_review: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """What the command line allows beyond the guards; bound into the plan's id and given again at apply."""

    deletes: int | None = None
    reviews: int | None = None
    empty: bool = False
    take_over: frozenset[str] = frozenset()
    unknown_history: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardFinding:
    """Why nothing may be written. `allowed_by` is the flag that lifts it, or None where nothing does."""

    code: str
    message: str
    allowed_by: str | None = None


def delete_guard(deletes: int, owned: int, guards: Guards, allowed: Allowances) -> GuardFinding | None:
    """More than `max_delete`, or more than one and more than `max_delete_percent` of what is owned.

    A delete, a replace and the delete of a rename each count as one.
    """
    flag = f"--allow-deletes {deletes}"
    if allowed.deletes is not None:
        if deletes <= allowed.deletes:
            return None
        return GuardFinding(
            code="max-delete",
            message=f"{deletes} scripts would be deleted, more than the {allowed.deletes} that --allow-deletes allows: "
            f"check it and pass {flag}",
            allowed_by=flag,
        )
    if deletes > guards.max_delete:
        why = f"more than max_delete, {guards.max_delete}"
    elif deletes > 1 and deletes * 100 > guards.max_delete_percent * owned:
        why = f"more than max_delete_percent, {guards.max_delete_percent} %"
    else:
        return None
    return GuardFinding(
        code="max-delete",
        message=f"{deletes} of {owned} owned scripts would be deleted, {why}: check it and pass {flag}",
        allowed_by=flag,
    )


def review_guard(reviews: int, guards: Guards, allowed: Allowances) -> GuardFinding | None:
    """More scripts sent to review again by adoption, renewal or change of owner than `max_review`."""
    limit = guards.max_review if allowed.reviews is None else allowed.reviews
    if reviews <= limit:
        return None
    flag = f"--allow-reviews {reviews}"
    return GuardFinding(
        code="max-review",
        message=f"{reviews} scripts would go to review again, more than {limit}: check it and pass {flag}",
        allowed_by=flag,
    )


def history_guard(names: Sequence[str], gap: Gap | None, allowed: Allowances) -> GuardFinding | None:
    """Scripts that would be deleted by their mark alone, since git does not tell that this repository had them."""
    if not names or gap is None or allowed.unknown_history:
        return None
    flag = "--allow-unknown-history"
    return GuardFinding(
        code="unknown-history",
        message=f"{', '.join(names)} would be deleted, and nothing but the mark shows that this repository ever had "
        f"them, because {gap.cause}: {gap.fix}; or check each of them and pass {flag}",
        allowed_by=flag,
    )


def policy_guard(violations: Sequence[Diagnostic]) -> GuardFinding | None:
    """What the policy calls an error. No flag allows it: a waiver or another severity is said in Git."""
    if not violations:
        return None
    rules = ", ".join(sorted({violation.code for violation in violations}))
    return GuardFinding(
        code="policy",
        message=f"scripts break what the policy calls an error, {len(violations)} times ({rules}): correct them, waive "
        "the rule with a reason, or change its severity in the project file",
    )
