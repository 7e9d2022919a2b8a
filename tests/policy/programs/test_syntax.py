"""Syntax, judged by bash and by Python."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocsync.policy.programs import syntax
from cocsync.system.programs import Program

HIDDEN = "hunter22x"
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")


def bash(text: str) -> list[tuple[int | None, str]]:
    tool = syntax.bash(Path(__file__).parent)
    assert tool is not None
    return [(finding.line, finding.message) for finding in tool.find(text)]


def python(text: str) -> list[tuple[int | None, int]]:
    return [(finding.line, finding.column) for finding in syntax.python().find(text)]


@needs_bash
class TestBash:
    @pytest.mark.parametrize("text", ["", "#!/bin/sh\nls\n", "[[ a == b ]] && x=(1 2)", "重启\n"])
    def test_valid(self, text: str) -> None:
        assert bash(text) == []

    @pytest.mark.parametrize(
        "text",
        [
            "#!/bin/bash\nshopt -s extglob\nls /srv/!(keep|current)\n",
            "#!/bin/bash -O extglob\nls !(a|b)\n",
            "#!/bin/bash\nshopt -s nullglob extglob\ncase $1 in\n  web+([0-9])) echo web ;;\nesac\n",
        ],
    )
    def test_extended_patterns_are_valid_where_the_script_switches_them_on(self, text: str) -> None:
        assert bash(text) == []

    def test_extended_patterns_are_a_mistake_where_it_does_not(self) -> None:
        ((line, _),) = bash("#!/bin/bash\n# shopt -s extglob\nls !(a|b)\n")
        assert line == 3

    def test_the_first_mistake_is_said_at_its_line(self) -> None:
        assert bash("ls\nfi\ndone\n") == [(2, "syntax error near unexpected token `fi'")]

    def test_what_ends_too_early_is_said_at_the_last_line(self) -> None:
        ((line, message),) = bash("if true; then\n  ls\n\n")
        assert (line, message) == (2, "syntax error: unexpected end of file")

    def test_a_here_document_without_end(self) -> None:
        ((_, message),) = bash("cat <<END\nx\n")
        assert "here-document" in message

    @pytest.mark.parametrize(
        "text", [f"ls (\n{HIDDEN}", f"if x; then fi {HIDDEN}", f"x={HIDDEN} )\n", f"cat <<{HIDDEN}\n"]
    )
    def test_no_word_of_the_script_is_said(self, text: str) -> None:
        ((_, message),) = bash(text)
        assert HIDDEN not in message

    def test_nothing_is_run(self, tmp_path: Path) -> None:
        assert bash(f"touch {tmp_path}/x\necho $(touch {tmp_path}/x)\n") == []
        assert list(tmp_path.iterdir()) == []


@needs_bash
def test_bash_that_gives_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    tool = syntax.bash(Path(__file__).parent)
    monkeypatch.setattr(Program, "run", lambda *_, **__: None)
    assert tool is not None
    assert syntax.bash(Path(__file__).parent) is None
    assert [finding.line for finding in tool.find("ls")] == [1]


class TestPython:
    @pytest.mark.parametrize("text", ["", "x = 1\n", "'\\d'\n", "async def f(): await g()\n", "print(f'{1 + 1}')\r\n"])
    def test_valid(self, text: str) -> None:
        assert python(text) == []

    @pytest.mark.parametrize(
        ("text", "line", "column"),
        [("x = 1\nif x\n", 2, 5), ("print 'x'\n", 1, 1), ("def f(:\n", 1, 7), ("x = (\n", 1, 5)],
    )
    def test_a_mistake_is_said_at_its_place(self, text: str, line: int, column: int) -> None:
        assert python(text) == [(line, column)]

    @pytest.mark.parametrize("text", ["x = '\0'", "-" * 200_000 + "1", "(" * 500 + ")" * 500, "x" + ".x" * 100_000])
    def test_what_breaks_parsers_is_a_finding_at_most(self, text: str) -> None:
        assert len(python(text)) <= 1

    @settings(max_examples=50)
    @given(st.text(max_size=30))
    def test_no_text_makes_it_fail(self, text: str) -> None:
        assert len(python(text)) <= 1
