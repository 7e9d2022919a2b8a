"""Text reports: whole screens, and that nothing foreign gets through them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.diagnostics import Checked, Diagnostic
from cocsync.plan.change import Action, Origin
from cocsync.plan.drift import from_plan
from cocsync.plan.outcome import ApplyReport
from cocsync.plan.plan import Plan
from cocsync.report.terminal import PLAIN, Style, text_width
from cocsync.report.text.apply import apply_text
from cocsync.report.text.diagnostics import diagnostics_text
from cocsync.report.text.drift import drift_text
from cocsync.report.text.plan import plan_text
from cocsync.report.view import View
from tests.report import extremes, samples, strategies
from tests.support.golden import Golden

COLOURED = Style(colour=True)
PIPE = 10_000
WIDTHS = (40, 80, 140, PIPE)

Screen = Callable[[Style, int], str]

SCREENS: dict[str, Screen] = {
    "plan_empty": lambda style, width: plan_text(samples.EMPTY, View(style=style, width=width)),
    "plan_empty_verbose": lambda style, width: plan_text(samples.EMPTY, View(style=style, width=width, verbose=True)),
    "plan_quiet": lambda style, width: plan_text(samples.QUIET, View(style=style, width=width)),
    "plan_busy": lambda style, width: plan_text(samples.BUSY, View(style=style, width=width)),
    "plan_guarded": lambda style, width: plan_text(samples.GUARDED, View(style=style, width=width)),
    "plan_filtered": lambda style, width: plan_text(samples.FILTERED, View(style=style, width=width)),
    "plan_hostile": lambda style, width: plan_text(samples.HOSTILE, View(style=style, width=width)),
    "plan_summary": lambda style, width: plan_text(samples.BUSY, View(style=style, width=width, summary=True)),
    "plan_long": lambda style, width: plan_text(samples.LONG, View(style=style, width=width)),
    "apply": lambda style, width: apply_text(samples.APPLY, View(style=style, width=width)),
    "apply_doubtful": lambda style, width: apply_text(samples.APPLY_DOUBTFUL, View(style=style, width=width)),
    "drift": lambda style, width: drift_text(samples.DRIFT, View(unmanaged=True, style=style, width=width)),
    "drift_none": lambda style, width: drift_text(samples.NO_DRIFT, View(style=style, width=width)),
    "drift_partial": lambda style, width: drift_text(
        samples.PARTIAL_DRIFT, View(unmanaged=True, style=style, width=width)
    ),
    "validate": lambda style, width: diagnostics_text(
        Checked(found=samples.DIAGNOSTICS, scripts=3), View(style=style, width=width)
    ),
    "validate_clean": lambda style, width: diagnostics_text(
        Checked(found=(), scripts=1), View(style=style, width=width)
    ),
}


def plan_lines(plan: Plan, *, verbose: bool = False) -> list[str]:
    return plan_text(plan, View(width=PIPE, verbose=verbose)).splitlines()


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_as_it_was_read_and_approved(golden: Golden, screen: str, width: int) -> None:
    golden.check(f"report/{screen}.{width}.txt", SCREENS[screen](PLAIN, width))


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("screen", ["plan_busy", "apply", "validate"])
def test_a_coloured_screen_is_as_it_was_read_and_approved(golden: Golden, screen: str, width: int) -> None:
    golden.check(f"report/{screen}.{width}.colour.txt", SCREENS[screen](COLOURED, width))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("screen", SCREENS)
def test_colour_changes_nothing_but_colour(screen: str, width: int) -> None:
    bare = re.sub(r"\x1b\[[0-9;]+m", "", SCREENS[screen](COLOURED, width))
    assert [line.rstrip() for line in bare.splitlines()] == SCREENS[screen](PLAIN, width).splitlines()


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("screen", SCREENS)
def test_only_lines_that_programs_look_for_are_wider_than_the_screen(screen: str, width: int) -> None:
    """And lines whose first colon had to become an escape, which only hostile text brings about."""
    kept_whole = re.compile(r"Plan|Apply: |Drift: |Found |No |\d+ (prunable|unmanaged)|\s*\\x3a:")
    wide = [line for line in SCREENS[screen](PLAIN, width).splitlines() if text_width(line) > width]
    assert [line for line in wide if not kept_whole.match(line)] == []


def test_the_last_line_counts_what_the_plan_does_and_leaves() -> None:
    assert plan_lines(samples.GUARDED)[-1] == (
        "Plan: 0 to create, 0 to update, 0 to replace, 3 to delete. "
        "0 prunable, 0 conflicts, 0 unmanaged, 0 awaiting review, 0 not verified."
    )


@pytest.mark.parametrize("plan", [samples.EMPTY, samples.QUIET])
def test_a_plan_without_changes_says_so_in_its_last_line(plan: Plan) -> None:
    assert plan_lines(plan)[-1] == "No changes. COC matches the manifests."


@pytest.mark.parametrize(
    "plan",
    [
        replace(samples.EMPTY, conflicts=samples.CONFLICTS[:1]),
        replace(samples.EMPTY, guards=samples.GUARDED.guards),
        replace(samples.EMPTY, complete=False),
    ],
)
def test_a_plan_that_proves_nothing_does_not_say_that_coc_matches(plan: Plan) -> None:
    assert plan_lines(plan)[-1].startswith("Plan: 0 to create")


def test_the_last_line_of_an_apply_counts_the_outcomes() -> None:
    last = apply_text(samples.APPLY, View(width=80)).splitlines()[-1]
    assert last == "Apply: 3 applied, 1 failed, 1 stale, 1 not attempted."


def test_a_summary_of_500_changes_is_a_line_for_each_by_what_is_done() -> None:
    plan = extremes.many(500)
    lines = plan_text(plan, View(width=80, summary=True)).splitlines()
    assert len(lines) < 530
    assert [line for line in lines if line.endswith(")")] == [
        "Create (100)",
        "Update (325)",
        "Replace (25)",
        "Delete (25)",
        "Adopt (25)",
    ]
    assert sum(line.startswith("  ") for line in lines) == 502


def test_a_summary_shows_errors_and_what_refuses_the_plan() -> None:
    plan = replace(samples.GUARDED, diagnostics=samples.DIAGNOSTICS)
    text = plan_text(plan, View(width=PIPE, summary=True))
    assert "`reviwers` is no key of a manifest" in text
    assert "does another repository use this owner?" in text
    assert "the last line has no line end" not in text


def test_new_content_is_cut_and_whole_when_more_is_asked_for() -> None:
    assert "        ... 14 more lines (-v shows them)" in plan_lines(samples.BUSY)
    assert "        +echo step 24" in plan_lines(samples.BUSY, verbose=True)


def test_unmanaged_names_are_cut_and_whole_when_more_is_asked_for() -> None:
    assert "  ... 3 more (-v shows them)" in plan_lines(samples.BUSY)
    assert "  ? unmanaged  team_b_12" in plan_lines(samples.BUSY, verbose=True)


def test_drift_lists_unmanaged_scripts_only_when_asked() -> None:
    quiet = drift_text(samples.NO_DRIFT, View(width=80))
    assert "team_b_00" not in quiet
    assert "3 unmanaged" in quiet


def test_drift_shows_the_fields_of_a_missing_script_only_when_more_is_asked_for() -> None:
    drift = from_plan(Plan(target=samples.TARGET, owner="x", changes=(samples.CREATE,)))
    assert "version" not in drift_text(drift, View(width=80))
    assert "version: 1.0.0" in drift_text(drift, View(width=80, verbose=True))


def test_an_apply_names_uuids_when_more_is_asked_for() -> None:
    assert "SC-new" not in apply_text(samples.APPLY, View(width=80))
    assert "SC-new" in apply_text(samples.APPLY, View(width=80, verbose=True))


def test_who_touched_a_script_is_said_where_a_hand_may_have_been_at_work() -> None:
    touched = "      last touched in COC by chen_wei, 2026-07-01T10:04:05Z"
    drifted = replace(samples.UPDATE, origin=Origin.DRIFT)
    changed = replace(samples.UPDATE, origin=Origin.MANIFEST)
    adopted = replace(changed, action=Action.ADOPT)
    said = [
        touched in plan_lines(Plan(target=samples.TARGET, owner="x", changes=(change,)))
        for change in (drifted, changed, adopted)
    ]
    assert said == [True, False, True]


def test_a_time_without_a_name_is_said_too() -> None:
    change = replace(samples.DELETE, operator=None)
    assert "      last touched in COC by somebody, 2026-07-01T10:04:05Z" in plan_lines(
        Plan(target=samples.TARGET, owner="x", changes=(change,))
    )


def assert_harmless(report: str) -> None:
    hidden = {c for c in report if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")}
    assert hidden <= {"\n"}
    for line in report.split("\n"):
        assert not line.strip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


@given(plan=strategies.plans, verbose=st.booleans(), width=st.sampled_from(WIDTHS))
def test_nothing_foreign_gets_through_a_plan_or_its_drift(plan: Plan, verbose: bool, width: int) -> None:
    assert_harmless(plan_text(plan, View(width=width, verbose=verbose)))
    assert_harmless(drift_text(from_plan(plan), View(unmanaged=True, width=width, verbose=verbose)))


@given(report=strategies.applies, verbose=st.booleans(), width=st.sampled_from(WIDTHS))
def test_nothing_foreign_gets_through_an_apply(report: ApplyReport, verbose: bool, width: int) -> None:
    assert_harmless(apply_text(report, View(width=width, verbose=verbose)))


@given(found=st.lists(strategies.diagnostics, max_size=4).map(tuple), width=st.sampled_from(WIDTHS))
def test_nothing_foreign_gets_through_diagnostics(found: tuple[Diagnostic, ...], width: int) -> None:
    assert_harmless(diagnostics_text(Checked(found=found), View(width=width)))
