"""The memory of valid files: it spares a judgement and never makes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocsync.manifests import manifest, project
from cocsync.manifests.validated import Validated
from cocsync.model.desired import Desired
from tests.support.repository import Repository


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "validated"


def test_what_was_found_valid_is_known_in_this_run_and_the_next(path: Path) -> None:
    first = Validated(path, "schema")
    first.add(b"bytes")
    first.save()

    assert first.covers(b"bytes")
    assert Validated(path, "schema").covers(b"bytes")
    assert not Validated(path, "schema").covers(b"other bytes")


def test_another_schema_has_another_memory(path: Path) -> None:
    first = Validated(path, "schema")
    first.add(b"bytes")
    first.save()

    assert not Validated(path, "another schema").covers(b"bytes")


@pytest.mark.parametrize("held", [b"", b"x", b"x" * 31, b"x" * 32])
def test_a_strange_file_is_an_empty_memory(path: Path, held: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(held)

    memory = Validated(path, "schema")
    memory.add(b"bytes")
    memory.save()

    assert Validated(path, "schema").covers(b"bytes")


def test_nothing_is_written_where_nothing_is_new(path: Path) -> None:
    Validated(path, "schema").save()

    assert not path.exists()


def test_a_place_that_cannot_be_written_is_no_failure(path: Path) -> None:
    path.parent.write_text("a file")
    memory = Validated(path, "schema")
    memory.add(b"bytes")

    memory.save()

    assert path.parent.read_text() == "a file"


def test_without_a_place_it_lasts_for_the_run() -> None:
    memory = Validated(None, "schema")
    memory.add(b"bytes")
    memory.save()

    assert memory.covers(b"bytes")


def test_a_manifest_that_is_known_is_loaded_as_if_it_were_judged(repository: Repository, path: Path) -> None:
    repository.manifest()
    repository.manifest("scripts/bad.yaml", name="bad", risk_level="EXTREME")

    loaded, _ = project.load(repository.root)
    assert loaded is not None

    def load() -> Desired:
        memory = Validated(path, "s")
        found = manifest.load(loaded, repository.root, "local", {}, validated=memory)
        memory.save()
        return found

    first, second = load(), load()

    assert first == second
    assert len(first.diagnostics) == 1
