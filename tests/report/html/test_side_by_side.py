"""A unified diff as rows of two sides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cocsync.plan.diff import unified
from cocsync.report.html.side_by_side import Line, Note, Pair, Row, common_ends, side_by_side

contents = st.lists(st.sampled_from(("a", "b", "- c", "+ d", "@@ -1 +1 @@", "\\ e", "", " "))).map("\n".join)


def pair(before: tuple[int, str] | None, after: tuple[int, str] | None, *, changed: bool = True) -> Pair:
    sides = [Line(number=side[0], text=side[1]) if side else None for side in (before, after)]
    return Pair(before=sides[0], after=sides[1], changed=changed)


def test_removed_and_added_lines_of_one_place_stand_beside_each_other() -> None:
    rows = side_by_side("@@ -4,4 +7,3 @@\n a\n-b\n-c\n+d\n e")
    assert rows == (
        Note(text="@@ -4,4 +7,3 @@"),
        pair((4, "a"), (7, "a"), changed=False),
        pair((5, "b"), (8, "d")),
        pair((6, "c"), None),
        pair((7, "e"), (9, "e"), changed=False),
    )


def test_lines_of_different_places_are_not_paired() -> None:
    rows = side_by_side("@@ -1,1 +1,0 @@\n-a\n@@ -9,0 +8,1 @@\n+b")
    assert [row for row in rows if isinstance(row, Pair)] == [pair((1, "a"), None), pair(None, (8, "b"))]


def test_a_line_without_line_end_says_so() -> None:
    (_, row) = side_by_side("@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file")
    assert row == Pair(before=Line(number=1, text="a"), after=Line(number=1, text="a", ended=False), changed=True)


def test_what_is_cut_is_a_note() -> None:
    (*_, note) = side_by_side("@@ -1,1 +1,9 @@\n+a\n... 8 more lines of this diff are not shown")
    assert note == Note(text="... 8 more lines of this diff are not shown")


def test_only_where_a_hunk_begins_is_a_hunk() -> None:
    assert [Note(text=text).is_hunk for text in ("@@ -1,1 +1,9 @@", "... 8 more lines")] == [True, False]


@given(contents, contents)
def test_each_side_has_its_own_lines_in_order_and_by_their_numbers(before: str, after: str) -> None:
    rows = side_by_side(unified(before, after)) if before != after else ()
    for side, content in (([row.before for row in _pairs(rows)], before), ([row.after for row in _pairs(rows)], after)):
        lines = content.removesuffix("\n").split("\n")
        shown = [line for line in side if line]
        assert [line.text for line in shown] == [lines[line.number - 1] for line in shown]
        assert [line.number for line in shown] == sorted({line.number for line in shown})


@given(contents, contents)
def test_unchanged_lines_are_equal_and_changed_ones_are_marked(before: str, after: str) -> None:
    for row in _pairs(side_by_side(unified(before, after))):
        equal = row.before and row.after and (row.before.text, row.before.ended) == (row.after.text, row.after.ended)
        assert row.changed or equal


def test_common_ends_do_not_overlap() -> None:
    assert common_ends("aXa", "aa") == (1, 1)
    assert common_ends("abc", "abc") == (3, 0)
    assert common_ends("say yes now", "say no now") == (4, 4)
    assert common_ends("a", "") == (0, 0)


def _pairs(rows: tuple[Row, ...]) -> list[Pair]:
    return [row for row in rows if isinstance(row, Pair)]
