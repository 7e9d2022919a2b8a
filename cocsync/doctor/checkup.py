"""What a doctor finds: checks in their order, each with its finding and, where something is wrong, the fix. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must be right before plan and apply can work.

    `finding` is what was found, without any value of a credential; `fix` is one sentence, "" where there is nothing to
    fix.
    """

    name: str
    state: State
    finding: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """Every check of one run."""

    checks: tuple[Check, ...]

    def count(self, state: State) -> int:
        return sum(check.state is state for check in self.checks)

    @property
    def failed(self) -> bool:
        return self.count(State.FAILED) > 0


def ok(name: str, finding: str) -> Check:
    return Check(name=name, state=State.OK, finding=finding)


def warning(name: str, finding: str, fix: str) -> Check:
    return Check(name=name, state=State.WARNING, finding=finding, fix=fix)


def failed(name: str, finding: str, fix: str) -> Check:
    return Check(name=name, state=State.FAILED, finding=finding, fix=fix)


def skipped(name: str, because: str) -> Check:
    return Check(name=name, state=State.SKIPPED, finding=because)
