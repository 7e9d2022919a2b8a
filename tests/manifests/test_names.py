"""Names across manifests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cocsync.diagnostics import Position, Severity
from cocsync.manifests import files, manifest, project
from cocsync.model.content import ContentChanged
from cocsync.model.script import Script
from cocsync.policy.rules import Finding
from tests.support.repository import MANIFEST, Repository, to_yaml


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


def test_the_later_one_of_several_documents_is_found_fault_with(repository: Repository) -> None:
    documents = [{**MANIFEST, "name": name} for name in ("a", "b", "a")]
    repository.write("scripts/all.yaml", to_yaml(*documents))
    (found,) = repository.load().diagnostics
    line = [n for n, text in enumerate(to_yaml(*documents).splitlines(), start=1) if text.startswith("name: a")][1]
    assert (found.code, found.at) == ("duplicate-name", Position(file="scripts/all.yaml", line=line))


@pytest.mark.parametrize("other", [[1], "just text", {"overrides": 5}, {"name": "a", "overrides": {"local": 5}}])
def test_also_behind_a_document_that_is_something_else(repository: Repository, other: Any) -> None:
    documents = yaml.safe_dump_all([other, {**MANIFEST, "name": "a"}, {**MANIFEST, "name": "a"}], sort_keys=False)
    repository.write("scripts/all.yaml", documents)
    assert repository.codes()[-1] == "duplicate-name"


def test_a_file_is_read_twice_for_all_its_names(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.write("scripts/all.yaml", to_yaml(*[{**MANIFEST, "name": "a"}] * 9))
    read: list[str] = []
    once = files.read_file

    def note(root: Path, relative: str, max_bytes: int) -> bytes:
        read.append(relative)
        return once(root, relative, max_bytes)

    monkeypatch.setattr(files, "read_file", note)
    assert repository.codes() == ["duplicate-name"] * 8
    assert read.count("scripts/all.yaml") == 2


@pytest.mark.parametrize("now", [None, "apiVersion: cocsync/v1\n"])
def test_a_file_that_changes_before_its_name_can_be_found_fault_with_is_named(
    repository: Repository, now: str | None
) -> None:
    manifests(repository, "a", "a")
    found, _ = project.load(repository.root)
    assert found is not None
    with pytest.raises(
        ContentChanged, match=r"`scripts/1\.yaml` was changed or removed while cocsync was at work: run it again"
    ):
        manifest.load(found, repository.root, "local", {}, Meddling(repository.root / "scripts" / "1.yaml", now))


class Meddling:
    """Changes a file when everything was read."""

    rules: frozenset[str] = frozenset()

    def __init__(self, file: Path, now: str | None) -> None:
        self._file = file
        self._now = now

    def find(self, scripts: Iterable[Script]) -> Iterable[tuple[Finding, ...]]:
        all_scripts = list(scripts)
        self._file.unlink()
        if self._now is not None:
            self._file.write_text(self._now)
        return [()] * len(all_scripts)


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
            "previous name `old` is also a previous name of the manifest at scripts/0.yaml:3: keep it in one manifest",
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
