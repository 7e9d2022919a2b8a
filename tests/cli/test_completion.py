"""`cocsync completion`, and the completion itself."""

from __future__ import annotations

import shutil

import pytest

from tests.support import children
from tests.support.program import EXECUTABLE, Program


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_the_shells_and_asks_the_program(cocsync: Program, shell: str) -> None:
    done = cocsync.here("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert f"_COCSYNC_COMPLETE={shell}_complete" in done.out
    if interpreter := shutil.which(shell):
        children.run([interpreter, "-n", "/dev/stdin"], input=done.out, text=True, check=True)


@pytest.mark.parametrize("shell", ["", "powershell"])
def test_any_other_shell_is_a_usage_error(cocsync: Program, shell: str) -> None:
    assert cocsync.here("completion", *filter(None, [shell])).code == 64


def test_commands_and_options_are_completed(cocsync: Program) -> None:
    for words, expected in [("cocsync pl", "plan"), ("cocsync plan --detailed", "--detailed-exitcode")]:
        done = children.run(
            [EXECUTABLE],
            env=cocsync.environ
            | {"_COCSYNC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines() == [f"plain,{expected}"]
