"""Params against the content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.policy import params, positions
from cocsync.policy.rules import Finding
from tests.policy import labelled
from tests.policy.samples import reading
from tests.support import builders


def found(content: str, kind: str, names: str = "") -> list[tuple[str, int]]:
    """The rules with the position that each is about, where the manifest has these params."""
    declared = tuple(builders.param(name) for name in names.split())
    return [
        (
            finding.rule,
            int(finding.path[1]) + 1 if finding.path else int(finding.message.split("`")[1].strip("$%sy.argv[]")),
        )
        for finding in params.find(reading(content, kind, params=declared))
    ]


UNUSED, UNDECLARED = "param-unused", "param-undeclared"


class TestShell:
    @pytest.mark.parametrize(
        "content",
        [
            'echo "$1" "${2:-x}"',
            "a=$1 b=${2}",
            "cat <<END\n$1 it's $2\nEND",
            'run "$@"',
            "run $*",
            'run "${@:2}"',
            "shift\necho $1",
            "while getopts ab: o; do :; done",
            "eval echo \\${!n}",
            'set -- "$1"; x "$2"',
            'main() {\n  echo $1\n}\nmain "$@"',
            "echo ${first} ${second}",
        ],
    )
    def test_both_are_used(self, content: str) -> None:
        assert found(content, "SHELL", "first second") == []

    @pytest.mark.parametrize(
        "content",
        [
            "echo $1",
            "echo $1 # $2",
            "# uses $2\necho $1",
            "echo $1; awk '{ print $2 }'",
            "echo $1 \\$2",
            'echo "$1 \\$2"',
            'exec bash "$0" "$@"\necho $1',
            'all() {\n  run "$@"\n}\necho $1',
            "second=3\necho $1 ${second}",
        ],
    )
    def test_the_second_is_not_used(self, content: str) -> None:
        assert found(content, "SHELL", "first second") == [(UNUSED, 2)]

    @pytest.mark.parametrize(
        ("content", "position"),
        [
            ("echo $1", 1),
            ('echo "${12:-x}"', 12),
            ("echo $1 ${3}", 3),
            ("f() {\n  echo $9\n}\necho $2", 2),
            ("f() { echo $9; }\necho $2", 2),
            ("function f {\n  if x; then\n    y $9\n  fi\n}\necho $2", 2),
            ("  f() {\n    echo $9\n  }\necho $2", 2),
        ],
    )
    def test_more_is_used_than_declared(self, content: str, position: int) -> None:
        assert (UNDECLARED, position) in found(content, "SHELL")

    @pytest.mark.parametrize(
        "content",
        [
            "f() {\n  echo $2\n}",
            "f() { echo $2; }",
            "f()\n{\n  echo $2\n}",
            "f() (\n  echo $2\n)",
            "f() { echo $2; }; g",
            "awk '{ print $3 }' x",
            "set -- a b\necho $2",
            "echo $0 $# $? $$ \\$1 ${#x}",
            "# $1",
            "echo it\\'s; echo 'x $1'",
        ],
    )
    def test_functions_quotes_and_reset_positions_are_no_use_of_what_is_not_declared(self, content: str) -> None:
        assert found(content, "SHELL") == []

    def test_each_position_is_said_once_at_its_first_use(self) -> None:
        (one, two) = params.find(reading("x\n  $2\n$1 $2", "SHELL"))
        assert [(one.line, one.column), (two.line, two.column)] == [(3, 1), (2, 3)]
        assert one.message == "`$1` is used, and the manifest has no params: add what is missing, or take this out"

    def test_an_unused_param_is_found_where_it_is_declared(self) -> None:
        (found,) = params.find(reading("df", "SHELL", params=(builders.param("mount"),)))
        message = "param `mount` is the content's `$1`, which it never uses: use or delete it"
        assert found == Finding(rule=UNUSED, message=message, path=("params", 0, "name"))

    def test_a_function_that_does_not_end_is_none(self) -> None:
        assert found("f() {\necho $1", "SHELL") == [(UNDECLARED, 1)]


class TestPython:
    @pytest.mark.parametrize(
        "content",
        [
            "import sys\nprint(sys.argv[1], sys.argv[2])",
            "a, b = sys.argv[1:]",
            "main(sys.argv)",
            "from sys import argv",
            "import argparse",
            "from click import command",
            "print('${first} ${second}')",
        ],
    )
    def test_both_are_used(self, content: str) -> None:
        assert found(content, "PYTHON", "first second") == []

    def test_the_second_is_not_used(self) -> None:
        content = "if len(sys.argv) > 2:\n    print(sys.argv[0], sys.argv[1]) # sys.argv[2]"
        assert found(content, "PYTHON", "first second") == [(UNUSED, 2)]

    def test_more_is_used_than_declared(self) -> None:
        _, found = params.find(reading("x = sys.argv[ 3 ]", "PYTHON", params=(builders.param(),)))
        assert (found.rule, found.line, found.column) == (UNDECLARED, 1, 5)
        assert found.message.startswith("`sys.argv[3]` is used, and the manifest has 1 param: ")


class TestBat:
    @pytest.mark.parametrize(
        "content",
        ["echo %1 %~2", "set A=%~dp1\nset B=%2", "echo %*", ":next\nshift\ngoto next", "echo ${first} ${second}"],
    )
    def test_both_are_used(self, content: str) -> None:
        assert found(content, "BAT", "first second") == []

    @pytest.mark.parametrize("content", ["echo %1", "echo %1\nrem %2", "for %%2 in (%1) do x", "echo %1 %A%2x"])
    def test_the_second_is_not_used(self, content: str) -> None:
        assert found(content, "BAT", "first second") == [(UNUSED, 2)]

    def test_more_is_used_than_declared(self) -> None:
        assert found("echo %1 %~3", "BAT", "first") == [(UNDECLARED, 3)]

    def test_subroutines_have_positions_of_their_own(self) -> None:
        assert found("call :say x\nexit /b\n:say\necho %1\n", "BAT") == []


def test_nothing_is_said_of_a_type_that_nobody_knows() -> None:
    assert list(params.find(reading("echo $1", "PERL"))) == []


HEADS = [
    *(line for one in labelled.scripts() if one.type == "SHELL" for line in one.content.split("\n")),
    "die() {",
    "}",
    '  echo "$1" >&2',
    "a=$1",
    "b=${2:-x} # it's $3",
    "cat <<E",
    "E",
    "x='",
    "set -eu",
    "set -- a",
]


@given(st.lists(st.sampled_from(HEADS), max_size=8).map("\n".join))
def test_what_is_plain_without_a_parser_is_what_the_parser_says(text: str) -> None:
    script = reading(text, params=tuple(builders.param(name) for name in ("first", "second")))
    plain = list(params.find(script))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(positions, "positions_used", lambda *_: frozenset())
        assert list(params.find(script)) == plain
