"""The table of rules, and what a project makes of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cocsync.diagnostics import Severity
from cocsync.manifests import schema
from cocsync.policy import waivers
from cocsync.policy.rules import OFF, RULE, RULES, Policy, Rule, in_content

PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
RULES_KEY = json.loads(schema.text("project"))["properties"]["policy"]["properties"]["rules"]


def test_ids_are_stable_words_and_unique() -> None:
    assert len(RULE) == len(RULES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id) for rule in RULES)


def test_what_is_an_error_by_default() -> None:
    assert [rule.id for rule in RULES if rule.severity is Severity.ERROR] == [
        "delete-root",
        "erase-disk",
        "pipe-to-shell",
        "open-permissions",
        "fork-bomb",
        "not-a-script",
    ]


def test_the_schema_has_exactly_the_rules_and_what_they_say() -> None:
    assert {name: part["description"] for name, part in RULES_KEY["properties"].items()} == {
        rule.id: rule.text for rule in RULES
    }


def test_the_page_explains_exactly_the_rules_in_their_order() -> None:
    assert re.findall(r"^### (.+)$", PAGE, re.MULTILINE) == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_page_gives_an_example_of_each_rule(rule: Rule) -> None:
    section = PAGE.partition(f"\n### {rule.id}\n")[2].partition("\n### ")[0]
    assert "`" in section or "\n    " in section


def test_the_page_names_the_codes_of_waivers() -> None:
    codes = {waivers.UNKNOWN, waivers.UNUSED, waivers.WITHOUT_REASON}
    assert codes == set(re.findall(r"^\| `(waiver-[a-z-]+)`", PAGE, re.MULTILINE))


def test_a_rule_weighs_what_the_project_says() -> None:
    policy = Policy(severities=(("shellcheck", "error"), ("delete-root", "note"), ("param-unused", OFF)))
    assert policy.severity("shellcheck") is Severity.ERROR
    assert policy.severity("delete-root") is Severity.NOTE
    assert policy.severity("param-unused") is None
    assert policy.severity("secret-entropy") is Severity.WARNING


@pytest.mark.parametrize(("offset", "line", "column"), [(0, 1, 1), (2, 1, 3), (3, 2, 1), (5, 3, 2)])
def test_a_place_in_the_content_counts_from_one(offset: int, line: int, column: int) -> None:
    found = in_content("shellcheck", "m", "ab\n\ncd", offset)
    assert (found.line, found.column) == (line, column)
