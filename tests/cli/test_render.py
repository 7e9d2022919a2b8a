"""`cocsync render`: what a target gets, offline."""

from __future__ import annotations

import pytest
import yaml

from tests.support.program import Program
from tests.support.repository import Repository

VALUE = "a value that stays here"


@pytest.fixture
def two(repository: Repository) -> Repository:
    """One manifest with everything in it, of a repository with defaults, and a plain one for `prod` alone."""
    repository.project(defaults={"protocol": "SMS", "reviewers": ["alice"]})
    repository.write("scripts/everything.sh", "df -h\n")
    repository.manifest(
        "scripts/a.yaml",
        name="everything",
        type=None,
        content=None,
        content_file="everything.sh",
        protected=True,
        adopt=True,
        previous_names=["old"],
        ignore=["version"],
        params=[
            {"name": "path", "value": "/var", "description": "where"},
            {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}, "secret_version": "3"},
        ],
        overrides={"prod": {"risk_level": "HIGH", "version": "2.0.0"}},
    )
    repository.manifest("scripts/b.yaml", name="plain", targets=["prod"])
    return repository


def documents(text: str) -> dict[str, dict[str, object]]:
    return {document["name"]: document for document in yaml.safe_load_all(text)}


def test_prints_what_the_target_gets_with_everything_merged_in(cocsync: Program, two: Repository) -> None:
    done = cocsync("render", folder=two.root, APP_TOKEN=VALUE)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("---  # scripts/a.yaml:3\n")
    assert documents(done.out) == {
        "everything": {
            "apiVersion": "cocsync/v1",
            "kind": "Script",
            "name": "everything",
            "type": "SHELL",
            "description": "Disk usage",
            "content": "df -h\n",
            "risk_level": "LOW",
            "version": "1.0.0",
            "reviewers": [{"name": "alice", "id": "7a8513cd87b7448283a1d5190eb91234"}],
            "protocol": "SMS",
            "params": [
                {"name": "path", "value": "/var", "description": "where"},
                {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}, "secret_version": "3"},
            ],
            "adopt": True,
            "protected": True,
            "previous_names": ["old"],
            "ignore": ["version"],
        }
    }
    assert VALUE not in done.out


def test_another_target_gets_its_own(cocsync: Program, two: Repository) -> None:
    found = documents(cocsync.here("render", "--target", "prod", folder=two.root).out)
    assert list(found) == ["everything", "plain"]
    assert (found["everything"]["risk_level"], found["everything"]["version"]) == ("HIGH", "2.0.0")
    done = cocsync.here("render", "plain", "--target", "prod")
    assert list(documents(done.out)) == ["plain"]


def test_what_it_prints_is_the_same_manifest(cocsync: Program, two: Repository) -> None:
    """Read as a manifest, it renders as itself."""
    done = cocsync.here("render", folder=two.root)
    for path in ("a.yaml", "b.yaml"):
        (two.root / "scripts" / path).unlink()
    two.write("scripts/rendered.yaml", done.out)
    again = cocsync.here("render")
    assert again.code == 0
    assert documents(again.out) == documents(done.out)


@pytest.mark.parametrize("name", ["nowhere", "plain"])
def test_a_name_that_the_target_has_not_is_refused(cocsync: Program, two: Repository, name: str) -> None:
    done = cocsync.here("render", name, folder=two.root)
    assert (done.code, done.out) == (3, "")
    assert f"there is no manifest {name} for target local" in done.err


def test_without_manifests_there_is_nothing_to_print(cocsync: Program, repository: Repository) -> None:
    assert cocsync.here("render", folder=repository.root).out == ""
    assert cocsync.here("render").code == 0


def test_errors_in_the_files_are_shown(cocsync: Program, two: Repository) -> None:
    two.manifest("scripts/c.yaml", name="c", risk_level="none")
    done = cocsync.here("render")
    assert (done.code, done.out) == (1, "")
    assert "scripts/c.yaml:" in done.err


def test_asks_coc_nothing(cocsync: Program, two: Repository) -> None:
    assert cocsync.here("render", "--endpoint", "http://127.0.0.1:9", folder=two.root).code == 0


@pytest.mark.parametrize("arguments", [("a", "b"), ("-o", "json"), ("--target", "nowhere"), ("--all",)])
def test_what_it_does_not_take_is_a_usage_error(cocsync: Program, two: Repository, arguments: tuple[str, ...]) -> None:
    assert cocsync.here("render", *arguments, folder=two.root).code == 64
