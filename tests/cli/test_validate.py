"""`cocsync validate`: offline, and every error of every file in one run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.program import Program, report
from tests.support.repository import Repository


@pytest.fixture
def broken(repository: Repository) -> Repository:
    """Two manifests with errors, one with a warning, one without."""
    repository.manifest("scripts/a/script.yaml", name="a", risk_level="SEVERE")
    repository.manifest("scripts/b/script.yaml", name="b", descripton="x")
    repository.manifest("scripts/c/script.yaml", name="c-d")
    repository.manifest("scripts/d/script.yaml", name="d")
    return repository


def test_every_error_stands_with_its_place_its_line_and_a_caret(cocsync: Program, broken: Repository) -> None:
    done = cocsync("validate", folder=broken.root)
    assert done.code == 1
    assert "scripts/a/script.yaml:9:1: error: " in done.out
    assert "    risk_level: SEVERE\n    ^\n" in done.out
    assert "scripts/b/script.yaml:11:1: error: " in done.out
    assert "did you mean `description`?" in done.out
    assert "scripts/c/script.yaml:3:1: warning: " in done.out
    assert "Found 2 errors, 1 warning" in done.out


def test_a_valid_repository_needs_no_network_no_credentials_and_no_values(
    cocsync: Program, repository: Repository
) -> None:
    """Every target is looked at, whatever the environment says of endpoints."""
    repository.project(
        default_target="prod",
        targets={"prod": {"endpoint": "https://coc.invalid"}, "test": {"endpoint": "https://test.invalid"}},
    )
    repository.manifest(
        params=[{"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}],
        overrides={"prod": {"risk_level": "MEDIUM"}},
    )
    done = cocsync.here("validate", COCSYNC_ENDPOINT="nonsense")
    assert (done.code, done.err) == (0, "")
    assert "No problems found" in done.out
    assert done.last_line == "No problems found in 1 script."


def test_warnings_do_not_fail_it(cocsync: Program, repository: Repository) -> None:
    repository.manifest(name="a-b")
    done = cocsync.here("validate")
    assert done.code == 0
    assert "warning" in done.out


def test_a_path_limits_what_is_reported(cocsync: Program, broken: Repository) -> None:
    for paths, code, seen in [
        (["scripts/a"], 1, ["a"]),
        (["scripts/a/script.yaml", "scripts/c"], 1, ["a", "c"]),
        (["scripts/d"], 0, []),
        (["."], 1, ["a", "b", "c"]),
    ]:
        done = cocsync.here("validate", *paths, "-o", "json")
        files = {diagnostic["file"].split("/")[1] for diagnostic in done.report("validate")["diagnostics"]}
        assert (done.code, sorted(files)) == (code, seen)
    assert cocsync.here("validate", ".", folder=broken.root / "scripts" / "b").code == 1
    assert cocsync.here("validate", ".", folder=broken.root / "scripts" / "d").code == 0


@pytest.mark.parametrize(("path", "said"), [("nowhere", "no such file or folder"), ("..", "outside the repository")])
def test_a_path_that_cannot_be_meant_is_a_usage_error(
    cocsync: Program, broken: Repository, path: str, said: str
) -> None:
    done = cocsync.here("validate", path, folder=broken.root)
    assert done.code == 64
    assert said in done.err


def test_the_json_report_is_valid_by_its_schema(cocsync: Program, broken: Repository) -> None:
    done = cocsync.here("validate", "-o", "json=out/report.json", "-o", "text")
    found = report("validate", (broken.root / "out" / "report.json").read_text())
    assert found["summary"]["errors"] == 2
    assert {d["severity"] for d in found["diagnostics"]} == {"error", "warning"}
    assert "Found 2 errors" in done.out


def test_a_target_limits_it_to_what_goes_there(cocsync: Program, repository: Repository) -> None:
    repository.manifest(overrides={"prod": {"description": "x [cocsync:a/1aaabbbbbbbbbb.-]"}})
    assert cocsync.here("validate").code == 1
    assert cocsync.here("validate", "--target", "local").code == 0
    assert cocsync.here("validate", "--target", "prod").code == 1
    assert cocsync.here("validate", "--target", "produ").code == 64


def test_a_project_file_with_errors_is_one_of_the_files(cocsync: Program, repository: Repository) -> None:
    repository.project(owner="Not An Owner")
    done = cocsync.here("validate", "-o", "json")
    found = done.report("validate")
    assert (done.code, {d["file"] for d in found["diagnostics"]}) == (1, {"cocsync.yaml"})


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"a: &a [*a, *a]", b"{" * 5000, b"- \t- x", b"a: !!python/object/apply:os.system [id]"]
)
def test_a_trap_is_a_diagnostic(cocsync: Program, repository: Repository, data: bytes) -> None:
    repository.write("scripts/trap.yaml", data)
    done = cocsync.here("validate")
    assert done.code == 1
    assert "scripts/trap.yaml:1:" in done.out


def test_the_examples_are_valid(cocsync: Program, examples: Path) -> None:
    assert cocsync("validate", folder=examples).code == 0
