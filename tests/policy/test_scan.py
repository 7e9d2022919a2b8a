"""Script text cut into what rules look at. Most of it shows in the rules; here is what must hold of every text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.policy import scan

TEXTS = st.lists(
    st.sampled_from(
        ["'", '"', "\\", "#", "$1", "\n", " ", "f() {", "}", "{", "(", ")", "|", "&", ";", "`", "rm", "<<E", "\r"]
    )
    | st.text(max_size=3)
).map("".join)
KINDS = st.sampled_from(["SHELL", "PYTHON", "BAT"])


@given(KINDS, TEXTS)
def test_everything_keeps_its_place(kind: str, text: str) -> None:
    for form in (scan.without_comments(kind, text), scan.expanded_by_shell(text), scan.without_functions(text)):
        assert len(form) == len(text)
        assert [c for c in form if c == "\n"] == [c for c in text if c == "\n"]
        assert all(new in (old, " ") for new, old in zip(form, text, strict=True))


@given(KINDS, TEXTS)
def test_a_command_has_a_name_and_a_place(kind: str, text: str) -> None:
    for command in scan.commands(kind, text):
        assert command.words
        assert 0 <= command.offset < len(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sudo -n /usr/bin/rm x && ls | wc -l", ["rm", "ls", "wc"]),
        ("if ! A=1 env -i grep x; then y; fi", ["grep", "y", "fi"]),
        ("bash -c 'rm x'", ["bash", "rm"]),
        ("sh x.sh -c", ["sh"]),
        ("ssh -p 22 host rm x", ["ssh", "rm"]),
        ("echo 2>&1 >&2 x", ["echo"]),
        ("sudo -u", []),
        ("", []),
    ],
)
def test_commands_are_named_without_what_only_starts_them(text: str, names: list[str]) -> None:
    assert [command.name for command in scan.commands("SHELL", text)] == names


def test_of_windows_the_suffix_and_the_folder_are_left_out() -> None:
    (command,) = scan.commands("BAT", "C:\\Windows\\System32\\FORMAT.exe D: ^\n /q\n")
    assert (command.name, command.words[1:]) == ("format", ("D:", "/q"))


@pytest.mark.parametrize(
    ("text", "piped"),
    [("a|b", [False, True]), ("a |& b", [False, True]), ("a || b", [False, False]), ("a & b", [False, False])],
)
def test_what_reads_a_pipe_is_told_from_what_follows(text: str, piped: list[bool]) -> None:
    assert [command.piped for command in scan.commands("SHELL", text)] == piped
