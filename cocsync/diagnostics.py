"""What cocsync says about a file of the user's: collected, never raised one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a diagnostic weighs: an error stops plan and apply, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """A place in a file. Lines and columns count from 1; the file is relative to the repository, with `/`."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding: what is wrong where, and what to do.

    `code` is a stable kebab-case id. `at` is None where no file is meant (a finding about COC or the environment).
    `excerpt` is the line of the file that `at` points to, for the text report; never a line that may hold a secret.
    """

    severity: Severity
    code: str
    message: str
    at: Position | None = None
    excerpt: str | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def errors(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those that stop a plan."""
    return tuple(d for d in found if d.is_error)


def in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file, line, column and code, without repetitions; those without a file come last."""
    nowhere = Position(file="\U0010ffff")
    return tuple(sorted(dict.fromkeys(found), key=lambda d: (d.at or nowhere, d.code, d.message)))
