"""Syntax: `bash -n` for SHELL where there is bash, Python's own parser for PYTHON. Neither runs anything of it."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from pathlib import Path

from cocsync.model.script import ScriptType
from cocsync.policy.programs import tools
from cocsync.policy.programs.tools import Tool
from cocsync.policy.rules import Finding
from cocsync.system import programs
from cocsync.system.programs import Program

SHELL_RULE = "shell-syntax"
PYTHON_RULE = "python-syntax"

_OPTIONS = ("--norc", "--noprofile", "-n")
_EXTENDED = re.compile(r"^[^#\n]*\bshopt\b[^#\n]*\bextglob\b|\A#![^\n]*\bextglob\b", re.MULTILINE)
"""Where a script switches extended patterns on. `bash -n` runs nothing, and would never know."""
_VERSION = re.compile(r"GNU bash.*?(\d\S*)")
_COMPLAINT = re.compile(r"^.*?bash(?:\.exe)?: line (?P<line>\d+): (?P<message>.*)$", re.MULTILINE)
_TOKEN = re.compile(r"`(?![^A-Za-z0-9_]{1,3}'|newline'|(?:do|done|then|else|elif|fi|esac|in)').*'")
"""A quoted part of the script: only what is the shell's own is shown."""


def bash(root: Path) -> Tool | None:
    """The tool for a run in the repository at `root`; None where there is no bash outside the checkout."""
    program = programs.find("bash", root)
    answer = program.run("--version") if program else None
    version = _VERSION.search(answer.stdout) if answer else None
    if program is None or version is None:
        return None

    def find(text: str) -> tuple[Finding, ...]:
        return _bash(program, text)

    return Tool(rule=SHELL_RULE, type=ScriptType.SHELL, version=version[1], find=find)


def python() -> Tool:
    """Not for several threads, since it must silence warnings about the scripts."""
    return Tool(rule=PYTHON_RULE, type=ScriptType.PYTHON, version=sys.version, find=_python, parallel=False)


def _bash(program: Program, text: str) -> tuple[Finding, ...]:
    """The first complaint: those behind it mostly follow from it. bash repeats the line, we do not."""
    extended = ("-O", "extglob") if _EXTENDED.search(text) else ()
    answer = program.run(*_OPTIONS, *extended, text=text)
    if answer is None:
        return (tools.finding(SHELL_RULE, "bash did not finish checking it", text, 1),)
    complaint = _COMPLAINT.search(answer.stderr)
    if complaint is None:
        return ()
    return (tools.finding(SHELL_RULE, _TOKEN.sub("a word", complaint["message"]), text, int(complaint["line"])),)


def _python(text: str) -> tuple[Finding, ...]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        message, line, column = error.msg, error.lineno or 1, error.offset or 1
    except (ValueError, RecursionError, MemoryError):
        message, line, column = "Python cannot parse it", 1, 1
    else:
        return ()
    return (tools.finding(PYTHON_RULE, message, text, line, column),)
