"""What shellcheck says, at its lines."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cocsync.policy.programs import shellcheck
from cocsync.policy.programs.tools import Tool
from cocsync.system import programs
from cocsync.system.programs import Program

HERE = Path(__file__).parent


@pytest.fixture
def tool() -> Tool:
    found = shellcheck.shellcheck(HERE)
    assert found is not None, "the tests' packages have it"
    return found


def said(tool: Tool, text: str) -> list[tuple[str, int | None, int]]:
    return [(finding.message.split(":")[0], finding.line, finding.column) for finding in tool.find(text)]


def test_findings_stand_where_they_are(tool: Tool) -> None:
    assert said(tool, "#!/bin/bash\n\n\tls $1\n") == [("SC2086", 3, 5)]
    assert tool.version


def test_a_script_without_first_line_is_for_sh(tool: Tool) -> None:
    assert said(tool, "[[ $1 = x ]]\n") == [("SC3010", 1, 1)]
    assert said(tool, "#!/bin/bash\n[[ $1 = x ]]\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\necho `ls`\n",
        "#!/bin/sh\n. ./lib.sh\n",
        "#!/bin/sh\n# shellcheck disable=SC2086\nls $1\n",
        "重启=1\n"[2:],
    ],
)
def test_style_sourced_files_and_what_is_disabled_are_passed_over(tool: Tool, text: str) -> None:
    assert [code for code, *_ in said(tool, text) if code in ("SC2006", "SC1091", "SC2086")] == []


def test_characters_beyond_ascii_are_read(tool: Tool) -> None:
    assert said(tool, "#!/bin/sh\necho '重启 \u202e'\n") == []


@pytest.mark.parametrize("answer", ["", "x", "[]", "{}", None])
def test_an_answer_that_is_none_is_said(tool: Tool, monkeypatch: pytest.MonkeyPatch, answer: str | None) -> None:
    done = None if answer is None else subprocess.CompletedProcess([], 2, answer, "")
    monkeypatch.setattr(Program, "run", lambda *_, **__: done)
    assert [finding.message for finding in tool.find("ls")] == ["shellcheck cannot read it"]


def test_a_message_that_repeats_a_secret_is_replaced_by_its_page(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = '{"comments": [{"line": 1, "column": 1, "code": 2050, "message": "is password=' + 'hunter22x constant?"}]}'
    monkeypatch.setattr(Program, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, answer, ""))
    assert [finding.message for finding in tool.find("ls")] == ["SC2050: see https://www.shellcheck.net/wiki/SC2050"]


def test_without_shellcheck_there_is_no_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(programs, "find", lambda *_: None)
        assert shellcheck.shellcheck(HERE) is None
    monkeypatch.setattr(Program, "run", lambda *_, **__: None)
    assert shellcheck.shellcheck(HERE) is None
