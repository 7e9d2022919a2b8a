"""The policy on the command line: what it refuses, what it lets through, and what `--deep` remembers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cocsync.engine import checking
from tests.support.program import Done, Program
from tests.support.repository import Repository

DANGEROUS = "rm -rf /var\n"
WAIVED = f"{DANGEROUS.strip()} # cocsync: allow delete-root because it is a drill\n"
OVERRIDES: dict[str, Any] = {"prod": {"risk_level": "HIGH", "reviewers": ["alice"]}}


@pytest.fixture
def dangerous(repository: Repository) -> Repository:
    """One script that breaks an error of the policy, and one that does not."""
    repository.manifest("scripts/a.yaml", name="a", content=DANGEROUS)
    repository.manifest("scripts/b.yaml", name="b")
    return repository


def codes(done: Done) -> list[tuple[str, str]]:
    return [(d["severity"], d["code"]) for d in json.loads(done.out)["diagnostics"]]


@pytest.mark.usefixtures("dangerous")
class TestErrors:
    def test_validate_exits_with_1(self, cocsync: Program) -> None:
        done = cocsync.here("validate", "-o", "json")
        assert (done.code, codes(done)) == (1, [("error", "delete-root")])

    def test_plan_is_shown_in_full_and_exits_with_3(self, cocsync: Program) -> None:
        done = cocsync.here("plan", "-o", "json")
        plan = json.loads(done.out)
        assert (done.code, codes(done)) == (3, [("error", "delete-root")])
        assert [guard["code"] for guard in plan["guards"]] == ["policy"]
        assert (plan["complete"], [change["name"] for change in plan["changes"]]) == (True, ["a", "b"])

    def test_apply_writes_nothing_and_exits_with_3(self, cocsync: Program) -> None:
        done = cocsync.here("apply", "--yes", "-o", "json")
        assert (done.code, json.loads(done.out)["summary"]["not_attempted"]) == (3, 2)
        assert "delete-root" in done.err
        assert json.loads(cocsync.here("plan", "-o", "json").out)["summary"]["create"] == 2

    def test_drift_says_it_and_goes_on(self, cocsync: Program) -> None:
        done = cocsync.here("drift", "-o", "json")
        assert (done.code, codes(done)) == (2, [("error", "delete-root")])

    def test_of_a_script_that_is_not_looked_at_refuses_nothing(self, cocsync: Program) -> None:
        assert cocsync.here("plan", "b").code == 0
        assert cocsync.here("apply", "--yes", "--exclude", "a").code == 0

    def test_a_broken_manifest_comes_first(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest("scripts/c.yaml", name="c", risk_level="SEVERE")
        assert cocsync.here("plan").code == 1


class TestWhatLetsItThrough:
    def test_risk_level_high(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(content=DANGEROUS, risk_level="HIGH", reviewers=["alice"])
        assert cocsync.here("apply", "--yes").code == 0

    def test_a_waiver_in_the_content(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(content=f"# cocsync: allow delete-root because it is a drill\n{DANGEROUS}")
        assert cocsync.here("validate").last_line == "No problems found in 1 script."

    def test_a_waiver_in_the_manifest(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(content=DANGEROUS, waivers=[{"rule": "delete-root", "reason": "a drill"}])
        assert cocsync.here("apply", "--yes").code == 0

    def test_another_severity(self, cocsync: Program, dangerous: Repository) -> None:
        dangerous.project(policy={"rules": {"delete-root": "note"}})
        done = cocsync.here("plan", "-o", "json")
        assert (done.code, codes(done)) == (0, [("note", "delete-root")])


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"delete-rot": "off"}, "did you mean `delete-root`?"),
        ({"delete-root": "fatal"}, "one of off, note, warning, error"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_an_error(
    cocsync: Program, repository: Repository, rules: dict[str, str], says: str
) -> None:
    repository.project(policy={"rules": rules})
    done = cocsync.here("validate")
    assert done.code == 1
    assert says in done.out


def test_a_content_that_changes_under_the_same_version_is_a_warning(cocsync: Program, repository: Repository) -> None:
    repository.manifest()
    assert cocsync.here("apply", "--yes").code == 0
    repository.manifest(content="df -hi\n")
    done = cocsync.here("plan", "-o", "json")
    assert (done.code, codes(done)) == (0, [("warning", "version-unchanged")])


class TestWaiversForSeveralTargets:
    def test_one_that_one_target_needs_is_needed(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(content=WAIVED, overrides=OVERRIDES)
        assert codes(cocsync.here("validate", "-o", "json")) == []

    def test_one_that_no_target_needs_is_a_note(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(content=WAIVED, overrides=OVERRIDES, targets=["prod"])
        assert codes(cocsync.here("validate", "-o", "json")) == [("note", "waiver-unused")]


class TestDeep:
    @pytest.fixture
    def broken(self, repository: Repository) -> Repository:
        repository.write("scripts/a.sh", "#!/bin/sh\nls $1\n")
        repository.write("scripts/b.py", "if x\n")
        for name in ("a.sh", "b.py"):
            repository.manifest(f"scripts/{name}.yaml", name=name[0], type=None, content=None, content_file=name)
        repository.project(policy={"rules": {"param-undeclared": "off"}})
        return repository

    @pytest.mark.usefixtures("broken")
    def test_judges_syntax_and_shellcheck(self, cocsync: Program) -> None:
        assert codes(cocsync.here("validate", "-o", "json")) == []
        found = [
            (d["code"], d["file"], d["line"], d["column"])
            for d in json.loads(cocsync.here("validate", "--deep", "-o", "json").out)["diagnostics"]
        ]
        assert ("shellcheck", "scripts/a.sh", 2, 4) in found
        assert ("python-syntax", "scripts/b.py", 1, 5) in found

    @pytest.mark.usefixtures("broken")
    def test_says_the_same_the_second_time(self, cocsync: Program) -> None:
        first = cocsync.here("validate", "--deep")
        file = cocsync.memory() / checking.MEMORY
        before = file.read_bytes()
        assert cocsync.here("validate", "--deep").out == first.out
        assert file.read_bytes() == before
        if os.name == "posix":
            assert file.stat().st_mode & 0o77 == 0

    @pytest.mark.usefixtures("broken")
    def test_believes_what_it_remembers_and_only_that(self, cocsync: Program) -> None:
        cocsync.here("validate", "--deep")
        file = cocsync.memory() / checking.MEMORY
        file.write_text(file.read_text().replace("SC2086", "SC9999"))
        assert "SC9999" in cocsync.here("validate", "--deep").out
        file.write_text("[")
        assert "SC2086" in cocsync.here("validate", "--deep").out

    def test_that_cannot_be_remembered_is_said_all_the_same(self, cocsync: Program, broken: Repository) -> None:
        assert not (broken.root / ".cocsync").exists()
        (Path(cocsync.environ["HOME"]) / ".cache").write_text("in the way")
        done = cocsync.here("validate", "--deep")
        assert "SC2086" in done.out
        assert "not remembered" in done.err

    @pytest.mark.usefixtures("broken")
    def test_a_missing_program_is_said_and_not_needed(self, cocsync: Program, tmp_path: Path) -> None:
        done = cocsync.here("validate", "--deep", PATH=str(tmp_path))
        assert (done.code, "python-syntax" in done.out, "SC2086" in done.out) == (0, True, True)
        assert "The rule shell-syntax is not checked" in done.err


class TestPaths:
    def test_a_content_file_is_one(self, cocsync: Program, repository: Repository) -> None:
        repository.write("scripts/a.sh", DANGEROUS)
        repository.manifest(type=None, content=None, content_file="a.sh")
        assert cocsync.here("validate", "scripts/a.sh").code == 1
        assert cocsync.here("validate", "scripts/disk.yaml").code == 0
        assert cocsync.here("validate", "cocsync.yaml").code == 0

    @pytest.mark.parametrize("path", ["empty", "README.md"])
    def test_one_that_holds_nothing_is_a_usage_error(self, cocsync: Program, repository: Repository, path: str) -> None:
        repository.manifest()
        (repository.root / "empty").mkdir()
        repository.write("README.md", "x")
        done = cocsync.here("validate", path)
        assert done.code == 64
        assert f"{path} holds no manifest" in done.err

    def test_where_the_project_file_is_broken_no_path_hides_it(self, cocsync: Program, repository: Repository) -> None:
        repository.project(owner="Not An Owner")
        assert cocsync.here("validate", "scripts").code == 1

    def test_no_default_target_is_needed(self, cocsync: Program, repository: Repository) -> None:
        repository.project(default_target=None, targets={"a": {"endpoint": "sim:a"}, "b": {"endpoint": "sim:b"}})
        repository.manifest()
        assert cocsync.here("validate").code == 0


def test_the_examples_are_clean_under_every_rule(cocsync: Program, examples: Path) -> None:
    done = cocsync.here("validate", "--deep", folder=examples)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("No problems found in 17 scripts.")
    assert (cocsync.memory(examples) / checking.MEMORY).exists()
