"""What is told of requests, by a line with -v and a JSON line with --log-file: no header, no query, no body."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cocsync.sim import Settings, Simulator
from tests.support import canary, children
from tests.support.program import EXECUTABLE, Program
from tests.support.repository import Repository

FIELDS = {"time", "method", "path", "attempt", "status", "code", "request_id", "failure", "ms"}
TOKEN: dict[str, Any] = {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}


@pytest.fixture
def coc() -> Simulator:
    return Simulator(settings=Settings(auth="token", tokens=(canary.planted("token"),)))


@pytest.fixture
def cocsync(cocsync: Program, repository: Repository, coc: Simulator, serving: Callable[[Simulator], str]) -> Program:
    """With a script to write, and credentials for a COC over a socket."""
    repository.manifest("scripts/a.yaml", name="a", params=[TOKEN])
    cocsync.environ |= {"COCSYNC_ENDPOINT": serving(coc), "COCSYNC_AUTH_TOKEN": canary.planted("token")}
    cocsync.environ |= {"APP_TOKEN": canary.planted("value")}
    return cocsync


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_for_each_attempt_says_what_became_of_it(cocsync: Program, coc: Simulator) -> None:
    coc.inject("k=1:503", "k=1 POST:lost-after-commit")
    done = cocsync.here("apply", "--yes", "-v")
    assert done.code == 0
    told = [line for line in done.err.splitlines() if line.startswith(("GET ", "POST "))]
    uuid = coc.script("a").uuid
    assert [re.sub(r"\d+ ms|[0-9a-f]{32}", "#", line) for line in told] == [
        "GET /v1/job/scripts  503 APIGW.0204  #  request #",
        "GET /v1/job/scripts  200  #  request #  attempt 2",
        "POST /v1/job/scripts  OutcomeUnknown  #",
        "GET /v1/job/scripts  200  #  request #",
        "GET /v1/job/scripts  200  #  request #",
        f"GET /v1/job/scripts/{uuid}  200  #  request #",
    ]


def test_a_file_gets_a_json_line_for_each_attempt_with_the_same_and_a_time(
    cocsync: Program, coc: Simulator, tmp_path: Path
) -> None:
    coc.inject("k=1:429=0")
    assert cocsync.here("apply", "--yes", "--log-file", str(tmp_path / "log")).code == 0
    told = lines(tmp_path / "log")
    assert {frozenset(line) for line in told} == {frozenset(FIELDS)}
    assert [(t["method"], t["attempt"], t["status"], t["code"], t["failure"]) for t in told[:3]] == [
        ("GET", 1, 429, "APIGW.0308", "Rejected"),
        ("GET", 2, 200, "", ""),
        ("POST", 1, 200, "", ""),
    ]
    assert all(datetime.fromisoformat(line["time"]).tzinfo and line["ms"] >= 0 for line in told)
    assert all("?" not in line["path"] for line in told)


def test_a_file_that_is_there_is_continued(cocsync: Program, tmp_path: Path) -> None:
    for runs in (1, 2):
        assert cocsync.here("plan", "--log-file", str(tmp_path / "log")).code == 0
        assert len(lines(tmp_path / "log")) == runs


def test_a_file_that_cannot_be_written_ends_the_run_before_any_request(
    cocsync: Program, coc: Simulator, tmp_path: Path
) -> None:
    done = cocsync.here("plan", "--log-file", str(tmp_path))
    assert (done.code, len(coc.requests)) == (1, 0)
    assert "the log" in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_a_file_that_takes_no_more_is_said_once_and_ends_nothing(cocsync: Program) -> None:
    done = cocsync.here("apply", "--yes", "--log-file", "/dev/full")
    assert (done.code, done.last_line) == (0, "Apply: 1 applied, 0 failed, 0 stale, 0 not attempted.")
    assert done.err.count("The log /dev/full ends here: No space left on device.") == 1


def test_without_either_nothing_is_told(cocsync: Program) -> None:
    assert "GET" not in cocsync.here("plan").err


def test_where_nobody_reads_the_lines_any_more_the_run_goes_on(cocsync: Program, coc: Simulator) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = children.run(
        [EXECUTABLE, "apply", "--yes", "-v"],
        cwd=cocsync.folder,
        env=cocsync.environ,
        stdout=subprocess.PIPE,
        stderr=writer,
    )
    os.close(writer)
    assert done.returncode == 0
    assert b"Apply: 1 applied" in done.stdout
    assert coc.script("a").name == "a"
