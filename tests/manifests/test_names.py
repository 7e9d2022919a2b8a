"""Names across manifests."""

from __future__ import annotations

import pytest

from cocsync.diagnostics import Severity
from tests.repository import Repository


def manifests(repository: Repository, *names: str, **previous: list[str]) -> None:
    """One file each, in this order; `previous` by name."""
    for index, name in enumerate(names):
        repository.manifest(f"scripts/{index}.yaml", name=name, previous_names=previous.get(name))


def test_a_name_twice_is_an_error_that_names_both_places(repository: Repository) -> None:
    manifests(repository, "a", "b", "a")
    (found,) = repository.load().diagnostics
    assert (found.code, found.severity) == ("duplicate-name", Severity.ERROR)
    assert found.message == "`a` is also the name of the manifest at scripts/0.yaml:3: rename or delete one"
    assert found.at is not None
    assert (found.at.file, found.at.line) == ("scripts/2.yaml", 3)


def test_a_name_twice_in_targets_apart_is_fine(repository: Repository) -> None:
    repository.manifest("scripts/1.yaml", targets=["local"])
    repository.manifest("scripts/2.yaml", targets=["prod"])
    assert repository.only("local").file == "scripts/1.yaml"
    assert repository.only("prod").file == "scripts/2.yaml"


def test_names_that_differ_in_case_only_are_a_warning(repository: Repository) -> None:
    manifests(repository, "Disk", "disk", "DISK")
    found = repository.load().diagnostics
    assert [(d.code, d.severity) for d in found] == [("name-case", Severity.WARNING)] * 2
    assert "`disk` differs from `Disk`, the manifest at scripts/0.yaml:3," in found[0].message


@pytest.mark.parametrize(
    ("names", "previous", "message"),
    [
        (("a",), {"a": ["a"]}, "previous name `a` is this script's own name: delete it"),
        (
            ("a", "b"),
            {"a": ["b"]},
            "previous name `b` is the name of the manifest at scripts/1.yaml:3: a name has one script",
        ),
        (
            ("a", "b"),
            {"a": ["old"], "b": ["older", "old"]},
            "previous name `old` is also a previous name of the manifest at scripts/0.yaml:3: one heir only",
        ),
    ],
)
def test_an_old_name_has_one_heir(
    repository: Repository, names: tuple[str, ...], previous: dict[str, list[str]], message: str
) -> None:
    manifests(repository, *names, **previous)
    assert repository.findings() == [("previous-name", message)]


def test_old_names_that_nobody_else_has_are_fine(repository: Repository) -> None:
    manifests(repository, "a", "b", a=["old_a", "older_a"], b=["old_b"])
    first, second = repository.load().manifests
    assert repository.findings() == []
    assert (first.previous_names, second.previous_names) == (("old_a", "older_a"), ("old_b",))


def test_an_old_name_from_the_projects_defaults_is_found_fault_with_there(repository: Repository) -> None:
    repository.project(defaults={"previous_names": ["old"]})
    manifests(repository, "a", "b")
    (found,) = repository.load().diagnostics
    assert found.at is not None
    assert (found.code, found.at.file) == ("previous-name", "cocsync.yaml")
