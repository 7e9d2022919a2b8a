"""The scripts in the simulator's database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from cocsync.sim.database import Database
from cocsync.sim.scripts.script import StoredScript, dump, load, params_of, reviewers_of

_COLUMNS = tuple(each.name for each in fields(StoredScript))
_SCHEMA = f"""
CREATE TABLE scripts (id INTEGER PRIMARY KEY AUTOINCREMENT, {", ".join(_COLUMNS[1:])});
CREATE UNIQUE INDEX scripts_by_uuid ON scripts (uuid);
CREATE INDEX scripts_by_name ON scripts (name);
CREATE TABLE hidden (uuid TEXT PRIMARY KEY, name TEXT, reads_left INTEGER, script TEXT);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What one page of a list asks for. `after` is the id of the last row of the page before, exclusive."""

    limit: int
    after: int | None = None
    ascending: bool = False
    name_pattern: str | None = None
    name_ignores_case: bool = True
    creator: str | None = None
    risk_level: str | None = None
    type: str | None = None
    enterprise_project_id: str | None = None


class Store:
    """The scripts. Methods are thread-safe; several processes may use one file.

    A write can be hidden for a number of reads: until then `visible` and `page` show the state from before, while
    `current`, `named` and `all` know the new one.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        database.create("scripts", _SCHEMA)

    def transaction(self) -> AbstractContextManager[None]:
        """All that happens inside is done at once or not at all; no other writer comes in between."""
        return self._db.transaction()

    def next_id(self) -> int:
        """The id that the next script will get at least; never one that was given before."""
        row = self._db.one("SELECT seq FROM sqlite_sequence WHERE name = 'scripts'")
        hidden = self._db.one("SELECT max(json_extract(script, '$.id')) FROM hidden")
        return max(row[0] if row else 0, (hidden[0] if hidden else None) or 0) + 1

    def write(self, script: StoredScript, *, hide_for: int = 0) -> None:
        """Keep a script, new or changed."""
        with self._db.transaction():
            if hide_for:
                self._hide(script.uuid, script.name, hide_for, dump(script))
            else:
                self._db.run("DELETE FROM hidden WHERE uuid = ?", (script.uuid,))
                self.write_many((script,))

    def write_many(self, scripts: Iterable[StoredScript]) -> None:
        """Keep many scripts, all visible at once."""
        marks = ", ".join("?" * len(_COLUMNS))
        with self._db.transaction():
            self._db.run_many(f"INSERT OR REPLACE INTO scripts VALUES ({marks})", map(_to_row, scripts))  # noqa: S608

    def remove(self, uuid: str, *, hide_for: int = 0) -> None:
        """Forget a script."""
        with self._db.transaction():
            if hide_for and self._db.one("SELECT 1 FROM scripts WHERE uuid = ?", (uuid,)):
                self._hide(uuid, None, hide_for, None)
            else:
                self._db.run("DELETE FROM hidden WHERE uuid = ?", (uuid,))
                self._db.run("DELETE FROM scripts WHERE uuid = ?", (uuid,))

    def visible(self, uuid: str) -> StoredScript | None:
        """The script as a read shows it; counts as one read of it."""
        with self._db.lock:
            script = self._seen(uuid)
            self._count_read("WHERE uuid = ?", (uuid,))
        return script

    def current(self, uuid: str) -> StoredScript | None:
        """The script as it really is."""
        hidden = self._db.one("SELECT script FROM hidden WHERE uuid = ?", (uuid,))
        if hidden:
            return load(hidden[0]) if hidden[0] else None
        return self._seen(uuid)

    def named(self, name: str) -> tuple[StoredScript, ...]:
        """All scripts that really have this name."""
        found = self._db.all(
            "SELECT uuid FROM scripts WHERE name = ? UNION SELECT uuid FROM hidden WHERE name = ?", (name, name)
        )
        scripts = (self.current(uuid) for (uuid,) in found)
        return tuple(script for script in scripts if script and script.name == name)

    def all(self) -> tuple[StoredScript, ...]:
        """Every script as it really is, by id."""
        scripts = {row[1]: _from_row(row) for row in self._db.all("SELECT * FROM scripts")}
        for uuid, text in self._db.all("SELECT uuid, script FROM hidden"):
            scripts.pop(uuid, None)
            if text:
                scripts[uuid] = load(text)
        return tuple(sorted(scripts.values(), key=lambda script: script.id))

    def page(self, query: Query) -> tuple[int, tuple[StoredScript, ...]]:
        """How many scripts match, and one page of them without contents and params; counts as one read of each."""
        matching, values = _conditions(query)
        beyond, order = (">", "ASC") if query.ascending else ("<", "DESC")
        with self._db.lock:
            total = self._db.one(f"SELECT count(*) FROM scripts{matching}", values)[0]  # noqa: S608
            if query.after is not None:
                matching += f"{' AND' if matching else ' WHERE'} id {beyond} ?"
                values.append(query.after)
            rows = self._db.all(
                f"SELECT {_LIST_COLUMNS} FROM scripts{matching} ORDER BY id {order} LIMIT ?",  # noqa: S608
                [*values, query.limit],
            )
            self._count_read()
        return total, tuple(map(_from_row, rows))

    def clear(self) -> None:
        """Forget all scripts. Ids go on where they were, as a real service's would."""
        with self._db.transaction():
            for table in ("scripts", "hidden"):
                self._db.run(f"DELETE FROM {table}")  # noqa: S608

    def _hide(self, uuid: str, name: str | None, reads: int, script: str | None) -> None:
        self._db.run("INSERT OR REPLACE INTO hidden VALUES (?, ?, ?, ?)", (uuid, name, reads, script))

    def _count_read(self, which: str = "", values: tuple[str, ...] = ()) -> None:
        if not self._db.one(f"SELECT 1 FROM hidden {which}", values):  # noqa: S608
            return
        with self._db.transaction():
            self._db.run(f"UPDATE hidden SET reads_left = reads_left - 1 {which}", values)  # noqa: S608
            for uuid, text in self._db.all("SELECT uuid, script FROM hidden WHERE reads_left <= 0"):
                if text:
                    self.write(load(text))
                else:
                    self.remove(uuid)

    def _seen(self, uuid: str) -> StoredScript | None:
        row = self._db.one("SELECT * FROM scripts WHERE uuid = ?", (uuid,))
        return _from_row(row) if row else None


_LIST_COLUMNS = ", ".join({"content": "''", "params": "'[]'"}.get(column, column) for column in _COLUMNS)


def _to_row(script: StoredScript) -> tuple[Any, ...]:
    values = asdict(replace(script, approved=None))
    values |= {column: json.dumps(values[column], ensure_ascii=False) for column in ("reviewers", "params")}
    values["approved"] = dump(script.approved) if script.approved else None
    return tuple(values.values())


def _from_row(row: tuple[Any, ...]) -> StoredScript:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["reviewers"] = reviewers_of(json.loads(values["reviewers"]))
    values["params"] = params_of(json.loads(values["params"]))
    values["approved"] = load(values["approved"]) if values["approved"] else None
    return StoredScript(**values)


def _conditions(query: Query) -> tuple[str, list[Any]]:
    exact = {
        "creator": query.creator,
        "risk_level": query.risk_level,
        "type": query.type,
        "enterprise_project_id": query.enterprise_project_id,
    }
    parts = [f"{column} = ?" for column, value in exact.items() if value is not None]
    values: list[Any] = [value for value in exact.values() if value is not None]
    if query.name_pattern is not None:
        parts.append("lower(name) GLOB lower(?)" if query.name_ignores_case else "name GLOB ?")
        values.append(query.name_pattern)
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), values
