"""People create and delete scripts while the list is read: nothing that was there all the time is missed or doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

import pytest

from cocsync.errors import ListingUnproven
from cocsync.observe.listing import read_rows
from cocsync.sim import Settings, Simulator
from tests.support.engine import api_for


@dataclass
class Somebody:
    """Edits right before the `at`-th request of a reading, whatever thread that is of."""

    at: int = 0
    edit: Callable[[], object] = lambda: None
    seen: int = 0

    def __post_init__(self) -> None:
        self._lock = Lock()

    def __call__(self, _latency: float) -> None:
        with self._lock:
            self.seen += 1
            if self.seen == self.at:
                self.edit()


def delete(coc: Simulator, share: float, count: int = 1) -> None:
    """So many scripts from a place in the list on."""
    scripts = coc.scripts()
    first = int(share * (len(scripts) - count))
    for script in scripts[first : first + count]:
        coc.delete(script.uuid)


def create_and_delete(coc: Simulator) -> None:
    coc.create(name="new")
    delete(coc, 0.3)


EDITS: dict[str, Callable[[Simulator], object]] = {
    "oldest deleted": lambda coc: delete(coc, 0.0),
    "one in the middle deleted": lambda coc: delete(coc, 0.5),
    "newest deleted": lambda coc: delete(coc, 1.0),
    "one created": lambda coc: coc.create(name="new"),
    "one created and one deleted": create_and_delete,
    "a page deleted": lambda coc: delete(coc, 0.4, count=100),
}


@pytest.fixture(params=[True, False], ids=["ascending", "descending"])
def coc(request: pytest.FixtureRequest) -> Iterator[tuple[Simulator, Somebody]]:
    somebody = Somebody()
    with Simulator(settings=Settings(ids_ascending=request.param, latency=1.0), sleep=somebody) as simulator:
        yield simulator, somebody


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize(
    ("count", "moments"), [(250, (1, 2, 3, 4)), (450, (1, 2, 3, 5, 9))], ids=["in sequence", "in segments"]
)
def test_whenever_somebody_edits_the_list_holds_what_was_there_all_the_time_or_is_refused(
    coc: tuple[Simulator, Somebody], count: int, moments: tuple[int, ...], edit: str
) -> None:
    simulator, somebody = coc
    for at in moments:
        simulator.reset()
        simulator.seed(count, gap=3)
        before = {script.uuid for script in simulator.scripts()}
        somebody.seen, somebody.at, somebody.edit = 0, at, lambda: EDITS[edit](simulator)
        with api_for(simulator, writable=False) as api:
            try:
                uuids = [row.uuid for row in read_rows(api.page)]
            except ListingUnproven:
                continue
        after = {script.uuid for script in simulator.scripts()}
        assert len(uuids) == len(set(uuids))
        assert before & after <= set(uuids) <= before | after


def test_somebody_who_edits_between_two_readings_alone_is_not_refused(coc: tuple[Simulator, Somebody]) -> None:
    simulator, somebody = coc
    simulator.seed(250)
    somebody.at, somebody.edit = 2, lambda: simulator.create(name="new")
    with api_for(simulator, writable=False) as api:
        assert {row.uuid for row in read_rows(api.page)} >= {s.uuid for s in simulator.scripts() if s.name != "new"}
        assert len(read_rows(api.page)) == 251
