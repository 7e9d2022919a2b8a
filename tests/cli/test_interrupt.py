"""Ctrl-C and SIGTERM: before the first write, between writes, and twice. COC answers only when the test lets it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from cocsync.sim import Settings, Simulator
from tests.program import Program, report
from tests.repository import Repository

STOPS = [signal.SIGINT, signal.SIGTERM]


class Gate:
    """A COC that keeps the caller waiting from the `count`-th request of a method on, until `open` is set."""

    def __init__(self) -> None:
        self.simulator = Simulator(settings=Settings(latency=1.0), sleep=self._hold)
        self.method, self.count = "", 1
        self.reached, self.open = Event(), Event()

    def close_at(self, method: str, count: int = 1) -> None:
        self.method, self.count = method, count
        self.simulator.requests.clear()

    def _hold(self, _latency: float) -> None:
        requests = [method for method, _ in self.simulator.requests]
        if requests[-1] == self.method and requests.count(self.method) >= self.count:
            self.reached.set()
            assert self.open.wait(60)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    with gate.simulator:
        yield gate


@pytest.fixture
def coc(gate: Gate, serving: Callable[[Simulator], str]) -> Iterator[str]:
    """Its address."""
    yield serving(gate.simulator)
    gate.open.set()


@pytest.fixture
def repository(repository: Repository) -> Repository:
    for name in ("a", "b", "c"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    return repository


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("kind", ["plan", "apply"])
def test_before_there_is_a_plan_it_leaves_with_130_and_a_report(
    cocsync: Program,
    repository: Repository,
    gate: Gate,
    coc: str,
    kind: str,
    stop: signal.Signals,
) -> None:
    gate.close_at("GET")
    with cocsync.running(kind, "--endpoint", coc, "-o", "json=out.json") as run:
        assert gate.reached.wait(60)
        run.signal(stop)
        done = run.wait()
    assert (done.code, done.out, gate.simulator.scripts()) == (130, "", ())
    assert done.err.endswith("Interrupted.\n")
    found = report(kind, (repository.root / "out.json").read_text())
    assert found["changes" if kind == "plan" else "results"] == []


@pytest.mark.parametrize("stop", STOPS)
def test_between_writes_those_under_way_end_and_no_new_one_begins(
    cocsync: Program, repository: Repository, gate: Gate, coc: str, stop: signal.Signals
) -> None:
    gate.close_at("POST")
    with cocsync.running(
        "apply", "--yes", "--parallelism", "1", "--endpoint", coc, "-o", "text", "-o", "json=out.json"
    ) as run:
        assert gate.reached.wait(60)
        run.signal(stop)
        run.await_line("Stopping: writes under way end")
        gate.open.set()
        done = run.wait()
    assert (done.code, [script.name for script in gate.simulator.scripts()]) == (4, ["a"])
    assert "Interrupted: " in done.out
    assert done.last_line == "Apply: 1 applied, 0 failed, 0 stale, 2 not attempted."
    found = report("apply", (repository.root / "out.json").read_text())
    assert (found["interrupted"], found["summary"]["not_attempted"]) == (True, 2)
    assert len(list((repository.root / ".cocsync" / "runs").iterdir())) == 1
    assert cocsync.here("apply", "--yes", "--endpoint", coc).code == 0


def test_before_the_first_write_of_an_apply_nothing_is_written(
    cocsync: Program, repository: Repository, gate: Gate, coc: str
) -> None:
    """A change that was only looking at its script does not go on to write it."""
    cocsync.here("apply", "--yes", "--endpoint", coc)
    repository.manifest("scripts/a.yaml", name="a", content="new\n")
    gate.close_at("GET", count=5)
    with cocsync.running("apply", "--yes", "--refresh", "full", "--endpoint", coc) as run:
        assert gate.reached.wait(60)
        run.signal(signal.SIGINT)
        run.await_line("Stopping")
        gate.open.set()
        done = run.wait()
    assert done.code == 130
    assert done.last_line == "Apply: 0 applied, 0 failed, 0 stale, 1 not attempted."
    assert gate.simulator.script("a").content == "df -h\n"


def test_twice_it_leaves_at_once(cocsync: Program, repository: Repository, gate: Gate, coc: str) -> None:
    """With 4: a write was under way, and nobody knows what became of it."""
    gate.close_at("POST")
    with cocsync.running("apply", "--yes", "--endpoint", coc, "-C", str(repository.root)) as run:
        assert gate.reached.wait(60)
        run.signal(signal.SIGINT)
        run.await_line("Once more to leave at once")
        run.signal(signal.SIGINT)
        assert run.wait().code == 4


def test_at_the_prompt_nothing_was_written(cocsync: Program, repository: Repository, simulator: Simulator) -> None:
    done = cocsync.on_terminal("apply", "-o", "json=out.json", answer="\x03", prompt="Only `yes` goes on")
    assert (done.code, simulator.scripts()) == (130, ())
    assert report("apply", (repository.root / "out.json").read_text())["summary"]["not_attempted"] == 3


def test_a_release_ends_between_two_writes(cocsync: Program, repository: Repository, gate: Gate, coc: str) -> None:
    cocsync.here("apply", "--yes", "--endpoint", coc)
    gate.close_at("PUT")
    with cocsync.running("release", "a", "b", "--yes", "--endpoint", coc, "-C", str(repository.root)) as run:
        assert gate.reached.wait(60)
        run.signal(signal.SIGINT)
        run.await_line("Stopping")
        gate.open.set()
        done = run.wait()
    assert done.code == 4
    assert [s.name for s in gate.simulator.scripts() if s.description == "Disk usage"] == ["a"]
    assert done.last_line == "Apply: 1 applied, 0 failed, 0 stale, 1 not attempted."
