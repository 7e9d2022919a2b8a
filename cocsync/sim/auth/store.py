"""The tokens that were given out, in the simulator's database."""

from __future__ import annotations

from cocsync.sim.database import Database

_SCHEMA = "CREATE TABLE tokens (token TEXT PRIMARY KEY, user TEXT, expires REAL)"


class TokenStore:
    """The tokens that were given out and not withdrawn. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._db = database
        database.create("tokens", _SCHEMA)

    def add(self, token: str, user: str, expires: float) -> None:
        """Keep a token; `expires` in seconds since the epoch."""
        self._db.run("INSERT INTO tokens VALUES (?, ?, ?)", (token, user, expires))

    def get(self, token: str) -> tuple[str, float] | None:
        """User and end of a token, None for one that was never given out or was withdrawn."""
        row = self._db.one("SELECT user, expires FROM tokens WHERE token = ?", (token,))
        return (row[0], row[1]) if row else None

    def clear(self) -> None:
        """Withdraw every token."""
        self._db.run("DELETE FROM tokens")
