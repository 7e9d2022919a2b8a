"""Which scripts a run looks at."""

from __future__ import annotations

import pytest

from cocsync.plan.selection import Selection


@pytest.mark.parametrize(
    ("selection", "covered"),
    [
        (Selection(), ["db_a", "db_b", "web"]),
        (Selection(names=("web",)), ["web"]),
        (Selection(names=("web", "db_a")), ["db_a", "web"]),
        (Selection(include=("db_*",)), ["db_a", "db_b"]),
        (Selection(include=("db_?", "web")), ["db_a", "db_b", "web"]),
        (Selection(exclude=("db_*",)), ["web"]),
        (Selection(include=("db_*",), exclude=("*_b",)), ["db_a"]),
        (Selection(names=("db_a", "web"), include=("db_*",)), ["db_a"]),
        (Selection(include=("DB_*",)), []),
    ],
)
def test_covers(selection: Selection, covered: list[str]) -> None:
    assert [name for name in ("db_a", "db_b", "web") if selection.covers(name)] == covered


def test_only_an_empty_selection_is_no_filter() -> None:
    assert not Selection().is_filter
    assert all(s.is_filter for s in (Selection(names=("a",)), Selection(include=("a",)), Selection(exclude=("a",))))


def test_names_and_globs_that_match_nothing_are_told() -> None:
    selection = Selection(names=("web", "wbe"), include=("db_*", "dv_*"), exclude=("web", "nothing"))
    assert selection.without_match(["db_a", "web"]) == ("wbe", "dv_*", "nothing")
