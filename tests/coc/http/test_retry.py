"""What is sent again by itself, after how long, and when that ends."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.coc.http.errors import AnswerTooLarge, ApiError, NotSent, OutcomeUnknown, Refusal, Rejected
from cocsync.coc.http.retry import (
    CONNECT_GIVE_UP_SECONDS,
    GIVE_UP_SECONDS,
    RETRY_AFTER_MAX,
    delay_before_next,
    retry_after,
)

NOW = 1_700_000_000.0
WRITES = ("POST", "PUT", "DELETE")


def rejected(status: int, code: str = "", retry_after: str = "", *, is_final: bool = False) -> Rejected:
    return Rejected("GET /", Refusal(status=status, code=code, retry_after=retry_after, is_final=is_final))


def delay(method: str, error: ApiError, *, attempt: int = 1, spent: float = 0.0, jitter: float = 1.0) -> float | None:
    return delay_before_next(method, error, attempt=attempt, spent=spent, jitter=jitter, now=NOW)


class TestWhat:
    @pytest.mark.parametrize("method", ["GET", *WRITES])
    def test_what_was_not_sent_is_sent_again(self, method: str) -> None:
        assert delay(method, NotSent("refused")) is not None

    @pytest.mark.parametrize("method", ["GET", *WRITES])
    def test_a_certificate_that_is_not_trusted_is_not_tried_twice(self, method: str) -> None:
        assert delay(method, NotSent("untrusted", may_pass=False)) is None

    def test_an_answer_that_is_too_long_is_asked_for_once_more(self) -> None:
        """The first may have been a proxy's; a service that has so much to say says it again."""
        assert delay("GET", AnswerTooLarge("long")) is not None
        assert delay("GET", AnswerTooLarge("long"), attempt=2) is None
        assert delay("PUT", AnswerTooLarge("long")) is None

    @pytest.mark.parametrize("throttled", [(429, ""), (200, "APIGW.0308"), (400, "APIG.0308")])
    @pytest.mark.parametrize("method", ["GET", *WRITES])
    def test_what_was_throttled_is_sent_again_in_whatever_form_that_is_said(
        self, method: str, throttled: tuple[int, str]
    ) -> None:
        """The gateway did not let it through, so it was not done."""
        assert delay(method, rejected(*throttled)) is not None

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_read_is_repeated_where_the_service_fails(self, status: int) -> None:
        assert delay("GET", rejected(status)) is not None

    @pytest.mark.parametrize("method", WRITES)
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_write_never_is(self, method: str, status: int) -> None:
        """Judgement calls it unknown; a refusal that has come this far says by its code that nothing is there."""
        assert delay(method, rejected(status, "COC.00040603", is_final=True)) is None

    def test_a_lost_answer_is_asked_for_again_where_nothing_can_have_been_done(self) -> None:
        assert [delay(method, OutcomeUnknown("lost")) is not None for method in ("GET", *WRITES)] == [True] + [
            False
        ] * 3

    @pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409])
    def test_a_no_is_a_no(self, status: int) -> None:
        assert delay("GET", rejected(status)) is None

    @pytest.mark.parametrize("code", ["COC.00040601", "COC.00040603", "COC.00040604"])
    def test_a_500_that_says_not_found_is_an_answer(self, code: str) -> None:
        assert delay("GET", rejected(500, code, is_final=True)) is None


class TestWhen:
    def test_the_pause_doubles_up_to_a_limit(self) -> None:
        assert [delay("GET", rejected(503), attempt=n) for n in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]

    @given(jitter=st.floats(0, 1), attempt=st.integers(1, 50))
    def test_chance_takes_up_to_half_of_it(self, jitter: float, attempt: int) -> None:
        full = delay("GET", rejected(503), attempt=attempt)
        some = delay("GET", rejected(503), attempt=attempt, jitter=jitter)
        assert full is not None
        assert some is not None
        assert full / 2 <= some <= full

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_pause_that_coc_asks_for_is_kept_and_chance_spreads_what_follows(self, status: int) -> None:
        assert delay("GET", rejected(status, retry_after="7"), jitter=0.0) == pytest.approx(7.025)
        assert delay("GET", rejected(status, retry_after="7"), jitter=1.0) == pytest.approx(7.05)

    @pytest.mark.parametrize(
        ("error", "limit"), [(NotSent("x"), CONNECT_GIVE_UP_SECONDS), (rejected(503), GIVE_UP_SECONDS)]
    )
    def test_no_attempt_begins_after_the_time_is_up(self, error: ApiError, limit: float) -> None:
        assert delay("GET", error, spent=limit - 0.5) == 0.5
        assert delay("GET", error, spent=limit - 0.49) is None


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("0", 0),
            ("7", 7),
            (" 7 ", 7),
            ("30", 30),
            ("31", 30),
            ("3600000", 30),
            ("9" * 5000, 30),
            (formatdate(NOW + 7, usegmt=True), 7),
            (format_datetime(datetime.fromtimestamp(NOW + 7, UTC)), 7),
            (formatdate(NOW + 7, localtime=False).replace("-0000", ""), 7),
            (formatdate(NOW - 3600, usegmt=True), 0),
            (formatdate(NOW + 3600, usegmt=True), 30),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 30),
            ("Mon, 01 Jan 0001 00:00:00 GMT", 0),
        ],
    )
    def test_seconds_and_dates_are_kept_up_to_30_seconds(self, header: str, seconds: float) -> None:
        assert retry_after(header, now=NOW) == seconds

    @pytest.mark.parametrize(
        "header", ["", " ", "-1", "+5", "1.5", "1e3", "soon", "\uff17", "Fri, 99 Foo 2024", "\x00"]
    )
    def test_what_says_nothing_usable_says_nothing(self, header: str) -> None:
        assert retry_after(header, now=NOW) is None

    @given(
        st.text(max_size=40)
        | st.text("0123456789+-: ,GMTZaFribnJu", max_size=60)
        | st.builds("Fri, {} Jan {} {}:{}:{} {}{}".format, *[st.integers()] * 5, st.sampled_from("+-"), st.integers(0))
    )
    def test_whatever_it_says_nobody_waits_for_more_than_30_seconds(self, header: str) -> None:
        seconds: Any = retry_after(header, now=NOW)
        assert seconds is None or 0 <= seconds <= RETRY_AFTER_MAX
