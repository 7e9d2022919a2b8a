"""Programs that judge a script's text: what they get, and what becomes of those that do not answer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cocsync.policy.programs import tools

ECHO = "import os, sys; print(sorted(os.environ)); print(sys.stdin.read())"


def test_a_program_gets_the_text_and_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASH_ENV", "/tmp/evil")
    answer = tools.run([sys.executable, "-I", "-c", ECHO], "重启 \udcff")
    assert answer is not None
    environment, text, *_ = answer.stdout.splitlines()
    assert "PATH" in environment
    assert "BASH_ENV" not in environment
    assert text.startswith("重启")


def test_one_that_is_not_there_has_no_answer() -> None:
    assert tools.run(["cocsync-no-such-program"]) is None


def test_one_that_does_not_end_has_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, tools.TIMEOUT)

    monkeypatch.setattr(subprocess, "run", run)
    assert tools.run(["bash"]) is None


@pytest.mark.parametrize(("line", "column", "place"), [(2, 3, (2, 3)), (9, 1, (2, 1)), (0, 0, (1, 1))])
def test_a_finding_stands_in_the_text(line: int, column: int, place: tuple[int, int]) -> None:
    found = tools.finding("shellcheck", "m", "a\nb\n\n", line, column)
    assert (found.line, found.column) == place
