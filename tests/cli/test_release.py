"""`cocsync release`: asking, what it lets go, what it leaves, and its exit codes."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cocsync.apply import lock
from cocsync.sim import Simulator
from tests.support.program import EXECUTABLE, Program
from tests.support.repository import Repository

PROMPT = "Only `yes` goes on: "
TOKEN: dict[str, Any] = {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}
KEY = "an-example-fingerprint-key"


@pytest.fixture
def written(cocsync: Program, repository: Repository) -> Repository:
    for name in ("a", "b"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    assert cocsync.here("apply", "--yes").code == 0
    return repository


def released(simulator: Simulator) -> set[str]:
    return {script.name for script in simulator.scripts() if script.description == "Disk usage"}


def test_it_asks_and_a_terminal_is_needed_for_that(cocsync: Program, written: Repository, simulator: Simulator) -> None:
    done = cocsync("release", "a", "b", stdin="yes\n", folder=written.root)
    assert (done.code, released(simulator)) == (3, set())
    assert "pass --yes" in done.err

    done = cocsync.on_terminal("release", "a", "b", answer="no\n", prompt=PROMPT)
    assert (done.code, released(simulator)) == (3, set())
    assert "Let 2 scripts go at local (sim:)?" in done.out

    done = cocsync.on_terminal("release", "a", answer="yes\n", prompt=PROMPT)
    assert (done.code, released(simulator)) == (0, {"a"})
    assert "Let 1 script go" in done.out


def test_what_is_let_go_is_told_and_is_nobodys_from_then_on(
    cocsync: Program, written: Repository, simulator: Simulator
) -> None:
    (written.root / "scripts" / "a.yaml").unlink()
    done = cocsync("release", "a", "b", "--yes")
    assert done.code == 0
    assert done.err == (
        "a: released: the mark is taken off\nb: released: the mark is taken off; it still has a manifest here\n"
    )
    assert done.last_line == "Apply: 2 applied, 0 failed, 0 stale, 0 not attempted."
    assert released(simulator) == {"a", "b"}
    found = cocsync.here("plan", "--prune", "-o", "json").report("plan")
    assert [script["name"] for script in found["unmanaged"]] == ["a"]
    assert [(c["name"], c["kind"]) for c in found["conflicts"]] == [("b", "unmarked")]


def test_quiet_says_only_the_result(cocsync: Program, written: Repository) -> None:
    done = cocsync.here("release", "a", "--yes", "-q", folder=written.root)
    assert (done.code, done.err) == (0, "")


def test_a_review_that_begins_again_is_told_before_and_after(
    cocsync: Program, repository: Repository, simulator: Simulator
) -> None:
    repository.manifest(reviewers=["alice"])
    cocsync.here("apply", "--yes")
    simulator.review("disk_report")
    done = cocsync.here("release", "disk_report", "--yes")
    assert done.code == 0
    assert "goes to review again" in done.err
    assert "PENDING_APPROVE, awaiting alice" in done.out


@pytest.mark.parametrize("name", ["nowhere", "theirs"])
def test_a_script_that_is_not_ours_is_refused_and_nothing_is_written(
    cocsync: Program, written: Repository, simulator: Simulator, name: str
) -> None:
    simulator.create(name="theirs")
    done = cocsync.here("release", "a", name, "--yes", folder=written.root)
    assert (done.code, done.out, released(simulator)) == (3, "", set())
    assert f"{name}: COC has no script of this owner" in done.err


def test_one_that_is_released_already_is_refused(cocsync: Program, written: Repository) -> None:
    assert cocsync.here("release", "a", "--yes", folder=written.root).code == 0
    assert cocsync.here("release", "a", "--yes").code == 3


def test_sensitive_values_have_to_be_here(cocsync: Program, repository: Repository, simulator: Simulator) -> None:
    repository.manifest(params=[TOKEN])
    before = cocsync.environ
    key, token = {"COCSYNC_FINGERPRINT_KEY": KEY}, {"APP_TOKEN": "planted"}
    cocsync.environ = before | key | token
    assert cocsync.here("apply", "--yes").code == 0
    for environ in token, key, {**key, "APP_TOKEN": "other"}:
        cocsync.environ = before | environ
        done = cocsync.here("release", "disk_report", "--yes")
        assert (done.code, released(simulator)) == (3, set())
        assert "keep its manifest" in done.out
    cocsync.environ = before | key | token
    assert cocsync.here("release", "disk_report", "--yes").code == 0
    assert (released(simulator), simulator.script("disk_report").params[0].value) == ({"disk_report"}, "planted")


@pytest.mark.parametrize(
    ("faults", "code", "gone"),
    [
        (["PUT *:400*"], 1, set()),
        (["k=2 PUT *:400"], 4, {"a"}),
        (["PUT *:401*"], 1, set()),
    ],
)
def test_what_coc_refuses_is_left_and_told(
    cocsync: Program, written: Repository, simulator: Simulator, faults: list[str], code: int, gone: set[str]
) -> None:
    simulator.configure(faults=faults)
    done = cocsync.here("release", "a", "b", "--yes", folder=written.root)
    assert (done.code, released(simulator)) == (code, gone)


def test_what_would_meet_every_script_leaves_the_rest_unattempted(
    cocsync: Program, written: Repository, simulator: Simulator
) -> None:
    simulator.configure(faults=["PUT *:401*"])
    done = cocsync.here("release", "a", "b", "--yes", folder=written.root)
    assert done.last_line == "Apply: 0 applied, 1 failed, 0 stale, 1 not attempted."


def test_it_does_not_run_beside_an_apply(
    cocsync: Program, written: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "exclusive", functools.partial(lock.exclusive, wait=0))
    with lock.exclusive(written.root / ".cocsync" / "lock"):
        done = cocsync.here("release", "a", "--yes")
    assert done.code == 3
    assert "another apply is running" in done.err


@pytest.mark.parametrize("arguments", [(), ("--yes",), ("a", "-o", "json"), ("a", "--force")])
def test_what_it_does_not_take_is_a_usage_error(
    cocsync: Program, written: Repository, arguments: tuple[str, ...]
) -> None:
    assert cocsync.here("release", *arguments, folder=written.root).code == 64


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_report_that_cannot_be_written_leaves_the_exit_code_true(
    cocsync: Program, written: Repository, simulator: Simulator
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [EXECUTABLE, "-C", written.root, "release", "a", "--yes"],
            env=cocsync.environ,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, released(simulator)) == (4, {"a"})
    assert "standard output cannot be written: No space left on device; 1 script had the mark taken off" in done.stderr
