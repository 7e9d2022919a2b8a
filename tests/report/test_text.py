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

ACCEPT = (
    "      to accept that, put `ignore: [description]` into the manifest; no setting accepts that for params: "
    "correct the manifest to what COC keeps"
)
DESCRIPTION = (
    '      description: "Restart nginx" -> "Reload nginx and wait until \\"/healthz\\" answers, at most ten seconds, '
    'then say what happened"'
)

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


@pytest.mark.parametrize("screen", ["plan_busy", "drift"])
def test_a_screen_is_as_it_was_read_and_approved(golden: Golden, screen: str) -> None:
    golden.check(f"report/{screen}.80.txt", SCREENS[screen](PLAIN, 80))


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("screen", sorted(SCREENS.keys() - {"plan_busy", "plan_hostile", "apply", "drift", "validate"}))
def test_a_narrow_screen_only_breaks_lines(screen: str, width: int) -> None:
    """Where a value is too long for its line, the others put the old and the new one below each other."""
    assert SCREENS[screen](PLAIN, width).split() == SCREENS[screen](PLAIN, PIPE).split()


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (80, ["description:", '  before: "Restart nginx"', '  after:  "Reload nginx and wait until ']),
        (140, ['description: "Restart nginx" -> "Reload nginx and wait until']),
    ],
)
def test_values_too_long_for_a_line_stand_below_each_other(width: int, lines: list[str]) -> None:
    shown = SCREENS["plan_busy"](PLAIN, width).splitlines()
    start = next(n for n, line in enumerate(shown) if "before: " in line or ' -> "Reload' in line) - len(lines) // 2
    found = shown[start : start + len(lines)]
    assert [line[6:][: len(expected)] for line, expected in zip(found, lines, strict=True)] == lines


class TestColour:
    """Spans as a terminal gets them, in the colours of `Look`."""

    @pytest.mark.parametrize(
        ("screen", "spans"),
        [
            ("plan_busy", "32:+ create|33:~ update|31:-/+ replace|31:- delete|36:>> rename|36:@ adopt"),
            ("plan_busy", "31;1:HIGH RISK|1:restart_nginx|33:goes to review again|1:What apply would do (6 changes)"),
            ("plan_busy", "31:COC deletes the script and creates it anew: its uuid changes"),
            ("plan_busy", "36:@@ -1,1 +1,1 @@|31:-chronyc tracking|32:+import subprocess"),
            ("plan_busy", "2:... 14 more lines (-v shows them)"),
            ("apply", "32:applied|31;1:failed|33:stale|2:not attempted|33:look|33:status REJECTED"),
            ("apply", "1:Apply: 3 applied, 1 failed, 1 stale, 1 not attempted."),
            ("apply", "33:Interrupted: what was under way has ended, and nothing new was begun."),
            ("validate", "31;1:error:|33:warning:|36:note:|32;1:^|1:Found 2 errors, 1 warning, 1 note in 3 scripts."),
        ],
    )
    def test_what_is_dangerous_failed_or_done_shows_by_its_colour(self, screen: str, spans: str) -> None:
        shown = set(re.findall(r"\x1b\[([0-9;]+)m(.*?)\x1b\[0m", SCREENS[screen](COLOURED, 140)))
        assert {tuple(span.split(":", 1)) for span in spans.split("|")} <= shown

    @pytest.mark.parametrize("width", [80, 140])
    @pytest.mark.parametrize("screen", SCREENS)
    def test_every_colour_ends_with_its_line(self, screen: str, width: int) -> None:
        for line in SCREENS[screen](COLOURED, width).splitlines():
            assert re.sub(r"\x1b\[[1-9][0-9;]*m[^\x1b]+\x1b\[0m", "", line).isprintable()


class TestWhatIsNotInTheWholeScreens:
    """Blocks of lines that no screen under tests/golden shows."""

    @pytest.mark.parametrize(
        ("screen", "lines"),
        [
            (
                "plan_empty_verbose",
                ("Unchanged (2)", "  = unchanged  a_script", "  = unchanged  b_script", ""),
            ),
            (
                "plan_guarded",
                (
                    "Refused, see below (3 changes)",
                    "",
                    "  - delete  script_0  low risk",
                    "      ours, and no manifest names it (origin: manifest)",
                ),
            ),
            (
                "plan_guarded",
                (
                    "Refused: an apply would write nothing",
                    f"  {samples.GUARDED.guards[0].message} [max-delete]",
                    f"  {samples.GUARDED.guards[1].message} [max-delete]",
                    "      to allow it: --allow-deletes 3",
                    f"  {samples.GUARDED.guards[2].message} [prune-owner]",
                    "",
                ),
            ),
            (
                "plan_filtered",
                (
                    "Target local at sim:, owner payments_ops",
                    "Filtered: only the scripts that were asked for are compared, and nothing is pruned.",
                    "Incomplete: COC was not read whole, or the manifests have errors.",
                    "",
                    "Prunable (1): of this owner, but in no manifest; kept by this plan",
                    "  old_report  SHELL",
                    "      --prune deletes it, in a run without a filter",
                    "",
                    "Not approved (1): in review or rejected",
                    "  odd  PUBLISHING",
                    "",
                ),
            ),
            (
                "plan_summary",
                (
                    *("Create (1)", "  + create  disk_and_inode_report  low risk", ""),
                    *("Update (1)", "  ~ update  restart_nginx  HIGH RISK", ""),
                    *("Replace (1)", "  -/+ replace  ntp_check  medium risk", ""),
                    *("Delete (1)", "  - delete  clear_tmp  HIGH RISK", ""),
                    *("Rename (1)", "  >> rename  rotate_application_logs  from rotate_logs  medium risk", ""),
                    *("Adopt (1)", "  @ adopt  certificate_expiry  low risk", ""),
                    *("Conflicts (6)", "  ! conflict  script_copied  copied"),
                ),
            ),
            (
                "drift_partial",
                (
                    "Incomplete: COC was not read whole, or the manifests have errors.",
                    "",
                    "Also found",
                    f"  warning: {samples.BUSY.diagnostics[0].message} [short-key]",
                    "",
                    "Drift: 0 changed, 0 missing, 0 conflicts. 0 unmanaged, 2 unchanged.",
                ),
            ),
            ("drift_none", ("No drift. COC matches the manifests.",)),
            ("validate_clean", ("No problems found in 1 script.",)),
            (
                "apply",
                (
                    "  + create  disk_and_inode_report  applied",
                    "      look",
                    "  ~ update  restart_nginx  applied",
                    "      PENDING_APPROVE, awaiting alice, 0f0f0f0f",
                    "      COC keeps description, params[token].description, params in another form than was sent",
                    ACCEPT,
                    "  @ adopt  certificate_expiry  applied",
                    "      was there already: nothing was written",
                    "      status REJECTED",
                    "  -/+ replace  ntp_check  failed",
                    r"      COC refused the content: \x1b[2J\n::error::too long (code COC.00041006, request id req-77)",
                    "  - delete  clear_tmp  stale",
                    "      it was edited in COC after the plan: plan again",
                    DESCRIPTION,
                    "  >> rename  rotate_application_logs  not attempted",
                    "",
                    "Interrupted: what was under way has ended, and nothing new was begun.",
                    "2 conflicts left alone: `plan` shows what resolves it.",
                ),
            ),
            (
                "apply_doubtful",
                (
                    "  + create  disk_and_inode_report  unknown",
                    "  ~ update  restart_nginx  blocked",
                    "      the create before it failed",
                    "",
                    "Apply: 0 applied, 0 failed, 0 stale, 0 not attempted, 1 blocked, 1 unknown.",
                ),
            ),
        ],
    )
    def test_lines_stand_together(self, screen: str, lines: tuple[str, ...]) -> None:
        shown = SCREENS[screen](PLAIN, PIPE).splitlines()
        assert lines in [tuple(shown[n : n + len(lines)]) for n in range(len(shown))]

    def test_a_problem_is_followed_by_its_line_cut_around_the_place(self) -> None:
        lines = SCREENS["validate"](PLAIN, 80).splitlines()
        at = lines.index("    ...文中文中文if [ \\u202e ]; then # a long comment # a long comment # a lo...")
        assert lines[at - 2] == "scripts/x/x.sh:12:60: warning: the content has the bidi control U+202E\\x1b[2J"
        assert lines[at + 1] == " " * 41 + "^"

    @pytest.mark.parametrize("width", WIDTHS)
    def test_hostile_text_is_harmless_and_can_be_read(self, width: int) -> None:
        text = SCREENS["plan_hostile"](PLAIN, width)
        assert_harmless(text)
        whole = "".join(line.strip() for line in text.splitlines())
        for part in (
            r"\x1b[2J\x1b]0;owned\x07",
            r"\u202egnp.exe",
            r"\u2028",
            r"eve\x1b[1A",
            r"+\u0338",
            r"\x3a:error::first",
        ):
            assert part in whole


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
