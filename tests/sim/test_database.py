"""The simulator's file: for its user only, shared by threads and processes, and refused where it is something else."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cocsync.sim.auth.store import TokenStore
from cocsync.sim.database import Database, StorageError


def test_two_connections_to_one_file_see_each_other(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "sim.db")) as first, closing(Database(tmp_path / "sim.db")) as second:
        first.keep("key", "value")
        TokenStore(first).add("T", "alice", 9.0)
        assert (second.text("key"), second.text("other")) == ("value", "")
        assert TokenStore(second).get("T") == ("alice", 9.0)


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "sim.db"
    path.write_text("not a database, but long enough to look at" * 20)

    with pytest.raises(StorageError, match=r"sim\.db.*delete it or name another file"):
        Database(path)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sim.db"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()

    with pytest.raises(StorageError, match="format 99"):
        Database(path)


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
class TestFile:
    def test_is_for_its_user_only_whatever_the_umask(self, tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            with closing(Database(tmp_path / "state" / "sim.db")) as database:
                database.keep("key", "value")
                made = [tmp_path / "state", *(tmp_path / "state").iterdir()]
                assert [path.name for path in made if path.stat().st_mode & 0o77] == []
        finally:
            os.umask(before)

    @pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
    @pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
    def test_nothing_else_is_used_in_its_place(self, tmp_path: Path, suffix: str, kind: str) -> None:
        place = tmp_path / f"sim.db{suffix}"
        if kind == "link":
            place.symlink_to(tmp_path / "elsewhere")
        elif kind == "pipe":
            os.mkfifo(place)
        else:
            place.mkdir()
        with pytest.raises(StorageError, match=r"a link, or something else that is not a file.*delete it"):
            Database(tmp_path / "sim.db")
        assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError, match="file"):
        Database(tmp_path / "file" / "sim.db")


def test_a_database_that_was_closed_says_so() -> None:
    database = Database()
    database.close()

    with pytest.raises(StorageError, match="closed"):
        database.text("key")
