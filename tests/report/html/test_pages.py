"""HTML reports: whole pages, and that nothing foreign gets through them and they ask nothing of anybody."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.model.script import Reviewer
from cocsync.model.secret import SENSITIVE
from cocsync.plan.change import Origin
from cocsync.plan.drift import Drift, from_plan
from cocsync.plan.plan import Plan
from cocsync.report.html.drift import drift_html
from cocsync.report.html.plan import plan_html
from cocsync.report.terminal import escaped
from cocsync.report.view import View
from tests.report import samples, strategies
from tests.report.parsed import Parsed
from tests.support.golden import Golden

VERSION = "0.1.0"

PAGES = {
    "plan_busy": plan_html(samples.BUSY, View(tool_version=VERSION)),
    "plan_empty": plan_html(samples.EMPTY, View(tool_version=VERSION)),
    "plan_guarded": plan_html(samples.GUARDED, View(tool_version=VERSION)),
    "plan_filtered": plan_html(samples.FILTERED, View(tool_version=VERSION)),
    "plan_hostile": plan_html(samples.HOSTILE, View(tool_version=VERSION)),
    "plan_hostile_markup": plan_html(samples.HOSTILE_MARKUP, View(tool_version=VERSION)),
    "plan_long": plan_html(samples.LONG, View(tool_version=VERSION)),
    "drift": drift_html(samples.DRIFT, View(unmanaged=True, tool_version=VERSION)),
    "drift_none": drift_html(samples.NO_DRIFT, View(tool_version=VERSION)),
    "drift_partial": drift_html(samples.PARTIAL_DRIFT, View(unmanaged=True, tool_version=VERSION)),
}


def plan_page(plan: Plan) -> Parsed:
    return Parsed(plan_html(plan, View(tool_version=VERSION)))


def drift_page(drift: Drift, *, unmanaged: bool = False) -> Parsed:
    return Parsed(drift_html(drift, View(unmanaged=unmanaged, tool_version=VERSION)))


def alarms(page: str) -> list[str]:
    """The titles of what is to be looked at first."""
    return re.findall(r'<div class="first(?: refused)?">\n<h3>(.*?)</h3>', page)


def without_assets(page: str) -> str:
    """Style and script have files of their own."""
    page = re.sub(r"(?s)<(style|script)>.*?</\1>", r"<\1>...</\1>", page)
    return re.sub(r"sha256-[\w+/]{43}=", "sha256-...", page)


def headings(page: str) -> list[str]:
    """Of the sections, in order."""
    return re.findall("<h2 id=.*?>(.*?)</h2>", page)


def tiles(page: str) -> dict[str, tuple[int, str]]:
    """The numbers of the overview: how many, and where the link leads, if there is one."""
    found = re.findall(r'<li(?: class="zero")?>(?:<a href="(.*?)".*?>)?<strong>(\d+)</strong> <span>(.*?)</span>', page)
    return {label: (int(number), link) for link, number, label in found}


def test_a_page_is_as_it_was_read_and_approved(golden: Golden) -> None:
    golden.check("report/plan_busy.html", without_assets(PAGES["plan_busy"]))


@pytest.mark.parametrize(
    ("name", "title", "verdicts", "sections"),
    [
        ("plan_empty", "cocsync plan for prod: 0 changes", ["good"], ["Unchanged (2)"]),
        ("plan_guarded", "cocsync plan for prod: 3 changes", ["bad"], ["Look here first", "Changes (3)"]),
        ("plan_filtered", "cocsync plan for local: 0 changes", ["bad", "plain"], ["Prunable (1)", "Not approved (1)"]),
        ("plan_long", "cocsync plan for prod: 60 changes", ["busy"], ["Look here first", "Changes (60)"]),
        (
            "drift",
            "cocsync drift of prod: 11 differences",
            ["busy"],
            ["Look here first", "Differences (11)", "Also found (1)", "Unmanaged (13)"],
        ),
        ("drift_none", "cocsync drift of prod: 0 differences", ["good"], []),
        ("drift_partial", "cocsync drift of prod: 0 differences", ["bad"], ["Also found (1)"]),
    ],
)
def test_a_page_has_a_title_verdicts_and_a_section_for_what_there_is(
    name: str, title: str, verdicts: list[str], sections: list[str]
) -> None:
    page = PAGES[name]
    assert f"<title>{title}</title>" in page
    assert re.findall('<p class="verdict (.*?)">', page) == verdicts
    assert headings(page) == sections


@pytest.mark.parametrize(
    ("name", "titles", "numbers"),
    [
        ("plan_empty", ["What an apply would do", "What it leaves alone"], {"unchanged": (2, "#unchanged")}),
        (
            "plan_guarded",
            ["What an apply would do, were it not refused", "What it leaves alone"],
            {"delete": (3, "#changes")},
        ),
        ("plan_filtered", ["What an apply would do", "What it leaves alone"], {"prunable": (1, "#prunable")}),
        (
            "drift",
            ["What differs", "What does not count"],
            {
                "changed": (3, "#changes"),
                "missing": (2, "#changes"),
                "in conflict": (6, "#changes"),
                "unmanaged": (13, "#unmanaged"),
                "unchanged": (2, ""),
            },
        ),
        ("drift_partial", ["What differs", "What does not count"], {"unchanged": (2, "")}),
    ],
)
def test_the_overview_counts_everything_and_leads_to_what_there_is(
    name: str, titles: list[str], numbers: dict[str, tuple[int, str]]
) -> None:
    kinds = tiles(PAGES["drift" if name.startswith("drift") else "plan_busy"])
    assert re.findall('<p class="tiles-title">(.*?)</p>', PAGES[name]) == titles
    assert tiles(PAGES[name]) == dict.fromkeys(kinds, (0, "")) | numbers
    assert PAGES[name].count('<li class="zero"><strong>0<') == len(kinds.keys() - numbers.keys())


def test_a_guard_says_what_would_allow_it_unless_its_message_does() -> None:
    blocks = re.findall(r'(?s)<div class="first refused">\n<h3>Refused</h3>(.*?)\n</div>', PAGES["plan_guarded"])
    first, second, third = samples.GUARDED.guards
    assert [Parsed(block).text for block in blocks] == [
        f"{first.message} {first.code}",
        f"{second.message} {second.code}\nTo allow it: {second.allowed_by}",
        f"{third.message} {third.code}",
    ]


def test_a_hand_edit_says_what_an_apply_makes_of_it_and_whose_it_was() -> None:
    text = Parsed(PAGES["drift"]).text
    assert "An apply puts the manifest's version in place of that; a backup is kept." in text
    assert "restart_nginx last touched in COC by chen_wei, 2026-07-01T10:04:05Z" in text


def test_a_drift_shows_the_same_values_of_a_script_as_its_plan_under_other_heads() -> None:
    pages = [PAGES[name].partition('<section id="changes"')[2] for name in ("drift", "plan_busy")]
    update = [page[page.index('<b class="name">restart_nginx</b>') :] for page in pages]
    tables = ["".join(re.findall("(?s)<table.*?</table>", rows.partition("</details>")[0])) for rows in update]
    cells = [re.findall("(?s)<td.*?>(.*?)</td>", table) for table in tables]
    assert len(cells[0]) > 20
    assert cells[0] == cells[1]
    heads = [set(re.findall('<th scope="col">(.*?)</th>', table)) for table in tables]
    assert heads[0] - heads[1] == {"In COC", "In the manifest"}


@pytest.mark.parametrize("plan", [samples.HOSTILE, samples.HOSTILE_MARKUP])
def test_what_attacks_a_page_is_read_as_text_wherever_it_stands(plan: Plan) -> None:
    text = plan_page(plan).text
    named = (plan.target.name, plan.target.endpoint, plan.target.project_id, plan.owner, plan.source.commit)
    of_changes = [(c.name, c.previous_name, c.reason, c.file, c.risk_level, c.operator, *c.needs) for c in plan.changes]
    of_conflicts = [(c.name, c.file, c.owner) for c in plan.conflicts]
    of_guards = [(g.code, g.message, g.allowed_by) for g in plan.guards]
    foreign = [part for parts in (named, *of_changes, *of_conflicts, *of_guards) for part in parts if part]
    assert [part for part in foreign if escaped(part).lower() not in text.lower()] == []


def assert_sealed(page: Parsed) -> None:
    """One script and one style, both cocsync's own, nothing else that runs or loads, and every link within the page."""
    assert page.declared == ["DOCTYPE html"]
    tags = {tag for tag, _ in page.tags}
    assert tags.isdisjoint({"iframe", "img", "link", "object", "embed", "base", "svg", "audio", "video"})
    assert (len(page.named("script")), len(page.named("style"))) == (1, 1)
    names = {name for _, attributes in page.tags for name in attributes}
    assert names.isdisjoint({"src", "style", "srcset", "action", "formaction", "ping", "background"})
    assert not any(name.startswith("on") for name in names)
    assert {href[1:] for href in page.values("href")} <= set(page.values("id"))
    assert all(href.startswith("#") for href in page.values("href"))


def assert_sound(page: Parsed) -> None:
    """What refers to an element refers to one that is there, once."""
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert set(page.values("aria-labelledby")) <= set(ids)


def assert_visible(document: str) -> None:
    """No character of a report is hidden or steers what stands beside it."""
    hidden = {c for c in document if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")}
    assert hidden <= {"\n"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_and_sealed(name: str) -> None:
    assert_sealed(Parsed(PAGES[name]))
    assert_sound(Parsed(PAGES[name]))


@given(plan=strategies.plans, unmanaged=st.booleans())
def test_nothing_foreign_gets_through_a_plan_or_its_drift(plan: Plan, unmanaged: bool) -> None:
    for document in (
        plan_html(plan, View(tool_version=VERSION)),
        drift_html(from_plan(plan), View(unmanaged=unmanaged, tool_version=VERSION)),
    ):
        page = Parsed(document)
        assert_sealed(page)
        assert_sound(page)
        assert_visible(document)


@given(plan=strategies.plans)
def test_every_change_and_conflict_can_be_read(plan: Plan) -> None:
    page = plan_page(plan)
    listed = (plan.changes, plan.conflicts, plan.waiting, plan.prunable, plan.unmanaged, plan.not_verified)
    for name in [script.name for scripts in listed for script in scripts]:
        assert escaped(name) in page.text


def test_the_policy_allows_the_script_and_the_style_of_the_page_and_nothing_else() -> None:
    page = PAGES["plan_busy"]
    hashes = {
        tag: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for tag, text in re.findall(r"(?s)<(script|style)>(.*?)</\1>", page)
    }
    (policy,) = (meta["content"] for meta in Parsed(page).named("meta") if "http-equiv" in meta)
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; style-src 'sha256-{hashes['style']}'; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("word", ["http:", "https:", "//", "url(", "@import", "innerHTML", "insertAdjacent", "eval"])
def test_script_and_style_name_no_address_and_make_no_markup(word: str) -> None:
    own = "".join(text for _, text in re.findall(r"(?s)<(script|style)>(.*?)</\1>", PAGES["plan_empty"]))
    assert word not in own


def test_what_is_dangerous_stands_first_and_the_worst_before_the_rest() -> None:
    titles = ["Deletes (1)", "Replaces (1)", "Values missing here (1)", "High risk (1)", "Conflicts (6)"]
    assert alarms(PAGES["plan_busy"]) == titles
    assert alarms(PAGES["plan_guarded"]) == ["Refused"] * 3 + ["Deletes (3)"]
    assert alarms(PAGES["plan_empty"]) == []
    assert alarms(PAGES["drift"]) == ["Conflicts (6)", "Changed in COC (1)"]


def test_what_undoes_an_edit_in_coc_is_looked_at_first() -> None:
    change = replace(samples.UPDATE, risk_level="LOW", origin=Origin.DRIFT)
    page = plan_html(Plan(target=samples.TARGET, owner="x", changes=(change,)), View(tool_version=VERSION))
    assert alarms(page) == ["Changed in COC (1)"]


def test_links_to_many_are_cut_and_say_how_many_there_are() -> None:
    deletes = tuple(replace(samples.DELETE, name=f"script_{n}") for n in range(25))
    page = plan_page(Plan(target=samples.TARGET, owner="x", changes=deletes))
    assert "Deletes (25)" in page.text
    assert "and 5 more below" in page.text


def test_rows_carry_what_the_filter_asks_for_and_the_filter_what_there_is() -> None:
    page = Parsed(PAGES["plan_busy"])
    for name in ("action", "origin", "risk"):
        carried = page.values(f"data-{name}")
        offered = re.findall(r'<option value="(.+?)">', PAGES["plan_busy"])
        assert set(carried) <= set(offered)
    assert page.values("data-action") == [change.action for change in samples.BUSY.changes]


def test_a_filter_for_one_row_is_left_out() -> None:
    assert Parsed(PAGES["plan_hostile"]).named("form") == []
    assert len(Parsed(PAGES["plan_busy"]).named("form")) == 1


def test_drift_knows_no_risk_levels() -> None:
    names = [select["name"] for select in Parsed(PAGES["drift"]).named("select")]
    assert names == ["action", "origin"]


def test_a_value_that_became_sensitive_or_is_one_is_not_shown() -> None:
    page = plan_page(replace(samples.EMPTY, changes=(samples.CREATE, samples.UPDATE)))
    assert f"params[token].value{SENSITIVE}\n{SENSITIVE}, another value" in page.text.replace("\n\n", "\n")
    assert f"params[token]value {SENSITIVE}" in page.text


def test_what_two_lines_have_not_in_common_is_marked() -> None:
    assert "<del>systemctl re<mark>start nginx</mark></del>" in PAGES["plan_busy"]
    assert "<ins>systemctl re<mark>load &quot;$1&quot;</mark></ins>" in PAGES["plan_busy"]


def test_lines_that_have_little_in_common_are_not_marked() -> None:
    assert "<del>chronyc tracking</del>" in PAGES["plan_busy"]


def test_a_content_that_is_new_has_one_side() -> None:
    page = plan_page(replace(samples.EMPTY, changes=(samples.CREATE,)))
    (diff,) = (table for table in page.named("table") if table["class"].startswith("diff"))
    assert diff["class"] == "diff one"
    assert "@@" not in page.text


def test_a_content_that_is_cut_says_so_on_one_side_and_on_two() -> None:
    cut = "\n... 8 more lines of this diff are not shown"
    new = samples.content(None, "x", samples.new_content(1) + cut)
    changed = samples.content("x", "y", samples.NGINX_DIFF + cut)
    for field in (new, changed):
        page = plan_page(replace(samples.EMPTY, changes=(replace(samples.UPDATE, fields=(field,)),)))
        assert "8 more lines of this diff are not shown" in page.text


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (samples.EMPTY, "No changes. COC matches the manifests."),
        (samples.BUSY, "An apply would make 6 changes."),
        (samples.BUSY, "6 conflicts: left alone until you decide."),
        (samples.BUSY, "2 scripts go to review again with this plan."),
        (samples.GUARDED, "Refused: an apply would write nothing."),
        (samples.FILTERED, "Incomplete: COC was not read whole, or the manifests have errors. Nothing may be applied."),
        (samples.FILTERED, "Filtered: only the scripts that were asked for are compared, and nothing is pruned."),
    ],
)
def test_the_page_begins_with_what_to_make_of_the_plan(plan: Plan, said: str) -> None:
    assert said in plan_page(plan).text


@pytest.mark.parametrize(
    "plan",
    [
        replace(samples.EMPTY, conflicts=samples.CONFLICTS[:1]),
        replace(samples.EMPTY, guards=samples.GUARDED.guards),
        replace(samples.EMPTY, complete=False),
    ],
)
def test_a_plan_that_proves_nothing_does_not_say_that_coc_matches(plan: Plan) -> None:
    assert "COC matches" not in plan_page(plan).text


@pytest.mark.parametrize(
    ("drift", "said"),
    [
        (samples.NO_DRIFT, "No drift. COC matches the manifests."),
        (samples.PARTIAL_DRIFT, "Incomplete: COC was not read whole, or the manifests have errors."),
        (samples.DRIFT, "COC differs from the manifests in 11 scripts."),
    ],
)
def test_the_page_begins_with_what_to_make_of_the_drift(drift: Drift, said: str) -> None:
    assert said in drift_page(drift).text


def test_a_drift_that_was_not_read_whole_does_not_say_that_coc_matches() -> None:
    assert "COC matches" not in drift_page(samples.PARTIAL_DRIFT).text


def test_drift_lists_unmanaged_scripts_only_when_asked_and_counts_them_always() -> None:
    assert "team_b_00" in drift_page(samples.NO_DRIFT, unmanaged=True).text
    quiet = drift_page(samples.NO_DRIFT)
    assert "team_b_00" not in quiet.text
    assert "3 unmanaged" in quiet.text


def test_a_diagnostic_shows_its_line_with_the_place_marked() -> None:
    at = Position(file="a.yaml", line=3, column=3)
    found = Diagnostic(severity=Severity.ERROR, code="x", message="no", at=at, excerpt="abcd")
    at_end = replace(found, at=replace(at, column=9))
    page = plan_html(replace(samples.EMPTY, diagnostics=(found, at_end)), View(tool_version=VERSION))
    assert "<code>ab<mark>c</mark>d</code>" in page
    assert "<code>abcd</code>" in page


def test_a_script_that_is_replaced_or_renamed_says_so() -> None:
    page = plan_page(samples.BUSY)
    assert "COC deletes the script and creates it anew: its uuid changes." in page.text
    assert "from rotate_logs" in page.text


def test_who_has_to_approve_is_named_or_else_told_by_id() -> None:
    change = replace(samples.UPDATE, reviewers=(Reviewer(name="alice", id="7a85"), Reviewer(name="", id="0f0f")))
    page = plan_page(replace(samples.EMPTY, changes=(change,)))
    assert "Has to be approved byalice, 0f0f" in page.text


def test_the_same_plan_makes_the_same_bytes() -> None:
    assert plan_html(samples.BUSY, View(tool_version=VERSION)) == PAGES["plan_busy"]
