"""SIGKILL at every request of an apply: the next run needs no help."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial

import pytest

from cocsync.sim.http.server import serve
from tests.support import builders, canary
from tests.support.program import Program
from tests.support.repository import Repository
from tests.support.schedule import check_tenant, tenant, wanted

ENV = {"APP_TOKEN": canary.planted(), "COCSYNC_FINGERPRINT_KEY": canary.planted("fingerprint-key")}
SHAPE = (
    *("--prune", "--prune-edited", "--allow-unknown-history"),
    *("--allow-deletes", "9", "--allow-reviews", "9", "--parallelism", "1"),
)
SHARES = 4
"""Of the requests, so that several processors share them."""


@pytest.fixture
def cocsync(cocsync: Program) -> Program:
    cocsync.environ |= ENV
    return cocsync


@pytest.fixture
def repository(repository: Repository) -> Repository:
    """The manifests of the representative run."""
    repository.project(people={"alice": builders.ALICE.id})
    token = {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}
    repository.manifest("scripts/kept.yaml", name="kept")
    repository.manifest("scripts/fresh.yaml", name="fresh", params=[token])
    repository.manifest("scripts/changed.yaml", name="changed", content="two\n", reviewers=["alice"])
    repository.manifest("scripts/retyped.yaml", name="retyped", type="PYTHON")
    repository.manifest("scripts/taken.yaml", name="taken", adopt=True)
    repository.manifest("scripts/new_name.yaml", name="new_name", previous_names=["old_name"])
    return repository


class Killer:
    """Kills a run at its `at`-th request."""

    def __init__(self) -> None:
        self.requests = 0
        self.at = 0
        self.kill: Callable[[], object] = lambda: None

    def __call__(self) -> None:
        self.requests += 1
        if self.requests == self.at:
            self.kill()


def requests_of_a_clean_run(cocsync: Program) -> tuple[int, int]:
    """How many there are before the first write, and in all."""
    with tenant() as coc, serve(coc) as server:
        done = cocsync.here("apply", "--yes", "--refresh", "full", *SHAPE, "--endpoint", server.url)
        assert done.code == 0, done.err
        methods = [method for method, _ in coc.requests]
    reads = next(number for number, method in enumerate(methods) if method != "GET")
    return reads, len(methods)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_clean_run_converges_after_a_kill_at_any_request(
    cocsync: Program, repository: Repository, share: int, record_property: Callable[[str, object], None]
) -> None:
    """Also where the request that was on its way is done. Of the reads before the first write one stands for all."""
    assert {path.stem for path in repository.root.glob("scripts/*.yaml")} == {m.name for m in wanted()}
    reads, requests = requests_of_a_clean_run(cocsync)
    schedules = range(reads + share, requests + 1, SHARES)
    for at in schedules:
        killer = Killer()
        with tenant(before_each=killer) as coc, serve(coc) as server:
            killer.requests, killer.at = 0, at
            to = ("--refresh", "full", *SHAPE, "--endpoint", server.url)
            with cocsync.running("apply", "--yes", *to) as run:
                killer.kill = partial(run.signal, signal.SIGKILL)
                assert run.wait().code == -signal.SIGKILL
            check_tenant(coc)
            done = cocsync.here("apply", "--yes", *to)
            assert done.code == 0, done.err + done.out
            assert cocsync.here("plan", "--detailed-exitcode", *to).code == 0
            assert {script.name for script in coc.scripts()} == {m.name for m in wanted()} | {"foreign"}
    record_property("schedules", len(schedules))
