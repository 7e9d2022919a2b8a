"""Limits on what one run may do."""

from __future__ import annotations

import pytest

from cocsync.plan.guards import Allowances, Guards, delete_guard, review_guard

GUARDS = Guards(max_delete=3, max_delete_percent=20, max_review=10)


class TestDeletes:
    @pytest.mark.parametrize(
        ("deletes", "owned", "refused"),
        [
            (0, 0, False),
            (1, 1, False),
            (1, 100, False),
            (2, 9, True),
            (2, 10, False),
            (3, 14, True),
            (3, 15, False),
            (4, 1000, True),
            (9, 9, True),
        ],
    )
    def test_more_than_three_or_more_than_one_and_a_fifth_of_what_is_owned(
        self, deletes: int, owned: int, refused: bool
    ) -> None:
        assert (delete_guard(deletes, owned, GUARDS, Allowances()) is not None) is refused

    def test_the_defaults_are_those_of_the_design(self) -> None:
        assert Guards() == GUARDS

    def test_the_message_names_limit_and_flag(self) -> None:
        number, percent = delete_guard(9, 9, GUARDS, Allowances()), delete_guard(2, 4, GUARDS, Allowances())
        assert number is not None
        assert number.message == (
            "9 of 9 owned scripts would be deleted, more than max_delete, 3: check it and pass --allow-deletes 9"
        )
        assert percent is not None
        assert "more than max_delete_percent, 20 %: check it and pass --allow-deletes 2" in percent.message

    @pytest.mark.parametrize(("allowed", "refused"), [(8, True), (9, False), (10, False)])
    def test_an_allowance_takes_the_place_of_both_limits(self, allowed: int, refused: bool) -> None:
        assert (delete_guard(9, 9, GUARDS, Allowances(deletes=allowed)) is not None) is refused

    def test_an_allowance_of_none_forbids_a_single_one(self) -> None:
        assert delete_guard(1, 100, GUARDS, Allowances(deletes=0)) is not None
        assert delete_guard(0, 100, GUARDS, Allowances(deletes=0)) is None

    @pytest.mark.parametrize("allowances", [Allowances(), Allowances(deletes=1)])
    def test_the_flag_that_it_names_lifts_it(self, allowances: Allowances) -> None:
        finding = delete_guard(9, 9, GUARDS, allowances)
        assert finding is not None
        assert finding.allowed_by == "--allow-deletes 9"
        assert finding.allowed_by in finding.message
        assert delete_guard(9, 9, GUARDS, Allowances(deletes=9)) is None


class TestReviews:
    @pytest.mark.parametrize(("reviews", "allowed", "refused"), [(10, None, False), (11, None, True), (11, 11, False)])
    def test_more_than_max_review_need_an_allowance(self, reviews: int, allowed: int | None, refused: bool) -> None:
        assert (review_guard(reviews, GUARDS, Allowances(reviews=allowed)) is not None) is refused

    @pytest.mark.parametrize("allowances", [Allowances(), Allowances(reviews=5)])
    def test_the_flag_that_it_names_lifts_it(self, allowances: Allowances) -> None:
        finding = review_guard(12, GUARDS, allowances)
        assert finding is not None
        assert finding.allowed_by == "--allow-reviews 12"
        assert finding.allowed_by in finding.message
        assert review_guard(12, GUARDS, Allowances(reviews=12)) is None
