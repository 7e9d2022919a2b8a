"""The simulator's storage: what survives, what is hidden, what several processes see."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.sim import Param, Reviewer, StorageError, StoredScript
from cocsync.sim.store import Query, Store

SCRIPT = StoredScript(
    id=1,
    uuid="SC1",
    name="rotate",
    type="SHELL",
    content="x\r\n\0é中",
    description="d",
    risk_level="LOW",
    version="1",
    reviewers=(Reviewer(name="bob"),),
    params=(Param(name="a", value="1", sensitive=True), Param(name="b")),
    protocol="SMS",
    operator="carol",
    gmt_modified=5,
    approved=None,
)


@pytest.fixture
def open_store() -> Iterator[Callable[..., Store]]:
    """Opens stores, which are closed in the end."""
    with ExitStack() as stores:
        yield lambda path=":memory:": stores.enter_context(closing(Store(path)))


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """A store in memory."""
    return open_store()


def named(store: Store, name: str) -> list[str]:
    return [script.uuid for script in store.named(name)]


def test_a_script_survives_with_all_its_fields(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    script = replace(SCRIPT, approved=replace(SCRIPT, content="before"))
    open_store(tmp_path / "below" / "sim.db").write(script)

    reopened = open_store(tmp_path / "below" / "sim.db")

    assert reopened.current("SC1") == reopened.visible("SC1") == script
    assert reopened.all() == (script,)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def write_and_fail() -> None:
        with store.transaction():
            store.write(SCRIPT)
            raise KeyError

    with pytest.raises(KeyError):
        write_and_fail()

    assert store.all() == ()


def test_an_id_is_never_given_again(store: Store) -> None:
    store.write(replace(SCRIPT, id=41))
    store.remove("SC1")
    assert store.next_id() == 42

    store.clear()
    assert store.next_id() == 42


def test_an_id_of_a_hidden_script_is_taken(store: Store) -> None:
    store.write(replace(SCRIPT, id=7), hide_for=3)

    assert store.next_id() == 8


def test_a_hidden_change_shows_after_its_reads(store: Store) -> None:
    store.write(SCRIPT)
    after = replace(SCRIPT, content="after")
    store.write(after, hide_for=2)

    assert store.current("SC1") == after
    assert [store.visible("SC1") for _ in range(3)] == [SCRIPT, SCRIPT, after]


def test_a_hidden_creation_is_absent_from_reads_and_takes_its_name(store: Store) -> None:
    store.write(SCRIPT, hide_for=2)

    assert named(store, "rotate") == ["SC1"]
    assert store.all() == (SCRIPT,)
    assert store.visible("SC1") is None
    assert store.page(Query(limit=5)) == (0, ())
    assert store.page(Query(limit=5))[0] == 1


def test_a_hidden_removal_still_shows_and_frees_the_name(store: Store) -> None:
    store.write(SCRIPT)
    store.remove("SC1", hide_for=1)

    assert (store.current("SC1"), named(store, "rotate"), store.all()) == (None, [], ())
    assert [store.visible("SC1"), store.visible("SC1")] == [SCRIPT, None]


def test_a_script_removed_before_it_showed_never_shows(store: Store) -> None:
    store.write(SCRIPT, hide_for=2)
    store.remove("SC1", hide_for=2)

    assert [store.visible("SC1") for _ in range(4)] == [None] * 4


def test_a_read_of_one_script_does_not_count_for_another(store: Store) -> None:
    store.write(SCRIPT, hide_for=1)
    store.visible("SC2")

    assert store.visible("SC1") is None
    assert store.visible("SC1") == SCRIPT


def test_a_write_at_once_ends_an_older_hiding(store: Store) -> None:
    store.write(SCRIPT, hide_for=9)
    store.write(replace(SCRIPT, content="now"))

    shown = store.visible("SC1")
    assert shown is not None
    assert shown.content == "now"


@given(
    ids=st.sets(st.integers(1, 10**6), max_size=30),
    limit=st.integers(1, 10),
    ascending=st.booleans(),
)
def test_pages_by_marker_hold_every_script_once_in_order(ids: set[int], limit: int, ascending: bool) -> None:
    seen: list[int] = []
    with closing(Store()) as store:
        store.write_many(replace(SCRIPT, id=number, uuid=f"SC{number}") for number in ids)
        page = None
        while page != ():
            total, page = store.page(Query(limit=limit, ascending=ascending, after=seen[-1] if seen else None))
            assert total == len(ids)
            seen += [script.id for script in page]

    assert seen == sorted(ids, reverse=not ascending)


def test_a_page_counts_and_holds_only_what_matches(store: Store) -> None:
    for number, changed in enumerate(
        (
            SCRIPT,
            replace(SCRIPT, type="BAT"),
            replace(SCRIPT, risk_level="HIGH"),
            replace(SCRIPT, creator="eve"),
            replace(SCRIPT, enterprise_project_id="9"),
        ),
        start=1,
    ):
        store.write(replace(changed, id=number, uuid=f"SC{number}"))

    def ids(query: Query) -> tuple[int, list[int]]:
        total, page = store.page(query)
        return total, [script.id for script in page]

    assert ids(Query(limit=9, type="BAT")) == (1, [2])
    assert ids(Query(limit=9, risk_level="HIGH")) == (1, [3])
    assert ids(Query(limit=9, creator="eve")) == (1, [4])
    assert ids(Query(limit=9, enterprise_project_id="9")) == (1, [5])
    assert ids(Query(limit=9, type="BAT", risk_level="HIGH")) == (0, [])
    assert ids(Query(limit=1, after=3, type="SHELL")) == (4, [1])


def test_two_stores_on_one_file_see_each_other(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    first, second = open_store(tmp_path / "sim.db"), open_store(tmp_path / "sim.db")
    first.write(SCRIPT)
    first.put("key", "value")
    first.add_token("T", "alice", 9.0)

    assert second.current("SC1") == SCRIPT
    assert second.get("key") == "value"
    assert second.token("T") == ("alice", 9.0)


def test_processes_may_open_one_new_file_and_write_at_once(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    code = (
        "import sys; from cocsync.sim import Simulator\n"
        "simulator = Simulator(sys.argv[1])\n"
        "for number in range(40): simulator.create(name=f'{sys.argv[2]}_{number}')\n"
    )
    environment = os.environ | {"PYTHONPATH": os.fspath(Path.cwd())}
    path = os.fspath(tmp_path / "sim.db")
    writers = [subprocess.Popen([sys.executable, "-c", code, path, str(name)], env=environment) for name in range(3)]

    assert [writer.wait() for writer in writers] == [0, 0, 0]
    scripts = open_store(path).all()
    assert len({script.name for script in scripts}) == len({script.uuid for script in scripts}) == 120


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "sim.db"
    path.write_text("not a database, but long enough to look at" * 20)

    with pytest.raises(StorageError, match=r"sim\.db.*delete it or name another file"):
        Store(path)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sim.db"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()

    with pytest.raises(StorageError, match="format 99"):
        Store(path)


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
class TestFile:
    def test_is_for_its_user_only_whatever_the_umask(self, tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            with closing(Store(tmp_path / "state" / "sim.db")) as store:
                store.write(SCRIPT)
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
            Store(tmp_path / "sim.db")
        assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError, match="file"):
        Store(tmp_path / "file" / "sim.db")


def test_a_store_that_was_closed_says_so(store: Store) -> None:
    store.close()

    with pytest.raises(StorageError, match="closed"):
        store.get("key")
