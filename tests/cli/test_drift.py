"""`cocsync drift`: what differs, of which origin, by whom and when; and its exit codes."""

from __future__ import annotations

import re

import pytest

from cocsync.sim import Simulator
from tests.support.program import Done, Program, report
from tests.support.repository import Repository


@pytest.fixture
def written(cocsync: Program, repository: Repository) -> Repository:
    """A repository of four scripts, and COC that matches it."""
    for name in ("a", "b", "c", "d"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    assert cocsync.here("apply", "--yes").code == 0
    return repository


def found(done: Done) -> dict[str, tuple[str, str | None]]:
    return {drifted["name"]: (drifted["kind"], drifted["origin"]) for drifted in done.report("drift")["drift"]}


def test_nothing_differs(cocsync: Program, written: Repository) -> None:
    done = cocsync("drift", folder=written.root)
    assert (done.code, done.err) == (0, "")
    assert done.last_line == "No drift. COC matches the manifests."


def test_who_touched_what_and_when(cocsync: Program, written: Repository, simulator: Simulator) -> None:
    simulator.edit("a", user="mallory", content="by hand\n")
    written.manifest("scripts/b.yaml", name="b", content="from the repository\n")
    simulator.delete("c")
    simulator.edit("d", user="bob", description="retyped")
    done = cocsync("drift", "-o", "text", "-o", "json=drift.json")
    assert done.code == 2
    assert "~ changed  a" in done.out
    assert re.search(r"last touched in COC by mallory, 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", done.out)
    assert "-by hand" in done.out
    assert done.last_line.startswith("Drift: 2 changed, 1 missing, 1 conflict.")

    document = report("drift", (written.root / "drift.json").read_text())
    assert document["summary"] == {"changed": 2, "missing": 1, "conflict": 1, "unmanaged": 0, "unchanged": 0}
    assert found(Done(code=0, out=(written.root / "drift.json").read_text(), err="")) == {
        "a": ("changed", "drift"),
        "b": ("changed", "manifest"),
        "c": ("missing", "manifest"),
        "d": ("conflict", None),
    }
    assert document["drift"][0]["operator"] == "mallory"
    assert [field["path"] for field in document["drift"][0]["fields"]] == ["content"]


def test_text_around_a_mark_is_a_description_that_drifted(
    cocsync: Program, written: Repository, simulator: Simulator
) -> None:
    simulator.edit("a", description=f"See wiki. {simulator.script('a').description} Thanks!")
    done = cocsync.here("drift", "-o", "json", folder=written.root)
    assert found(done) == {"a": ("changed", "drift")}
    (field,) = done.report("drift")["drift"][0]["fields"]
    assert (field["before"], field["after"]) == ("See wiki. Disk usage Thanks!", "Disk usage")


def test_prunable_and_unmanaged_never_count(cocsync: Program, written: Repository, simulator: Simulator) -> None:
    (written.root / "scripts" / "d.yaml").unlink()
    simulator.create(name="theirs")
    done = cocsync.here("drift")
    assert (done.code, "theirs" in done.out) == (0, False)
    done = cocsync.here("drift", "--unmanaged", "-o", "json")
    assert (done.code, [s["name"] for s in done.report("drift")["unmanaged"]]) == (0, ["theirs"])
    assert "? unmanaged  theirs" in cocsync.here("drift", "--unmanaged").out


def test_a_filter_limits_what_counts(cocsync: Program, written: Repository, simulator: Simulator) -> None:
    simulator.edit("a", content="by hand\n")
    assert cocsync.here("drift", "--exclude", "a", folder=written.root).code == 0
    assert cocsync.here("drift", "--include", "a").code == 2
    assert cocsync.here("drift", "--include", "x").code == 3


def test_what_awaits_review_is_no_drift(cocsync: Program, repository: Repository) -> None:
    repository.manifest(reviewers=["alice"])
    cocsync.here("apply", "--yes")
    assert cocsync.here("drift").code == 0


def test_without_manifests_it_is_refused_and_reported(cocsync: Program, written: Repository) -> None:
    for name in ("a", "b", "c", "d"):
        (written.root / "scripts" / f"{name}.yaml").unlink()
    done = cocsync.here("drift", "-o", "json")
    assert (done.code, done.report("drift")["complete"]) == (3, False)
    assert "there is no manifest" in done.err


def test_a_broken_repository_is_an_error_and_reported(cocsync: Program, written: Repository) -> None:
    written.manifest("scripts/a.yaml", name="a", risk_level="none")
    done = cocsync.here("drift", "-o", "json")
    assert (done.code, len(done.report("drift")["diagnostics"])) == (1, 1)
