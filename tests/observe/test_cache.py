"""The cache file: whatever is wrong with it, the answer is an empty one, and the next writing mends it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.model.fields import FIELDS
from cocsync.observe.cache import Cache
from cocsync.observe.listing import SEGMENTS
from cocsync.observe.recall import CacheEntry, entry_of
from tests.support import builders


def entry(uuid: str = "SC1") -> CacheEntry:
    made = entry_of(builders.written(builders.manifest(), uuid=uuid))
    assert made is not None
    return made


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "state" / "cache.db", "scope")


def test_a_missing_file_is_an_empty_cache(cache: Cache) -> None:
    assert cache.load() == ({}, ())


def test_what_is_stored_is_loaded(cache: Cache) -> None:
    cache.store([entry("SC1"), entry("SC2")], cuts=(9, 5))
    cache.store([entry("SC3")], gone=["SC1"])

    assert cache.load() == ({"SC2": entry("SC2"), "SC3": entry("SC3")}, (9, 5))


def test_another_scope_sees_nothing_of_it(cache: Cache) -> None:
    cache.store([entry()], cuts=(1,))

    assert Cache(cache.path, "other").load() == ({}, ())


def test_a_cleared_cache_is_gone(cache: Cache) -> None:
    cache.store([entry()])
    cache.clear()
    cache.clear()

    assert not cache.path.exists()
    assert cache.load() == ({}, ())


@given(data=st.binary(max_size=200))
def test_a_file_of_anything_is_an_empty_cache_and_is_made_anew(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    cache = Cache(tmp_path_factory.mktemp("cache") / "cache.db", "scope")
    cache.path.write_bytes(data)

    assert cache.load() == ({}, ())
    cache.store(iter([entry()]), gone=iter(["SC2"]))
    assert cache.load()[0] == {"SC1": entry()}


@given(size=st.integers(0, 20_000))
def test_a_truncated_file_never_raises(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    cache = Cache(tmp_path_factory.mktemp("cache") / "cache.db", "scope")
    cache.store([entry(f"SC{n}") for n in range(40)], cuts=(3, 2))
    cache.path.write_bytes(cache.path.read_bytes()[:size])

    entries, _ = cache.load()
    assert all(entry(uuid) == each for uuid, each in entries.items())
    cache.store([entry("new")])
    assert "new" in cache.load()[0]


@pytest.mark.parametrize(
    "record",
    [
        ("SC1", None, "", "", "", ""),
        ("SC1", "r", 7, "", "a b", ""),
        ("SC1", "r", "m", "w", "too few", ""),
        ("SC1", "r", "m", "w", " ".join("x" * len(FIELDS)), "unknown_form"),
    ],
)
def test_a_record_that_this_version_did_not_write_is_left_out(cache: Cache, record: tuple[object, ...]) -> None:
    cache.store([entry("SC2")])
    with sqlite3.connect(cache.path) as connection:
        connection.execute("INSERT INTO entry VALUES ('scope', ?, ?, ?, ?, ?, ?)", record)

    assert cache.load()[0] == {"SC2": entry("SC2")}


@pytest.mark.parametrize(
    "text",
    [
        *("no json", "7", '[1, "a", 2]', "[" * 9, "[" * 100_000, "[-5]", "[0, 1]", f"[{10**30}]", "[true]", "[5, 5]"),
        str(list(range(1, SEGMENTS + 1))),
    ],
    ids=lambda text: text[:12],
)
def test_strange_cuts_are_no_cuts(cache: Cache, text: str) -> None:
    cache.store([], cuts=())
    with sqlite3.connect(cache.path) as connection:
        connection.execute("UPDATE cuts SET ids = ?", (text,))

    assert cache.load()[1] == ()


def test_a_folder_that_cannot_be_written_is_no_failure(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")

    cache.store([entry()])

    assert cache.load() == ({}, ())
