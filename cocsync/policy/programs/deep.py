"""The deep rules, judged in parallel, and remembered by the content's digest from one run to the next."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from cocsync import __version__
from cocsync.model.script import Script
from cocsync.policy.programs import shellcheck, syntax
from cocsync.policy.programs.tools import Tool
from cocsync.policy.rules import Finding, Policy

_Rows = tuple[tuple[int, int, str], ...]
"""Findings as they are remembered: line, column, message."""


def available(policy: Policy, root: Path) -> tuple[tuple[Tool, ...], tuple[str, ...]]:
    """The tools of the rules that are not off, and those rules that have none here.

    `root` is the repository whose scripts are judged: no program comes from its checkout.
    """
    makers: dict[str, Callable[[], Tool | None]] = {
        syntax.SHELL_RULE: partial(syntax.bash, root),
        syntax.PYTHON_RULE: syntax.python,
        shellcheck.RULE_ID: partial(shellcheck.shellcheck, root),
    }
    made = {rule: make() for rule, make in makers.items() if policy.severity(rule)}
    return tuple(filter(None, made.values())), tuple(rule for rule, tool in made.items() if tool is None)


class Deep:
    """Judges scripts by the tools. `memory` is the `memory` of an earlier run, or "".

    A result is remembered under the script's content, the tool and its version, and cocsync's version, so that it is
    never that of anything else. Of a memory that cannot be read nothing is known.
    """

    def __init__(self, tools: Iterable[Tool], memory: str = "") -> None:
        self._tools = tuple(tools)
        self._known = _parsed(memory)
        self._used: dict[str, _Rows] = {}

    @property
    def rules(self) -> frozenset[str]:
        return frozenset(tool.rule for tool in self._tools)

    @property
    def memory(self) -> str:
        """What was found of the scripts of this run, in a stable order."""
        return json.dumps(self._used, sort_keys=True, indent=0) + "\n"

    def find(self, scripts: Iterable[Script]) -> Iterable[tuple[Finding, ...]]:
        """For each script, in their order, what the tools for its type find."""
        all_scripts = [(script, script.content.text) for script in scripts]
        jobs = {_key(tool, text): (tool, text) for script, text in all_scripts for tool in self._of(script)}
        self._learn({key: job for key, job in jobs.items() if key not in self._known})
        self._used |= {key: self._known[key] for key in jobs}
        return [tuple(self._recall(script, text)) for script, text in all_scripts]

    def _of(self, script: Script) -> tuple[Tool, ...]:
        return tuple(tool for tool in self._tools if tool.type == script.type)

    def _learn(self, jobs: dict[str, tuple[Tool, str]]) -> None:
        parallel = {key: job for key, job in jobs.items() if job[0].parallel}
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            results = pool.map(_run, parallel.values())
            self._known |= {key: _run(job) for key, job in jobs.items() if key not in parallel}
            self._known |= dict(zip(parallel, results, strict=True))

    def _recall(self, script: Script, text: str) -> Iterator[Finding]:
        for tool in self._of(script):
            for line, column, message in self._known[_key(tool, text)]:
                yield Finding(rule=tool.rule, message=message, line=line, column=column)


def _run(job: tuple[Tool, str]) -> _Rows:
    tool, text = job
    return tuple((finding.line or 1, finding.column, finding.message) for finding in tool.find(text))


def _key(tool: Tool, text: str) -> str:
    return hashlib.sha256(json.dumps([__version__, tool.rule, tool.version, text]).encode()).hexdigest()


def _parsed(memory: str) -> dict[str, _Rows]:
    try:
        return {key: tuple(_row(*row) for row in rows) for key, rows in json.loads(memory).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _row(line: Any, column: Any, message: Any) -> tuple[int, int, str]:
    return int(line), int(column), str(message)
