"""Waivers in a script's content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.policy.waivers import in_script

SHORT = "allow shellcheck because of x"


@pytest.mark.parametrize(
    ("content", "waived"),
    [
        (f"# cocsync: {SHORT}\nls\n", [2]),
        (f"ls # cocsync: {SHORT}\n", [1]),
        (f"  # cocsync:{SHORT}\n  ls\n", [2]),
        (f"rem cocsync: {SHORT}\r\nls\r\n", [2]),
        (f"@REM cocsync: {SHORT}\nls\n", [2]),
        (f":: cocsync: {SHORT}\nls\n", [2]),
        (f"ls\n# cocsync: {SHORT}\n# cocsync: {SHORT}\nls\n", [4, 4]),
        (f"# cocsync: {SHORT}", [2]),
        ("# cocsync allow shellcheck because x\n", []),
        ("cocsync: allow shellcheck because x\n", []),
        ("echo cocsync: allows\n", []),
    ],
)
def test_is_for_its_line_or_for_the_first_below(content: str, waived: list[int]) -> None:
    waivers, problems = in_script(content)
    assert [(waiver.rule, waiver.line) for waiver in waivers] == [("shellcheck", line) for line in waived]
    assert problems == ()


@pytest.mark.parametrize(
    ("written", "code", "says"),
    [
        ("allow shelcheck because x", "waiver-unknown-rule", "did you mean `shellcheck`?"),
        ("allow xyzzy because x", "waiver-unknown-rule", "docs/policy.md"),
        ("allow", "waiver-unknown-rule", "docs/policy.md"),
        ("allow shellcheck", "waiver-without-reason", "allow shellcheck because REASON"),
        ("allow shellcheck because", "waiver-without-reason", "allow shellcheck because REASON"),
        ("allow shellcheck because  \t", "waiver-without-reason", "allow shellcheck because REASON"),
    ],
)
def test_one_without_a_reason_or_for_no_rule_waives_nothing(written: str, code: str, says: str) -> None:
    waivers, (problem,) = in_script(f"ls\n# cocsync: {written}\n")
    assert waivers == ()
    assert (problem.rule, problem.line) == (code, 2)
    assert says in problem.message


@given(st.text("#:rem cocsync: allow because shellcheck\n\t", max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    waivers, problems = in_script(text.replace("!", "# cocsync: allow "))
    assert len(waivers) + len(problems) <= text.count("cocsync")
