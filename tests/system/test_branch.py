"""That only what the reviewed branch holds is run, with real repositories."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cocsync.errors import Refused
from cocsync.system.branch import refuse_changes, reviewed
from cocsync.system.gitcommand import GitFailed
from tests.support.remotes import Remote, git, run

FILE = "ops/runs/rotate.yaml"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    remote = Remote(tmp_path)
    remote.commit(tmp_path / "first", FILE, "name: rotate\n")
    return remote


def test_the_tip_of_the_branch_is_proven(remote: Remote) -> None:
    clone = remote.clone("one")

    assert reviewed(git(clone), "origin", None, [FILE]) == run(clone, "rev-parse", "HEAD")
    assert reviewed(git(clone), "origin", "main", [FILE]) == run(clone, "rev-parse", "HEAD")


def test_paths_count_from_the_folder_of_the_project(remote: Remote) -> None:
    clone = remote.clone("one")
    assert reviewed(git(clone / "ops"), "origin", None, ["runs/rotate.yaml"]) == run(clone, "rev-parse", "HEAD")


def test_an_ancestor_is_proven_while_the_tip_holds_the_same_files(remote: Remote) -> None:
    clone = remote.clone("one")
    remote.commit(remote.folder / "first", "other", "x")
    before = run(clone, "for-each-ref", "refs/remotes")

    assert reviewed(git(clone), "origin", None, [FILE]) == run(clone, "rev-parse", "HEAD")
    assert run(clone, "for-each-ref", "refs/remotes") == before


def test_a_tip_with_another_text_refuses(remote: Remote) -> None:
    clone = remote.clone("one")
    remote.commit(remote.folder / "first", FILE, "name: rotate\nuser: root\n")

    with pytest.raises(Refused, match=f"holds another {FILE} now"):
        reviewed(git(clone), "origin", None, [FILE])


def test_a_file_that_the_tip_has_not_refuses(remote: Remote) -> None:
    with pytest.raises(Refused, match=r"holds another ops/runs/gone.yaml now"):
        reviewed(git(remote.clone("one")), "origin", None, ["ops/runs/gone.yaml"])


def test_a_commit_of_another_branch_refuses(remote: Remote) -> None:
    clone = remote.clone("one")
    run(clone, "switch", "--quiet", "--create", "feature")
    remote.commit(clone, FILE, "name: rotate\nuser: root\n")

    with pytest.raises(Refused, match="is not part of refs/heads/main on the remote: merge it there first"):
        reviewed(git(clone), "origin", None, [FILE])
    assert reviewed(git(clone), "origin", "feature", [FILE])


def test_a_commit_that_was_not_pushed_refuses(remote: Remote) -> None:
    clone = remote.clone("one")
    remote.commit(clone, "other", "x", push=False)

    with pytest.raises(Refused, match="is not part of refs/heads/main"):
        reviewed(git(clone), "origin", None, [FILE])


def test_a_shallow_clone_of_the_tip_is_proven_and_of_another_branch_names_the_depth(remote: Remote) -> None:
    clone = remote.clone("one", "--depth=1")
    assert reviewed(git(clone), "origin", None, [FILE])

    run(clone, "switch", "--quiet", "--create", "feature")
    remote.commit(clone, "other", "x", push=False)
    with pytest.raises(Refused, match="fetch-depth: 0"):
        reviewed(git(clone), "origin", None, [FILE])


@pytest.mark.parametrize("branch", ["nothing", "mai"])
def test_a_branch_that_is_not_there_names_the_setting(remote: Remote, branch: str) -> None:
    with pytest.raises(Refused, match=rf"no branch `{branch}`.*run\.branch"):
        reviewed(git(remote.clone("one")), "origin", branch, [FILE])


def test_without_a_commit_nothing_is_run(tmp_path: Path) -> None:
    run(tmp_path, "init", "--quiet")
    with pytest.raises(Refused, match="nothing is committed here"):
        reviewed(git(tmp_path), "origin", None, [FILE])


def test_a_remote_that_cannot_be_read_is_an_expected_failure(remote: Remote) -> None:
    with pytest.raises(GitFailed):
        reviewed(git(remote.clone("one")), "nowhere", None, [FILE])


def test_a_file_that_git_was_told_to_overlook_refuses(remote: Remote) -> None:
    clone = remote.clone("one")
    run(clone, "update-index", "--assume-unchanged", FILE)
    (clone / FILE).write_text("name: rotate\nuser: mallory\n")

    refuse_changes(git(clone), [FILE])
    with pytest.raises(Refused, match=f"{FILE} differs from the commit"):
        reviewed(git(clone), "origin", None, [FILE])


class TestChanges:
    def test_none_is_no_refusal(self, remote: Remote) -> None:
        clone = remote.clone("one")
        (clone / "elsewhere").write_text("x")
        refuse_changes(git(clone), ["ops", "README.md", "not-there"])

    @pytest.mark.parametrize("file", [FILE, "ops/runs/new file.yaml"])
    def test_a_changed_and_a_new_file_refuse(self, remote: Remote, file: str) -> None:
        clone = remote.clone("one")
        (clone / file).write_text("x")
        with pytest.raises(Refused, match=f"{file} differs from the commit: commit it"):
            refuse_changes(git(clone), ["ops"])

    def test_a_deleted_folder_refuses(self, remote: Remote) -> None:
        clone = remote.clone("one")
        shutil.rmtree(clone / "ops")
        (clone / "README.md").write_text("x")
        with pytest.raises(Refused, match=r"README.md and 1 more differs"):
            refuse_changes(git(clone), ["ops", "README.md"])
