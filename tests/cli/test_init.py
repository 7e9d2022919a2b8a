"""`cocsync init`: from an empty folder to a repository."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.program import Program

CREATED = {
    "cocsync.yaml",
    "scripts/hello/script.yaml",
    "scripts/hello/hello.sh",
    ".github/workflows/plan.yml",
    ".github/workflows/apply.yml",
    ".github/workflows/drift.yml",
    "schemas/project.schema.json",
    "schemas/manifest.schema.json",
    ".gitignore",
    ".gitattributes",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "My Team's Scripts").mkdir()
    return tmp_path / "My Team's Scripts"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_what_it_creates_goes_all_the_way(cocsync: Program, folder: Path) -> None:
    """The first session of a user: nothing more is needed before the first apply."""
    done = cocsync("init", folder=folder)
    assert (done.code, done.out) == (0, "")
    assert set(files(folder)) == CREATED
    assert all(f"created  {path}" in done.err for path in CREATED)
    assert "owner: my_team_s_scripts\n" in (folder / "cocsync.yaml").read_text()
    assert ".cocsync/\n" in (folder / ".gitignore").read_text()

    ends = [
        (cocsync.here(*verb, folder=folder).code, verb[0])
        for verb in (["validate"], ["plan"], ["apply", "--yes"], ["plan", "--detailed-exitcode"], ["drift"])
    ]
    assert ends == [(0, "validate"), (0, "plan"), (0, "apply"), (0, "plan"), (0, "drift")]


def test_what_exists_is_left_and_what_is_missing_is_added(cocsync: Program, folder: Path) -> None:
    (folder / "cocsync.yaml").write_text("mine")
    (folder / ".gitignore").write_text("*.tmp\n.cocsync/")
    (folder / ".gitattributes").write_text("*.sh text eol=lf")
    done = cocsync.here("init", folder=folder)
    assert done.code == 0
    after = files(folder)
    assert (after["cocsync.yaml"], after[".gitignore"]) == (b"mine", b"*.tmp\n.cocsync/")
    assert after[".gitattributes"].startswith(b"*.sh text eol=lf\n*.py")
    assert "left     cocsync.yaml" in done.err
    assert "left     .gitignore" in done.err
    assert "extended  .gitattributes" in done.err

    again = cocsync.here("init", folder=folder)
    assert (again.code, files(folder)) == (0, after)
    assert "created" not in again.err
    assert "extended" not in again.err


def test_the_owner_is_the_one_given_or_made_of_the_folders_name(cocsync: Program, tmp_path: Path) -> None:
    for name, arguments, owner in [
        ("a", ("--owner", "net-2_x"), "net-2_x"),
        ("磁盘", (), "my_team"),
        ("x" * 60, (), "x" * 24),
    ]:
        (tmp_path / name).mkdir()
        assert cocsync.here("init", *arguments, "-C", str(tmp_path / name)).code == 0
        assert yaml.safe_load((tmp_path / name / "cocsync.yaml").read_text())["owner"] == owner


@pytest.mark.parametrize("owner", ["Team", "a b", "x" * 25, "é"])
def test_an_owner_that_no_mark_can_hold_is_a_usage_error(cocsync: Program, folder: Path, owner: str) -> None:
    done = cocsync.here("init", "--owner", owner, folder=folder)
    assert (done.code, files(folder)) == (64, {})
    assert "1 to 24 of a-z" in done.err


def test_a_folder_that_cannot_be_written_is_named(cocsync: Program, folder: Path) -> None:
    (folder / "scripts").write_text("in the way")
    done = cocsync.here("init", folder=folder)
    assert done.code == 1
    assert "cannot be written" in done.err
    assert "scripts" in done.err
