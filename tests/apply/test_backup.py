"""Copies of what is overwritten or deleted, how many of them stay, and files that are whole or not there."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cocsync.apply.backup import Backups, forget_old, stamp
from cocsync.errors import LocalFailure
from tests.support import builders, canary
from tests.support.builders import foreign, manifest, secret, written

posix_only = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class TestSave:
    def test_manifest_and_content_lie_in_a_folder_of_the_scripts_name(self, tmp_path: Path) -> None:
        folder = Backups(tmp_path / "20260102T030405Z").save(foreign("restart_nginx", content="echo\r\n"))
        assert folder == tmp_path / "20260102T030405Z" / "restart_nginx"
        assert sorted(path.name for path in folder.iterdir()) == ["restart_nginx.sh", "script.yaml"]
        assert (folder / "restart_nginx.sh").read_bytes() == b"echo\r\n"
        assert "name: restart_nginx\n" in (folder / "script.yaml").read_text()

    @posix_only
    def test_only_its_user_may_read_it(self, tmp_path: Path) -> None:
        folder = Backups(tmp_path / "backups" / "now").save(foreign())
        assert mode(folder) == 0o700
        assert {mode(path) for path in folder.iterdir()} == {0o600}

    def test_no_value_is_in_it(self, tmp_path: Path) -> None:
        """COC shows none, and a desired script that was put in its place must not bring one either."""
        live = foreign()
        live = replace(live, script=replace(live.script, params=(secret(value=canary.planted()),)))
        Backups(tmp_path).save(live)
        assert "APP_TOKEN" in (tmp_path / "disk_report" / "script.yaml").read_text()
        assert canary.leaks_below(tmp_path) == []

    def test_what_only_the_mark_tells_is_in_it(self, tmp_path: Path) -> None:
        folder = Backups(tmp_path).save(written(manifest(protocol="SMS", protected=True)))
        text = (folder / "script.yaml").read_text()
        assert "protocol: SMS\n" in text
        assert "protected: true\n" in text
        assert "[cocsync:" not in text

    def test_the_protocol_that_coc_shows_beats_the_marks(self, tmp_path: Path) -> None:
        live = written(manifest(protocol="SMS"))
        folder = Backups(tmp_path).save(replace(live, script=replace(live.script, protocol="EMAIL")))
        assert "protocol: EMAIL\n" in (folder / "script.yaml").read_text()

    @pytest.mark.parametrize("name", ["../../escape", "/etc/passwd", "nul", "a\nb", "\x1b]0;x\x07"])
    def test_a_hostile_name_stays_below_the_folder(self, tmp_path: Path, name: str) -> None:
        folder = Backups(tmp_path / "now").save(foreign(name))
        assert folder.parent == tmp_path / "now"
        assert [path.name for path in tmp_path.iterdir()] == ["now"]

    def test_hostile_text_is_kept_byte_by_byte(self, tmp_path: Path) -> None:
        content = "\ud800\0\x1b[2J\u202e::error::\r\n"
        folder = Backups(tmp_path).save(foreign(content=content, description=content))
        assert (folder / "disk_report.sh").read_bytes() == content.encode("utf-8", "surrogatepass")

    def test_where_it_cannot_be_written_the_failure_names_script_folder_and_cause(self, tmp_path: Path) -> None:
        (tmp_path / "now").write_text("in the way")
        with pytest.raises(LocalFailure, match=r"no backup of disk_report in .*now.*: .+; it is not written"):
            Backups(tmp_path / "now").save(foreign())


def test_two_scripts_of_one_name_have_a_copy_each(tmp_path: Path) -> None:
    """Neither a second script of the name nor one that differs in case alone takes the first one's place."""
    backups = Backups(tmp_path)
    first = backups.save(foreign(content="first\n"))
    second = backups.save(foreign(content="second\n", uuid="SC2"))
    assert [(folder / "disk_report.sh").read_text() for folder in (first, second)] == ["first\n", "second\n"]


def test_no_copy_is_written_over(tmp_path: Path) -> None:
    """A run may save a script more than once: each copy has a folder of its own."""
    backups = Backups(tmp_path)
    folders = [backups.save(foreign(content=f"{number}\n")) for number in range(4)]
    assert [(folder / "disk_report.sh").read_text() for folder in folders] == ["0\n", "1\n", "2\n", "3\n"]


def test_a_value_that_the_manifest_calls_sensitive_is_in_no_copy(tmp_path: Path) -> None:
    """Also where somebody took the flag off in COC."""
    folder = Backups(tmp_path).save(foreign(params=(builders.param("token", "CANARY7f3a"),)), frozenset({"token"}))
    assert "CANARY7f3a" not in (folder / "script.yaml").read_text()


class TestForgetting:
    BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

    def saved(self, state: Path, *names: str, runs: int = 5) -> list[Path]:
        """The copies of so many runs, the oldest first."""
        times = (self.BEGAN + timedelta(days=number) for number in range(runs))
        return [Backups.of_run(state, at).save(foreign(name)) for at in times for name in names]

    def test_the_newest_copies_of_each_script_stay(self, tmp_path: Path) -> None:
        often = self.saved(tmp_path, "often")
        rare = Backups.of_run(tmp_path, self.BEGAN).save(foreign("rare"))
        forget_old(tmp_path, 2)
        assert [copy.exists() for copy in often] == [False, False, False, True, True]
        assert rare.exists()

    def test_a_run_whose_copies_are_all_gone_leaves_no_folder(self, tmp_path: Path) -> None:
        self.saved(tmp_path, "often")
        forget_old(tmp_path, 1)
        assert [run.name for run in (tmp_path / "backups").iterdir()] == [stamp(self.BEGAN + timedelta(days=4))]

    def test_what_no_run_made_stays(self, tmp_path: Path) -> None:
        self.saved(tmp_path, "often")
        other = tmp_path / "backups" / "mine" / "often"
        other.mkdir(parents=True)
        forget_old(tmp_path, 1)
        assert other.exists()

    @posix_only
    @pytest.mark.parametrize("linked", ["state", "backups", "run", "copy"])
    def test_no_link_is_followed(self, tmp_path: Path, linked: str) -> None:
        """Somebody who can write the folder must not have files removed elsewhere."""
        outside = tmp_path / "outside"
        copies = self.saved(outside, "often", runs=3)
        state = tmp_path / "state"
        runs = {path.name: path for path in (outside / "backups").iterdir()}
        if linked == "state":
            state.symlink_to(outside)
        elif linked == "backups":
            state.mkdir()
            (state / "backups").symlink_to(outside / "backups")
        else:
            for name, run in runs.items():
                place = state / "backups" / name
                place.parent.mkdir(parents=True, exist_ok=True)
                if linked == "run":
                    place.symlink_to(run)
                else:
                    place.mkdir()
                    (place / "often").symlink_to(run / "often")
        forget_old(state, 1)
        assert all((copy / "script.yaml").exists() for copy in copies)

    def test_nothing_there_is_nothing_to_do(self, tmp_path: Path) -> None:
        forget_old(tmp_path / "nowhere", 1)
