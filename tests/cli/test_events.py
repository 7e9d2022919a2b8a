"""`apply -o ndjson`: events as they happen, whole whatever becomes of the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import jsonschema
import pytest

from cocsync.sim import Settings, Simulator
from tests.program import SCHEMAS, Program
from tests.repository import Repository

NAMES = ("a", "b", "c")


@pytest.fixture
def repository(repository: Repository) -> Repository:
    for name in NAMES:
        repository.manifest(f"scripts/{name}.yaml", name=name)
    return repository


def events(text: str) -> list[dict[str, Any]]:
    """The events, each of which the published schema must accept."""
    schema = json.loads((SCHEMAS / "event.schema.json").read_text("utf-8"))
    found = [json.loads(line) for line in text.splitlines()]
    for event in found:
        jsonschema.Draft202012Validator(schema).validate(event)
    assert found[0]["type"] == "version"
    assert (found[-1]["type"], found[-1]["operation"]) == ("change_summary", "apply")
    assert [event["at"] for event in found] == sorted(event["at"] for event in found)
    return found


def types(found: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in found]


def test_every_change_is_planned_started_and_complete(cocsync: Program, repository: Repository) -> None:
    done = cocsync.here("apply", "--yes", "--parallelism", "1", "-o", "ndjson", folder=repository.root)
    assert done.code == 0
    assert types(events(done.out)) == [
        "version",
        *["planned_change"] * 3,
        "change_summary",
        *["apply_start", "apply_complete"] * 3,
        "change_summary",
    ]


def test_an_event_is_there_as_soon_as_it_happened(
    cocsync: Program, repository: Repository, serving: Callable[[Simulator], str]
) -> None:
    """COC does not answer the second write before the end of the first one is read."""
    second, read = Event(), Event()

    def hold(_: float) -> None:
        if [method for method, _ in simulator.requests].count("POST") == 2 and not second.is_set():
            second.set()
            assert read.wait(60)

    with Simulator(settings=Settings(latency=1.0), sleep=hold) as simulator:
        arguments = ("apply", "--yes", "--parallelism", "1", "-o", "ndjson", "--endpoint", serving(simulator))
        with cocsync.running(*arguments, "-C", str(repository.root)) as run:
            assert second.wait(60)
            assert '"name": "a"' in run.await_line('"apply_complete"', on_stderr=False)
            read.set()
            assert types(events(run.wait().out)).count("apply_complete") == 3


def test_a_failure_is_an_event_of_its_change_and_the_others_are_told(
    cocsync: Program, repository: Repository, simulator: Simulator, serving: Callable[[Simulator], str]
) -> None:
    simulator.inject("k=2 POST *:400")
    arguments = ("apply", "--yes", "--parallelism", "1", "-o", "ndjson", "--endpoint", serving(simulator))
    done = cocsync.here(*arguments, folder=repository.root)
    assert done.code == 4
    found = events(done.out)
    (errored,) = (event for event in found if event["type"] == "apply_errored")
    assert (errored["name"], errored["outcome"], bool(errored["error"]["message"])) == ("b", "failed", True)
    assert found[-1]["summary"]["applied"] == 2


def test_a_run_without_a_plan_says_why(cocsync: Program, repository: Repository) -> None:
    repository.manifest("scripts/a.yaml", name="a", risk_level="EXTREME")
    done = cocsync.here("apply", "--yes", "-o", "ndjson")
    assert done.code == 1
    found = events(done.out)
    assert types(found) == ["version", "diagnostic", "change_summary"]
    assert found[1]["file"] == "scripts/a.yaml"


@pytest.mark.usefixtures("repository")
def test_a_refused_run_says_why_after_its_plan(cocsync: Program) -> None:
    done = cocsync.here("apply", "-o", "ndjson")
    assert done.code == 3
    found = events(done.out)
    assert types(found)[-3:] == ["change_summary", "diagnostic", "change_summary"]
    assert (found[-2]["code"], found[-2]["severity"]) == ("refused", "error")
    assert found[-1]["summary"]["not_attempted"] == 3


@pytest.mark.usefixtures("repository")
def test_a_warning_is_told_once(cocsync: Program) -> None:
    done = cocsync.here("apply", "--yes", "-o", "ndjson", COCSYNC_FINGERPRINT_KEY="short")
    assert types(events(done.out)).count("diagnostic") == 1


def test_a_file_gets_the_events_beside_other_reports(cocsync: Program, repository: Repository) -> None:
    (repository.root / "events").write_text("of the last run\n")
    done = cocsync.here("apply", "--yes", "-o", "ndjson=events", "-o", "json=new/apply.json", "-o", "text")
    assert (done.code, done.last_line[:17]) == (0, "Apply: 3 applied,")
    assert types(events((repository.root / "events").read_text())).count("apply_complete") == 3
    assert (repository.root / "new/apply.json").exists()


def test_an_apply_goes_on_where_its_events_cannot_be_written(
    cocsync: Program, repository: Repository, simulator: Simulator
) -> None:
    (repository.root / "taken").write_text("a file, no folder\n")
    done = cocsync.here("apply", "--yes", "-o", "ndjson=taken/events", "-o", "text")
    assert done.code == 4
    assert done.err.count("Error: the report taken/events cannot be written: Not a directory") == 1
    assert sorted(script.name for script in simulator.scripts()) == list(NAMES)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_ends_the_events_and_not_the_apply(
    cocsync: Program, repository: Repository, simulator: Simulator
) -> None:
    assert repository.root.is_dir()
    done = cocsync.here("apply", "--yes", "-o", "ndjson=/dev/full", "-q")
    assert done.code == 4
    assert "Error: the report /dev/full cannot be written: No space left on device" in done.err
    assert len(simulator.scripts()) == 3
