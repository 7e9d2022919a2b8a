"""Who looks at a script before it may run."""

from __future__ import annotations

import pytest

from cocsync.model.script import Reviewer
from cocsync.policy import review
from cocsync.policy.rules import Finding
from tests.policy.samples import reading

ALICE = (Reviewer(name="alice"),)


def test_a_high_risk_without_reviewers_is_found_at_the_risk_level() -> None:
    (found,) = review.find(reading("df", risk_level="HIGH"))
    assert found == Finding(rule="high-risk-unreviewed", message=found.message, path=("risk_level",))


@pytest.mark.parametrize(("level", "reviewers"), [("HIGH", ALICE), ("MEDIUM", ()), ("LOW", ())])
def test_other_scripts_are_fine(level: str, reviewers: tuple[Reviewer, ...]) -> None:
    assert list(review.find(reading("df", risk_level=level, reviewers=reviewers))) == []
