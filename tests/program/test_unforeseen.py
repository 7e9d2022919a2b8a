"""An exception that nobody foresaw, in one change or in one report: it ends that, and nothing else is lost."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

from cocsync.sim import Simulator
from tests.support import canary
from tests.support.program import Program, report
from tests.support.repository import Repository

NAMES = ("a", "b", "c")


@pytest.fixture(autouse=True)
def _three(repository: Repository) -> None:
    for name in NAMES:
        repository.manifest(f"scripts/{name}.yaml", name=name)


def broken(monkeypatch: pytest.MonkeyPatch, place: str, on: Callable[..., bool] = lambda *_: True) -> None:
    """Has a function of ours raise where `on` says so, with a text that holds a sensitive value."""
    module, _, name = place.rpartition(".")
    found = pkgutil.resolve_name(module)
    call = getattr(found, name)

    def fail(*arguments: Any, **options: Any) -> Any:
        if on(*arguments):
            raise ArithmeticError(canary.planted())
        return call(*arguments, **options)

    monkeypatch.setattr(found, name, fail)


def kept(repository: Repository) -> Any:
    """The report of the only run."""
    (path,) = (repository.root / ".cocsync" / "runs").iterdir()
    return report("apply", path.read_text("utf-8"))


class TestInAChange:
    def test_after_a_write_it_is_unknown_and_the_others_are_applied(
        self, cocsync: Program, repository: Repository, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken(monkeypatch, "cocsync.apply.execute.differences", lambda desired, *_: desired.name == "b")
        done = cocsync.here("apply", "--yes", "-o", "text", "-o", "json=out.json", "-o", "ndjson=events")
        assert done.code == 4
        assert done.last_line == "Apply: 2 applied, 0 failed, 0 stale, 0 not attempted, 1 unknown."
        assert "cocsync failed with an unexpected error (ArithmeticError in cocsync/" in done.out
        assert sorted(script.name for script in simulator.scripts()) == list(NAMES)
        found = report("apply", (repository.root / "out.json").read_text("utf-8"))
        assert [result["outcome"] for result in found["results"]] == ["applied", "unknown", "applied"]
        assert kept(repository) == found
        last = json.loads((repository.root / "events").read_text("utf-8").splitlines()[-1])
        assert last["type"] == "change_summary"
        assert cocsync("apply", "--yes").code == 0

    def test_before_any_write_it_is_failed(
        self, cocsync: Program, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken(monkeypatch, "cocsync.model.mark.make", lambda script: script.name in NAMES and bool(armed))
        armed: list[bool] = []
        carry_out = importlib.import_module("cocsync.apply.changes").apply

        def arm(*arguments: Any, **options: Any) -> Any:
            armed.append(True)
            return carry_out(*arguments, **options)

        monkeypatch.setattr("cocsync.engine.reconcile.carry_out", arm)
        done = cocsync.here("apply", "--yes")
        assert (done.code, simulator.scripts()) == (1, ())
        assert done.last_line == "Apply: 0 applied, 3 failed, 0 stale, 0 not attempted."

    def test_while_a_request_is_on_its_way_it_is_unknown(
        self, cocsync: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What came of it nobody has seen."""
        broken(monkeypatch, "cocsync.coc.http.client.interpret", lambda method, *_: method == "POST")
        done = cocsync.here("apply", "--yes")
        assert done.code == 4
        assert done.last_line == "Apply: 0 applied, 0 failed, 0 stale, 0 not attempted, 3 unknown."

    @pytest.mark.parametrize(
        ("place", "says"),
        [
            ("cocsync.coc.scripts._body", "the new one may or may not exist"),
            ("cocsync.model.mark.join", "the old one was put back as"),
        ],
    )
    def test_between_the_delete_and_the_create_of_a_replace_the_old_script_comes_back_or_its_copy_is_named(
        self, cocsync: Program, repository: Repository, monkeypatch: pytest.MonkeyPatch, place: str, says: str
    ) -> None:
        cocsync.here("apply", "--yes")
        repository.manifest("scripts/b.yaml", name="b", type="PYTHON", content="print()\n")
        failures = iter([True])
        broken(monkeypatch, place, lambda *_: next(failures, False))
        done = cocsync.here("apply", "--yes")
        assert done.code == 4
        assert "ArithmeticError in cocsync/" in done.out
        assert says in done.out
        assert ".cocsync/backups" in done.out or "put back" in done.out

    def test_in_a_release_it_ends_that_one(self, cocsync: Program, monkeypatch: pytest.MonkeyPatch) -> None:
        cocsync.here("apply", "--yes")
        broken(monkeypatch, "cocsync.coc.http.client.interpret", lambda method, *_: method == "PUT")
        done = cocsync.here("release", "a", "b", "--yes")
        assert done.code == 4
        assert "2 unknown" in done.last_line


class TestInAReport:
    @pytest.mark.parametrize("place", ["text.apply.apply_text", "json.apply_json", "markdown.apply.apply_markdown"])
    def test_the_others_are_written_and_the_exit_code_tells(
        self, cocsync: Program, repository: Repository, monkeypatch: pytest.MonkeyPatch, place: str
    ) -> None:
        wanted = {"text.apply.apply_text": "", "json.apply_json": "out.json", "markdown.apply.apply_markdown": "out.md"}
        broken(monkeypatch, f"cocsync.report.{place}")
        done = cocsync.here("apply", "--yes", "-o", "text", "-o", "json=out.json", "-o", "markdown=out.md")
        assert done.code == 4
        assert f"the report {place.partition('.')[0]} cannot be made: " in done.err
        assert "ArithmeticError" in done.err
        assert "3 scripts were written" in done.err
        there = {path.name for path in repository.root.glob("out.*")}
        assert there == {"out.json", "out.md"} - {wanted[place]}
        assert ("Apply: 3 applied" in done.out) is (place != "text.apply.apply_text")

    @pytest.mark.parametrize("event", ["started", "ended", "summed_up"])
    def test_events_that_cannot_be_made_stop_no_change(
        self,
        cocsync: Program,
        simulator: Simulator,
        repository: Repository,
        monkeypatch: pytest.MonkeyPatch,
        event: str,
    ) -> None:
        broken(monkeypatch, f"cocsync.report.ndjson.{event}")
        done = cocsync.here("apply", "--yes", "-o", "ndjson=events", "-o", "json")
        assert done.code == (4 if event == "summed_up" else 0)
        assert sorted(script.name for script in simulator.scripts()) == list(NAMES)
        found = done.json()
        assert found["summary"]["applied"] == 3
        assert ("progress-lost" in [d["code"] for d in found["diagnostics"]]) is (event != "summed_up")
        assert kept(repository)["summary"]["applied"] == 3

    def test_a_cache_that_cannot_be_kept_hides_no_report(
        self, cocsync: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken(monkeypatch, "cocsync.engine.look.remember", lambda *_: True)
        done = cocsync.here("apply", "--yes")
        assert done.last_line == "Apply: 3 applied, 0 failed, 0 stale, 0 not attempted."
