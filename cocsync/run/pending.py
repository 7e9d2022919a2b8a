"""What `run --pending` does next about a Run manifest: claim it, follow what was claimed, or leave it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from cocsync.model.target import Target
from cocsync.run.claims import HOLD_MS, Claim, State
from cocsync.run.identity import run_id, scope
from cocsync.run.manifest import RunManifest


class Todo(StrEnum):
    """The next thing to do about a Run."""

    CLAIM = "claim"
    CLAIM_AGAIN = "claim_again"
    """It was refused: an answer proved that nothing ran."""
    WAIT = "wait"
    """Another client may be about to begin: read the claim again."""
    LOOK_UP = "look_up"
    """A POST may have been sent: look for the run id, and never send another."""
    FOLLOW = "follow"
    """There is a ticket: follow it, and continue where it stands at a pause."""
    CONFIRM = "confirm"
    """Unknown until a person confirms that nothing ran."""
    NOTHING = "nothing"
    """It ended."""


_BY_STATE = {
    State.REFUSED: Todo.CLAIM_AGAIN,
    State.POSTING: Todo.LOOK_UP,
    State.UNKNOWN: Todo.LOOK_UP,
    State.TICKET: Todo.FOLLOW,
    State.CONTINUING: Todo.FOLLOW,
    State.ENDED: Todo.NOTHING,
}


def todo(claim: Claim | None, *, now: int) -> Todo:
    """What a client that finds this claim does; `now` in epoch milliseconds."""
    if claim is None:
        return Todo.CLAIM
    if claim.state is State.CLAIMED:
        return Todo.WAIT if now - claim.at < HOLD_MS else Todo.CONFIRM
    return _BY_STATE[claim.state]


def due(runs: Iterable[RunManifest], *, now: int) -> tuple[RunManifest, ...]:
    """Those whose time has come and not gone, in the order in which they are carried out."""
    found = [run for run in runs if (run.not_before or 0) <= now < run.expires]
    return tuple(sorted(found, key=lambda run: (run.not_before or 0, run.name)))


def edited(claim: Claim, run: RunManifest, *, now: int) -> str:
    """Why the claim was made by another version of the Run; empty where it was not, or does not matter any more."""
    if claim.digest == run.digest or claim.state is State.ENDED or now >= claim.expires:
        return ""
    return (
        f"Run `{run.name}` was changed after it was claimed, and a name stands for one run for ever: restore the file,"
        " and add a new one with another name for what is to run now"
    )


def foreign(claim: Claim, run: RunManifest, target: Target) -> str:
    """Why the record cannot be the claim of this Run, whoever put it there; empty where it can."""
    expected = {"run": run.name, "owner": target.owner, "scope": scope(target)}
    wrong = [key for key, value in expected.items() if getattr(claim, key) != value]
    if wrong:
        return f"the claim of Run `{run.name}` names another {wrong[0]}: look who pushed it, and delete the ref by hand"
    other = [ticket for ticket in claim.tickets if ticket.run_id != run_id(target, run.name, ticket.index)]
    if other:
        return f"the claim of Run `{run.name}` names ticket {other[0].id}, which is not of this run: look who pushed it"
    return ""
