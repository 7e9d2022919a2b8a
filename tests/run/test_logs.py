"""Logs: known values are replaced wherever chunks are cut, tails are bounded, equal logs are recognised."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cocsync.model.secret import Secret
from cocsync.run.logs import COC_LIMIT, LINE_MAX, TAIL_LINES, redacted, summed_up

TOKEN = Secret("t0p-t0ken")
SHORT = Secret("abc")


def text(chunks: list[str], *secrets: Secret) -> str:
    return "".join(redacted(chunks, secrets))


def test_a_value_is_replaced_everywhere() -> None:
    assert text(["a t0p-t0ken b t0p-t0kent0p-t0ken\n"], TOKEN) == "a (sensitive) b (sensitive)(sensitive)\n"


def test_a_value_that_crosses_two_chunks_is_replaced() -> None:
    assert text(["x t0p-", "t0", "ken y"], TOKEN) == "x (sensitive) y"


def test_a_value_of_three_characters_stays_and_none_at_all_costs_nothing() -> None:
    assert text(["abc abcd"], SHORT) == "abc abcd"
    assert text(["abc", "d"]) == "abcd"


def test_the_longest_of_two_values_that_begin_alike_wins() -> None:
    assert text(["pass", "word-1"], Secret("password"), Secret("password-1")) == "(sensitive)"


@given(st.text(alphabet="abt", max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_how_a_text_is_cut_does_not_matter(whole: str, cuts: list[int]) -> None:
    values = (Secret("abab"), Secret("tabta"), Secret("bbbb"))
    places = sorted({0, len(whole), *(cut for cut in cuts if cut <= len(whole))})
    chunks = [whole[start:end] for start, end in pairwise(places)]
    found = text(chunks, *values)
    assert found == text([whole], *values)
    assert not any(value.reveal() in found for value in values)


def test_a_log_is_its_last_lines() -> None:
    log = summed_up(["".join(f"line {n}\r\n" for n in range(50)), "end"], file="x.log", received=400)
    assert len(log.tail) == TAIL_LINES
    assert log.tail[-2:] == ("line 49", "end")
    assert (log.file, log.bytes, log.truncated) == ("x.log", 400, False)


def test_a_line_end_at_the_end_is_no_line() -> None:
    assert summed_up(["a\n", "b\n"], file=None, received=4).tail == ("a", "b")


def test_a_megabyte_on_one_line_is_cut_and_marked() -> None:
    log = summed_up(("x" * 1000 for _ in range(1000)), file=None, received=COC_LIMIT)
    assert [len(line) for line in log.tail] == [LINE_MAX]
    assert log.truncated


def test_equal_logs_have_equal_digests_however_they_were_cut() -> None:
    one, other = (summed_up(chunks, file=None, received=3) for chunks in (["abc"], ["a", "bc"]))
    assert one.digest == other.digest
    assert summed_up(["abd"], file=None, received=3).digest != one.digest


def test_half_a_surrogate_pair_is_no_failure() -> None:
    assert summed_up(["\ud800"], file=None, received=3).tail == ("\ud800",)
