"""Tokens kept between runs, in files of the user's cache folder that nobody else may read."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocsync.model.secret import Secret
from cocsync.system import storage

_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token of IAM's. Times are epoch seconds by this machine's clock; it is to be replaced from `renew_at` on."""

    value: Secret
    renew_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class TokenCache:
    """The tokens in one folder, each under a key that is a file name.

    What cannot be read, is not ours alone or is no token counts as absent; a folder that takes no file keeps nothing.
    """

    folder: Path

    def load(self, key: str) -> Token | None:
        try:
            return _token(json.loads(_read_own(self.folder / key)))
        except (OSError, ValueError, RecursionError):
            return None

    def save(self, key: str, token: Token) -> None:
        record = {"token": token.value.reveal(), "renew_at": token.renew_at, "expires_at": token.expires_at}
        with contextlib.suppress(OSError):
            path = self.folder / key
            if path.is_symlink():
                path.unlink()
            storage.write(path, json.dumps(record).encode("ascii"), private=True)


def _token(record: Any) -> Token | None:
    match record:
        case {"token": str(value), "renew_at": float(renew_at), "expires_at": float(expires_at)}:
            return Token(value=Secret(value), renew_at=renew_at, expires_at=expires_at)
    return None


def _read_own(path: Path) -> bytes:
    """The bytes of a file of ours. Raises OSError for a link, and where another user owns, reads or writes it."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or not _is_ours_alone(status):
            raise PermissionError
        return file.read(_MAX_BYTES)


if os.name == "nt":  # pragma: platform

    def _is_ours_alone(status: os.stat_result) -> bool:  # noqa: ARG001
        """The folder belongs to the user's profile, which keeps others out."""
        return True
else:

    def _is_ours_alone(status: os.stat_result) -> bool:
        return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
