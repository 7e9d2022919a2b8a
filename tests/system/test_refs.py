"""Refs that are moved by lease, with real repositories: one winner, whatever happens."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from cocsync.system import refs as module
from cocsync.system.gitcommand import Done, Git, GitFailed, shown
from cocsync.system.refs import Refs, push_address
from tests.support.remotes import Remote, git, run

REF = "refs/cocsync/runs/ops/abc/rotate"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path)


def refs(remote: Remote, name: str, *options: str) -> Refs:
    return Refs(git(remote.clone(name, *options)), remote.url, file="run.json")


def test_what_one_clone_wrote_another_reads(remote: Remote) -> None:
    one, two = refs(remote, "one"), refs(remote, "two")

    moved = one.move(REF, b"{}\n", lease=None, message="claimed")

    assert moved.won
    assert two.read(REF) == moved.tip
    assert moved.tip is not None
    assert moved.tip.data == b"{}\n"
    assert two.read("refs/cocsync/runs/ops/abc/other") is None


def test_a_record_is_an_orphan_of_its_own_identity_and_a_move_is_its_child(remote: Remote) -> None:
    one = refs(remote, "one")
    first = one.move(REF, b"1", lease=None, message="claimed").tip
    assert first is not None
    second = one.move(REF, b"2", lease=first.commit, message="posting").tip
    assert second is not None

    assert run(remote.bare, "rev-list", "--parents", REF).splitlines() == [
        f"{second.commit} {first.commit}",
        first.commit,
    ]
    assert run(remote.bare, "ls-tree", "--name-only", REF) == "run.json"
    assert run(remote.bare, "log", "-1", "--format=%an <%ae> %cn", REF) == "cocsync <cocsync@localhost.invalid> cocsync"
    assert "Nonce: " in run(remote.bare, "log", "-1", "--format=%b", REF)


def test_of_two_clones_that_start_from_nothing_at_once_one_wins(remote: Remote) -> None:
    clones = [refs(remote, f"clone_{n}") for n in range(4)]
    barrier = threading.Barrier(len(clones))
    won: list[bool] = []

    def race(clone: Refs) -> None:
        barrier.wait(timeout=60)
        won.append(clone.move(REF, b"the same\n", lease=None, message="claimed").won)

    threads = [threading.Thread(target=race, args=(clone,)) for clone in clones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)

    assert sorted(won) == [False, False, False, True]


def test_of_two_that_move_from_the_same_commit_one_wins_and_the_other_reads_the_winner(remote: Remote) -> None:
    one, two = refs(remote, "one"), refs(remote, "two")
    first = one.move(REF, b"ticket 1", lease=None, message="ticket 1").tip
    assert first is not None

    assert two.read(REF) == first
    won = one.move(REF, b"continuing 1", lease=first.commit, message="continuing 1")
    lost = two.move(REF, b"posting 2", lease=first.commit, message="posting 2")

    assert (won.won, lost.won) == (True, False)
    assert lost.tip == won.tip


def test_equal_records_are_different_commits(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same second, with the same identity. Without a nonce both would push the same commit, and both win."""
    monkeypatch.setattr(
        module, "_IDENTITY", {**module._IDENTITY, "GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"}
    )
    one, two = refs(remote, "one"), refs(remote, "two")

    assert one._commit(b"same", None, "claimed") != two._commit(b"same", None, "claimed")


def test_an_equal_commit_that_is_up_to_date_is_lost(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module, "_IDENTITY", {**module._IDENTITY, "GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"}
    )
    monkeypatch.setattr("secrets.token_hex", lambda _: "00")
    one, two = refs(remote, "one"), refs(remote, "two")

    moves = [clone.move(REF, b"same", lease=None, message="claimed") for clone in (one, two)]

    assert [moved.won for moved in moves] == [True, False]
    assert moves[0].tip == moves[1].tip


def test_a_holder_that_wakes_up_late_does_not_win(remote: Remote) -> None:
    holder, person = refs(remote, "holder"), refs(remote, "person")
    claimed = holder.move(REF, b"claimed", lease=None, message="claimed").tip
    assert claimed is not None
    assert person.read(REF) == claimed
    again = person.move(REF, b"claimed again", lease=claimed.commit, message="claimed, attempt 2")

    late = holder.move(REF, b"posting", lease=claimed.commit, message="posting 1")

    assert not late.won
    assert late.tip == again.tip


def test_a_ref_that_was_deleted_is_not_moved(remote: Remote) -> None:
    one = refs(remote, "one")
    tip = one.move(REF, b"claimed", lease=None, message="claimed").tip
    assert tip is not None
    run(remote.bare, "update-ref", "-d", REF)

    lost = one.move(REF, b"posting", lease=tip.commit, message="posting 1")

    assert (lost.won, lost.tip) == (False, None)
    assert remote.refs() == {}


def test_a_ref_that_somebody_forced_is_read_anew(remote: Remote) -> None:
    one, two = refs(remote, "one"), refs(remote, "two")
    one.move(REF, b"claimed", lease=None, message="claimed")
    run(remote.bare, "update-ref", REF, run(remote.bare, "rev-parse", "main"))

    tip = two.read(REF)

    assert tip is not None
    assert tip.data is None


def test_a_server_that_refuses_is_no_lost_race(remote: Remote) -> None:
    remote.hook("pre-receive", "echo 'claims are closed today' >&2; exit 1")

    with pytest.raises(GitFailed, match=r"cannot be moved: .*pre-receive hook declined.*claims are closed today"):
        refs(remote, "one").move(REF, b"{}", lease=None, message="claimed")


def test_no_hook_and_no_setting_of_the_clone_takes_part(remote: Remote) -> None:
    place = remote.clone("one")
    for setting in (
        "push.followTags=true",
        "push.gpgSign=true",
        "commit.gpgSign=true",
        "push.recurseSubmodules=on-demand",
    ):
        run(place, "config", *setting.split("="))
    hook = place / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    run(place, "tag", "-a", "-m", "x", "v1")

    assert Refs(git(place), remote.url, file="run.json").move(REF, b"{}", lease=None, message="claimed").won
    assert list(remote.refs("refs/")) == [REF, "refs/heads/main"]


def test_a_shallow_clone_claims_and_a_whole_one_stays_whole(remote: Remote) -> None:
    remote.commit(remote.folder / "first", "a", "2")
    shallow, whole = refs(remote, "shallow", "--depth=1"), refs(remote, "whole")

    moved = shallow.move(REF, b"{}", lease=None, message="claimed")

    assert moved.won
    assert whole.read(REF) == moved.tip
    assert run(remote.folder / "whole", "rev-parse", "--is-shallow-repository") == "false"


def test_several_records_are_read_with_one_fetch(remote: Remote) -> None:
    one, two = refs(remote, "one"), refs(remote, "two")
    names = [f"refs/cocsync/runs/ops/abc/r{n}" for n in range(3)]
    for name in names:
        one.move(name, name.encode(), lease=None, message="claimed")
    run(remote.bare, "update-ref", "refs/other/refs/cocsync/runs/ops/abc/r9", "main")

    found = two.read_all("refs/cocsync/runs/ops/*")

    assert {name: tip.data for name, tip in found.items()} == {name: name.encode() for name in names}
    assert two.read_all("refs/cocsync/runs/nobody/*") == {}


def test_a_probe_is_pushed_and_deleted(remote: Remote) -> None:
    one = refs(remote, "one")
    tip = one.move("refs/cocsync/probe", b"", lease=None, message="probe").tip
    assert tip is not None

    one.delete("refs/cocsync/probe", lease=tip.commit)

    assert remote.refs() == {}
    with pytest.raises(GitFailed, match="cannot be deleted"):
        one.delete("refs/cocsync/probe", lease=tip.commit)


def test_a_push_that_is_cut_after_it_arrived_is_not_won(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    one = refs(remote, "one")
    called = Git.__call__

    def cut(self: Git, *arguments: str, **options: object) -> object:
        done = called(self, *arguments, **options)  # type: ignore[arg-type]
        if arguments[0] == "push":
            raise GitFailed("git push did not end within 60 seconds: try again")
        return done

    monkeypatch.setattr(Git, "__call__", cut)

    moved = one.move(REF, b"claimed", lease=None, message="claimed")

    assert not moved.won
    assert moved.tip is not None


def test_a_command_that_does_not_end_is_ended(remote: Remote) -> None:
    remote.hook("pre-receive", "exec sleep 600")
    slow = Refs(git(remote.clone("one"), seconds=2), remote.url, file="run.json")

    with pytest.raises(GitFailed, match="git push did not end within 2 seconds"):
        slow.move(REF, b"{}", lease=None, message="claimed")


def test_a_remote_that_is_not_there_is_an_expected_failure(tmp_path: Path) -> None:
    place = Remote(tmp_path).clone("one")

    with pytest.raises(GitFailed, match="git ls-remote failed"):
        Refs(git(place), "file:///nowhere", file="run.json").read(REF)


def test_without_git_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="git cannot be started"):
        Git(root=tmp_path, environ={"PATH": str(tmp_path)})("version")


def test_git_gets_no_credentials_of_coc_and_no_repository_of_a_hook(tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "HUAWEICLOUD_SDK_SK": "c4n4ry",
        "APP_TOKEN": "c4n4ry",
        "GIT_DIR": "/nowhere",
        "GIT_CONFIG_COUNT": "0",
    }

    kept = Git(root=tmp_path, environ=environ)._environment()

    assert "c4n4ry" not in kept.values()
    assert "GIT_DIR" not in kept
    assert kept["GIT_CONFIG_COUNT"] == "0"


def test_the_user_and_password_of_an_address_are_never_shown() -> None:
    text = "fatal: could not read from 'https://x-token:ghs_abc@github.invalid/a.git'\n"
    assert shown(text) == "fatal: could not read from 'https://github.invalid/a.git'"
    assert len(shown("x" * 5_000)) < 500


class TestPushAddress:
    def test_is_the_one_of_the_remote(self, remote: Remote) -> None:
        assert push_address(git(remote.clone("one")), "origin") == remote.url

    def test_of_no_remote_names_the_setting(self, remote: Remote) -> None:
        with pytest.raises(GitFailed, match=r"no remote `upstream`.*run\.remote"):
            push_address(git(remote.clone("one")), "upstream")

    def test_several_are_refused(self, remote: Remote) -> None:
        place = remote.clone("one")
        for _ in range(2):
            run(place, "remote", "set-url", "--push", "--add", "origin", remote.url)
        with pytest.raises(GitFailed, match=r"2 push addresses.*run\.claims"):
            push_address(git(place), "origin")


def test_a_record_that_is_too_large_is_not_read(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    moved = refs(remote, "one").move(REF, b"x" * 11, lease=None, message="claimed")
    assert moved.tip is not None
    assert moved.tip.data is None


def test_a_failing_command_names_what_git_wrote(remote: Remote) -> None:
    with pytest.raises(GitFailed, match="git rev-parse failed: fatal"):
        git(remote.clone("one")).checked("rev-parse", "--verify", "nothing")


def faulty(monkeypatch: pytest.MonkeyPatch, verb: str, code: int, out: bytes = b"", err: str = "") -> None:
    """Commands of this verb do nothing and end like this."""
    called = Git.__call__

    def answered(self: Git, *arguments: str, **options: object) -> Done:
        if arguments[0] == verb:
            return Done(code=code, out=out, err=err)
        return called(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "__call__", answered)


def test_a_fetch_that_fails_is_an_expected_failure(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    refs(remote, "one").move(REF, b"{}", lease=None, message="claimed")
    two = refs(remote, "two")
    faulty(monkeypatch, "fetch", 128, err="fatal: the remote end hung up")

    with pytest.raises(GitFailed, match="git fetch failed: fatal: the remote end hung up"):
        two.read(REF)


def test_a_ref_whose_commit_never_arrives_is_an_expected_failure(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs(remote, "one").move(REF, b"{}", lease=None, message="claimed")
    two = refs(remote, "two")
    faulty(monkeypatch, "fetch", 0)

    with pytest.raises(GitFailed, match="moves faster than it can be read"):
        two.read(REF)


def test_a_ref_that_went_while_it_was_fetched_is_read_again(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    refs(remote, "one").move(REF, b"{}", lease=None, message="claimed")
    two = refs(remote, "two")
    called = Git.__call__

    def gone(self: Git, *arguments: str, **options: object) -> Done:
        if arguments[0] == "fetch":
            run(remote.bare, "update-ref", "-d", REF)
        return called(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "__call__", gone)

    assert two.read(REF) is None


@pytest.mark.parametrize(("out", "code"), [(b"", 0), (b"", 128), (b"*\tabc:refs/other\t[new reference]\n", 0)])
def test_a_push_that_reports_nothing_of_the_ref_is_not_won(
    remote: Remote, monkeypatch: pytest.MonkeyPatch, out: bytes, code: int
) -> None:
    one = refs(remote, "one")
    faulty(monkeypatch, "push", code, out)

    with pytest.raises(GitFailed, match="cannot be moved: git reports nothing of it"):
        one.move(REF, b"{}", lease=None, message="claimed")
