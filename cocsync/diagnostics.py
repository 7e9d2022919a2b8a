"""What cocsync says about a file of the user's: collected, never raised one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a diagnostic weighs: with an error nothing is written, with a warning or a note it may be."""

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

    `code` is a stable kebab-case id; of what a rule of the policy found, the rule's.
    `at` is None where no file is meant (a finding about COC or the environment).
    `excerpt` is the line of the file that `at` points to, for the text report; never a line that may hold a secret.
    `script` names the script that a rule of the policy judged; None for everything else.
    """

    severity: Severity
    code: str
    message: str
    at: Position | None = None
    excerpt: str | None = None
    script: str | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a look at the repository's files found.

    `scripts` is how many scripts the manifests describe, None where they were not counted; `files` are those that were
    looked at.
    """

    found: tuple[Diagnostic, ...]
    scripts: int | None = None
    files: frozenset[str] = frozenset()


def errors(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """All of them, those of the policy included."""
    return tuple(d for d in found if d.is_error)


def faults(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The errors that leave nothing to plan from. What the policy calls an error refuses the run instead."""
    return tuple(d for d in found if d.is_error and d.script is None)


def in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics sorted by file, line, column and code, without repetitions; those without a file come last."""
    nowhere = Position(file="\U0010ffff")
    return tuple(sorted(dict.fromkeys(found), key=lambda d: (d.at or nowhere, d.code, d.message)))
