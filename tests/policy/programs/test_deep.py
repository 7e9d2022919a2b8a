"""The deep rules together: for which scripts, how often, and what is remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cocsync.model.script import ScriptType
from cocsync.policy.programs import deep, shellcheck, syntax
from cocsync.policy.programs.deep import Deep, available
from cocsync.policy.programs.tools import Tool
from cocsync.policy.rules import Finding, Policy
from tests.policy.samples import script


class Counter:
    """A tool that finds the text's length, and remembers what it was asked."""

    def __init__(self, rule: str = "shellcheck", *, version: str = "1", parallel: bool = True) -> None:
        self.asked: list[str] = []
        self.tool = Tool(rule=rule, type=ScriptType.SHELL, version=version, find=self._find, parallel=parallel)

    def _find(self, text: str) -> tuple[Finding, ...]:
        self.asked.append(text)
        return (Finding(rule=self.tool.rule, message=str(len(text)), line=2, column=3),)


@pytest.mark.parametrize("parallel", [True, False])
def test_each_text_is_judged_once_by_the_tools_for_its_type(*, parallel: bool) -> None:
    counter = Counter(parallel=parallel)
    checks = Deep([counter.tool])
    found = list(checks.find([script("a"), script("bb"), script("a"), script("a", "PYTHON")]))
    assert [[finding.message for finding in of] for of in found] == [["1"], ["2"], ["1"], []]
    assert sorted(counter.asked) == ["a", "bb"]
    assert found[0][0] == Finding(rule="shellcheck", message="1", line=2, column=3)
    assert checks.rules == {"shellcheck"}


def test_what_is_remembered_is_not_judged_again() -> None:
    first, second = Counter(), Counter()
    memory = Deep([first.tool])
    before = memory.find([script("a")])
    after = Deep([second.tool], memory.memory).find([script("a")])
    assert after == before
    assert second.asked == []


def test_another_version_of_the_program_or_another_rule_judges_again() -> None:
    memory = Deep([Counter().tool])
    memory.find([script("a")])
    for counter in (Counter(version="2"), Counter("shell-syntax")):
        Deep([counter.tool], memory.memory).find([script("a")])
        assert counter.asked == ["a"]


def test_another_version_of_cocsync_judges_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, counter = Deep([Counter().tool]), Counter()
    memory.find([script("a")])
    monkeypatch.setattr(deep, "__version__", "9")
    Deep([counter.tool], memory.memory).find([script("a")])
    assert counter.asked == ["a"]


def test_only_the_scripts_of_the_run_are_remembered_and_without_their_content() -> None:
    memory = Deep([Counter().tool])
    memory.find([script("old content")])
    kept = Deep([Counter().tool], memory.memory)
    kept.find([script("new content")])
    assert len(json.loads(kept.memory)) == 1
    assert "content" not in kept.memory


@pytest.mark.parametrize(
    "memory", ["", "x", "[]", "1", '{"a": 1}', '{"a": [1]}', '{"a": [["x", 1, "m"]]}', "[" * 100_000]
)
def test_a_memory_that_cannot_be_read_is_none(memory: str) -> None:
    counter = Counter()
    Deep([counter.tool], memory).find([script("a")])
    assert counter.asked == ["a"]


def test_only_rules_that_are_not_off_need_their_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(syntax, "bash", lambda _: None)
    monkeypatch.setattr(shellcheck, "shellcheck", lambda _: Counter().tool)
    tools, missing = available(Policy(), tmp_path)
    assert [tool.rule for tool in tools] == ["python-syntax", "shellcheck"]
    assert missing == ("shell-syntax",)
    off = Policy(severities=(("shell-syntax", "off"), ("shellcheck", "off")))
    assert [tool.rule for tool in available(off, tmp_path)[0]] == ["python-syntax"]
    assert available(off, tmp_path)[1] == ()
