"""What git knows of a repository, and that it is asked for no more than it can know."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cocsync.model.source import Source
from cocsync.system import git
from tests.support.program import Program
from tests.support.repository import Repository

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")


def commit(root: Path, message: str = "work") -> str:
    subprocess.run(["git", "-C", root, "init", "--quiet"], check=True)
    subprocess.run(["git", "-C", root, "add", "--all"], check=True)
    subprocess.run(["git", "-C", root, *IDENTITY, "commit", "--quiet", "--message", message], check=True)
    return subprocess.run(
        ["git", "-C", root, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()


def causes(root: Path) -> str:
    found = git.gap(root)
    return found.cause if found else ""


def test_without_a_repository_nothing_is_known(repository: Repository) -> None:
    assert git.source(repository.root) == Source()
    assert causes(repository.root) == "this folder is in no git repository"


def test_without_git_nothing_is_known(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository.root)
    monkeypatch.setenv("PATH", "")

    assert git.source(repository.root) == Source()
    assert causes(repository.root) == "git is not installed"


def test_without_a_commit_there_is_no_history(repository: Repository) -> None:
    subprocess.run(["git", "-C", repository.root, "init", "--quiet"], check=True)

    assert git.source(repository.root).commit is None
    assert causes(repository.root) == "nothing is committed yet"


def test_where_git_refuses_nothing_is_known_and_the_fix_is_named(repository: Repository) -> None:
    commit(repository.root)
    (repository.root / ".git" / "HEAD").unlink()

    found = git.gap(repository.root)

    assert found is not None
    assert found.cause == "git refuses to read this checkout"
    assert f"git config --global --add safe.directory {repository.root}" in found.fix


def test_a_commit_and_what_differs_from_it(repository: Repository) -> None:
    repository.manifest()
    commit_id = commit(repository.root)
    clean = git.source(repository.root)
    repository.manifest(version="2")

    assert clean == Source(commit=commit_id, dirty=False)
    assert git.source(repository.root) == Source(commit=commit_id, dirty=True)


def test_a_cut_history_tells_nothing_and_the_fix_is_named(repository: Repository, tmp_path: Path) -> None:
    for version in ("1", "2"):
        repository.manifest(version=version)
        commit(repository.root)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{repository.root}", clone], check=True)

    found = git.gap(clone)

    assert found is not None
    assert found.cause == "this is a shallow clone"
    assert "`fetch-depth: 0`" in found.fix
    assert git.gap(repository.root) is None


def test_a_repository_never_prunes_what_it_never_had(repository: Repository, cocsync: Program) -> None:
    """Another repository with the same owner has applied its own scripts to the same COC."""
    for name in ("theirs_1", "theirs_2"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    assert cocsync.here("apply", "--yes").code == 0
    for file in [*repository.root.glob("scripts/*.yaml"), *repository.root.glob(".cocsync/runs/*")]:
        file.unlink()
    for number in range(8):
        repository.manifest(f"scripts/ours_{number}.yaml", name=f"ours_{number}")
    commit(repository.root)
    assert cocsync.here("apply", "--yes").code == 0
    (repository.root / "scripts/ours_0.yaml").unlink()

    done = cocsync.here("apply", "--prune", "--yes", "-o", "json")
    plan = cocsync.here("plan", "--prune", "-o", "json").json()

    assert [result["name"] for result in done.json()["results"]] == ["ours_0"]
    assert [prunable["name"] for prunable in plan["prunable"]] == ["theirs_1", "theirs_2"]
    assert "prune-unknown" in [found["code"] for found in plan["diagnostics"]]
