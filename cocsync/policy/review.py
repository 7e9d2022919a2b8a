"""Who looks at a script before it may run."""

from __future__ import annotations

from collections.abc import Iterator

from cocsync.model.script import RiskLevel, Script
from cocsync.policy.rules import Finding


def find(script: Script) -> Iterator[Finding]:
    if script.risk_level == RiskLevel.HIGH and not script.reviewers:
        message = "risk level HIGH, and no reviewers: name `reviewers`"
        yield Finding(rule="high-risk-unreviewed", message=message, path=("risk_level",))
