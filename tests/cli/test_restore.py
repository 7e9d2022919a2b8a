"""`cocsync restore`: what an apply overwrote, back into the manifests."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocsync.sim import Simulator
from tests.support.program import Program
from tests.support.repository import Repository


@pytest.fixture
def backup(cocsync: Program, repository: Repository, simulator: Simulator) -> Path:
    """Of what a hand had made of two scripts, before an apply healed them."""
    for name in ("a", "b"):
        repository.manifest(
            f"scripts/{name}/script.yaml", name=name, type=None, content=None, content_file="x.sh", reviewers=["alice"]
        )
        repository.write(f"scripts/{name}/x.sh", "df -h\n")
    assert cocsync.here("apply", "--yes").code == 0
    for name in ("a", "b"):
        simulator.edit(name, content="by hand\n", params=[{"name": "t", "value": "COC's own", "sensitive": True}])
    assert cocsync.here("apply", "--yes").code == 0
    (folder,) = (repository.root / ".cocsync" / "backups").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]
    return folder


def test_a_healed_hand_edit_comes_back_as_a_change_of_the_repository(
    cocsync: Program, repository: Repository, backup: Path
) -> None:
    done = cocsync("restore", str(backup.relative_to(repository.root)), "a", "--overwrite")
    assert (done.code, done.out) == (0, "restored  scripts/a/script.yaml\n")
    assert (repository.root / "scripts" / "a" / "a.sh").read_text() == "by hand\n"
    done = cocsync.here("plan", "-o", "json")
    (change,) = done.report("plan")["changes"]
    assert (change["name"], change["origin"], change["needs"]) == ("a", "manifest", ["env:APP_A_T_14DF340D"])


def test_what_is_there_is_kept_unless_that_is_asked(cocsync: Program, repository: Repository, backup: Path) -> None:
    before = (repository.root / "scripts" / "a" / "script.yaml").read_bytes()
    done = cocsync.here("restore", str(backup))
    assert (done.code, done.out) == (3, "")
    assert "pass --overwrite" in done.err
    assert (repository.root / "scripts" / "a" / "script.yaml").read_bytes() == before
    assert cocsync.here("restore", str(backup), "--overwrite").out.count("restored") == 2


@pytest.mark.parametrize("arguments", [("nowhere",), (".",), (".cocsync/backups",)])
def test_what_is_no_backup_is_an_error(
    cocsync: Program, repository: Repository, backup: Path, arguments: tuple[str, ...]
) -> None:
    assert backup.is_dir()
    done = cocsync.here("restore", *arguments, folder=repository.root)
    assert done.code == 1
    assert "backup" in done.err
    assert cocsync.here("restore").code == 64
