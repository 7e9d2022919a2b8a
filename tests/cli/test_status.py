"""`cocsync status` and `apply --wait`: who is awaited since when, waiting for it, and the exit codes."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from cocsync.cli.parts.interrupt import Stop
from cocsync.sim import Settings, Simulator
from tests.support.program import Done, Program
from tests.support.repository import Repository

NAMES = ("a", "b", "c")


@pytest.fixture
def reviewed(cocsync: Program, repository: Repository, simulator: Simulator) -> Repository:
    """Three scripts in COC, of which the first two await alice and bob."""
    repository.manifest("scripts/a.yaml", name="a", reviewers=["alice"])
    repository.manifest("scripts/b.yaml", name="b", reviewers=["alice", "bob"])
    repository.manifest("scripts/c.yaml", name="c")
    assert cocsync.here("apply", "--yes").code == 0
    assert simulator.script("a").status == "PENDING_APPROVE"
    return repository


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Makes waiting take no time; what is given is done instead, once, and nothing from then on."""
    acts: list[Callable[[], object]] = []
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds
        if acts:
            acts.pop()()

    def wait(stop: Stop, seconds: float) -> bool:
        sleep(seconds)
        return stop.is_set()

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(Stop, "wait", wait)
    monkeypatch.setattr(time, "monotonic", lambda: passed[0])
    return acts.append


def statuses(done: Done) -> dict[str, str]:
    return {script["name"]: script["status"] for script in done.report("status")["scripts"]}


class TestStatus:
    def test_lists_what_is_not_approved_with_who_is_awaited_and_since_when(
        self, cocsync: Program, reviewed: Repository
    ) -> None:
        done = cocsync("status", folder=reviewed.root)
        assert (done.code, done.err) == (0, "")
        first, second, _, last = done.out.splitlines()
        assert first.split("  ")[:2] == ["", "a"]
        assert "PENDING_APPROVE" in first
        assert "awaiting alice" in first
        assert "since 20" in first
        assert "awaiting alice, bob" in second
        assert last == "Status: 1 approved, 2 awaiting review, 0 rejected."
        assert "c  APPROVED" in cocsync.here("status", "-v").out

    def test_as_json(self, cocsync: Program, reviewed: Repository, simulator: Simulator) -> None:
        simulator.review("b", approve=False)
        done = cocsync("status", "-o", "json", folder=reviewed.root)
        assert done.code == 5
        found = done.report("status")
        assert found["summary"] == {"approved": 1, "pending": 1, "rejected": 1}
        assert statuses(done) == {"a": "PENDING_APPROVE", "b": "REJECTED", "c": "APPROVED"}
        assert [who["name"] for who in found["scripts"][0]["awaiting"]] == ["alice"]
        assert (found["scripts"][0]["uuid"], found["scripts"][1]["awaiting"]) == (simulator.script("a").uuid, [])

    def test_of_everything_of_ours_and_nothing_else(
        self, cocsync: Program, reviewed: Repository, simulator: Simulator
    ) -> None:
        """Also of what has no manifest any more; a mark on another name is a copy."""
        (reviewed.root / "scripts" / "a.yaml").unlink()
        simulator.create(name="theirs")
        simulator.create(name="copy", description=simulator.script("c").description)
        assert list(statuses(cocsync.here("status", "-o", "json"))) == list(NAMES)

    def test_needs_no_manifest_and_no_valid_one(self, cocsync: Program, repository: Repository) -> None:
        assert cocsync.here("status").last_line == "Status: 0 approved, 0 awaiting review, 0 rejected."
        repository.write("scripts/x.yaml", "not: a manifest\n")
        assert cocsync.here("status").code == 0

    def test_reads_no_script_again_that_it_remembers(
        self, cocsync: Program, reviewed: Repository, serving: Callable[[Simulator], str]
    ) -> None:
        with Simulator() as coc:
            url = serving(coc)
            cocsync.here("apply", "--yes", "--endpoint", url, folder=reviewed.root)
            coc.requests.clear()
            cocsync.here("status", "--endpoint", url)
            assert [method for method, _ in coc.requests] == ["GET"]
            coc.review("a")
            assert statuses(cocsync.here("status", "-o", "json", "--endpoint", url))["a"] == "APPROVED"

    def test_where_coc_cannot_be_asked_is_an_error(
        self, cocsync: Program, reviewed: Repository, simulator: Simulator
    ) -> None:
        simulator.configure(faults=["GET *:401*"])
        done = cocsync.here("status", folder=reviewed.root)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("Error: ")


class TestWaiting:
    @pytest.mark.parametrize(("approve", "code"), [(True, 0), (False, 5)])
    def test_ends_when_every_review_is_settled(
        self,
        cocsync: Program,
        reviewed: Repository,
        simulator: Simulator,
        clock: Callable[[Callable[[], object]], None],
        approve: bool,
        code: int,
    ) -> None:
        clock(lambda: simulator.review("b", approve=approve))
        clock(lambda: simulator.review("a"))
        done = cocsync.here("status", "--wait", "-o", "json", folder=reviewed.root)
        assert done.code == code
        assert statuses(done) == {"a": "APPROVED", "b": "APPROVED" if approve else "REJECTED", "c": "APPROVED"}

    @pytest.mark.parametrize("wait", ["--wait", "--wait=30s", "--wait=0s"])
    def test_fails_where_the_time_is_up_and_one_still_awaits(
        self, cocsync: Program, reviewed: Repository, clock: Callable[[Callable[[], object]], None], wait: str
    ) -> None:
        del clock
        done = cocsync.here("status", wait, folder=reviewed.root)
        assert (done.code, done.last_line) == (5, "Status: 1 approved, 2 awaiting review, 0 rejected.")

    def test_is_over_at_once_where_nothing_awaits(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest()
        cocsync.here("apply", "--yes")
        assert cocsync("status", "--wait=1d").code == 0

    def test_ctrl_c_ends_it(self, cocsync: Program, reviewed: Repository) -> None:
        with cocsync.running("status", "--wait=1d", "-v", "-C", str(reviewed.root)) as waiting:
            waiting.await_line("GET /v1/job/scripts")
            waiting.signal(signal.SIGINT)
            assert waiting.wait().code == 130


@pytest.mark.parametrize("verb", [("status",), ("apply", "--yes")])
@pytest.mark.parametrize("wait", ["soon", "5", "5w", "1.5h", ""])
def test_what_is_no_duration_is_a_usage_error(
    cocsync: Program, repository: Repository, verb: tuple[str, ...], wait: str
) -> None:
    done = cocsync.here(*verb, f"--wait={wait}", folder=repository.root)
    assert done.code == 64
    assert "90s, 30m, 12h or 7d" in done.err


@pytest.mark.parametrize("arguments", [("name",), ("-o", "markdown"), ("--target", "nowhere")])
def test_what_status_does_not_take_is_a_usage_error(
    cocsync: Program, repository: Repository, arguments: tuple[str, ...]
) -> None:
    assert cocsync.here("status", *arguments, folder=repository.root).code == 64


class TestApplyWait:
    @pytest.fixture
    def new(self, repository: Repository) -> Repository:
        repository.manifest("scripts/a.yaml", name="a", reviewers=["alice"])
        repository.manifest("scripts/b.yaml", name="b")
        return repository

    def test_ends_with_the_review_of_what_was_written(
        self,
        cocsync: Program,
        new: Repository,
        simulator: Simulator,
        clock: Callable[[Callable[[], object]], None],
    ) -> None:
        """And waits for nothing else: another script of ours awaits review still."""
        cocsync.here("apply", "--yes")
        new.manifest("scripts/c.yaml", name="c", reviewers=["bob"])
        clock(lambda: simulator.review("c"))
        done = cocsync.here("apply", "--yes", "--wait")
        assert done.code == 0
        assert done.err.endswith("Status: 1 approved, 0 awaiting review, 0 rejected.\n")
        assert simulator.script("a").status == "PENDING_APPROVE"

    def test_a_rejection_is_5(
        self,
        cocsync: Program,
        new: Repository,
        simulator: Simulator,
        clock: Callable[[Callable[[], object]], None],
    ) -> None:
        clock(lambda: simulator.review("a", approve=False))
        done = cocsync.here("apply", "--yes", "--wait=10m", "-o", "json", folder=new.root)
        assert done.code == 5
        assert done.report("apply")["summary"]["applied"] == 2
        assert "a  REJECTED" in done.err

    def test_a_wait_that_is_over_is_5(
        self, cocsync: Program, new: Repository, clock: Callable[[Callable[[], object]], None]
    ) -> None:
        del clock
        done = cocsync.here("apply", "--yes", "--wait", folder=new.root)
        assert done.code == 5
        assert "awaiting alice" in done.err

    def test_without_it_an_open_review_is_no_failure(self, cocsync: Program, new: Repository) -> None:
        assert cocsync.here("apply", "--yes", folder=new.root).code == 0

    def test_with_nothing_written_there_is_nothing_to_wait_for(self, cocsync: Program, new: Repository) -> None:
        cocsync.here("apply", "--yes", folder=new.root)
        assert cocsync("apply", "--yes", "--wait=1d").code == 0

    def test_what_is_left_beats_what_a_review_says(
        self,
        cocsync: Program,
        new: Repository,
        simulator: Simulator,
        clock: Callable[[Callable[[], object]], None],
    ) -> None:
        simulator.create(name="b")
        clock(lambda: simulator.review("a", approve=False))
        assert cocsync.here("apply", "--yes", "--wait", folder=new.root).code == 4

    def test_the_report_is_there_before_the_wait_and_the_lock_is_not(
        self, cocsync: Program, new: Repository, simulator: Simulator
    ) -> None:
        """A job that is killed while it waits has told what it did, and another run need not wait for reviewers."""
        with cocsync.running("apply", "--yes", "--wait=1d", "-o", "text") as waiting:
            waiting.await_line("Apply: 2 applied", on_stderr=False)
            assert len(list((new.root / ".cocsync" / "runs").iterdir())) == 1
            assert cocsync.here("apply", "--yes").code == 0
            waiting.signal(signal.SIGINT)
            done = waiting.wait()
        assert (done.code, done.err) == (5, "Interrupted while reviews were awaited; everything else has ended.\n")
        assert simulator.script("a").status == "PENDING_APPROVE"

    def test_a_review_that_cannot_be_looked_up_does_not_unsay_what_was_applied(
        self,
        cocsync: Program,
        new: Repository,
        serving: Callable[[Simulator], str],
        clock: Callable[[Callable[[], object]], None],
    ) -> None:
        with Simulator(settings=Settings()) as coc:
            clock(lambda: coc.inject("GET *:401*"))
            done = cocsync.here("apply", "--yes", "--wait", "-o", "json", "--endpoint", serving(coc), folder=new.root)
        assert done.code == 1
        assert done.report("apply")["summary"]["applied"] == 2
        assert "Error: the reviews cannot be looked up: " in done.err


def test_a_writer_among_the_reviewers_is_warned_of(cocsync: Program, repository: Repository) -> None:
    repository.manifest(reviewers=[{"name": "cocsync", "id": "1"}, "alice"])
    done = cocsync.here("apply", "--yes")
    assert done.code == 0
    assert "cocsync wrote it and is one of its reviewers: let somebody else review it" in done.out
