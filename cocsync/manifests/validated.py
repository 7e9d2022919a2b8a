"""Files that were found valid by the schema, by digest, so that the same bytes need not be judged again.

Deletable at any time. Whatever is wrong with the file, nothing is remembered.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from cocsync.system import storage

_DIGEST_SIZE = 16
_LIMIT = 200_000
"""Digests kept; beyond it the memory begins anew."""


class Validated:
    """The memory of one run. `schema` is the text that judges; another one has another memory."""

    def __init__(self, path: Path | None, schema: str) -> None:
        self._path = path
        self._seed = hashlib.blake2b(schema.encode(), digest_size=_DIGEST_SIZE).digest()
        self._known = self._load()
        self._fresh: set[bytes] = set()

    def covers(self, data: bytes) -> bool:
        """Whether exactly these bytes were found valid before."""
        digest = self._digest(data)
        return digest in self._known or digest in self._fresh

    def add(self, data: bytes) -> None:
        """These bytes are valid."""
        self._fresh.add(self._digest(data))

    def save(self) -> None:
        """Keeps what is new for the next run, where that can be."""
        if self._path is None or not self._fresh - self._known:
            return
        known = self._known | self._fresh if len(self._known) < _LIMIT else self._fresh
        with suppress(OSError):
            storage.write(self._path, b"".join(sorted(known)), private=True)

    def _load(self) -> frozenset[bytes]:
        try:
            held = self._path.read_bytes() if self._path else b""
        except OSError:
            held = b""
        if len(held) % _DIGEST_SIZE:
            return frozenset()
        return frozenset(held[at : at + _DIGEST_SIZE] for at in range(0, len(held), _DIGEST_SIZE))

    def _digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, digest_size=_DIGEST_SIZE, key=self._seed).digest()
