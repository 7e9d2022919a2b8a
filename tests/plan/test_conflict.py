"""Conflicts: a closed set of reasons why a script is not ours to write."""

from __future__ import annotations

import pytest

from cocsync.plan.conflict import Conflict, ConflictKind
from cocsync.plan.ownership import Claim
from cocsync.report.phrases import conflict_meaning, conflict_remedy


def test_every_claim_of_somebody_else_is_a_kind_of_conflict() -> None:
    assert {claim.value for claim in Claim if claim is not Claim.OURS} < {kind.value for kind in ConflictKind}


@pytest.mark.parametrize("kind", ConflictKind)
def test_every_kind_has_a_meaning_and_a_remedy(kind: ConflictKind) -> None:
    conflict = Conflict(name="a", kind=kind, file="f", line=1, owner="o")
    assert conflict_meaning(conflict)
    assert conflict_remedy(conflict)
