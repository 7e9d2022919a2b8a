"""A program or parser that judges a script's text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cocsync.model.script import ScriptType
from cocsync.policy.rules import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Judges scripts of one type by one rule. `version` changes wherever its findings may.

    `find` never raises for a text, whatever it is. It is called from several threads where `parallel` says so.
    """

    rule: str
    type: ScriptType
    version: str
    find: Callable[[str], tuple[Finding, ...]]
    parallel: bool = True


def finding(rule: str, message: str, text: str, line: int, column: int = 1) -> Finding:
    """A finding in the text, whatever line the program says: the end is the last line that holds something."""
    last = text.rstrip().count("\n") + 1
    return Finding(rule=rule, message=message, line=max(1, min(line, last)), column=max(1, column))
