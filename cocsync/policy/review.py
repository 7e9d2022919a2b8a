"""Who looks at a script before it may run."""

from __future__ import annotations

from collections.abc import Iterator

from cocsync.model.script import RiskLevel
from cocsync.policy.reading import Reading
from cocsync.policy.rules import Finding


def find(reading: Reading) -> Iterator[Finding]:
    script = reading.script
    if script.risk_level == RiskLevel.HIGH and not script.reviewers:
        message = "risk level HIGH, and nobody reviews it: name `reviewers`"
        yield Finding(rule="high-risk-unreviewed", message=message, path=("risk_level",))
