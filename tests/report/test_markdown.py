"""Markdown reports: whole comments, what they never leave out, and that nothing foreign gets out of its code."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocsync.model.script import Reviewer
from cocsync.model.source import Source
from cocsync.plan.change import Action, Change, Origin
from cocsync.plan.drift import from_plan
from cocsync.plan.outcome import ApplyReport, Outcome, Result
from cocsync.plan.plan import Plan, TargetId
from cocsync.report.markdown.apply import apply_markdown
from cocsync.report.markdown.drift import drift_markdown
from cocsync.report.markdown.escape import code, prose
from cocsync.report.markdown.page import BUDGET_MIN
from cocsync.report.markdown.plan import plan_markdown
from cocsync.report.terminal import escaped
from cocsync.report.view import COMMENT_BUDGET, STEP_SUMMARY_BUDGET, View
from tests.report import extremes, gfm, samples, strategies
from tests.support.golden import Golden

COMMENTS: dict[str, Callable[[], str]] = {
    "plan_0": lambda: plan_markdown(extremes.many(0), View()),
    "plan_1": lambda: plan_markdown(extremes.many(1), View()),
    "plan_12": lambda: plan_markdown(extremes.many(12), View()),
    "plan_600": lambda: plan_markdown(extremes.many(600), View()),
    "plan_busy": lambda: plan_markdown(samples.BUSY, View()),
    "plan_guarded": lambda: plan_markdown(samples.GUARDED, View()),
    "plan_filtered": lambda: plan_markdown(samples.FILTERED, View()),
    "plan_big_content": lambda: plan_markdown(extremes.BIG_CONTENT, View()),
    "plan_hostile": lambda: plan_markdown(extremes.hostile_markdown(), View()),
    "drift": lambda: drift_markdown(samples.DRIFT, View(unmanaged=True)),
    "drift_none": lambda: drift_markdown(samples.NO_DRIFT, View()),
    "drift_partial": lambda: drift_markdown(samples.PARTIAL_DRIFT, View()),
    "apply": lambda: apply_markdown(samples.APPLY, View()),
    "apply_doubtful": lambda: apply_markdown(samples.APPLY_DOUBTFUL, View()),
}


ACCEPT = (
    "to accept that, put `ignore: [description]` into the manifest; no setting accepts that for params: "
    "correct the manifest to what COC keeps"
)


def headings(comment: str) -> list[str]:
    """Of the sections, in order."""
    return re.findall("(?m)^#### (.*)$", comment)


def only(*changes: Change) -> Plan:
    return replace(samples.EMPTY, changes=changes)


def test_a_comment_is_as_it_was_read_and_approved(golden: Golden) -> None:
    golden.check("report/markdown/plan_busy.md", COMMENTS["plan_busy"]())


@pytest.mark.parametrize("comment", COMMENTS)
def test_nothing_foreign_gets_out_of_a_comment_that_was_approved(comment: str) -> None:
    gfm.assert_harmless(COMMENTS[comment]())


@given(strategies.plans)
def test_nothing_foreign_gets_out_of_a_plan_or_its_drift(plan: Plan) -> None:
    gfm.assert_harmless(plan_markdown(plan, View()))
    gfm.assert_harmless(drift_markdown(from_plan(plan), View(unmanaged=True)))


@given(strategies.applies)
def test_nothing_foreign_gets_out_of_an_apply(report: ApplyReport) -> None:
    gfm.assert_harmless(apply_markdown(report, View()))


BUDGETS = st.sampled_from((BUDGET_MIN, COMMENT_BUDGET))


@settings(max_examples=40)
@given(plan=strategies.plans, times=st.sampled_from((1, 20, 200)), budget=BUDGETS)
def test_no_plan_and_no_drift_is_longer_than_the_budget(plan: Plan, times: int, budget: int) -> None:
    long = replace(
        plan,
        changes=plan.changes * times,
        conflicts=plan.conflicts * times,
        guards=plan.guards * times,
        diagnostics=plan.diagnostics * times,
        waiting=plan.waiting * times,
    )
    assert len(plan_markdown(long, View(budget=budget))) <= budget
    assert len(drift_markdown(from_plan(long), View(unmanaged=True, budget=budget))) <= budget


@settings(max_examples=40)
@given(report=strategies.applies, times=st.sampled_from((1, 100)), budget=BUDGETS)
def test_no_apply_is_longer_than_the_budget(report: ApplyReport, times: int, budget: int) -> None:
    assert len(apply_markdown(replace(report, results=report.results * times), View(budget=budget))) <= budget


def test_a_step_summary_stays_below_900_kib_whatever_it_is_written_in() -> None:
    wide = samples.content("a", "b", "\n".join("+" + "\U00020000" * 80 for _ in range(200)))
    changes = (replace(samples.UPDATE, name=f"s{n}", fields=(wide,), sources=()) for n in range(99))
    summary = plan_markdown(only(*changes), View(budget=STEP_SUMMARY_BUDGET))
    assert 700 * 1024 < len(summary.encode()) < 900 * 1024


class TestMarker:
    def test_is_the_first_line_and_names_what_and_where(self) -> None:
        kinds = (
            plan_markdown(samples.EMPTY, View()),
            apply_markdown(samples.APPLY, View()),
            drift_markdown(samples.NO_DRIFT, View()),
        )
        assert [comment.partition("\n")[0] for comment in kinds] == [
            "<!-- cocsync:plan:prod -->",
            "<!-- cocsync:apply:prod -->",
            "<!-- cocsync:drift:prod -->",
        ]

    def test_differs_for_targets_that_differ_and_cannot_be_ended_by_one(self) -> None:
        names = ("a b", "a-->b", "a%20b", "磁盘", "\ud800")
        plans = (Plan(target=TargetId(name=name, endpoint=""), owner="") for name in names)
        markers = {plan_markdown(plan, View()).partition("\n")[0] for plan in plans}
        assert len(markers) == len(names)
        assert all(marker.count("-->") == 1 and marker.isascii() for marker in markers)


class TestWhatIsCut:
    """First the contents, then fields, tables and notes, then explanations; names of what is dangerous never."""

    PLAN = extremes.many(600)
    COMMENT = plan_markdown(PLAN, View())

    def test_every_script_is_named_of_600(self) -> None:
        assert [change.name for change in self.PLAN.changes if f"`{change.name}`" not in self.COMMENT] == []

    def test_it_says_what_is_left_out_and_where_to_find_it(self) -> None:
        counts = r"510 table rows, \d+ field lists, 180 content diffs"
        assert re.search(
            rf"\n\*\*Left out\*\* to stay below 60,000 characters: {counts}\. `cocsync plan -v`", self.COMMENT
        )

    def test_it_ends_with_the_numbers_and_the_id(self) -> None:
        *_, advice, counts, plan_id = self.COMMENT.strip().split("\n\n")
        assert advice.endswith(" `cocsync plan -v` shows all of it.")
        assert counts.startswith("Plan: 120 to create, 390 to update, 30 to replace, 30 to delete, 30 to adopt. ")
        assert plan_id == f"Plan id: `{self.PLAN.plan_id}`"

    def test_where_all_fits_nothing_is_said(self) -> None:
        assert "Left out" not in plan_markdown(extremes.many(12), View())

    def test_a_content_that_does_not_fit_says_so_in_its_place(self) -> None:
        huge = samples.content("a", "b", "\n".join(["+" + "x" * 20_000] * 4))
        comment = plan_markdown(only(replace(samples.UPDATE, fields=(*samples.UPDATE.fields[:1], huge))), View())
        assert "+ description:" in comment
        assert "The content's diff is left out here." in comment

    def test_deletes_and_conflicts_are_named_where_nothing_else_fits(self) -> None:
        """Also with a wall of text in every other place."""
        wall = "x" * 20_000
        plan = replace(
            self.PLAN,
            changes=tuple(replace(change, reason=wall) for change in self.PLAN.changes),
            conflicts=samples.CONFLICTS,
            diagnostics=tuple(replace(samples.DIAGNOSTICS[1], message=wall) for _ in range(50)),
        )
        comment = plan_markdown(plan, View())
        deleted = [change.name for change in plan.changes if change.action is Action.DELETE]
        conflicting = [conflict.name for conflict in plan.conflicts]
        assert [name for name in (*deleted, *conflicting) if f"`{name}`" not in comment] == []

    def test_a_list_of_names_that_is_itself_too_long_says_how_many_more(self) -> None:
        deletes = tuple(replace(samples.DELETE, name=f"delete_{n:05}") for n in range(9_000))
        comment = plan_markdown(replace(samples.EMPTY, changes=deletes, conflicts=samples.CONFLICTS), View())
        line = r"- \*\*delete\*\*, COC deletes the script for good \(9000\): `delete_00000`, .*, and \d+ more\n"
        assert re.search(line, comment)
        assert "`script_owner`" in comment


class TestPlan:
    def test_dangers_come_first_each_with_the_reason(self) -> None:
        comment = plan_markdown(samples.BUSY, View())
        expected = (
            "**delete** `clear_tmp`",
            "COC deletes the script for good",
            "**replace** `ntp_check`",
            "its uuid changes",
            "**rename** `rotate_application_logs` from `rotate_logs`",
            "**update** `restart_nginx`, **HIGH** risk",
            "**conflict** `script_copied`",
            "**create** | `disk_and_inode_report`",
            "<details>",
            "Plan id: `sha256:",
        )
        places = [comment.index(words) for words in expected]
        assert places == sorted(places)

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (
                replace(samples.UPDATE, risk_level="LOW", origin=Origin.DRIFT),
                "overwrites what was changed in COC",
            ),
            (
                replace(samples.ADOPT, fields=samples.REPLACE.fields),
                "changes a script that cocsync has not written so far",
            ),
            (
                replace(samples.ADOPT, risk_level="HIGH"),
                "risk level HIGH: a mistake in it can do much harm where it runs",
            ),
        ],
    )
    def test_says_why_a_change_is_to_be_looked_at(self, change: Change, why: str) -> None:
        comment = plan_markdown(only(change), View())
        assert "#### Look at these first (1)" in comment
        assert f"  - {why}\n" in comment

    @pytest.mark.parametrize(
        "change",
        [
            replace(samples.CREATE, needs=()),
            samples.ADOPT,
            replace(samples.UPDATE, risk_level="LOW", origin=Origin.MANIFEST),
        ],
    )
    def test_a_dull_change_is_a_row_of_the_table(self, change: Change) -> None:
        comment = plan_markdown(only(change), View())
        assert "Look at these first" not in comment
        assert f"| **{change.action}** | `{change.name}`<br>`{change.file}:3` | low |" in comment

    def test_says_who_has_to_approve_and_who_is_awaited(self) -> None:
        comment = plan_markdown(samples.BUSY, View())
        assert "2 scripts go to review with this plan: `alice` (2), `0f0f0f0f` (1).\n" in comment
        assert "goes to review again: `alice`, `0f0f0f0f`\n" in comment
        assert "- `port_diagnosis`: `PENDING_APPROVE`; awaiting `alice`, `0f0f0f0f`\n" in comment

    def test_a_new_script_with_reviewers_goes_to_review(self) -> None:
        comment = plan_markdown(only(replace(samples.CREATE, needs=(), sources=(), reviewers=(samples.ALICE,))), View())
        assert "1 script goes to review with this plan: `alice` (1)." in comment
        assert "| goes to review: `alice` |" in comment

    def test_says_which_values_an_apply_would_lack_and_what_is_not_verified(self) -> None:
        comment = plan_markdown(samples.BUSY, View())
        assert "which they are not here:** `env:REPORT_TOKEN`.\n" in comment
        assert "- `push_metrics`: `env:PUSH_TOKEN` not available\n" in comment

    def test_many_missing_values_are_counted(self) -> None:
        needs = tuple(f"env:TOKEN_{n:02}" for n in range(14))
        assert "`env:TOKEN_09` and 4 more.\n" in plan_markdown(only(replace(samples.CREATE, needs=needs)), View())

    def test_many_reviewers_are_not_all_named(self) -> None:
        reviewers = tuple(Reviewer(name=f"user_{n:02}") for n in range(12))
        comment = plan_markdown(only(replace(samples.CREATE, reviewers=reviewers)), View())
        assert "1 script goes to review with this plan: `user_00` (1)," in comment
        assert "`user_09` (1) and 2 more.\n" in comment

    @pytest.mark.parametrize(
        ("plan", "statement"),
        [
            (samples.EMPTY, "no changes, COC matches the manifests"),
            (replace(samples.EMPTY, conflicts=samples.CONFLICTS[:1]), "1 conflict left alone"),
            (samples.GUARDED, "refused, an apply would write nothing"),
            (replace(samples.EMPTY, complete=False), "failed, no plan was made"),
            (replace(samples.BUSY, complete=False), "incomplete, an apply would write nothing"),
        ],
    )
    def test_one_line_says_what_will_happen(self, plan: Plan, statement: str) -> None:
        assert plan_markdown(plan, View()).split("\n")[2] == f"### Plan for `prod`: {statement}"

    def test_a_plan_that_nobody_can_apply_has_no_id(self) -> None:
        assert "Plan id" not in plan_markdown(replace(samples.BUSY, complete=False), View())

    def test_what_refuses_it_is_said_with_what_would_allow_it(self) -> None:
        guard = replace(samples.GUARDED.guards[1], message="too many")
        comment = plan_markdown(replace(samples.GUARDED, guards=(guard,)), View())
        assert "- **max-delete**: too many; to allow it: `--allow-deletes 3`\n" in comment

    def test_a_row_has_the_fields_the_reason_and_what_is_sent_and_a_fold_the_values(self) -> None:
        comment = COMMENTS["plan_1"]()
        sent = "sends token `<-` `env:NGINX_TOKEN`, key `<-` `file:/run/key` (source before: not known)"
        assert f"| medium | `version` | the manifest changed | {sent} |\n" in comment
        fold = "<details><summary><b>update</b> <code>rotate_logs_000</code>: <code>version</code></summary>"
        assert f"{fold}\n\n```diff\n- version: 1.4.0\n+ version: 1.4.1\n```\n\n</details>\n" in comment

    def test_a_refused_plan_shows_every_guard_before_the_changes(self) -> None:
        comment = COMMENTS["plan_guarded"]()
        assert headings(comment) == ["Refused: an apply would write nothing", "Look at these first (3)"]
        assert "\n- **max-delete**: 9 of 9 owned scripts would be deleted, more than `max_delete`, 3: " in comment
        assert "\n- **prune-owner**: does another repository use this owner? Give this one its own\n" in comment

    def test_a_plan_of_some_scripts_or_of_what_was_not_read_whole_says_so(self) -> None:
        comment = COMMENTS["plan_filtered"]()
        assert "\n**Incomplete: COC was not read whole, or the manifests have errors.**\n" in comment
        assert "\nFiltered: only the scripts that were asked for are compared, and nothing is pruned.\n" in comment
        assert "\n- `old_report`: SHELL; `--prune` deletes it, in a run without a filter\n" in comment
        assert "\n- `odd`: PUBLISHING\n" in comment
        assert headings(comment) == [
            "Not approved (1): in review or rejected",
            "Prunable (1): of this owner, but in no manifest; kept by this plan",
        ]

    def test_errors_come_before_everything(self) -> None:
        plan = Plan(target=samples.TARGET, owner="", complete=False, diagnostics=samples.DIAGNOSTICS)
        comment = plan_markdown(plan, View())
        assert comment.index("#### Errors (2)") < comment.index("#### Also found (2)")
        assert "- **error** `scripts/restart_nginx/script.yaml:7:3`: `reviwers` is no key of a manifest" in comment

    def test_a_tree_without_a_commit_may_have_changes(self) -> None:
        comment = plan_markdown(replace(samples.EMPTY, source=Source(dirty=True)), View())
        assert " on hosts. From manifests with changes that are not committed. Nothing " in comment


class TestDrift:
    def test_has_a_section_for_each_kind_the_worst_first(self) -> None:
        assert headings(COMMENTS["drift"]()) == [
            "Changed in COC (1)",
            "Conflicts (6): left alone until somebody decides",
            "Not applied yet, or deleted in COC (4)",
            "Unmanaged (13): not of this owner, in no manifest, never touched",
            "Also found (1)",
        ]

    def test_shows_each_difference_with_where_it_is_and_what_it_is(self) -> None:
        comment = COMMENTS["drift"]()
        differs = "`description`, `content`, `version`, `reviewers`, `params[service].value`, `params[token].value`"
        assert f"- **changed** `restart_nginx`, `{samples.UPDATE.file}:3`\n" in comment
        assert f"\n  - differs in {differs}, `params[key].value`, `params[old]` and 2 more\n" in comment
        assert "| **changed** | `ntp_check`<br>`scripts/ntp_check/script.yaml:3` | `type`, `content` | " in comment
        assert (
            "| **missing** | `disk_and_inode_report`<br>`scripts/disk_and_inode_report/script.yaml:3` | everything | "
            in comment
        )
        assert "\n- `team_b_00`, SHELL, created by `li_na`\n" in comment

    def test_has_a_fold_for_each_script_of_which_fields_are_known(self) -> None:
        folded = re.findall("<details><summary><b>(.+?)</b> <code>(.+?)</code>: ", COMMENTS["drift"]())
        assert folded == [
            ("changed", "restart_nginx"),
            ("missing", "disk_and_inode_report"),
            ("changed", "ntp_check"),
            ("missing", "rotate_application_logs"),
        ]

    def test_shows_the_live_value_as_removed_and_the_wanted_one_as_added(self) -> None:
        comment = COMMENTS["drift"]()
        assert "Below, `-` is what COC has and `+` what the manifest says.\n" in comment
        assert "\n- version: 1.4.0\n+ version: 1.4.1\n" in comment
        assert "\n! params[token].value: (sensitive), another value\n" in comment
        assert "\n-systemctl restart nginx\n+systemctl reload" in comment

    def test_a_conflict_says_what_resolves_it(self) -> None:
        """As in the plan of the same scripts."""
        shown = re.findall(r"(?m)^- \*\*conflict\*\*.*\n(?:  - .*\n)+", COMMENTS["drift"]())
        planned = COMMENTS["plan_busy"]()
        assert len(shown) == 6
        assert all(conflict in planned for conflict in shown)

    def test_where_nothing_differs_it_says_so(self) -> None:
        assert "\n### Drift of `prod`: none, COC matches the manifests\n" in COMMENTS["drift_none"]()
        assert headings(COMMENTS["drift_none"]()) == []

    def test_what_was_not_read_whole_is_said_with_why(self) -> None:
        comment = COMMENTS["drift_partial"]()
        assert "\n**Incomplete: COC was not read whole, or the manifests have errors.**\n" in comment
        assert headings(comment) == ["Also found (1)"]

    def test_hand_edits_come_first_with_who_and_when(self) -> None:
        comment = drift_markdown(samples.DRIFT, View())
        assert comment.index("#### Changed in COC (1)") < comment.index("#### Conflicts (6)")
        assert "  - last touched in COC by `chen_wei`, `2026-07-01T10:04:05Z`\n" in comment

    def test_unmanaged_scripts_are_listed_only_when_asked_and_always_counted(self) -> None:
        assert "`team_b_00`" in drift_markdown(samples.DRIFT, View(unmanaged=True))
        assert "`team_b_00`" not in drift_markdown(samples.DRIFT, View())
        assert drift_markdown(samples.NO_DRIFT, View()).endswith("0 conflicts. 3 unmanaged, 12 unchanged.\n")

    def test_a_run_that_proves_nothing_does_not_say_that_coc_matches(self) -> None:
        assert "### Drift of `prod`: failed, nothing is known\n" in drift_markdown(samples.PARTIAL_DRIFT, View())


class TestApply:
    @pytest.mark.parametrize(
        ("comment", "lines"),
        [
            (
                "apply",
                [
                    "- **failed**: replace `ntp_check`",
                    "  - COC refused it, or it could not be sent",
                    r"  - COC refused the content: `\x1b[2J\n::error::too` long (code COC.00041006, request id req-77)",
                    "- **stale**: delete `clear_tmp`",
                    "  - the script changed in COC since the plan, and was left alone: plan again",
                    "  - it was edited in COC after the plan: plan again",
                    "  - differs now in `description`",
                    "- **not attempted**: rename `rotate_application_logs`",
                    "  - nothing was done",
                    "- **applied**: create `disk_and_inode_report`",
                    "  - look",
                    "- **applied**: update `restart_nginx`",
                    "  - `PENDING_APPROVE`, awaiting alice, 0f0f0f0f",
                    "  - COC keeps description, `params[token].description`, params in another form than was sent",
                    f"  - {ACCEPT}",
                    "- **applied**: adopt `certificate_expiry`",
                    "  - status REJECTED",
                ],
            ),
            (
                "apply_doubtful",
                [
                    "- **unknown**: create `disk_and_inode_report`",
                    "  - the answer was lost, and it may have been done: plan again",
                    "- **blocked**: update `restart_nginx`",
                    "  - something that it needs is not there",
                    "  - the create before it failed",
                ],
            ),
        ],
    )
    def test_says_of_each_change_how_it_ended_and_why(self, comment: str, lines: list[str]) -> None:
        assert re.findall("(?m)^ *- (?=[*A-Za-z`]).*$", COMMENTS[comment]().partition("```")[0]) == lines

    def test_shows_what_is_there_now_of_a_stale_change(self) -> None:
        fold = "<details><summary><b>stale</b> <code>clear_tmp</code>: <code>description</code></summary>"
        assert f'{fold}\n\n```diff\n- description: "Restart nginx"\n+ description: "Reload' in COMMENTS["apply"]()

    def test_says_that_it_was_interrupted_and_what_it_left_alone(self) -> None:
        assert (
            "\n\n**Interrupted: what was under way has ended, and nothing new was begun.**\n\n"
            "2 conflicts left alone: `plan` shows what resolves it.\n\n"
        ) in COMMENTS["apply"]()

    def test_begins_with_what_it_is_about(self) -> None:
        at = "the scripts of `payments_ops` in Huawei Cloud COC at `https://coc.myhuaweicloud.com`"
        assert COMMENTS["apply"]().split("\n")[4] == f"What became of the planned changes to {at}."
        assert COMMENTS["drift"]().split("\n")[4] == (
            f"Where {at} differ from the repository. Nothing has been changed. "
            "Below, `-` is what COC has and `+` what the manifest says."
        )

    def test_ends_with_the_numbers(self) -> None:
        assert COMMENTS["apply"]().endswith("\n\nApply: 3 applied, 1 failed, 1 stale, 1 not attempted.\n")
        assert "\n### Apply to `prod`: 1 unknown, 1 blocked\n" in COMMENTS["apply_doubtful"]()

    def test_what_was_not_applied_comes_first_and_says_why(self) -> None:
        comment = apply_markdown(samples.APPLY, View())
        assert comment.split("\n")[2] == "### Apply to `prod`: 1 failed, 1 stale, 1 not attempted, 3 applied"
        assert "(code COC.00041006, request id req-77)" in comment
        assert comment.index("#### Not applied (3)") < comment.index("#### Applied, and to be looked at (3)")

    def test_what_went_well_is_a_row(self) -> None:
        results = (
            Result(change=samples.CREATE, outcome=Outcome.APPLIED, status="APPROVED"),
            Result(change=samples.UPDATE, outcome=Outcome.APPLIED, already=True),
        )
        comment = apply_markdown(replace(samples.APPLY, results=results, conflicts_left=0, interrupted=False), View())
        assert "| **create** | `disk_and_inode_report` |  |\n" in comment
        assert "| **update** | `restart_nginx` | was there already: nothing was written |\n" in comment

    def test_a_run_that_wrote_nothing_says_why(self) -> None:
        results = tuple(Result(change=change, outcome=Outcome.NOT_ATTEMPTED) for change in samples.CHANGES)
        comment = apply_markdown(replace(samples.APPLY, results=results, diagnostics=samples.DIAGNOSTICS), View())
        assert comment.split("\n")[2] == "### Apply to `prod`: failed, nothing was written"
        assert comment.index("run `cocsync init`") < comment.index("#### Not applied (6)")

    def test_nothing_to_do_is_said(self) -> None:
        assert "### Apply to `prod`: nothing was to be done\n" in apply_markdown(
            replace(samples.APPLY, results=()), View()
        )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, and: more (of them).", "plain words, and: more (of them)."),
        ("ask @octocat about #12", "ask `@octocat` about `#12`"),
        ("see www.evil.example or GH-12", "see `www.evil.example` or `GH-12`"),
        ("one ` too many", "one `` ` `` too many"),
        ("pass `--prune`, then", "pass `--prune`, then"),
        ("", ""),
    ],
)
def test_prose_keeps_words_and_makes_code_of_the_rest(text: str, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", '`""`'),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        (" a ", "`  a  `"),
        ("x" * 300, "`" + "x" * 197 + "...`"),
        ("a\nb\u202e", "`a\\nb\\u202e`"),
    ],
)
def test_code_is_longer_fenced_than_what_is_in_it_and_never_empty(text: str, shown: str) -> None:
    assert code(text) == shown


@given(strategies.hostile)
def test_code_shows_every_character_and_nothing_else(text: str) -> None:
    (span,) = (token for token in gfm.tokens(f"x {code(text)}") if token.type == "code_inline")
    shown = escaped(text) or '""'
    assert span.content == (shown if len(shown) <= 200 else shown[:197] + "...")


def test_a_table_keeps_its_columns_whatever_is_in_a_cell() -> None:
    change = replace(samples.CREATE, name="a|b\\|c", file="x\\", needs=())
    cells = [token for token in gfm.tokens(plan_markdown(only(change), View())) if token.type == "td_open"]
    assert len(cells) == 6
