"""Where cocsync keeps its state, and what is refused in its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cocsync.errors import LocalFailure, Refused
from cocsync.system import state
from cocsync.system.state import cache_folder


@pytest.mark.parametrize(
    ("environ", "windows", "expected"),
    [
        ({}, False, "/home/a/.cache/cocsync"),
        ({"XDG_CACHE_HOME": "/var/cache/a"}, False, "/var/cache/a/cocsync"),
        ({"XDG_CACHE_HOME": ""}, False, "/home/a/.cache/cocsync"),
        ({"XDG_CACHE_HOME": "relative"}, False, "/home/a/.cache/cocsync"),
        ({"LOCALAPPDATA": "/C/Local"}, True, "/C/Local/cocsync"),
        ({"XDG_CACHE_HOME": "/x"}, True, "/home/a/AppData/Local/cocsync"),
    ],
)
def test_the_cache_lies_where_the_platform_has_caches(environ: dict[str, str], windows: bool, expected: str) -> None:
    assert cache_folder(environ, Path("/home/a"), windows=windows) == Path(expected)


class TestMemory:
    def test_each_repository_has_its_own_outside_of_it(self, tmp_path: Path) -> None:
        one, other = (state.memory({}, tmp_path / "home", tmp_path / name) for name in ("one", "other"))
        assert one != other
        assert one.parent == other.parent == tmp_path / "home" / ".cache" / "cocsync" / "repositories"
        assert one == state.memory({}, tmp_path / "home", tmp_path / "other" / ".." / "one")

    @pytest.mark.parametrize("folder", ["", "project", "project/.cocsync"])
    def test_a_cache_folder_in_the_checkout_remembers_nothing(self, tmp_path: Path, folder: str) -> None:
        (tmp_path / ".git").mkdir()
        environ = {"XDG_CACHE_HOME": str(tmp_path / folder)}
        assert not state.memory(environ, Path("/nowhere"), tmp_path / "project").is_relative_to(tmp_path)


@pytest.mark.parametrize("entry", ["", "sim.db", "lock", "runs", "backups", "sim.db-wal"])
@pytest.mark.parametrize("kind", ["link", "dangling", "pipe"])
def test_a_link_or_a_pipe_in_the_place_of_state_is_refused(tmp_path: Path, entry: str, kind: str) -> None:
    place = tmp_path / ".cocsync" / entry
    place.parent.mkdir(exist_ok=True)
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(tmp_path / "elsewhere")
    if kind == "link":
        (tmp_path / "elsewhere").mkdir()
    with pytest.raises(Refused, match=r"\.cocsync.* is neither a file nor a folder.*: remove it"):
        state.refuse_foreign(tmp_path)


def test_state_of_our_own_and_none_at_all_are_accepted(tmp_path: Path) -> None:
    state.refuse_foreign(tmp_path)
    (tmp_path / ".cocsync" / "runs").mkdir(parents=True)
    (tmp_path / ".cocsync" / "lock").touch()
    state.refuse_foreign(tmp_path)


def test_a_folder_that_cannot_be_looked_into_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / ".cocsync").mkdir()
    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(LocalFailure, match="cannot be looked into: Permission denied"):
        state.refuse_foreign(tmp_path)
