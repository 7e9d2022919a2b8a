"""One SQLite file for any number of threads and processes, or memory: what the tables of every resource stand on."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_FORMAT = 1


class StorageError(Exception):
    """The simulator's data cannot be read or written; the message names the file, the cause and the next step."""


class Database:
    """A connection that threads share. Every method raises `StorageError` where the file cannot be used.

    Who holds `lock` keeps the other threads of this process out, over several statements.
    """

    def __init__(self, path: str | os.PathLike[str] = ":memory:") -> None:
        self._path = os.fspath(path)
        self.lock = threading.RLock()
        try:
            if self._path != ":memory:":
                _make_file(Path(self._path).absolute())
            self._db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
            self.create("texts", "CREATE TABLE texts (key TEXT PRIMARY KEY, value TEXT)")
        except sqlite3.Error as error:
            self._db.close()
            raise self._unusable(error) from error
        except StorageError:
            self._db.close()
            raise

    def close(self) -> None:
        """Give the file back; the database is of no use afterwards."""
        with self.lock:
            self._db.close()

    def create(self, table: str, schema: str) -> bool:
        """Make a table and what belongs to it where it is missing; True where it was made here."""
        if self.one("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)):
            return False
        with self.transaction():
            if self.one("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)):
                return False
            for statement in filter(str.strip, schema.split(";")):
                self.run(statement)
        return True

    def text(self, key: str) -> str:
        """The text that was kept under a key, "" where there is none."""
        row = self.one("SELECT value FROM texts WHERE key = ?", (key,))
        return str(row[0]) if row else ""

    def keep(self, key: str, text: str) -> None:
        """Keep a text under a key."""
        self.run("INSERT OR REPLACE INTO texts VALUES (?, ?)", (key, text))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that happens inside is done at once or not at all; no other writer comes in between."""
        with self.lock:
            if self._db.in_transaction:
                yield
                return
            self.run("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.run("ROLLBACK")
                raise
            self.run("COMMIT")

    def one(self, statement: str, values: Iterable[Any] = ()) -> Any:
        """The first row, None where there is none."""
        with self.lock:
            return self.run(statement, values).fetchone()

    def all(self, statement: str, values: Iterable[Any] = ()) -> list[Any]:
        """Every row."""
        with self.lock:
            return self.run(statement, values).fetchall()

    def run(self, statement: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        """Carry out one statement."""
        with self.lock:
            try:
                return self._db.execute(statement, tuple(values))
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def run_many(self, statement: str, rows: Iterable[Iterable[Any]]) -> None:
        """Carry out one statement for each row of values."""
        with self.lock:
            try:
                self._db.executemany(statement, map(tuple, rows))
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, _FORMAT}:
            raise sqlite3.DatabaseError(f"it has format {version}, this version knows format {_FORMAT}")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if version != _FORMAT:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA user_version = {_FORMAT}")

    def _unusable(self, error: Exception) -> StorageError:
        return StorageError(f"cannot use {self._path} as the simulator's data: {error}; delete it or name another file")


def _make_file(path: Path) -> None:
    """The database's file, for its user only. Raises OSError where something else is in its place, a link above all.

    A file that is there is not opened: closing it would take the locks that this process may have on it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm", "-journal"):
        place = f"{path}{suffix}"
        if os.path.lexists(place) and not stat.S_ISREG(os.lstat(place).st_mode):
            raise OSError(errno.EINVAL, "a link, or something else that is not a file", place)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
