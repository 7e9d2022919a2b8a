"""A clone of what a pull request wrote: what it can make cocsync believe, read, write or run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cocsync.engine.checking import MEMORY
from cocsync.sim import Simulator
from tests.support import children
from tests.support.canary import planted
from tests.support.program import Done, Program
from tests.support.repository import Repository

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs links")

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
Clone = Callable[[], Path]


@pytest.fixture
def clone(repository: Repository, tmp_path: Path) -> Clone:
    """Commits everything in `repository`, ignored or not, and clones it."""

    def make() -> Path:
        for arguments in (["init", "-q"], ["add", "--all", "--force"], ["commit", "-q", "-m", "a pull request"]):
            children.run(["git", *IDENTITY, *arguments], cwd=repository.root, check=True)
        children.run(["git", "clone", "-q", repository.root, tmp_path / "clone"], check=True)
        return tmp_path / "clone"

    return make


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the user's, with a file."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("precious\n")
    return tmp_path / "precious"


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A COC with two scripts."""
    with Simulator(tmp_path / "coc.db") as simulator:
        for name in ("disk", "nginx"):
            simulator.create(name=name, content=f"echo {name}\n")
    return tmp_path / "coc.db"


def held(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


class TestState:
    @pytest.mark.parametrize("verb", [("plan",), ("drift",), ("apply", "--yes"), ("status",), ("cache", "info")])
    @pytest.mark.parametrize("path", ["runs/1.json", "backups/1/a/script.yaml", "sim.db", "lock", "cache.db"])
    def test_that_is_committed_is_refused(
        self, repository: Repository, cocsync: Program, clone: Clone, verb: tuple[str, ...], path: str
    ) -> None:
        repository.manifest()
        repository.write(f".cocsync/{path}", "{}")
        folder = clone()

        done = cocsync.here(*verb, folder=folder)

        assert (done.code, done.out) == (3, "")
        assert f"git tracks files in {folder}/.cocsync" in done.err
        assert "git rm -r --cached .cocsync" in done.err

    @pytest.mark.parametrize("path", [".cocsync", ".cocsync/sim.db", ".cocsync/lock", ".cocsync/runs"])
    @pytest.mark.parametrize("to", ["folder", "file", "missing", "/dev/zero"])
    def test_that_is_a_link_is_refused_and_not_followed(
        self, repository: Repository, cocsync: Program, clone: Clone, outside: Path, path: str, to: str
    ) -> None:
        repository.manifest()
        place = repository.root / path
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(outside if to == "folder" else outside / to)
        before = held(outside)

        done = cocsync.here("apply", "--yes", folder=clone())

        assert done.code == 3
        assert "remove it" in done.err
        assert held(outside) == before

    def test_in_other_letters_is_refused_too(self, repository: Repository, cocsync: Program, clone: Clone) -> None:
        """A file system may take them for the same."""
        repository.manifest()
        repository.write(".COCSYNC/runs/1.json", "{}")
        folder = clone()
        (folder / ".cocsync").mkdir(exist_ok=True)
        assert cocsync.here("plan", folder=folder).code == 3

    def test_doctor_says_so(self, repository: Repository, cocsync: Program, clone: Clone) -> None:
        repository.write(".cocsync/lock", "")
        done = cocsync.here("doctor", folder=clone())
        assert done.code == 1
        assert "git tracks files in" in done.out

    def test_memory_in_the_checkout_is_neither_read_nor_written(
        self, repository: Repository, cocsync: Program, clone: Clone, outside: Path
    ) -> None:
        """`validate` was made to believe anything, to write through links and to read without end."""
        repository.write("scripts/a.sh", "#!/bin/sh\nls $1\n")
        repository.manifest(type=None, content=None, content_file="a.sh", surprise=1)
        repository.project(policy={"rules": {"param-undeclared": "off"}})
        (repository.root / ".cocsync").mkdir()
        for name in ("validated", f"{MEMORY}.part"):
            (repository.root / ".cocsync" / name).symlink_to("/dev/zero")
        (repository.root / ".cocsync" / MEMORY).symlink_to(outside / "new")
        folder = clone()

        done = cocsync("validate", "--deep", "-o", "json", folder=folder)

        assert {d["code"] for d in done.json()["diagnostics"]} >= {"unknown-key"}
        assert held(outside) == {"file": "precious\n"}
        assert (cocsync.memory(folder) / MEMORY).is_file()

    def test_reports_of_earlier_applies_are_read_through_no_link_and_not_without_end(
        self, repository: Repository, cocsync: Program
    ) -> None:
        """Also where nothing is known of what git tracks."""
        repository.manifest()
        children.run(["git", "init", "-q"], cwd=repository.root, check=True)
        runs = repository.root / ".cocsync" / "runs"
        runs.mkdir(parents=True)
        (runs / "1.json").symlink_to("/dev/zero")
        os.mkfifo(runs / "2.json")
        (runs / "3.json").write_text("[" * 100_000)
        assert cocsync("plan", "--prune", folder=repository.root).code in (0, 3)

    def test_the_simulators_data_is_for_its_user_only_whatever_the_umask(
        self, repository: Repository, cocsync: Program
    ) -> None:
        repository.manifest()
        before = os.umask(0)
        try:
            assert cocsync.here("apply", "--yes", folder=repository.root).code == 0
        finally:
            os.umask(before)
        state = repository.root / ".cocsync"
        assert [path.name for path in (state, *state.iterdir()) if path.stat().st_mode & 0o77] == []

    @pytest.mark.parametrize("endpoint", ["sim:/tmp/x.db", "sim:../x.db", "sim:.git/x.db", "sim:a/../../x"])
    def test_the_projects_simulator_has_its_data_in_the_repository(
        self, repository: Repository, cocsync: Program, tmp_path: Path, endpoint: str
    ) -> None:
        repository.project(targets={"local": {"endpoint": endpoint}})
        done = cocsync.here("validate", "-o", "json", folder=repository.root)
        (found,) = done.json()["diagnostics"]
        assert (done.code, found["code"], found["file"]) == (1, "endpoint", "cocsync.yaml")
        assert not (tmp_path / "x.db").exists()

    def test_the_simulators_data_behind_a_link_is_not_used(
        self, repository: Repository, cocsync: Program, clone: Clone, outside: Path
    ) -> None:
        repository.manifest()
        repository.project(targets={"local": {"endpoint": "sim:data/x.db"}})
        (repository.root / "data").symlink_to(outside)
        done = cocsync.here("plan", folder=clone())
        assert done.code == 1
        assert "leads out of the repository" in done.err
        assert held(outside) == {"file": "precious\n"}


class TestWrites:
    """Every file that a verb writes into the checkout, with a link in its way."""

    def imported(self, cocsync: Program, folder: Path, live: Path, *arguments: str) -> Done:
        return cocsync.here("import", *arguments, "--endpoint", f"sim:{live}", folder=folder)

    @pytest.mark.parametrize("place", ["scripts/.disk.part", "scripts/disk", "scripts"])
    def test_import_of_new_scripts(
        self, repository: Repository, cocsync: Program, clone: Clone, outside: Path, live: Path, place: str
    ) -> None:
        (repository.root / "scripts").rmdir()
        (repository.root / place).parent.mkdir(exist_ok=True)
        (repository.root / place).symlink_to(outside)
        before = held(outside)

        done = self.imported(cocsync, clone(), live, "disk")

        assert held(outside) == before
        assert done.code == {"scripts/.disk.part": 0, "scripts/disk": 1, "scripts": 3}[place]

    @pytest.mark.parametrize("place", ["disk.sh", ".disk.sh.part", "script.yaml", ".script.yaml.part"])
    def test_import_into_scripts_that_are_there(
        self, repository: Repository, cocsync: Program, clone: Clone, outside: Path, live: Path, place: str
    ) -> None:
        manifest = {"name": "disk", "type": None, "content": None, "content_file": "disk.sh"}
        repository.write("scripts/disk/disk.sh", "old\n")
        repository.manifest("scripts/disk/script.yaml", **manifest)
        file = repository.root / "scripts" / "disk" / place
        target = outside / "file"
        target.write_bytes(file.read_bytes() if file.exists() else b"precious\n")
        file.unlink(missing_ok=True)
        file.symlink_to(target)
        before = held(outside)

        self.imported(cocsync, clone(), live, "disk", "--overwrite")

        assert held(outside) == before

    @pytest.mark.parametrize("overwrite", [(), ("--overwrite",)])
    @pytest.mark.parametrize("place", ["scripts", "scripts/a", "scripts/a/a.sh", "scripts/a/script.yaml"])
    def test_restore(
        self,
        repository: Repository,
        cocsync: Program,
        clone: Clone,
        outside: Path,
        tmp_path: Path,
        place: str,
        overwrite: tuple[str, ...],
    ) -> None:
        backup = tmp_path / "backup" / "a"
        backup.mkdir(parents=True)
        (backup / "script.yaml").write_text("name: a\ncontent_file: a.sh\n")
        (backup / "a.sh").write_text("evil\n")
        (repository.root / "scripts").rmdir()
        (repository.root / place).parent.mkdir(parents=True, exist_ok=True)
        (repository.root / place).symlink_to(outside / "file" if "." in place else outside)
        before = held(outside)

        done = cocsync.here("restore", str(backup), *overwrite, folder=clone())

        assert done.code in (1, 3)
        assert held(outside) == before

    @pytest.mark.parametrize("place", ["cocsync.yaml", "scripts", "schemas", ".github", ".gitignore", ".gitattributes"])
    def test_init(self, repository: Repository, cocsync: Program, clone: Clone, outside: Path, place: str) -> None:
        (repository.root / "scripts").rmdir()
        for name in ("cocsync.yaml", ".gitignore"):
            (repository.root / name).unlink()
        (repository.root / place).symlink_to(outside / "file" if "git" in place and place != ".github" else outside)
        before = held(outside)

        done = cocsync.here("init", "--owner", "me", folder=clone())

        assert done.code in (0, 1)
        assert held(outside) == before

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--out", "out/plan.json"),
            ("--out", "plan.json"),
            ("-o", "json=out/plan.json"),
            ("-o", "markdown=plan.json"),
            ("--log-file", "out/log"),
            ("--log-file", "plan.json"),
        ],
    )
    def test_a_plan_and_its_reports(
        self, repository: Repository, cocsync: Program, clone: Clone, outside: Path, arguments: tuple[str, ...]
    ) -> None:
        repository.manifest()
        (repository.root / "out").symlink_to(outside)
        (repository.root / "plan.json").symlink_to(outside / "file")

        done = cocsync.here("plan", *arguments, folder=clone())

        assert done.code == 1
        assert "a symbolic link leads out of the repository" in done.err
        assert held(outside) == {"file": "precious\n"}

    def test_events(self, repository: Repository, cocsync: Program, clone: Clone, outside: Path) -> None:
        repository.manifest()
        (repository.root / "events").symlink_to(outside / "file")
        done = cocsync.here("apply", "--yes", "-o", "ndjson=events", folder=clone())
        assert "a symbolic link leads out of the repository" in done.err
        assert held(outside) == {"file": "precious\n"}

    def test_nothing_half_written_stays(
        self, repository: Repository, cocsync: Program, live: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        for arguments in (("import", "disk"), ("plan", "--out", "plan.json"), ("init", "--owner", "x")):
            cocsync.here(*arguments, "--endpoint", f"sim:{live}", folder=repository.root)
        assert list(repository.root.rglob("*.part")) == []


class TestPaths:
    """What a manifest names below git's or cocsync's own folders, or through a link."""

    PLACES = (".git/config", ".GIT/config", "sub/.git/key", ".cocsync/backups/key", "GIT~1/key", "link")

    @pytest.fixture
    def folder(self, repository: Repository, clone: Clone, outside: Path) -> Path:
        (repository.root / "scripts" / "link").symlink_to(outside / "file")
        folder = clone()
        for place in self.PLACES:
            file = folder / "scripts" / place
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.is_symlink():
                file.write_text("key\n")
        return folder

    @pytest.mark.parametrize("place", PLACES)
    def test_no_content_file_is_there(self, repository: Repository, cocsync: Program, folder: Path, place: str) -> None:
        repository.manifest(content=None, content_file=place)
        (folder / "scripts" / "disk.yaml").write_bytes((repository.root / "scripts" / "disk.yaml").read_bytes())
        done = cocsync.here("validate", "-o", "json", folder=folder)
        (found,) = [d for d in done.json()["diagnostics"] if d["severity"] == "error"]
        assert (found["code"], found["file"], found["line"]) == ("content-unreadable", "scripts/disk.yaml", 8)
        assert found["column"] > 0

    @pytest.mark.parametrize("absolute", [False, True])
    @pytest.mark.parametrize("place", PLACES)
    def test_no_value_comes_from_there(
        self, repository: Repository, cocsync: Program, folder: Path, place: str, absolute: bool
    ) -> None:
        path = f"{folder if absolute else '.'}/scripts/{place}"
        repository.project(secrets={"files": [str(folder)]})
        repository.manifest(params=[{"name": "token", "sensitive": True, "value_from": {"file": path}}])
        for name in ("cocsync.yaml", "scripts/disk.yaml"):
            (folder / name).write_bytes((repository.root / name).read_bytes())
        done = cocsync.here("validate", "-o", "json", folder=folder)
        (found,) = [d for d in done.json()["diagnostics"] if d["severity"] == "error"]
        assert (found["code"], found["file"]) == ("value-source", "scripts/disk.yaml")
        assert found["line"] > 1

    @pytest.mark.parametrize("source", [".git", "scripts/.git", ".cocsync", "a/../.git/x"])
    def test_no_source_of_manifests_is_there(self, repository: Repository, cocsync: Program, source: str) -> None:
        repository.project(sources=["scripts", source])
        done = cocsync.here("validate", "-o", "json", folder=repository.root)
        (found,) = done.json()["diagnostics"]
        assert (found["code"], found["file"]) == ("source-outside", "cocsync.yaml")

    @pytest.mark.parametrize("folder", ["scripts/.git", "scripts/.cocsync/x"])
    def test_nothing_is_imported_into_there(self, repository: Repository, cocsync: Program, folder: str) -> None:
        done = cocsync.here("import", "--all", "--dir", folder, folder=repository.root)
        assert done.code == 64
        assert not (repository.root / folder).exists()


def test_no_key_of_the_environment_gets_into_a_checkout_or_its_state(
    repository: Repository, cocsync: Program, clone: Clone
) -> None:
    """The fixtures search every file below the test's folder for them."""
    repository.manifest()
    keys = {"COCSYNC_FINGERPRINT_KEY": planted("fingerprint-key"), "GH_TOKEN": planted("token")}
    folder = clone()
    for verb in (("validate", "--deep"), ("plan", "--out", "plan.json"), ("apply", "--yes"), ("drift",)):
        assert cocsync(*verb, folder=folder, **keys).code == 0
    assert json.loads((folder / "plan.json").read_text())["summary"]
