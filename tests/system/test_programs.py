"""Other programs that cocsync starts: which they are, what they get, and that a checkout decides neither."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cocsync.model.source import Source
from cocsync.system import git, programs
from tests.support.canary import planted
from tests.support.program import Program
from tests.support.repository import Repository

ENVIRONMENT = "import os, sys; print(sorted(os.environ)); print(sys.stdin.read())"
IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
RUNS = [("plan",), ("drift",), ("apply", "--yes")]


def run_git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", folder, *IDENTITY, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """Where foreign code leaves its environment."""
    return tmp_path / "witness"


@pytest.fixture
def foreign(tmp_path: Path, witness: Path) -> Path:
    """A program that nothing here may start."""
    return program(tmp_path / "foreign" / "run.sh", f"env >> {witness}; cat")


@pytest.fixture
def secrets() -> dict[str, str]:
    """An environment with keys."""
    return {"COCSYNC_FINGERPRINT_KEY": planted("fingerprint-key"), "GH_TOKEN": planted("token")}


def configure(config: Path, foreign: Path) -> None:
    """Every way known by which a configuration makes git start a program when it looks at a repository."""
    command = str(foreign)
    for name in (
        "core.fsmonitor",
        "core.pager",
        "pager.log",
        "pager.status",
        "diff.external",
        "diff.any.command",
        "diff.any.textconv",
        "filter.any.clean",
        "filter.any.smudge",
        "filter.any.process",
        "gpg.program",
        "core.sshCommand",
        "core.askPass",
        "credential.helper",
        "core.alternateRefsCommand",
    ):
        subprocess.run(["git", "config", "--file", config, name, command], check=True)
    for name, value in (("log.showSignature", "true"), ("core.hooksPath", str(foreign.parent))):
        subprocess.run(["git", "config", "--file", config, name, value], check=True)


def bare_repository(folder: Path, config: Path) -> None:
    """What makes git take the folder itself for a repository, once it is committed."""
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    for name in ("objects", "refs"):
        (folder / name).mkdir()
        (folder / name / "keep").write_text("")
    (folder / "config").write_bytes(config.read_bytes())


@pytest.mark.parametrize("arguments", RUNS)
def test_a_committed_repository_without_working_tree_runs_nothing(
    repository: Repository,
    cocsync: Program,
    tmp_path: Path,
    foreign: Path,
    witness: Path,
    secrets: dict[str, str],
    arguments: tuple[str, ...],
) -> None:
    repository.manifest()
    config = tmp_path / "config"
    config.write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n")
    configure(config, foreign)
    bare_repository(repository.root, config)
    origin = tmp_path / "origin"
    origin.mkdir()
    repository.root.rename(origin / "project")
    run_git(origin, "init", "--quiet")
    run_git(origin, "add", "--all", "--force")
    run_git(origin, "commit", "--quiet", "--message", "a pull request")
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    (clone / "project" / "refs" / "heads").mkdir()
    expected = run_git(clone, "rev-parse", "HEAD").strip()

    done = cocsync(*arguments, "-o", "json", folder=clone / "project", **secrets)
    also_below = cocsync("plan", "-o", "json", folder=clone / "project" / "scripts", **secrets)

    assert not witness.exists()
    assert done.code in (0, 2)
    assert also_below.json()["source"]["commit"] == expected


@pytest.mark.parametrize("arguments", RUNS)
def test_a_repository_with_a_strange_configuration_and_attributes_runs_nothing(
    repository: Repository,
    cocsync: Program,
    foreign: Path,
    witness: Path,
    secrets: dict[str, str],
    arguments: tuple[str, ...],
) -> None:
    """Also where the user's own configuration defines the filter that an attribute names."""
    repository.manifest()
    run_git(repository.root, "init", "--quiet")
    run_git(repository.root, "add", "--all")
    run_git(repository.root, "commit", "--quiet", "--message", "first")
    (repository.root / "scripts" / "gone.yaml").write_text("name: other\n")
    repository.write(".gitattributes", "* filter=any diff=any\n")
    configure(repository.root / ".git" / "config", foreign)
    configure(Path(cocsync.environ["HOME"]) / ".gitconfig", foreign)
    program(repository.root / ".git" / "hooks" / "post-index-change", f"env >> {witness}")
    (repository.root / "scripts" / "gone.yaml").unlink()
    os.utime(repository.root / "scripts" / "disk.yaml", (1, 1))

    prune = () if arguments == ("drift",) else ("--prune",)
    done = cocsync(*arguments, *prune, "-o", "json", folder=repository.root, **secrets)

    assert not witness.exists()
    assert done.code in (0, 2)


@pytest.mark.parametrize("arguments", RUNS)
def test_a_committed_configuration_of_a_home_in_the_checkout_is_not_read(
    repository: Repository, cocsync: Program, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Some pipelines set HOME to the checkout. Git would write where such a configuration says."""
    repository.manifest()
    written = tmp_path / "written"
    for name in (".gitconfig", ".config/git/config"):
        repository.write(name, f"[trace2]\n\tnormalTarget = {written}\n")
    run_git(repository.root, "init", "--quiet")
    run_git(repository.root, "add", "--all")
    run_git(repository.root, "commit", "--quiet", "--message", "a pull request")
    run_git(tmp_path, "clone", "--quiet", str(repository.root), str(tmp_path / "clone"))
    homes = {"HOME": str(tmp_path / "clone"), "XDG_CONFIG_HOME": str(tmp_path / "clone" / ".config")}

    done = cocsync(*arguments, "-o", "json", folder=tmp_path / "clone", **homes)

    assert done.code in (0, 2)
    assert not written.exists()


@pytest.mark.parametrize("name", ["git", "bash", "shellcheck"])
@pytest.mark.parametrize("entry", [".", "bin", "{root}/bin", "{link}", ""])
def test_no_program_comes_from_the_checkout_or_the_current_folder(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, entry: str
) -> None:
    (repository.root / ".git").mkdir()
    project = repository.root / "project"
    project.mkdir()
    for folder in (repository.root, repository.root / "bin"):
        program(folder / name, "exit 0")
    (tmp_path / "link").symlink_to(repository.root / "bin")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / name).symlink_to(repository.root / "bin" / name)
    monkeypatch.chdir(repository.root)
    monkeypatch.setattr(programs, "_OWN_FOLDER", tmp_path / "nothing")
    path = entry.format(root=repository.root, link=tmp_path / "link")
    monkeypatch.setenv("PATH", os.pathsep.join((path, str(tmp_path / "linked"))))

    assert programs.find(name, project) is None


def test_a_program_is_the_first_outside_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("checkout", "first", "second"):
        program(tmp_path / name / "any", "exit 0")
    path = [str(tmp_path / name) for name in ("checkout", "first", "second")]
    monkeypatch.setenv("PATH", os.pathsep.join(path))

    found = programs.find("any", tmp_path / "checkout")

    assert found is not None
    assert found.path == str(tmp_path / "first" / "any")
    assert found.search_path == os.pathsep.join(path[1:])


def test_a_program_gets_the_text_and_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secrets: dict[str, str]
) -> None:
    for name, value in ({"BASH_ENV": "/tmp/evil", "https_proxy": "http://proxy", "HOME": "/tmp"} | secrets).items():
        monkeypatch.setenv(name, value)
    found = programs.find(Path(sys.executable).name, tmp_path, {"EXTRA": "1"})
    assert found is not None

    answer = found.run("-I", "-c", ENVIRONMENT, text="重启 \udcff")

    assert answer is not None
    environment, text, *_ = answer.stdout.splitlines()
    names = set(environment.strip("[]").replace("'", "").split(", "))
    assert names - {"SYSTEMROOT", "LC_CTYPE"} == {"EXTRA", "LC_ALL", "PATH"}
    assert text.startswith("重启")


def test_a_program_cannot_ask_at_the_terminal_and_starts_outside_the_checkout(tmp_path: Path) -> None:
    found = programs.find(Path(sys.executable).name, tmp_path)
    assert found is not None

    answer = found.run("-I", "-c", "import os; print(os.getsid(0) == os.getpid(), os.getcwd()); open('/dev/tty')")

    assert answer is not None
    assert answer.stdout.split() == ["True", os.path.realpath(Path(sys.executable).parent)]
    assert "OSError" in answer.stderr


@pytest.mark.parametrize("error", [subprocess.TimeoutExpired("any", 1), OSError(), ValueError("embedded null byte")])
def test_one_that_cannot_start_or_does_not_end_has_no_answer(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def run(*_: object, timeout: float, **__: object) -> None:
        assert timeout == programs.TIMEOUT
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    assert programs.Program(path="/bin/any", search_path="").run("x") is None


def test_a_checkout_is_where_a_commit_can_put_nothing(tmp_path: Path) -> None:
    inner = tmp_path / "checkout" / "a" / "b"
    inner.mkdir(parents=True)
    for name in ("HEAD", "objects", "refs"):
        (inner / name).mkdir()
    assert programs.checkout(inner) is None

    (tmp_path / "checkout" / ".git").write_text("gitdir: elsewhere\n")
    assert programs.checkout(inner) == tmp_path / "checkout"


class TestTracks:
    def test_what_is_in_the_index_is_tracked_in_every_spelling(self, repository: Repository) -> None:
        run_git(repository.root, "init", "--quiet")
        repository.write(".COCSYNC/runs/x.json", "{}")
        run_git(repository.root, "add", "--all")

        assert git.tracks(repository.root, ".cocsync") is True
        assert git.tracks(repository.root, ".cocsync/runs") is True
        assert git.tracks(repository.root, ".cocsync/backups") is False
        assert git.tracks(repository.root / "scripts", ".cocsync") is False

    def test_without_a_repository_nothing_is_tracked(self, repository: Repository) -> None:
        assert git.tracks(repository.root, ".cocsync") is False

    def test_it_is_not_known_without_git_or_where_git_refuses(
        self, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository.write(".git/config", "not a repository")
        assert git.tracks(repository.root, ".cocsync") is None

        monkeypatch.setenv("PATH", "")
        assert git.tracks(repository.root, ".cocsync") is None


def test_a_checkout_of_another_user_is_not_known_until_the_users_own_configuration_names_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_git(repository.root, "init", "--quiet")
    run_git(repository.root, "add", "--all")
    run_git(repository.root, "commit", "--quiet", "--message", "first")
    monkeypatch.setitem(git._VARIABLES, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert git.source(repository.root) == Source()
    refused = git.gap(repository.root)
    assert refused is not None
    assert "safe.directory" in refused.fix
    assert git.tracks(repository.root, "scripts") is None

    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {repository.root}\n")

    assert git.source(repository.root).commit is not None
    assert git.gap(repository.root) is None
    assert git.tracks(repository.root, "cocsync.yaml") is True
