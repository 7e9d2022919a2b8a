"""The one writer: files that are whole or not there, and never beyond the checkout."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocsync.system import storage

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes, links and descriptors are POSIX's")

SPREAD = ("one/two", "one", "")
"""Folders below the top, for a link in the place of each."""


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "checkout" / ".git").mkdir(parents=True)
    return tmp_path / "checkout"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    return tmp_path / "outside"


WRITERS: dict[str, Callable[[Path], Any]] = {
    "write": lambda path: storage.write(path, b"new"),
    "write durably": lambda path: storage.write(path, b"new", private=True, durable=True),
    "write exclusively": lambda path: storage.write(path, b"new", exclusive=True),
    "write_folder": lambda path: storage.write_folder(path, {"a": b"new"}),
    "new_folder": storage.new_folder,
    "open_state": storage.open_state,
    "open_named": storage.open_named,
}


def entries(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


class TestWrite:
    def test_file_and_folders_are_made(self, tmp_path: Path) -> None:
        storage.write(tmp_path / "a" / "b" / "file", b"\0\r\n")
        assert (tmp_path / "a" / "b" / "file").read_bytes() == b"\0\r\n"
        assert entries(tmp_path) == {"a", "a/b", "a/b/file"}

    def test_a_relative_path_is_below_the_current_folder(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(top)
        storage.write(Path("file"), b"1")
        storage.write(Path("a/../b/file"), b"2")
        assert entries(top) == {".git", "file", "b", "b/file"}

    def test_what_was_there_is_replaced_in_one_step_and_keeps_its_mode(
        self, top: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (top / "file").write_text("old")
        (top / "file").chmod(0o755)
        seen: list[str] = []
        monkeypatch.setattr(os, "fsync", lambda _: seen.append((top / "file").read_text()))

        storage.write(top / "file", b"new", durable=True)

        assert seen == ["old", "new"], "the file's bytes, and then its name, are on disk"
        assert stat.S_IMODE((top / "file").stat().st_mode) == 0o755

    def test_a_private_file_is_never_readable_by_others(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        modes: list[int] = []
        rename = os.replace

        def watched(name: str, new: str, **descriptors: Any) -> None:
            modes.append(os.stat(name, dir_fd=descriptors["src_dir_fd"]).st_mode)
            rename(name, new, **descriptors)

        monkeypatch.setattr(os, "replace", watched)
        before = os.umask(0)
        try:
            storage.write(top / "state" / "file", b"new", private=True)
        finally:
            os.umask(before)
        assert [stat.S_IMODE(mode) for mode in modes] == [0o600]
        assert stat.S_IMODE((top / "state").stat().st_mode) == 0o700

    def test_an_exclusive_one_replaces_nothing(self, top: Path) -> None:
        (top / "file").write_text("old")
        with pytest.raises(FileExistsError):
            storage.write(top / "file", b"new", exclusive=True)
        assert (top / "file").read_text() == "old"

    @pytest.mark.parametrize("call", ["open", "fsync", "replace"])
    @pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
    def test_one_that_fails_leaves_nothing_behind(
        self, top: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: BaseException
    ) -> None:
        (top / "file").write_text("old")
        real = getattr(os, call)

        def fail(target: Any, *arguments: Any, **options: Any) -> Any:
            if call != "open" or str(target).endswith(".part"):
                raise error
            return real(target, *arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, fail)
            with pytest.raises(type(error)):
                storage.write(top / "file", b"new", durable=True)
        assert entries(top) == {".git", "file"}
        assert (top / "file").read_text() == "old"

    def test_the_name_meanwhile_cannot_be_foreseen(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        names: set[str] = set()
        monkeypatch.setattr(os, "fsync", lambda _: names.update(p.name for p in top.iterdir()))
        for _ in range(3):
            storage.write(top / "file", b"new", durable=True)
        assert len(names - {".git", "file"}) == 3


class TestWriteFolder:
    def test_the_files_lie_in_it(self, top: Path) -> None:
        storage.write_folder(top / "a" / "b", {"x": b"1", "y": b"2"})
        assert entries(top) == {".git", "a", "a/b", "a/b/x", "a/b/y"}

    def test_one_that_fails_leaves_nothing_behind(self, top: Path) -> None:
        with pytest.raises(OSError, match="File name too long"):
            storage.write_folder(top / "a", {"x": b"1", "y" * 300: b"2"})
        assert entries(top) == {".git"}

    @pytest.mark.parametrize("there", ["file", "folder", "link"])
    def test_what_is_there_stays(self, top: Path, outside: Path, there: str) -> None:
        place = top / "a"
        if there == "file":
            place.touch()
        elif there == "folder":
            place.mkdir()
        else:
            place.symlink_to(outside)
        with pytest.raises(FileExistsError):
            storage.write_folder(place, {"x": b"1"})
        assert entries(outside) == set()


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("place", ["top", "outside"])
def test_a_file_in_the_place_of_a_folder_is_not_a_name_that_is_taken(
    top: Path, outside: Path, writer: Callable[[Path], Any], place: str
) -> None:
    """Whoever looks for a free name would go on for ever."""
    file = (top if place == "top" else outside) / "one"
    file.touch()
    with pytest.raises(NotADirectoryError):
        writer(file / "new")


@pytest.mark.parametrize("mark", storage.TOPS)
@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("linked", SPREAD)
def test_no_link_in_a_checkout_leads_a_write_out_of_it(
    tmp_path: Path, outside: Path, writer: Callable[[Path], Any], linked: str, mark: str
) -> None:
    """Neither a folder on the way nor the file itself; also where the link leads to another checkout."""
    top = tmp_path / "top"
    (top / linked).mkdir(parents=True)
    (top / mark).touch()
    (outside / ".git").mkdir()
    (outside / "one" / "two").mkdir(parents=True)
    (outside / "file").write_text("precious")
    before = entries(outside)
    if linked:
        (top / linked).rmdir()
        (top / linked).symlink_to(outside / linked)
    else:
        (top / "one" / "two").mkdir(parents=True)
        (top / "one" / "two" / "file").symlink_to(outside / "file")

    with pytest.raises(OSError, match=r"[Ss]ymbolic link|File exists|[Nn]ot a directory"):
        writer(top / "one" / "two" / "file")

    assert entries(outside) == before
    assert (outside / "file").read_text() == "precious"


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_only_a_regular_file_is_replaced(top: Path, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(top / "file")
    else:
        (top / "file").mkdir()
    for write in (storage.write, lambda path, _: storage.open_state(path)):
        with pytest.raises(OSError, match=r"directory|neither a file nor a folder"):
            write(top / "file", b"new")
    assert entries(top) == {".git", "file"}


class TestNamed:
    def test_the_users_own_links_are_followed(self, tmp_path: Path, outside: Path) -> None:
        (tmp_path / "link").symlink_to(outside)
        assert storage.named(tmp_path / "link" / "file") == outside / "file"

    def test_a_link_inside_of_the_checkout_is_followed(self, top: Path) -> None:
        (top / "link").symlink_to("file")
        assert storage.named(top / "link") == top / "file"

    @pytest.mark.parametrize("path", [".git/report.json", ".GIT/report.json", "link"])
    def test_into_gits_own_folder_is_refused_with_that_reason(self, top: Path, path: str) -> None:
        (top / "link").symlink_to(".git/config")
        with pytest.raises(OSError, match=r"it leads into \.git"):
            storage.named(top / path)

    @pytest.mark.parametrize("to", ["../outside/file", "/etc/passwd"])
    def test_one_that_leads_out_of_it_is_refused(self, top: Path, to: str) -> None:
        (top / "link").symlink_to(to)
        with pytest.raises(OSError, match="a symbolic link leads out of the repository"):
            storage.named(top / "link")

    def test_a_device_stays_what_it_is(self) -> None:
        assert storage.named(Path("/dev/null")) == Path("/dev/null")

    def test_a_file_is_begun_anew_or_added_to(self, top: Path) -> None:
        for append, text in ((False, b"1"), (True, b"2"), (True, b"3")):
            with storage.open_named(top / "log" / "file", append=append) as file:
                file.write(text)
        assert (top / "log" / "file").read_bytes() == b"123"
        with storage.open_named(top / "log" / "file") as file:
            file.write(b"4")
        assert (top / "log" / "file").read_bytes() == b"4"


def test_without_descriptors_of_folders_the_same_holds(
    top: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    monkeypatch.setattr(storage, "_HAS_DESCRIPTORS", False)
    storage.write(top / "a" / "file", b"1", durable=True)
    storage.write_folder(top / "b", {"file": b"2"})
    (top / "link").symlink_to(outside)
    with pytest.raises(OSError, match="a symbolic link is in the way"):
        storage.write(top / "link" / "file", b"3")
    assert entries(top) == {".git", "a", "a/file", "b", "b/file", "link"}
    assert entries(outside) == set()
