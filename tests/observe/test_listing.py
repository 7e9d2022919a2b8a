"""The proof that a listing is whole, against servers that are wrong in every way that a list can be."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from cocsync.coc.http import paging
from cocsync.coc.http.paging import PAGE_SIZE
from cocsync.coc.scripts import Page
from cocsync.errors import ListingUnproven
from cocsync.model.live import ListedScript
from cocsync.observe.listing import SEGMENTS, even_cuts, read_rows
from tests.support.builders import foreign, row


def rows_of(count: int, *, ascending: bool = False) -> list[ListedScript]:
    rows = [replace(row(foreign(f"script_{number}")), id=number * 3) for number in range(1, count + 1)]
    return rows if ascending else rows[::-1]


@dataclass
class Server:
    """A list as COC has it; `lie` may change a page, knowing how many were asked for before it."""

    rows: list[ListedScript]
    lie: Callable[[Page, int], Page] = lambda page, _: page
    markers: list[int | None] = field(default_factory=list)

    def page(self, marker: int | None) -> Page:
        self.markers.append(marker)
        start = 0 if marker is None else [r.id for r in self.rows].index(marker) + 1
        honest = Page(rows=tuple(self.rows[start : start + PAGE_SIZE]), total=len(self.rows))
        return self.lie(honest, len(self.markers) - 1)

    def read(self) -> list[ListedScript]:
        return list(read_rows(self.page))


def totals(change: int | None) -> Callable[[Page, int], Page]:
    """A total that is wrong by so much, or missing."""
    return lambda page, _: replace(page, total=None if change is None or page.total is None else page.total + change)


class TestHonest:
    @pytest.mark.parametrize("ascending", [True, False])
    @pytest.mark.parametrize("count", [0, 1, 2, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 2 * PAGE_SIZE + 50])
    def test_a_list_is_read_whole_in_either_direction(self, count: int, ascending: bool) -> None:
        rows = rows_of(count, ascending=ascending)
        assert Server(rows).read() == rows

    @pytest.mark.parametrize(
        ("count", "requests"), [(0, 1), (1, 1), (PAGE_SIZE - 1, 1), (PAGE_SIZE, 2), (PAGE_SIZE + 1, 2)]
    )
    def test_no_more_pages_are_asked_for_than_prove_it(self, count: int, requests: int) -> None:
        """A full last page is followed by one question more."""
        server = Server(rows_of(count))
        server.read()
        assert len(server.markers) == requests

    def test_pages_go_by_the_last_id(self) -> None:
        server = Server(rows_of(2 * PAGE_SIZE + 1))
        server.read()
        assert server.markers == [None, server.rows[PAGE_SIZE - 1].id, server.rows[2 * PAGE_SIZE - 1].id]


class TestTotal:
    @pytest.mark.parametrize("count", [1, PAGE_SIZE, PAGE_SIZE + 1])
    @pytest.mark.parametrize("change", [-1, 1, 50, None])
    def test_a_wrong_or_missing_one_does_not_cut_or_stop_a_list_that_two_readings_confirm(
        self, count: int, change: int | None
    ) -> None:
        rows = rows_of(count)
        assert Server(rows, totals(change)).read() == rows

    def test_one_that_is_right_the_second_time_is_believed(self) -> None:
        """Somebody created a script between two pages of the first reading."""
        server = Server(rows_of(5), lambda page, asked: replace(page, total=6) if asked == 0 else page)
        assert server.read() == server.rows
        assert server.markers[-1] is None

    def test_two_readings_that_differ_and_fit_no_total_prove_nothing(self) -> None:
        def lie(page: Page, asked: int) -> Page:
            return replace(page, rows=page.rows[asked % 3 :], total=99)

        with pytest.raises(ListingUnproven, match="run it again"):
            Server(rows_of(5), lie).read()


class TestBroken:
    def test_an_id_against_the_order_of_the_page(self) -> None:
        rows = rows_of(5)
        rows[2], rows[3] = rows[3], rows[2]
        with pytest.raises(ListingUnproven, match="against its own order"):
            Server(rows).read()

    @pytest.mark.parametrize("ascending", [True, False])
    def test_a_page_that_turns_round(self, ascending: bool) -> None:
        def lie(page: Page, asked: int) -> Page:
            return replace(page, rows=page.rows[::-1]) if asked == 1 else page

        with pytest.raises(ListingUnproven, match="against its own order"):
            Server(rows_of(2 * PAGE_SIZE, ascending=ascending), lie).read()

    @pytest.mark.parametrize("count", [1, 2, PAGE_SIZE])
    def test_the_same_page_for_ever(self, count: int) -> None:
        rows = rows_of(count)
        with pytest.raises(ListingUnproven, match="against its own order"):
            read_rows(lambda _: Page(rows=tuple(rows), total=1000))

    def test_a_page_that_does_not_lie_beyond_the_marker(self) -> None:
        def lie(page: Page, asked: int) -> Page:
            return replace(page, rows=(server.rows[PAGE_SIZE - 5], *page.rows)) if asked == 1 else page

        server = Server(rows_of(2 * PAGE_SIZE), lie)
        with pytest.raises(ListingUnproven, match="against its own order"):
            server.read()

    def test_a_repeated_id(self) -> None:
        rows = rows_of(3)
        with pytest.raises(ListingUnproven, match="against its own order"):
            Server([rows[0], replace(rows[1], id=rows[0].id), rows[2]]).read()

    @pytest.mark.parametrize("place", [3, PAGE_SIZE + 3], ids=["in a page", "in another page"])
    def test_a_repeated_uuid(self, place: int) -> None:
        """A script that was created again while the list was read."""
        rows = rows_of(PAGE_SIZE + 5)
        rows[place] = replace(rows[place], uuid=rows[0].uuid)
        with pytest.raises(ListingUnproven, match="twice"):
            Server(rows).read()

    def test_an_empty_page_in_the_middle_that_is_not_there_the_second_time(self) -> None:
        def lie(page: Page, asked: int) -> Page:
            return replace(page, rows=()) if asked == 1 else page

        server = Server(rows_of(3 * PAGE_SIZE - 1), lie)
        assert server.read() == server.rows

    def test_a_short_page_in_the_middle_does_not_end_the_list(self) -> None:
        rows = rows_of(2 * PAGE_SIZE)

        def short(marker: int | None) -> Page:
            start = 0 if marker is None else [r.id for r in rows].index(marker) + 1
            return Page(rows=tuple(rows[start : start + 7]), total=len(rows))

        assert list(read_rows(short)) == rows

    def test_a_row_that_is_missing_the_first_time_is_found_the_second(self) -> None:
        server = Server(rows_of(9), lambda page, asked: replace(page, rows=page.rows[1:]) if asked == 0 else page)
        assert server.read() == server.rows

    def test_what_the_request_raises_passes_through(self) -> None:
        def fail(_: int | None) -> Page:
            raise OSError("no page")

        with pytest.raises(OSError, match="no page"):
            read_rows(fail)


@dataclass
class Marked(Server):
    """A list whose markers need not be ids of rows."""

    ascending: bool = False

    def page(self, marker: int | None) -> Page:
        self.markers.append(marker)
        behind = [r for r in self.rows if marker is None or (r.id > marker if self.ascending else r.id < marker)]
        honest = Page(rows=tuple(behind[:PAGE_SIZE]), total=len(self.rows))
        return self.lie(honest, len(self.markers) - 1)


def scattered(count: int, gaps: Callable[[int], int]) -> list[ListedScript]:
    """Descending rows whose ids lie so far apart."""
    ids, last = [], 0
    for number in range(count):
        last += gaps(number)
        ids.append(last)
    return [replace(r, id=i) for r, i in zip(rows_of(count), reversed(ids), strict=True)]


class TestSegments:
    """Beyond three pages the id range is read in segments at once."""

    @pytest.mark.parametrize("count", [301, 400, 1_234, 5_000])
    def test_even_steps_find_every_row_once(self, count: int) -> None:
        rows = rows_of(count)
        server = Marked(rows)

        assert list(read_rows(server.page)) == rows
        assert len(server.markers) <= count / PAGE_SIZE + 1 + 12

    @pytest.mark.parametrize("ascending", [True, False])
    @pytest.mark.parametrize("count", [301, 1_100, 2_345])
    def test_remembered_cuts_find_every_row_once_in_even_parts(self, count: int, ascending: bool) -> None:
        rows = rows_of(count, ascending=ascending)
        server = Marked(rows, ascending=ascending)

        assert list(read_rows(server.page, even_cuts(tuple(rows)))) == rows
        assert len(server.markers) <= count / PAGE_SIZE + 1 + 12

    def test_without_cuts_an_ascending_list_is_read_in_sequence(self) -> None:
        rows = rows_of(1_000, ascending=True)
        server = Marked(rows, ascending=True)

        assert list(read_rows(server.page)) == rows
        assert server.markers == sorted(server.markers, key=lambda m: m or 0)

    @pytest.mark.parametrize(
        "gaps", [lambda _: 1, lambda n: 1 + n % 7 * 100, lambda n: 1 if n else 10**9], ids=["none", "some", "huge"]
    )
    def test_gaps_between_ids_change_nothing(self, gaps: Callable[[int], int]) -> None:
        rows = scattered(700, gaps)

        assert list(read_rows(Marked(rows).page)) == rows

    @pytest.mark.parametrize("cuts", [(5,), (0,), (-1, 10**12), (3, 3, 3), (900, 600, 300)])
    def test_wrong_cuts_are_only_slower(self, cuts: tuple[int, ...]) -> None:
        rows = rows_of(500)

        assert list(read_rows(Marked(rows).page, cuts)) == rows

    def test_a_sum_that_is_not_the_total_means_one_sequential_pass(self) -> None:
        rows = rows_of(500)
        server = Marked(rows, lie=totals(+1))

        assert list(read_rows(server.page)) == rows

    def test_a_broken_rule_in_a_segment_means_one_sequential_pass(self) -> None:
        rows = rows_of(500)
        server = Marked(rows, lie=lambda page, n: replace(page, rows=page.rows[::-1]) if n == 2 else page)

        assert list(read_rows(server.page)) == rows

    def test_a_first_page_that_breaks_its_own_order_ends_the_run_unless_it_passes(self) -> None:
        rows = rows_of(500)
        once = Marked(rows, lie=lambda page, n: replace(page, rows=page.rows[::-2]) if n == 0 else page)
        always = Marked(rows, lie=lambda page, _: replace(page, rows=(page.rows[1], page.rows[0], *page.rows[2:])))

        assert list(read_rows(once.page)) == rows
        with pytest.raises(ListingUnproven):
            read_rows(always.page)

    def test_a_server_that_ignores_markers_ends_the_run(self) -> None:
        rows = tuple(rows_of(500))

        with pytest.raises(ListingUnproven):
            read_rows(lambda _: Page(rows=rows[:PAGE_SIZE], total=len(rows)))

    def test_what_a_page_raises_ends_the_run(self) -> None:
        server = Marked(rows_of(500), lie=lambda page, n: page if n < 4 else _gone())

        with pytest.raises(ZeroDivisionError):
            read_rows(server.page)

    def test_short_lists_have_no_cuts(self) -> None:
        assert even_cuts(tuple(rows_of(300))) == ()
        assert len(even_cuts(tuple(rows_of(5_000)))) == SEGMENTS - 1


def _gone() -> Page:
    raise ZeroDivisionError


def falling(count: int) -> Callable[[int | None], list[int]]:
    """Ids below the marker, for ever."""
    return lambda marker: [(2**62 if marker is None else marker) - n for n in range(1, count + 1)]


def rising(marker: int | None) -> list[int]:
    return [(marker or 0) + n for n in range(1, PAGE_SIZE + 1)]


def page_of(ids: list[int], total: int | None) -> Page:
    return Page(rows=tuple(replace(ROW, id=id_, uuid=f"SC{id_}") for id_ in ids), total=total)


ROW = row(foreign("x"))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many pages are read at most: enough to show it."""
    monkeypatch.setattr(paging, "PAGES_MAX", 60)
    return 60


class TestEndless:
    @pytest.mark.parametrize("total", [None, 0, 350, 5_000, 10**12])
    @pytest.mark.parametrize(
        "ids", [falling(PAGE_SIZE), falling(1), falling(99), rising], ids=["full", "single", "short", "up"]
    )
    def test_a_list_that_never_ends_is_given_up(
        self, short: int, ids: Callable[[int | None], list[int]], total: int | None
    ) -> None:
        asked: list[int | None] = []

        def fetch(marker: int | None) -> Page:
            asked.append(marker)
            return page_of(ids(marker), total)

        with pytest.raises(ListingUnproven, match="does not end"):
            read_rows(fetch)
        assert len(asked) <= (SEGMENTS + 1) * (short + 2)

    def test_pages_that_alternate_are_given_up(self) -> None:
        pages = itertools.cycle(([300, 299, 298], [200, 199, 198]))
        with pytest.raises(ListingUnproven, match="against its own order"):
            read_rows(lambda _: page_of(next(pages), None))
