"""JUnit XML: one case for everything that was looked at, in the structure that pipelines read."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from cocsync.diagnostics import Checked, Diagnostic
from cocsync.plan.drift import from_plan
from cocsync.plan.plan import Plan
from cocsync.report.junit import diagnostics_junit, drift_junit
from cocsync.report.view import View
from tests.report import samples, strategies
from tests.support.golden import Golden

FILES = frozenset({"scripts/fine/script.yaml", "scripts/restart_nginx/script.yaml"})

_ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "system-out": set(),
}
_CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "system-out"},
    "failure": set(),
    "system-out": set(),
}


def read(report: str) -> dict[str, ET.Element]:
    """The cases by name; the whole has the structure and the counts that Jenkins and GitLab expect."""
    root: ET.Element = ET.fromstring(report.encode())
    for element in root.iter():
        assert _ATTRIBUTES[element.tag] <= set(element.keys()) <= _ATTRIBUTES[element.tag] | {"file"}
        assert {child.tag for child in element} <= _CHILDREN[element.tag]
    (suite,) = root
    cases = suite.findall("testcase")
    failed = [case for case in cases if case.find("failure") is not None]
    for counted in (root, suite):
        assert (counted.get("tests"), counted.get("failures")) == (str(len(cases)), str(len(failed)))
    return {str(case.get("name")): case for case in cases}


def said(case: ET.Element) -> tuple[str, str]:
    """The failure's message and text."""
    failure = case.find("failure")
    assert failure is not None
    return str(failure.get("message")), str(failure.text)


def test_validate_is_as_it_was_read_and_approved(golden: Golden) -> None:
    golden.check(
        "report/validate.junit.xml",
        diagnostics_junit(Checked(found=samples.DIAGNOSTICS, files=FILES), View(project_file="p.yaml")),
    )


def test_every_file_is_a_case_that_fails_for_an_error_only() -> None:
    cases = read(diagnostics_junit(Checked(found=samples.DIAGNOSTICS, files=FILES), View(project_file="p.yaml")))
    assert set(cases) == {"a.sh", "p.yaml", *FILES, "scripts/x/x.sh"}
    assert said(cases["scripts/restart_nginx/script.yaml"])[0].startswith("unknown-key: `reviwers` is no key")
    assert said(cases["p.yaml"])[1].endswith("run `cocsync init` [no-project]")
    assert len(cases["scripts/fine/script.yaml"]) == 0
    warned = cases["scripts/x/x.sh"].findtext("system-out")
    assert warned == "scripts/x/x.sh:12:60: warning: the content has the bidi control U+202E\\x1b[2J [bidi-control]"


def test_every_script_is_a_case_that_fails_where_it_differs() -> None:
    cases = read(drift_junit(samples.DRIFT, View()))
    assert [name for name, case in cases.items() if case.find("failure") is None] == ["a_script", "b_script"]
    message, text = said(cases["restart_nginx"])
    assert message.startswith("changed: the manifest changed")
    assert "last touched in COC by chen_wei, 2026-07-01T10:04:05Z\n" in text
    assert "\nversion: 1.4.0 in COC; 1.4.1 in the manifest\n" in text
    assert "\ncontent (- in COC, + in the manifest):\n@@ -1,6 +1,7 @@\n" in text
    assert said(cases["script_owner"])[0] == "conflict: in COC, and of another owner: network_ops"


def test_a_run_that_compared_not_everything_fails_even_without_a_difference() -> None:
    (*_, run) = read(drift_junit(samples.PARTIAL_DRIFT, View())).values()
    assert said(run)[0].startswith("Incomplete")
    assert said(run)[1].endswith("[short-key]")
    assert read(drift_junit(samples.NO_DRIFT, View())).keys() == set(samples.MATCHING)


@given(st.lists(strategies.diagnostics, max_size=4).map(tuple), st.lists(strategies.hostile, max_size=2))
def test_any_diagnostics_are_well_formed(found: tuple[Diagnostic, ...], files: list[str]) -> None:
    read(diagnostics_junit(Checked(found=found, files=frozenset(files)), View(project_file="p.yaml")))


@given(strategies.plans)
def test_any_drift_is_well_formed(plan: Plan) -> None:
    read(drift_junit(replace(from_plan(plan), matching=plan.unchanged), View()))
