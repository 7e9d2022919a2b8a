"""shellcheck, from the extra `cocsync[lint]` or from the path."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from cocsync.model.script import ScriptType
from cocsync.policy import secrets
from cocsync.policy.programs import tools
from cocsync.policy.programs.tools import Tool
from cocsync.policy.rules import Finding
from cocsync.system import programs
from cocsync.system.programs import Program

RULE_ID = "shellcheck"

_VERSION = re.compile(r"^version: (\S+)$", re.MULTILINE)
_OPTIONS = ["--norc", "--format=json1", "--severity=info", "--exclude=SC1091"]
"""What a script sources is on the host and not here (SC1091)."""


def shellcheck(root: Path) -> Tool | None:
    """The program for a run in the repository at `root`; None where there is none outside the checkout."""
    program = programs.find("shellcheck", root)
    answer = program.run("--version") if program else None
    version = _VERSION.search(answer.stdout) if answer else None
    if program is None or version is None:
        return None

    def find(text: str) -> tuple[Finding, ...]:
        return _find(program, text)

    return Tool(rule=RULE_ID, type=ScriptType.SHELL, version=version[1], find=find)


def _find(program: Program, text: str) -> tuple[Finding, ...]:
    """What it says of the text. COC runs `sh`, so that is the dialect where no first line names another."""
    dialect = [] if text.startswith("#!") else ["--shell=sh"]
    answer = program.run(*_OPTIONS, *dialect, "-", text=text)
    try:
        comments = json.loads(answer.stdout)["comments"] if answer else None
    except (ValueError, KeyError, TypeError):
        comments = None
    if comments is None:
        return (tools.finding(RULE_ID, "shellcheck cannot read it", text, 1),)
    return tuple(_finding(comment, text) for comment in comments)


def _finding(comment: dict[str, Any], text: str) -> Finding:
    code = f"SC{comment['code']}"
    message = comment["message"]
    said = f"see https://www.shellcheck.net/wiki/{code}" if secrets.is_in(message) else message
    return tools.finding(RULE_ID, f"{code}: {said}", text, comment["line"], comment["column"])
