"""The cache file: entries of scripts and cuts of the last listing, for one COC, owner and version of this format.

Deletable at any time. Whatever is wrong with the file, the answer is an empty cache; nothing is ever reported.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from cocsync.model.fields import FIELDS
from cocsync.model.normalise import Form
from cocsync.observe.listing import SEGMENTS
from cocsync.observe.recall import CacheEntry

FORMAT = 3
_TABLES = """
CREATE TABLE IF NOT EXISTS entry (scope TEXT, uuid TEXT, row TEXT, mark TEXT, whole TEXT, fields TEXT,
  kept_as TEXT, PRIMARY KEY (scope, uuid));
CREATE TABLE IF NOT EXISTS cuts (scope TEXT PRIMARY KEY, ids TEXT);
"""
_PATIENCE_SECONDS = 5.0
_ID_MAX = 2**63 - 1
_FORMS = frozenset(form.value for form in Form)


@dataclass(frozen=True, slots=True)
class Cache:
    """One scope's part of the file. Two runs may use it at once: the later writer's entries stand."""

    path: Path
    scope: str

    def load(self) -> tuple[dict[str, CacheEntry], tuple[int, ...]]:
        """The entries by uuid, and the cuts; empty where the file is missing, corrupt or somebody else's."""
        if not self.path.is_file():
            return {}, ()
        try:
            with closing(self._connect()) as connection:
                query = "SELECT uuid, row, mark, whole, fields, kept_as FROM entry WHERE scope = ?"
                rows = connection.execute(query, (self.scope,))
                entries = [_entry(*row) for row in rows]
                cuts = connection.execute("SELECT ids FROM cuts WHERE scope = ?", (self.scope,)).fetchone()
                return {e.uuid: e for e in entries if e}, _cuts(cuts[0] if cuts else "[]")
        except (sqlite3.Error, OSError):
            return {}, ()

    def store(
        self, entries: Iterable[CacheEntry], *, gone: Iterable[str] = (), cuts: tuple[int, ...] | None = None
    ) -> None:
        """Adds or replaces entries, and takes those of `gone` out. A file that cannot be used is made anew."""
        new, old = list(entries), list(gone)
        for attempt in (self._store, self._store_anew):
            with suppress(sqlite3.Error, OSError):
                attempt(new, old, cuts)
                return

    def clear(self) -> None:
        """Removes the file, with every scope in it."""
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def _store_anew(self, entries: list[CacheEntry], gone: list[str], cuts: tuple[int, ...] | None) -> None:
        self.clear()
        self._store(entries, gone, cuts)

    def _store(self, entries: list[CacheEntry], gone: list[str], cuts: tuple[int, ...] | None) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(self._connect()) as connection, connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_TABLES)
            connection.executemany("DELETE FROM entry WHERE scope = ? AND uuid = ?", [(self.scope, u) for u in gone])
            connection.executemany(
                "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(self.scope, e.uuid, e.row, e.mark, e.whole, e.fields, e.kept_as) for e in entries],
            )
            if cuts is not None:
                connection.execute("INSERT OR REPLACE INTO cuts VALUES (?, ?)", (self.scope, json.dumps(cuts)))

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS)


def _entry(*record: object) -> CacheEntry | None:
    """None for a record that this version did not write."""
    match record:
        case (str(uuid), str(row), str(mark), str(whole), str(fields), str(kept_as)):
            if fields.count(" ") == len(FIELDS) - 1 and _FORMS.issuperset(kept_as.split()):
                return CacheEntry(uuid=uuid, row=row, mark=mark, whole=whole, fields=fields, kept_as=kept_as)
    return None


def _cuts(text: object) -> tuple[int, ...]:
    """Empty for what this version did not write: each cut costs a request, and a strange one COC's refusal."""
    try:
        ids = json.loads(str(text))
    except (ValueError, RecursionError):
        return ()
    if not (isinstance(ids, list) and len(ids) < SEGMENTS and all(type(i) is int and 0 < i <= _ID_MAX for i in ids)):
        return ()
    return tuple(ids) if len(set(ids)) == len(ids) else ()
