"""How one change can end, as a `Result`. Pure."""

from __future__ import annotations

from dataclasses import replace

from cocsync.coc.http.errors import ApiError, Rejected
from cocsync.errors import CocsyncError, unforeseen
from cocsync.model.live import Live
from cocsync.model.script import Status
from cocsync.plan.change import Change, FieldChange
from cocsync.plan.outcome import Failure, Outcome, Result


def is_pending(live: Live) -> bool:
    """Whether the live script awaits review."""
    return live.status == Status.PENDING_APPROVE


def shows_same(before: Live, seen: Live) -> bool:
    """Whether both have the same fields and mark."""
    return (seen.script, seen.mark) == (before.script, before.mark)


def ended(change: Change, outcome: Outcome, error: Failure | None = None) -> Result:
    """A change that ended like this."""
    return Result(change=change, outcome=outcome, error=error)


def applied(change: Change, live: Live, *, already: bool = False, normalised: tuple[str, ...] = ()) -> Result:
    """A change whose result COC shows."""
    return Result(
        change=change,
        outcome=Outcome.APPLIED,
        already=already,
        uuid=live.uuid,
        status=live.status,
        normalised=normalised,
        awaiting=live.script.reviewers if is_pending(live) else (),
        last_user=live.last_user,
        warning="" if already else _own_review(live),
    )


def _own_review(live: Live) -> str:
    """A warning where whoever has just written a script is asked to review it."""
    if not is_pending(live) or live.last_user not in {reviewer.name for reviewer in live.script.reviewers}:
        return ""
    return f"{live.last_user} wrote it and is one of its reviewers: let somebody else review it; cocsync never approves"


def failed(change: Change, error: Exception, outcome: Outcome) -> Result:
    """A change that a request, or any other failure, ended."""
    systemic = isinstance(error, ApiError) and error.is_systemic
    return replace(ended(change, outcome, failure_of(error)), systemic=systemic)


def blocked(change: Change, why: str) -> Result:
    """A change that lacks something, before anything of it was written."""
    return ended(change, Outcome.BLOCKED, Failure(message=why))


def stale(change: Change, why: str, fields: tuple[FieldChange, ...] = ()) -> Result:
    """A change that COC has left behind, with what it differs in now where that is known."""
    result = ended(change, Outcome.STALE, Failure(message=f"{why}: plan again"))
    return replace(result, fields=fields, uuid=change.uuid)


def failure_of(error: Exception) -> Failure:
    """A failure, in COC's words where it answered; of one that nobody foresaw the type and the place."""
    if not isinstance(error, CocsyncError):
        return Failure(message=unforeseen(error))
    code = error.code if isinstance(error, Rejected) else ""
    request_id = error.request_id if isinstance(error, ApiError) else None
    return Failure(message=str(error), code=code, request_id=request_id or "")
