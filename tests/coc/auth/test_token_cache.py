"""Tokens in the user's cache folder: there for us alone, and never in the way."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from cocsync.coc.auth.token_cache import Token, TokenCache
from cocsync.model.secret import Secret

TOKEN = Token(value=Secret("T"), renew_at=10.0, expires_at=20.5)


@pytest.fixture
def cache(tmp_path: Path) -> TokenCache:
    return TokenCache(tmp_path / "new" / "cache")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_token_is_kept_for_us_alone_whatever_the_umask(cache: TokenCache) -> None:
    before = os.umask(0)
    try:
        cache.save("key", TOKEN)
    finally:
        os.umask(before)

    assert cache.load("key") == TOKEN
    assert mode(cache.folder) == 0o700
    assert mode(cache.folder / "key") == 0o600
    assert [path.name for path in cache.folder.iterdir()] == ["key"]


def test_a_token_replaces_the_one_before(cache: TokenCache) -> None:
    cache.save("key", TOKEN)
    cache.save("key", Token(value=Secret("U"), renew_at=1.0, expires_at=2.0))

    assert cache.load("key") == Token(value=Secret("U"), renew_at=1.0, expires_at=2.0)


def test_other_keys_hold_nothing(cache: TokenCache) -> None:
    cache.save("key", TOKEN)

    assert cache.load("other") is None


@pytest.mark.parametrize(
    "text",
    ["", "T", "[]", '{"token": "T"}', '{"token": 1, "renew_at": 1.0, "expires_at": 2.0}', "[" * 99_999, "\udcff"],
)
def test_what_is_no_token_counts_as_absent(cache: TokenCache, text: str) -> None:
    cache.save("key", TOKEN)
    (cache.folder / "key").write_text(text, errors="surrogateescape")

    assert cache.load("key") is None


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_use_counts_as_absent(cache: TokenCache, bits: int) -> None:
    cache.save("key", TOKEN)
    (cache.folder / "key").chmod(bits)

    assert cache.load("key") is None


def test_a_file_of_another_user_counts_as_absent(cache: TokenCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.save("key", TOKEN)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    assert cache.load("key") is None


def test_neither_a_link_nor_a_pipe_nor_a_folder_is_read(cache: TokenCache) -> None:
    cache.save("key", TOKEN)
    (cache.folder / "link").symlink_to("key")
    os.mkfifo(cache.folder / "pipe", 0o600)
    (cache.folder / "folder").mkdir(0o700)

    assert [cache.load(name) for name in ("link", "pipe", "folder")] == [None, None, None]


def test_a_link_is_replaced_and_not_followed(cache: TokenCache, tmp_path: Path) -> None:
    cache.save("other", TOKEN)
    (cache.folder / "key").symlink_to(tmp_path / "elsewhere")
    cache.save("key", TOKEN)

    assert not (tmp_path / "elsewhere").exists()
    assert cache.load("key") == TOKEN


def test_a_folder_that_takes_nothing_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = TokenCache(tmp_path / "file" / "cache")
    cache.save("key", TOKEN)

    assert cache.load("key") is None


def test_a_write_that_fails_leaves_nothing_behind(cache: TokenCache) -> None:
    (cache.folder / "key" / "full").mkdir(parents=True)
    cache.save("key", TOKEN)

    assert [path.name for path in cache.folder.iterdir()] == ["key"]


def test_a_token_is_a_secret_in_memory_and_plain_on_disk(cache: TokenCache) -> None:
    cache.save("key", TOKEN)

    assert "T" not in repr(TOKEN).removeprefix("Token")
    assert json.loads((cache.folder / "key").read_bytes())["token"] == "T"
