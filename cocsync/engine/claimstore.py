"""Claims in their refs: a claim is moved only together with the commit that it was read from."""

from __future__ import annotations

from dataclasses import dataclass

from cocsync.errors import Refused
from cocsync.run.claimfile import ForeignClaim, dumped, loaded
from cocsync.run.claims import Claim
from cocsync.system.refs import Refs, Tip


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A claim as a ref holds it. They stay together: by the lease of another commit, a move would undo one."""

    claim: Claim
    commit: str


class ClaimStore:
    """The claims of one repository. Raises `GitFailed` as `Refs` does, and `Refused` where a record is not a claim."""

    def __init__(self, refs: Refs) -> None:
        self._refs = refs

    def read(self, ref: str) -> Held | None:
        """The claim in the ref; None where there is none."""
        return _held(ref, self._refs.read(ref))

    def read_all(self, pattern: str) -> dict[str, Held]:
        """The claims that the pattern names, by ref; see `Refs.read_all`."""
        held = ((ref, _held(ref, tip)) for ref, tip in self._refs.read_all(pattern).items())
        return {ref: found for ref, found in held if found is not None}

    def move(self, ref: str, before: Held | None, claim: Claim) -> tuple[bool, Held | None]:
        """Whether the move from `before` was won, and what the ref holds now."""
        message = f"{claim.state} {claim.index}, attempt {claim.attempt}"
        moved = self._refs.move(ref, dumped(claim), lease=before.commit if before else None, message=message)
        return moved.won, _held(ref, moved.tip)


def _held(ref: str, tip: Tip | None) -> Held | None:
    if tip is None:
        return None
    try:
        return Held(claim=loaded(tip.data), commit=tip.commit)
    except ForeignClaim as foreign:
        raise Refused(
            f"the claim in {ref} {foreign}: look who pushed {tip.commit[:12]}, and delete it by hand"
        ) from None
