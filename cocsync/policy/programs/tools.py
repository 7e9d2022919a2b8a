"""A program or parser that judges a script's text, and how such programs are run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from cocsync.model import ScriptType
from cocsync.policy.rules import Finding

TIMEOUT = 60.0
"""Seconds for one script, which takes milliseconds."""

_KEPT = ("PATH", "SYSTEMROOT")


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


def run(command: list[str], text: str = "") -> subprocess.CompletedProcess[str] | None:
    """The program's answer to the text on its stdin; None where it cannot be run or does not end.

    It gets nothing of our environment but the path: variables like BASH_ENV would change what it does.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="backslashreplace",
            env={**environment, "LC_ALL": "C.UTF-8"},
            timeout=TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
