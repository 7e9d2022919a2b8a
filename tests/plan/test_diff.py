"""Which fields differ, and how a difference is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given

from cocsync.model.fields import FIELDS, same
from cocsync.model.live import Live
from cocsync.model.mark import Mark
from cocsync.model.script import Reviewer, Script
from cocsync.model.secret import SENSITIVE
from cocsync.plan.diff import DIFF_MAX, contents, differences, unified
from tests.support import strategies
from tests.support.builders import ALICE, BOB, edited, foreign, manifest, param, script, secret, shown, written


def paths(desired: Script, live: Live, **options: Any) -> list[str]:
    return [change.path for change in differences(desired, live, **options)]


def live_of(of: Script) -> Live:
    return replace(foreign(), script=shown(of))


class TestDifferences:
    def test_none_where_coc_shows_what_the_manifest_says(self) -> None:
        desired = manifest(reviewers=(ALICE,), params=(param(), secret()), protocol="SMS")
        assert differences(desired.script, written(desired)) == ()

    @pytest.mark.parametrize("key", ["type", "description", "content", "risk_level", "version"])
    def test_a_text_is_shown_before_and_after(self, key: str) -> None:
        (change,) = differences(script(**{key: "after"}), foreign(**{key: "before"}))
        assert change.path == key
        assert not change.sensitive
        if key != "content":
            assert (change.before, change.after, change.diff) == ("before", "after", None)

    def test_content_is_shown_as_digests_with_a_diff(self) -> None:
        (change,) = differences(script(content="a\nb\n"), foreign(content="a\nc\n"))
        assert str(change.before).startswith("sha256:")
        assert change.before != change.after
        assert change.diff == "@@ -1,2 +1,2 @@\n a\n-c\n+b"

    def test_a_difference_that_no_line_shows_is_told_in_words(self) -> None:
        (change,) = differences(script(content="a\nb\n"), foreign(content="a\r\nb\r\n"))
        assert (change.path, change.diff, change.forms) == ("content", None, ("line_ends",))
        assert change.before != change.after
        assert change.note == "line ends: LF in the manifest, CRLF in COC"

    def test_a_diff_beside_other_line_ends_shows_the_lines_that_differ(self) -> None:
        (change,) = differences(script(content="a\nb\n"), foreign(content="a\r\nc\r\n"))
        assert (change.diff, change.forms) == ("@@ -1,2 +1,2 @@\n a\n-c\n+b", ())
        assert change.note == "line ends: LF in the manifest, CRLF in COC"

    def test_line_ends_of_other_lines_are_in_the_diff(self) -> None:
        (change,) = differences(script(content="a\nb\r\n"), foreign(content="a\r\nb\n"))
        assert (change.diff, change.note) == ("@@ -1,2 +1,2 @@\n-a\r\n-b\n+a\n+b\r", "")
        assert change.forms == ("line_ends",)

    @pytest.mark.parametrize(
        ("desired", "there", "forms", "note"),
        [
            ("a\n", "a", ("final_newline",), "last line end: there in the manifest, none in COC"),
            ("cafe\u0301\n", "caf\u00e9\n", ("unicode",), "Unicode form: NFD in the manifest, NFC in COC"),
            ("a\r\nb\r\n", "a\nb\r\n", ("line_ends",), "line ends: CRLF in the manifest, 1 of 2 CRLF in COC"),
            (
                "cafe\u0301\r\n",
                "caf\u00e9",
                ("final_newline", "unicode"),
                "last line end: there in the manifest, none in COC; Unicode form: NFD in the manifest, NFC in COC",
            ),
            ("a\n", "b\n", (), ""),
        ],
    )
    def test_each_form_is_told_apart(self, desired: str, there: str, forms: tuple[str, ...], note: str) -> None:
        (change,) = differences(script(content=desired), foreign(content=there))
        assert (change.forms, change.note) == (forms, note)

    def test_texts_of_other_fields_are_compared_to_the_byte_too(self) -> None:
        one, other = "caf\u00e9", "cafe\u0301"
        found = differences(
            script(description=one, params=(param(description=one),)),
            foreign(description=other, params=(param(description=other),)),
        )
        assert [change.path for change in found] == ["description", "params[path].description"]
        assert {change.note for change in found} == {"Unicode form: NFC in the manifest, NFD in COC"}
        assert {change.forms for change in found} == {("unicode",)}

    @given(strategies.texts, strategies.texts)
    def test_every_difference_of_contents_is_shown_somehow(self, desired: str, there: str) -> None:
        for change in differences(script(content=desired), foreign(content=there)):
            assert change.diff or change.note

    def test_reviewers_are_shown_by_name_and_id(self) -> None:
        (change,) = differences(script(reviewers=(BOB, Reviewer(name="carol"))), foreign(reviewers=(ALICE,)))
        assert change.before == (f"alice ({ALICE.id})",)
        assert change.after == (f"bob ({BOB.id})", "carol")

    def test_ignored_fields_are_not_compared(self) -> None:
        desired, live = script(version="2", content="b"), foreign(version="1", content="a")
        assert paths(desired, live, ignore=frozenset({"version"})) == ["content"]

    @given(strategies.scripts(), strategies.scripts())
    def test_there_is_one_exactly_where_the_field_table_says_so(self, desired: Script, live: Script) -> None:
        different = {f.key for f in FIELDS if f.key != "protocol" and not same(f, desired, shown(live))}
        found = {path.partition("[")[0].partition(".")[0] for path in paths(desired, live_of(live))}
        assert found == different

    @given(strategies.scripts())
    def test_no_sensitive_value_shows(self, desired: Script) -> None:
        canary = "c4n4ry"
        of = replace(desired, params=(*desired.params, secret("zz", canary)))
        assert canary not in repr((differences(of, foreign()), contents(of)))


class TestProtocol:
    @pytest.mark.parametrize(
        ("desired", "shown_by_coc", "in_mark", "expected"),
        [
            ("EMAIL", "SMS", "EMAIL", [("SMS", "EMAIL")]),
            ("EMAIL", "EMAIL", "SMS", []),
            ("EMAIL", "", "SMS", [("SMS", "EMAIL")]),
            ("EMAIL", "", "EMAIL", []),
            ("EMAIL", "", None, []),
            ("", "DEFAULT", "", []),
            ("", "", "DEFAULT", []),
            ("DEFAULT", "", "", []),
            ("", "SMS", None, [("SMS", "")]),
        ],
    )
    def test_is_cocs_word_else_the_marks_and_unknown_is_no_difference(
        self, desired: str, shown_by_coc: str, in_mark: str | None, expected: list[tuple[str, str]]
    ) -> None:
        mark = None if in_mark is None else Mark(owner="x", protocol=in_mark)
        live = replace(foreign(protocol=shown_by_coc), mark=mark, script=script(protocol=shown_by_coc))
        found = differences(script(protocol=desired), live)
        assert [(change.before, change.after) for change in found] == expected

    def test_a_mark_of_a_newer_format_says_nothing_of_it(self) -> None:
        live = replace(foreign(), mark=Mark(owner="x", format=2))
        assert differences(script(protocol="SMS"), live) == ()


class TestParams:
    def test_a_value_is_shown_by_param_and_property(self) -> None:
        (change,) = differences(script(params=(param("a", "new"),)), foreign(params=(param("a", "old"),)))
        assert (change.path, change.before, change.after, change.sensitive) == ("params[a].value", "old", "new", False)

    def test_one_that_comes_or_goes_is_shown_whole(self) -> None:
        found = differences(script(params=(param("new"),)), foreign(params=(param("old"),)))
        described = {"value": "/var", "description": "", "sensitive": False}
        assert [(c.path, c.before, c.after) for c in found] == [
            ("params[new]", None, described),
            ("params[old]", described, None),
        ]

    def test_many_that_come_at_once_do_not_hide_one_that_changes(self) -> None:
        before = foreign(params=(param("a", "old"),))
        after = script(params=(param("a", "new"), *(param(f"p{n}") for n in range(9))))
        assert "params[a].value" in paths(after, before)

    def test_their_order_is_a_difference(self) -> None:
        a, b = param("a"), param("b")
        (change,) = differences(script(params=(a, b)), foreign(params=(b, a)))
        assert (change.path, change.before, change.after) == ("params", ("b", "a"), ("a", "b"))

    def test_one_that_comes_first_does_not_change_the_order_of_the_others(self) -> None:
        a, b, new = param("a"), param("b"), param("new")
        assert paths(script(params=(new, a, b)), foreign(params=(a, b))) == ["params[new]"]

    def test_a_name_twice_in_coc_is_a_difference(self) -> None:
        a = param("a")
        assert paths(script(params=(a,)), foreign(params=(a, a))) == ["params"]

    def test_one_that_became_sensitive_hides_what_coc_shows_of_it(self) -> None:
        """Somebody may have taken the flag off there: what shows is then the value."""
        found = differences(script(params=(secret("a"),)), foreign(params=(param("a", "old"),)))
        assert [(c.path, c.before, c.after) for c in found] == [("params[a].sensitive", False, True)]

    def test_one_that_may_be_a_sensitive_one_under_another_name_is_hidden_too(self) -> None:
        found = differences(script(params=(secret("a"),)), foreign(params=(param("b", "old"), param("c", "x"))))
        assert "old" not in repr(found)

    def test_a_plain_value_that_reads_like_a_hidden_one_is_not_taken_for_it(self) -> None:
        (change,) = differences(script(params=(param("a", "x"),)), foreign(params=(param("a", SENSITIVE),)))
        assert not change.sensitive

    def test_a_name_that_begins_with_underscores_is_no_private_matter(self) -> None:
        desired, live = script(params=(param("__a", "new"),)), foreign(params=(param("__a", "old"),))
        assert paths(desired, live) == ["params[__a].value"]

    def test_sensitive_values_are_not_compared(self) -> None:
        assert paths(script(params=(secret(value="new"),)), foreign(params=(secret(value="old"),))) == []


class TestContents:
    def test_a_new_scripts_fields_have_nothing_before_them(self) -> None:
        found = contents(script(reviewers=(ALICE,), params=(param("a"), param("b")), protocol="SMS"))
        assert {change.before for change in found} == {None}
        assert [change.path for change in found] == [
            *("type", "description", "content", "risk_level", "version", "reviewers", "protocol"),
            *("params[a]", "params[b]"),
        ]

    def test_empty_fields_are_left_out(self) -> None:
        assert {c.path for c in contents(script())} == {"type", "description", "content", "risk_level", "version"}


class TestUnified:
    def test_a_missing_line_end_at_the_end_is_said(self) -> None:
        assert unified("a", "a\n") == "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a"

    def test_from_nothing(self) -> None:
        assert unified("", "a\nb\n") == "@@ -0,0 +1,2 @@\n+a\n+b"

    def test_lines_end_at_lf_only(self) -> None:
        assert unified("", "a\x0cb\u2028c\rd\n") == "@@ -0,0 +1 @@\n+a\x0cb\u2028c\rd"

    def test_a_long_one_is_cut_at_a_line_and_says_so(self) -> None:
        shown_diff = unified("", "x" * 99 + "\n" + "0123456789\n" * 5000)
        *lines, last = shown_diff.split("\n")
        assert len(shown_diff) <= DIFF_MAX
        assert last == f"... {5002 - len(lines)} more lines of this diff are not shown"
        assert set(lines[2:]) == {"+0123456789"}

    def test_one_endless_line_is_not_shown_at_all(self) -> None:
        assert unified("", "x" * 50_000) == "@@ -0,0 +1 @@\n... 1 more lines of this diff are not shown"

    @given(strategies.texts, strategies.texts)
    @example("a\n" * 9000, "b\n" * 9000)
    def test_is_never_longer_than_it_may(self, before: str, after: str) -> None:
        assert len(unified(before, after)) <= DIFF_MAX

    @given(strategies.plain_texts, strategies.plain_texts)
    def test_is_empty_only_for_equal_texts(self, before: str, after: str) -> None:
        assert (unified(before, after) == "") == (before == after)


def test_a_hand_edit_beside_the_mark_is_a_description_that_drifted() -> None:
    desired = manifest()
    (change,) = differences(desired.script, edited(written(desired), description="EDITED Disk usage"))
    assert (change.path, change.before, change.after) == ("description", "EDITED Disk usage", "Disk usage")
