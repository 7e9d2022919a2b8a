"""A script judged by every rule, under the project's severities and with its waivers."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cocsync.diagnostics import Severity
from cocsync.model.script import Script
from cocsync.policy.check import FINDINGS_MAX, NoDeepChecks, evaluate
from cocsync.policy.rules import RULE, Finding, Policy
from tests.policy.samples import script
from tests.policy.test_dangerous import BAT, PYTHON, SHELL
from tests.policy.test_secrets import MIXED, PATTERNS
from tests.support import builders

DEEP = Finding(rule="shellcheck", message="SC1", line=2)


def judged(content: str, *, policy: Policy | None = None, **options: Any) -> list[tuple[Severity, str, int | None]]:
    """Severity, code and line of each."""
    options = {"waived": {}, **options}
    found = evaluate(script(content), content, policy or Policy(), **options)
    return [(severity, finding.rule, finding.line) for severity, finding in found]


def test_a_finding_weighs_what_its_rule_does() -> None:
    assert judged("rm -rf /\necho \u202e\n") == [
        (Severity.ERROR, "delete-root", 1),
        (Severity.WARNING, "bidi-character", 2),
    ]


def test_the_project_decides() -> None:
    policy = Policy(severities=(("delete-root", "note"), ("bidi-character", "off")))
    assert judged("rm -rf /\necho \u202e\n", policy=policy) == [(Severity.NOTE, "delete-root", 1)]


def test_rules_look_at_the_content_as_its_file_has_it() -> None:
    """What is sent has LF."""
    found = evaluate(script("#!/bin/sh\nls\n"), "#!/bin/sh\r\nls\r\n", Policy(), waived={})
    assert [finding.rule for _, finding in found] == ["shebang-crlf"]


def test_deep_findings_are_judged_like_any_other() -> None:
    assert judged("ls\nx\n", deep=(DEEP,), deep_rules=frozenset({"shellcheck"})) == [
        (Severity.WARNING, "shellcheck", 2)
    ]
    assert list(NoDeepChecks().find([script("x"), script("y")])) == [(), ()]


class TestWaivers:
    def test_one_in_the_content_is_for_its_line(self) -> None:
        content = "rm -rf / # cocsync: allow delete-root because it is a test\nrm -rf /\n"
        assert judged(content) == [(Severity.ERROR, "delete-root", 2)]

    def test_one_in_the_manifest_is_for_the_whole_script(self) -> None:
        assert judged("rm -rf /\nrm -rf /\n", waived={"delete-root": ("waivers", 0)}) == []

    def test_one_in_the_manifest_is_also_for_what_stands_there(self) -> None:
        high = builders.script(risk_level="HIGH")
        assert list(evaluate(high, high.content.text, Policy(), waived={"high-risk-unreviewed": ("waivers", 0)})) == []

    def test_one_that_is_not_needed_is_a_note(self) -> None:
        content = "# cocsync: allow delete-root because x\nls\n"
        assert judged(content, waived={"fork-bomb": ("waivers", 0)}) == [
            (Severity.NOTE, "waiver-unused", None),
            (Severity.NOTE, "waiver-unused", 1),
        ]

    def test_one_for_a_rule_that_is_off_is_needed_all_the_same(self) -> None:
        content = "rm -rf / # cocsync: allow delete-root because x\n"
        assert judged(content, policy=Policy(severities=(("delete-root", "off"),))) == []

    def test_nobody_knows_whether_one_for_a_rule_that_was_not_judged_is_needed(self) -> None:
        content = "ls # cocsync: allow shellcheck because x\n"
        waived = {"shellcheck": ("waivers", 0), "version-unchanged": ("waivers", 1)}
        assert judged(content, waived=waived) == []
        assert len(judged(content, waived=waived, deep_rules=frozenset({"shellcheck"}))) == 2

    def test_a_wrong_one_is_an_error_that_no_severity_changes(self) -> None:
        assert judged("# cocsync: allow x because y\n", waived={"z": ("waivers", 0)}) == [
            (Severity.ERROR, "waiver-unknown-rule", 1),
            (Severity.ERROR, "waiver-unknown-rule", None),
        ]


def test_of_a_line_that_holds_a_secret_no_finding_may_show_the_text() -> None:
    content = "chmod 777 x; mysql -pcorrecthorse\nchmod 777 y\n"
    found = [finding for _, finding in evaluate(script(content), content, Policy(), waived={})]
    assert {(finding.rule, finding.line, finding.secret) for finding in found} == {
        ("open-permissions", 1, True),
        ("secret-pattern", 1, True),
        ("open-permissions", 2, False),
    }


def test_what_is_something_else_altogether_is_not_listed_line_by_line() -> None:
    assert len(judged("rm -rf /\n" * 200)) == FINDINGS_MAX


PIECES = [
    *(content for _, content in (*SHELL, *PYTHON, *BAT)),
    *PATTERNS,
    MIXED,
    "$1",
    "#!",
    "\r",
    "# cocsync: allow ",
    "'",
    '"',
]


@given(
    st.lists(st.sampled_from(PIECES) | st.sampled_from("\n \t;|&(){}$`\\") | st.text(max_size=4), max_size=12).map(
        "".join
    ),
    st.sampled_from(["SHELL", "PYTHON", "BAT"]),
    st.sampled_from(["LOW", "HIGH"]),
)
def test_no_text_makes_a_rule_fail_or_say_a_suspected_secret(text: str, kind: str, level: str) -> None:
    judged: Script = builders.script(type=kind, content=text, risk_level=level, params=(builders.param("key", MIXED),))
    for severity, finding in evaluate(judged, text, Policy(), waived={"nonsense": ("waivers", 0)}):
        assert severity in Severity
        assert finding.rule in RULE or finding.rule.startswith("waiver-")
        assert 1 <= (finding.line or 1) <= text.count("\n") + 1
        assert all(word not in finding.message for word in (MIXED, "hunter22", "Ab3d", "HUNTER22"))
