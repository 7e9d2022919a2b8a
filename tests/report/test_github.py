"""Workflow annotations: read back as the runner reads them, the worst first, and nothing foreign among them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.diagnostics import Checked, Diagnostic, Position, Severity
from cocsync.plan.drift import from_plan
from cocsync.plan.plan import Plan
from cocsync.report.github import diagnostics_github, drift_github, plan_github
from cocsync.report.terminal import escaped
from cocsync.report.view import View
from tests.report import extremes, samples, strategies
from tests.support.golden import Golden

REPORTS = {
    "validate": lambda: diagnostics_github(Checked(found=samples.DIAGNOSTICS), View(folder="ops/coc/")),
    "plan": lambda: plan_github(samples.BUSY, View()),
    "plan_guarded": lambda: plan_github(samples.GUARDED, View()),
    "drift": lambda: drift_github(samples.DRIFT, View()),
}


@dataclass(frozen=True, kw_only=True)
class Annotation:
    level: str
    properties: dict[str, str]
    message: str


def read(report: str) -> list[Annotation]:
    """As the runner does: `::level key=value,...::message`, each part unescaped."""
    assert report.endswith("\n")
    return [_annotation(line) for line in report[:-1].split("\n")]


def _annotation(line: str) -> Annotation:
    match = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
    assert match, line
    pairs = (pair.partition("=") for pair in match[2].split(","))
    properties = {key: _unescaped(value.replace("%3A", ":").replace("%2C", ",")) for key, _, value in pairs}
    return Annotation(level=match[1], properties=properties, message=_unescaped(match[3]))


def _unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


@pytest.mark.parametrize("report", REPORTS)
def test_annotations_are_as_they_were_read_and_approved(golden: Golden, report: str) -> None:
    golden.check(f"report/github/{report}.txt", REPORTS[report]())


def test_the_worst_ten_are_shown_and_how_many_more_there_are() -> None:
    notes = tuple(replace(samples.DIAGNOSTICS[2], code=f"note-{n}") for n in range(20))
    found = read(diagnostics_github(Checked(found=(*notes, *samples.DIAGNOSTICS[:2])), View()))
    assert [one.level for one in found] == ["error", "warning", *["notice"] * 8, "notice"]
    assert found[-1].message == "22 problems; 12 more are not shown here"


def test_where_nothing_is_wrong_it_says_so() -> None:
    assert diagnostics_github(Checked(found=()), View()) == "::notice title=cocsync validate::0 problems\n"


def test_a_place_is_relative_to_the_git_repository() -> None:
    (one, _) = read(diagnostics_github(Checked(found=samples.DIAGNOSTICS[:1]), View(folder="ops/coc/")))
    assert one.properties == {
        "file": "ops/coc/scripts/restart_nginx/script.yaml",
        "line": "7",
        "col": "3",
        "title": "unknown-key",
    }


def test_what_separates_properties_and_lines_is_escaped() -> None:
    at = Position(file="a,b:c%2C.yaml")
    found = Diagnostic(severity=Severity.ERROR, code="x", message="100%\r\n::error::%0A", at=at)
    report = diagnostics_github(Checked(found=(found,)), View())
    assert "file=a%2Cb%3Ac%252C.yaml,line=1" in report
    assert "::100%25\\r\\n::error::%250A\n" in report


def test_what_stands_in_the_way_is_an_error_and_what_is_dangerous_a_warning() -> None:
    levels = {one.properties["title"].partition(":")[0]: one.level for one in read(plan_github(samples.BUSY, View()))}
    assert (levels["conflict"], levels["delete"], levels["replace"]) == ("error", "warning", "warning")
    dull = read(plan_github(replace(samples.EMPTY, changes=extremes.many(4).changes), View()))
    assert {one.level for one in dull} == {"notice"}


def test_a_guard_is_an_error_and_a_missing_value_is_said() -> None:
    (guard, *_) = read(plan_github(samples.GUARDED, View()))
    assert (guard.level, guard.properties) == ("error", {"title": "refused: max-delete"})
    assert "needs env:REPORT_TOKEN" in plan_github(replace(samples.EMPTY, changes=(samples.CREATE,)), View())


def test_a_hand_edit_is_a_warning_that_names_the_hand() -> None:
    found = {one.properties["title"]: one for one in read(drift_github(samples.DRIFT, View()))}
    assert found["changed: restart_nginx"].level == "warning"
    assert "last touched in COC by chen_wei, 2026-07-01T10:04:05Z" in found["changed: restart_nginx"].message
    assert found["missing: disk_and_inode_report"].level == "notice"


@given(st.lists(strategies.diagnostics, max_size=9).map(tuple))
def test_every_diagnostic_is_read_back_as_it_was(found: tuple[Diagnostic, ...]) -> None:
    shown = read(diagnostics_github(Checked(found=found), View()))[:-1]
    assert sorted((one.properties["title"], one.message) for one in shown) == sorted(
        (escaped(one.code), escaped(one.message)) for one in found
    )


@given(strategies.plans)
def test_no_plan_and_no_drift_makes_another_command(plan: Plan) -> None:
    for report in (plan_github(plan, View()), drift_github(from_plan(plan), View())):
        assert len(read(report)) <= 11
