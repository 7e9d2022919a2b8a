"""Batches and tickets as COC takes them, and when a ticket stops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.run.layout import layout
from cocsync.run.polling import delay, lookup_delay
from cocsync.run.strategy import (
    MaxFailures,
    Pause,
    Strategy,
    longest_seconds,
    pauses,
    sizes,
    success_rate,
    threshold,
)
from tests.run.samples import host, hosts


def shape(number: int, batches: tuple[int, ...] = (1, 10), pause: Pause = Pause.CANARY) -> list[list[int]]:
    return [
        [len(b.hosts) for b in ticket.batches]
        for ticket in layout(hosts(number), Strategy(batches=batches, pause_after=pause))
    ]


def test_the_last_size_repeats() -> None:
    assert shape(13, (1, 5)) == [[1, 5, 5, 2]]
    assert shape(1) == [[1]]
    assert shape(0) == []


def test_more_than_twenty_batches_are_several_tickets_in_sequence() -> None:
    assert shape(200, (10,)) == [[10] * 20]
    assert shape(201, (10,)) == [[10] * 20, [1]]
    assert shape(22, (1,)) == [[1] * 20, [1, 1]]


def test_regions_and_zones_may_share_a_batch() -> None:
    mixed = [host(n, zone=f"zone-{n % 30}", region=f"r-{n % 2}") for n in range(1, 42)]
    assert [len(b.hosts) for b in layout(mixed, Strategy(batches=(10,)))[0].batches] == [10, 10, 10, 10, 1]


@pytest.mark.parametrize(
    ("pause", "first", "expected"),
    [
        (Pause.CANARY, True, (True, False, False)),
        (Pause.CANARY, False, (False, False, False)),
        (Pause.EACH, True, (True, True, False)),
        (Pause.NONE, True, (False, False, False)),
    ],
)
def test_a_ticket_pauses_behind_its_batches_and_never_behind_the_last(
    pause: Pause, first: bool, expected: tuple[bool, ...]
) -> None:
    assert pauses(3, pause, first=first) == expected
    assert pauses(1, pause, first=first) == (False,)


@given(st.integers(0, 450), st.lists(st.integers(1, 10), min_size=1, max_size=6), st.sampled_from(Pause))
def test_every_host_is_in_exactly_one_legal_batch(number: int, batches: list[int], pause: Pause) -> None:
    made = layout(hosts(number), Strategy(batches=tuple(batches), pause_after=pause))
    ids = [one.resource_id for ticket in made for one in ticket.hosts]
    assert sorted(ids) == [one.resource_id for one in hosts(number)]
    assert all(1 <= len(batch.hosts) <= 10 for ticket in made for batch in ticket.batches)
    assert all(len(ticket.batches) <= 20 for ticket in made)
    assert [ticket.index for ticket in made] == list(range(1, len(made) + 1))
    assert all([b.index for b in t.batches] == list(range(1, len(t.batches) + 1)) for t in made)


@pytest.mark.parametrize(
    ("batches", "failures", "rate"),
    [([10, 10], 0, 100.0), ([1, 10], 0, 100.0), ([10], 1, 90.0), ([3], 1, 66.6), ([1, 10], 1, 1.0), ([7], 2, 71.4)],
)
def test_the_success_rate_is_that_of_the_smallest_batch_rounded_down(
    batches: list[int], failures: int, rate: float
) -> None:
    assert success_rate(batches, failures) == rate
    (ticket,) = layout(hosts(sum(batches)), Strategy(batches=tuple(batches)))
    assert ticket.success_rate(failures) == rate


@given(st.lists(st.integers(1, 10), min_size=1, max_size=20), st.integers(0, 200), st.data())
def test_coc_never_stops_before_more_hosts_failed_than_may(
    batches: list[int], failures: int, data: st.DataObject
) -> None:
    """Under either reading of the rate: in one batch, or in the whole ticket."""
    rate = success_rate(batches, failures)
    assert 1 <= rate <= 100
    failed = [data.draw(st.integers(0, min(size, failures))) for size in batches]
    in_batch = [100 * (size - bad) / size for size, bad in zip(batches, failed, strict=True)]
    in_ticket = 100 * (sum(batches) - min(failures, sum(failed))) / sum(batches)
    assert all(rate <= reached or reached < 1 for reached in in_batch)
    assert rate <= in_ticket or in_ticket < 1


@pytest.mark.parametrize(
    ("failures", "hosts_", "words"),
    [
        (0, 40, "stops after the 1st failure of 40 hosts"),
        (2, 40, "stops after the 3rd failure of 40 hosts"),
        (10, 40, "stops after the 11th failure of 40 hosts"),
        (21, 40, "stops after the 22nd failure of 40 hosts"),
        (0, 1, "stops after the 1st failure of 1 host"),
        (5, 5, "does not stop at failures: 5 of 5 hosts may fail"),
    ],
)
def test_the_threshold_is_said_in_words(failures: int, hosts_: int, words: str) -> None:
    assert threshold(failures, hosts_) == words


class TestMaxFailures:
    @pytest.mark.parametrize(("text", "of_40"), [("0", 0), ("2", 2), ("10%", 4), ("1%", 0), ("100%", 40), ("9%", 3)])
    def test_is_hosts_or_percent_rounded_to_the_strict_side(self, text: str, of_40: int) -> None:
        found = MaxFailures.parse(text)
        assert (found.of(40), str(found)) == (of_40, text)

    @pytest.mark.parametrize("text", ["", "-1", "101%", "1.5", "x", "99999"])
    def test_is_nothing_else(self, text: str) -> None:
        with pytest.raises(ValueError, match="must be a number of hosts"):
            MaxFailures.parse(text)


def test_batch_sizes_are_those_that_coc_takes() -> None:
    assert sizes("1,5,10") == (1, 5, 10)
    for text in ("", "0", "11", "1,x", "1,,2"):
        with pytest.raises(ValueError, match="must be sizes of 1 to 10"):
            sizes(text)


def test_the_longest_time_is_that_of_every_batch_in_turn() -> None:
    assert longest_seconds(4, 300) == 4 * 315


def test_polls_grow_rarer_and_differ_by_chance() -> None:
    assert [round(delay(at, 0.5), 3) for at in (0, 29, 30, 299, 300, 36_000)] == [2, 2, 5, 5, 15, 15]
    assert (round(delay(0, 0.0), 2), round(delay(0, 0.999), 2)) == (1.8, 2.2)
    assert [lookup_delay(n) for n in range(6)] == [1, 2, 4, 8, 15, 15]
