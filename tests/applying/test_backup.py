"""Copies of what cocsync did not write, and files that are whole or not there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from cocsync.applying.backup import Backups
from cocsync.errors import LocalFailure
from tests import builders, canary
from tests.builders import foreign, manifest, secret, written

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
    backups = Backups(tmp_path)
    for _ in range(2):
        backups.save(foreign())
    with pytest.raises(LocalFailure, match="no backup of disk_report"):
        backups.save(foreign())


def test_a_value_that_the_manifest_calls_sensitive_is_in_no_copy(tmp_path: Path) -> None:
    """Also where somebody took the flag off in COC."""
    folder = Backups(tmp_path).save(foreign(params=(builders.param("token", "CANARY7f3a"),)), frozenset({"token"}))
    assert "CANARY7f3a" not in (folder / "script.yaml").read_text()
