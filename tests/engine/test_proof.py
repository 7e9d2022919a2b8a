"""What proves that this repository had a script, and what a commit, a branch or a report cannot make believe."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cocsync.engine.proof import history
from cocsync.model.history import History
from tests.support.program import Program
from tests.support.repository import MANIFEST, Repository, to_yaml
from tests.system.test_git import IDENTITY, commit

RUNS = ".cocsync/runs"


def names(root: Path) -> frozenset[str]:
    found = history(root, ("scripts",), RUNS)
    assert found.gap is None
    return found.names


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", root, *IDENTITY, *arguments], check=True, capture_output=True)


def report(repository: Repository, *results: tuple[str, str], file: str = "20260101T000000.000000Z.json") -> None:
    body = {"results": [{"name": name, "outcome": outcome} for name, outcome in results]}
    repository.write(f"{RUNS}/{file}", json.dumps(body))


class TestCommits:
    def test_every_name_of_a_manifest_that_was_ever_committed_counts(self, repository: Repository) -> None:
        repository.write("scripts/a.yaml", to_yaml({**MANIFEST, "name": "first"}, {**MANIFEST, "name": "second"}))
        commit(repository.root)
        (repository.root / "scripts/a.yaml").unlink()
        repository.write("scripts/deep/b.YML", "# why\n" + json.dumps({**MANIFEST, "name": "third"}))
        commit(repository.root)
        repository.write("scripts/deep/b.YML", "kind: \"Script\" # so\nname: 'fourth' # or so\n")
        commit(repository.root)

        assert names(repository.root) == {"first", "second", "third", "fourth"}

    def test_names_of_anything_else_do_not(self, repository: Repository) -> None:
        params = [{"name": "param", "value": "x"}]
        content = "name: text\nkind: Script\n"
        repository.manifest("scripts/a.yaml", name="script", params=params, content=content, description="name: said")
        repository.write("scripts/quoted.yaml", 'kind: Script\ndescription: "\nname: quoted\n"\nname: script\n')
        repository.write("scripts/other.yaml", "kind: Other\nname: kind\n---\nname: kindless\n---\n- name: item\n")
        repository.manifest("scripts/.hidden/b.yaml", name="hidden")
        repository.manifest("scripts/.hidden.yaml", name="hidden_file")
        repository.manifest("scripts/c.txt", name="suffix")
        repository.manifest("elsewhere/d.yaml", name="elsewhere")
        repository.manifest("scripts2/d.yaml", name="beside")
        (repository.root / "scripts/link.yaml").symlink_to("name: link")
        commit(repository.root)

        assert names(repository.root) == {"script"}

    def test_below_a_folder_of_the_repository_too(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "coc" / "prod")
        repository.manifest("scripts/a.yaml", name="a")
        other = Repository(tmp_path / "scripts")
        other.manifest("scripts/b.yaml", name="b")
        commit(tmp_path)

        assert names(repository.root) == {"a"}
        assert history(tmp_path, (".",), RUNS).names == {"a", "b"}

    def test_what_a_branch_had_and_took_away_before_it_was_merged_does_not(self, repository: Repository) -> None:
        """Nobody sees it in the pull request."""
        commit(repository.root)
        git(repository.root, "checkout", "-q", "-b", "branch")
        for name in ("smuggled", "kept"):
            repository.manifest("scripts/a.yaml", name=name)
            commit(repository.root)
        git(repository.root, "checkout", "-q", "-")
        assert names(repository.root) == frozenset()
        git(repository.root, "merge", "-q", "--no-ff", "branch", "-m", "merge")

        assert names(repository.root) == {"kept"}

    def test_a_removal_in_a_merge_leaves_the_name_known(self, repository: Repository) -> None:
        repository.manifest("scripts/a.yaml", name="a")
        commit(repository.root)
        git(repository.root, "checkout", "-q", "-b", "branch")
        (repository.root / "scripts/a.yaml").unlink()
        commit(repository.root)
        git(repository.root, "checkout", "-q", "-")
        git(repository.root, "merge", "-q", "--no-ff", "branch", "-m", "merge")

        assert names(repository.root) == {"a"}

    def test_broken_and_huge_files_of_the_history_are_passed_over(self, repository: Repository) -> None:
        repository.write("scripts/a.yaml", b"\xff\x00name: [\n")
        repository.write("scripts/b.yaml", "kind: Script\nname: huge\n" + "#" * (2 << 20))
        repository.write("scripts/c.yaml", "kind: Script\nname: {a: b}\n")
        repository.write("scripts/d.yaml", "kind: Script\nname: " + "[" * 100_000)
        repository.manifest("scripts/e.yaml", name="e")
        commit(repository.root)

        assert names(repository.root) == {"e"}

    def test_a_clone_without_its_files_does_not_know(self, repository: Repository, tmp_path: Path) -> None:
        for name in ("a", "b"):
            repository.manifest("scripts/a.yaml", name=name)
            commit(repository.root)
        git(repository.root, "config", "uploadpack.allowFilter", "true")
        clone = tmp_path / "clone"
        source = f"file://{repository.root}"
        subprocess.run(["git", "clone", "--quiet", "--filter=blob:none", source, clone], check=True)

        found = history(clone, ("scripts",), RUNS)

        assert found.gap is not None
        assert "partial clone" in found.gap.cause


class TestReports:
    def test_what_was_applied_from_here_counts_without_git_too(self, repository: Repository) -> None:
        report(repository, ("a", "applied"), ("b", "failed"), ("c", "stale"), ("d", "unknown"))
        found = history(repository.root, ("scripts",), RUNS)
        assert found.names == {"a"}
        assert found.gap is not None

    def test_what_git_tracks_does_not(self, repository: Repository) -> None:
        report(repository, ("a", "applied"))
        commit(repository.root)
        git(repository.root, "add", "--force", RUNS)
        assert names(repository.root) == frozenset()
        report(repository, ("b", "applied"), file="20270101T000000.000000Z.json")
        assert names(repository.root) == frozenset()

    def test_what_nobody_knows_to_be_tracked_does_not(self, repository: Repository) -> None:
        report(repository, ("a", "applied"))
        commit(repository.root)
        (repository.root / ".git" / "HEAD").unlink()
        assert history(repository.root, ("scripts",), RUNS).names == frozenset()

    def test_what_lies_behind_a_link_does_not(self, repository: Repository) -> None:
        repository.write("reports/runs/x.json", json.dumps({"results": [{"name": "a", "outcome": "applied"}]}))
        (repository.root / ".cocsync").symlink_to("reports")
        commit(repository.root)
        assert names(repository.root) == frozenset()

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"results": 1}', '{"results": [{"name": "b"}]}', "[" * 99_999])
    def test_one_that_cannot_be_read_is_passed_over(self, repository: Repository, text: str) -> None:
        report(repository, ("a", "applied"))
        repository.write(f"{RUNS}/20270101T000000.000000Z.json", text)
        assert history(repository.root, ("scripts",), RUNS).names == {"a"}


@pytest.fixture
def applied(cocsync: Program, repository: Repository) -> Repository:
    """Twelve scripts of this owner in COC, of which one is gone here and was never committed."""
    for number in range(11):
        repository.manifest(f"scripts/{number}.yaml", name=f"kept_{number}")
    repository.write(".gitignore", ".cocsync/\n")
    commit(repository.root)
    repository.manifest("scripts/theirs.yaml", name="theirs")
    assert cocsync.here("apply", "--yes").code == 0
    (repository.root / "scripts/theirs.yaml").unlink()
    return repository


def forget(repository: Repository) -> None:
    for file in repository.root.glob(f"{RUNS}/*"):
        file.unlink()


class TestProgram:
    def test_prunes_what_it_applied_itself(self, cocsync: Program, applied: Repository) -> None:
        assert "theirs" in cocsync.here("apply", "--yes", "--prune").out
        assert applied.root.exists()
        assert cocsync.here("plan", "--prune", "-o", "json").json()["summary"]["prunable"] == 0

    def test_keeps_what_only_a_mark_makes_its_own(self, cocsync: Program, applied: Repository) -> None:
        forget(applied)
        done = cocsync.here("apply", "--yes", "--prune", "--allow-unknown-history")
        assert (done.code, "never in this repository's history" in done.out) == (0, True)
        assert [s["name"] for s in cocsync.here("plan", "-o", "json").json()["prunable"]] == ["theirs"]

    def test_is_refused_where_git_does_not_tell_and_says_what_to_do(
        self, cocsync: Program, applied: Repository
    ) -> None:
        forget(applied)
        (applied.root / ".git" / "HEAD").rename(applied.root / ".git" / "HEAD.gone")
        for verb in ("plan",), ("apply", "--yes"):
            done = cocsync(*verb, "--prune", COLUMNS="1000")
            assert done.code == 3
            assert "git refuses to read this checkout: where another user owns it, `git config --global" in done.out
            assert "--allow-unknown-history" in done.out
            assert "delete  theirs" not in done.out
        done = cocsync.here("apply", "--yes", "--prune", "--allow-unknown-history", "-o", "json")
        assert [(r["action"], r["name"]) for r in done.json()["results"]] == [("delete", "theirs")]

    def test_a_saved_plan_needs_the_proof_where_it_is_applied(self, cocsync: Program, applied: Repository) -> None:
        assert cocsync.here("plan", "--prune", "--out", "it.plan").code == 0
        forget(applied)
        done = cocsync.here("apply", "it.plan", "--yes")
        assert (done.code, "never in this repository's history" in done.err) == (3, True)
        (applied.root / ".git" / "HEAD").rename(applied.root / ".git" / "HEAD.gone")
        done = cocsync.here("apply", "it.plan", "--yes")
        assert (done.code, "--allow-unknown-history" in done.err) == (3, True)
        done = cocsync.here("apply", "it.plan", "--yes", "--allow-unknown-history")
        assert (done.code, "apply it with none of" in done.err) == (3, True)

    def test_a_saved_plan_is_applied_with_the_flag_that_it_was_made_with(
        self, cocsync: Program, applied: Repository
    ) -> None:
        forget(applied)
        (applied.root / ".git" / "HEAD").unlink()
        assert cocsync.here("plan", "--prune", "--allow-unknown-history", "--out", "it.plan").code == 0
        done = cocsync.here("apply", "it.plan", "--yes")
        assert (done.code, "apply it with --allow-unknown-history" in done.err) == (3, True)
        assert cocsync.here("apply", "it.plan", "--yes", "--allow-unknown-history").code == 0

    def test_a_rename_deletes_nothing_that_only_its_manifest_calls_its_own(
        self, cocsync: Program, applied: Repository
    ) -> None:
        """A pull request names another repository's script of the same owner."""
        forget(applied)
        applied.manifest("scripts/0.yaml", name="new", previous_names=["theirs"])
        done = cocsync("apply", "--yes", COLUMNS="1000")
        assert done.code == 0
        assert "theirs: of owner payments_ops, and never in this repository's history" in done.out
        left = cocsync.here("plan", "-o", "json").json()
        assert ([s["name"] for s in left["prunable"]], left["changes"]) == (["kept_0", "theirs"], [])


def test_a_name_may_go_where_it_is_proven_or_unknown_and_allowed() -> None:
    assert History(names=frozenset({"a"})).may_delete("a", allow_unknown=False)
    assert not History(names=frozenset({"a"})).may_delete("b", allow_unknown=True)
