"""How a report is to look. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from cocsync import __version__
from cocsync.report.terminal import PLAIN, Style

PIPE_WIDTH = 10_000
"""Columns of a report that no terminal shows: nothing is wrapped, so that it can be searched and cut."""

COMMENT_BUDGET = 60_000
"""Characters: GitHub takes 65,536 in a comment."""

STEP_SUMMARY_BUDGET = 900 * 1024 // 4
"""Characters: GitHub drops a step summary of more than 1,024 KiB, and a character takes 4 bytes at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a run's options and a report's destination ask of its look. Each renderer uses what its format knows.

    `verbose`: what is otherwise cut or left out is there. `summary`: no more than a line a change. `unmanaged`: the
    scripts that this repository does not manage are listed. `folder` is that of the project file in its Git
    repository, with `/` at the end, empty where it is the same. `budget` is the characters of a Markdown report.
    `project_file` is where findings without a place are shown.
    """

    style: Style = PLAIN
    width: int = PIPE_WIDTH
    verbose: bool = False
    summary: bool = False
    unmanaged: bool = False
    tool_version: str = __version__
    folder: str = ""
    budget: int = COMMENT_BUDGET
    project_file: str = "cocsync.yaml"
