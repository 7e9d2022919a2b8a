"""Ctrl-C and SIGTERM: before the first write, between writes, and twice. COC answers only when the test lets it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from cocsync.cli.parts.interrupt import interrupt_on_signals, leave_on_signals
from cocsync.sim import Settings, Simulator
from tests.support.program import Program, report
from tests.support.repository import Repository

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


class TestWhileReportsAreWritten:
    """A pipe that nobody reads yet holds the report back."""

    @pytest.fixture
    def pipe(self, repository: Repository) -> str:
        os.mkfifo(repository.root / "pipe")
        return str(repository.root / "pipe")

    @pytest.mark.parametrize("stop", STOPS)
    def test_a_signal_cuts_no_report_off_and_changes_no_exit_code(
        self, cocsync: Program, simulator: Simulator, pipe: str, stop: signal.Signals
    ) -> None:
        with cocsync.running("apply", "--yes", "-o", "text", "-o", f"json={pipe}") as run:
            run.await_line("Apply: 3 applied", on_stderr=False)
            run.signal(stop)
            run.await_line("Stopping: the reports are written")
            found = report("apply", Path(pipe).read_text("utf-8"))
            done = run.wait()
        assert (done.code, found["summary"]["applied"], found["interrupted"]) == (0, 3, False)
        assert len(simulator.scripts()) == 3

    def test_a_second_one_leaves_with_4_since_something_was_written(
        self, cocsync: Program, simulator: Simulator, pipe: str
    ) -> None:
        with cocsync.running("apply", "--yes", "-o", "text", "-o", f"json={pipe}") as run:
            run.await_line("Apply: 3 applied", on_stderr=False)
            run.signal(signal.SIGINT)
            run.await_line("Once more to leave at once")
            run.signal(signal.SIGINT)
            assert run.wait().code == 4
        assert len(simulator.scripts()) == 3

    def test_after_a_release_it_is_the_same(
        self, cocsync: Program, repository: Repository, gate: Gate, coc: str
    ) -> None:
        """Ctrl-C again and again while its only write is under way, and after it."""
        cocsync.here("apply", "--yes", "--endpoint", coc)
        gate.close_at("PUT")
        with cocsync.running("release", "a", "--yes", "--endpoint", coc, "-C", str(repository.root)) as run:
            assert gate.reached.wait(60)
            run.signal(signal.SIGINT)
            run.await_line("Stopping")
            run.signal(signal.SIGTERM)
            assert run.wait().code == 4


@pytest.mark.parametrize("stop", STOPS)
def test_while_reviews_are_awaited_it_leaves_with_5(
    cocsync: Program, repository: Repository, coc: str, stop: signal.Signals
) -> None:
    repository.project(people={"alice": "1"})
    repository.manifest("scripts/a.yaml", name="a", reviewers=["alice"])
    with cocsync.running("apply", "--yes", "--wait", "--endpoint", coc, "-C", str(repository.root)) as run:
        run.await_line("Apply: 3 applied", on_stderr=False)
        run.signal(stop)
        done = run.wait()
    assert done.code == 5
    assert "Interrupted while reviews were awaited" in done.err


class TestHandlers:
    @pytest.fixture(autouse=True)
    def left(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
        """Codes with which the process would have ended."""
        before = {number: signal.getsignal(number) for number in STOPS}
        codes: list[int] = []
        monkeypatch.setattr(os, "_exit", codes.append)
        yield codes
        for number, handler in before.items():
            signal.signal(number, handler)

    @pytest.mark.parametrize("stop", STOPS)
    def test_the_first_signal_is_an_interrupt_and_the_second_leaves_without_a_traceback(
        self, left: list[int], stop: signal.Signals
    ) -> None:
        interrupt_on_signals()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(stop)
        signal.raise_signal(stop)
        assert left == [130]

    @pytest.mark.parametrize("stop", STOPS)
    def test_at_the_end_a_signal_leaves_with_the_code_of_the_run(self, left: list[int], stop: signal.Signals) -> None:
        leave_on_signals(4)
        signal.raise_signal(stop)
        assert left == [4]
