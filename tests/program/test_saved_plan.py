"""`plan --out`, `show`, `apply PLANFILE` and `apply --plan-id`, through the installed program."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from cocsync.sim import Simulator
from tests.support.program import Program
from tests.support.repository import Repository

NAMES = [f"script_{n}" for n in range(10)]


@pytest.fixture
def ten(repository: Repository, cocsync: Program, simulator: Simulator) -> Path:
    """Ten scripts in COC, a version behind their manifests, and the saved plan that updates them."""
    for name in NAMES:
        repository.manifest(f"scripts/{name}.yaml", name=name)
    assert cocsync.here("apply", "--yes").code == 0
    for name in NAMES:
        repository.manifest(f"scripts/{name}.yaml", name=name, version="1.1.0")
    assert cocsync.here("plan", "--out", "it.plan").code == 0
    simulator.requests.clear()
    return repository.root / "it.plan"


def outcomes(done: Any) -> dict[str, int]:
    return {outcome: count for outcome, count in done.json()["summary"].items() if count}


def test_a_saved_plan_is_readable_by_its_user_only(ten: Path) -> None:
    assert stat.S_IMODE(ten.stat().st_mode) == 0o600


def test_a_saved_plan_is_shown_in_any_format_of_plan(ten: Path, cocsync: Program) -> None:
    planned = cocsync.here("plan", "-o", "json").json()

    assert cocsync.here("show", str(ten), "-o", "json").json() == planned
    assert cocsync.here("show", str(ten)).last_line.startswith("Plan: 0 to create, 10 to update")


def test_a_second_run_of_the_same_plan_is_a_success_that_writes_nothing(
    ten: Path, cocsync: Program, simulator: Simulator
) -> None:
    first = cocsync("apply", str(ten), "--yes", "-o", "json")
    state = simulator.scripts()
    second = cocsync("apply", str(ten), "--yes", "-o", "json")

    assert (first.code, outcomes(first)) == (0, {"applied": 10})
    assert (second.code, outcomes(second)) == (0, {"applied": 10})
    assert all(result["already"] for result in second.json()["results"])
    assert simulator.scripts() == state


def test_a_hand_edit_since_the_plan_is_stale_with_the_new_difference_and_stops_nothing_else(
    ten: Path, cocsync: Program, simulator: Simulator
) -> None:
    simulator.edit("script_3", user="mallory", content="df -i\n")

    done = cocsync.here("apply", str(ten), "--yes", "-o", "json")

    assert (done.code, outcomes(done)) == (4, {"applied": 9, "stale": 1})
    (stale,) = [result for result in done.json()["results"] if result["outcome"] == "stale"]
    assert stale["name"] == "script_3"
    assert {field["path"] for field in stale["fields"]} == {"content", "version"}
    assert simulator.script("script_3").content == "df -i\n"


def test_a_script_edited_and_edited_back_is_applied(ten: Path, cocsync: Program, simulator: Simulator) -> None:
    before = simulator.script("script_3").content
    simulator.edit("script_3", content="df -i\n")
    simulator.edit("script_3", content=before)

    done = cocsync.here("apply", str(ten), "--yes", "-o", "json")

    assert (done.code, outcomes(done)) == (0, {"applied": 10})


def test_a_changed_manifest_of_a_change_is_refused_before_any_request(
    ten: Path, cocsync: Program, repository: Repository, simulator: Simulator
) -> None:
    state = simulator.scripts()
    repository.manifest("scripts/script_3.yaml", name="script_3", version="1.2.0")

    done = cocsync.here("apply", str(ten), "--yes", "-v")

    assert done.code == 3
    assert "the manifest of script_3 changed since the plan" in done.err
    assert "GET" not in done.err
    assert simulator.scripts() == state


def test_a_manifest_that_is_in_no_change_may_change(ten: Path, cocsync: Program, repository: Repository) -> None:
    repository.manifest("scripts/another.yaml", name="another")

    assert cocsync.here("apply", str(ten), "--yes").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--target", "prod"), 3, "the plan is for target local"),
        (("--endpoint", "sim:other.db"), 3, "the plan is for target local"),
        (("--allow-deletes", "9"), 3, "allows more or less"),
        (("--plan-id", "sha256:0"), 3, "not the one of --plan-id"),
        (("--max-age", "0s"), 3, "--max-age"),
        (("--max-age", "soon"), 64, "not a valid duration"),
        (("--prune",), 64, "--prune shapes a plan"),
        (("--adopt", "x"), 64, "--adopt shapes a plan"),
        (("--include", "*"), 64, "--include shapes a plan"),
        ((), 3, "there is no terminal"),
    ],
)
def test_a_saved_plan_is_applied_only_as_it_was_made(
    ten: Path, cocsync: Program, simulator: Simulator, arguments: tuple[str, ...], code: int, says: str
) -> None:
    state = simulator.scripts()
    yes = ("--yes",) if arguments else ()

    done = cocsync.here("apply", str(ten), *yes, *arguments)

    assert done.code == code
    assert says in done.err
    assert simulator.scripts() == state


def test_another_owner_is_refused(ten: Path, cocsync: Program, repository: Repository) -> None:
    repository.project(owner="others")

    done = cocsync.here("apply", str(ten), "--yes")

    assert done.code == 3
    assert "the plan is for owner payments_ops" in done.err


def test_an_altered_file_is_refused(ten: Path, cocsync: Program) -> None:
    ten.write_text(ten.read_text(encoding="utf-8").replace('"restarts_review": false', '"restarts_review": true', 1))

    done = cocsync.here("apply", str(ten), "--yes")

    assert done.code == 3
    assert "altered" in done.err


@pytest.mark.parametrize("content", ["", "{}", "not json"])
def test_a_file_that_is_no_plan_is_an_error(cocsync: Program, repository: Repository, content: str) -> None:
    repository.write("it.plan", content)

    done = cocsync.here("apply", "it.plan", "--yes")

    assert done.code == 1
    assert "it.plan is not a plan" in done.err


def test_what_a_plan_allows_is_said_again_at_apply(
    cocsync: Program, repository: Repository, simulator: Simulator
) -> None:
    for name in NAMES:
        repository.manifest(f"scripts/{name}.yaml", name=name)
    cocsync.here("apply", "--yes")
    for name in NAMES[:9]:
        (repository.root / f"scripts/{name}.yaml").unlink()
    assert cocsync.here("plan", "--prune", "--allow-deletes", "9", "--out", "it.plan").code == 0

    refused = cocsync.here("apply", "it.plan", "--yes")
    done = cocsync.here("apply", "it.plan", "--yes", "--allow-deletes", "9")

    assert refused.code == 3
    assert "--allow-deletes 9" in refused.err
    assert done.code == 0
    assert [script.name for script in simulator.scripts()] == [NAMES[9]]


def test_a_plan_id_goes_on_only_where_a_fresh_plan_has_it(ten: Path, cocsync: Program, simulator: Simulator) -> None:
    plan_id = json.loads(ten.read_text(encoding="utf-8"))["plan_id"]
    simulator.edit("script_3", content="df -i\n")

    other = cocsync.here("apply", "--plan-id", plan_id, "--yes", "-o", "json")
    simulator.edit("script_3", content="df -h\n")
    same = cocsync.here("apply", "--plan-id", plan_id, "--yes", "-o", "json")

    assert (other.code, outcomes(other)) == (3, {"not_attempted": 10})
    assert (same.code, outcomes(same)) == (0, {"applied": 10})


def test_a_plan_id_or_a_plan_file_alone_writes_nothing(ten: Path, cocsync: Program, simulator: Simulator) -> None:
    state = simulator.scripts()
    plan_id = json.loads(ten.read_text(encoding="utf-8"))["plan_id"]

    assert cocsync.here("plan", "--out", "other.plan").code == 0
    assert cocsync.here("show", str(ten)).code == 0
    assert cocsync.here("plan", "--plan-id", plan_id).code == 64
    assert cocsync.here("apply", "--plan-id", plan_id).code == 3

    assert simulator.scripts() == state


def test_a_plan_that_cannot_be_written_is_an_error(cocsync: Program, repository: Repository) -> None:
    repository.manifest()
    repository.write("file", "in the way")
    done = cocsync.here("plan", "--out", "file/it.plan")
    assert done.code == 1
    assert "the plan file/it.plan cannot be written: " in done.err


@pytest.mark.parametrize("verb", [("show",), ("apply", "--yes")])
@pytest.mark.parametrize("path", ["nowhere.plan", "scripts"])
def test_a_plan_that_cannot_be_read_is_an_error(
    cocsync: Program, repository: Repository, verb: tuple[str, ...], path: str
) -> None:
    repository.manifest()
    done = cocsync.here(*verb, path)
    assert done.code == 1
    assert f"the plan {path} cannot be read: " in done.err


def test_an_age_is_that_of_a_saved_plan(cocsync: Program, repository: Repository) -> None:
    done = cocsync.here("apply", "--yes", "--max-age", "7d", folder=repository.root)
    assert done.code == 64
    assert "--max-age is the age of a PLANFILE" in done.err
