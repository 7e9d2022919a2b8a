"""The live line: at a terminal it comes and goes, elsewhere there is nothing of it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from cocsync.cli.parts.progress import StatusLine
from tests.support.program import Program
from tests.support.repository import Repository

CLEAR = "\r\x1b[2K"
LINE = re.compile(r"(?:Listing|Reading|Writing) scripts [0-9]+(?: of [0-9]+)?, [0-9]+/s")


@pytest.fixture
def new(repository: Repository) -> Repository:
    for name in ("a", "b", "c"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    return repository


def left_on_screen(shown: str) -> str:
    """What a terminal still shows: of each line what stands behind the last time it was cleared."""
    return "\n".join(line.rpartition(CLEAR)[2] for line in shown.replace("\r\n", "\n").split("\n"))


class TestAtATerminal:
    def test_tells_what_is_listed_written_and_read_and_leaves_nothing_behind(
        self, cocsync: Program, new: Repository
    ) -> None:
        done = cocsync.on_terminal("apply", "--yes", "--no-cache", folder=new.root)
        assert done.code == 0
        assert f"{CLEAR}Writing scripts 3 of 3, " in done.out
        done = cocsync.on_terminal("plan", "--no-cache")
        assert f"{CLEAR}Listing scripts 3 of 3, " in done.out
        assert f"{CLEAR}Reading scripts 3 of 3, " in done.out
        left = left_on_screen(done.out)
        assert not LINE.search(left)
        assert left == left_on_screen(cocsync.on_terminal("plan", "--no-cache", "-q").out)

    @pytest.mark.parametrize("verb", [("drift",), ("status",), ("import", "--all"), ("release", "a", "--yes")])
    def test_of_every_verb_that_reads_much(self, cocsync: Program, new: Repository, verb: tuple[str, ...]) -> None:
        cocsync.here("apply", "--yes", folder=new.root)
        done = cocsync.on_terminal(*verb)
        assert done.code == 0
        assert f"{CLEAR}Listing scripts 3 of 3, " in done.out
        assert not LINE.search(left_on_screen(done.out))

    @pytest.mark.parametrize(
        ("arguments", "environ"),
        [(("-q",), {}), (("-v",), {}), ((), {"TERM": "dumb"})],
        ids=["quiet", "verbose", "dumb"],
    )
    def test_is_not_there_where_it_is_not_wanted(
        self, cocsync: Program, new: Repository, arguments: tuple[str, ...], environ: dict[str, Any]
    ) -> None:
        done = cocsync.on_terminal("plan", *arguments, folder=new.root, **environ)
        assert done.code == 0
        assert (CLEAR in done.out, bool(LINE.search(done.out))) == (False, False)

    def test_is_gone_where_the_run_fails(self, cocsync: Program, new: Repository) -> None:
        done = cocsync.on_terminal("plan", "nowhere", folder=new.root)
        assert done.code == 3
        assert not LINE.search(left_on_screen(done.out))


@pytest.mark.parametrize("verb", [("plan",), ("apply", "--yes"), ("status",), ("drift",), ("import", "--all")])
def test_nothing_of_it_is_in_a_pipe(cocsync: Program, new: Repository, verb: tuple[str, ...]) -> None:
    done = cocsync(*verb, "--no-color", folder=new.root)
    assert "\x1b" not in done.out + done.err
    assert not LINE.search(done.out + done.err)


class TestStatusLine:
    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The time, which the test sets."""
        now = [100.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        return now

    def test_says_what_how_far_and_how_fast(self, clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
        line = StatusLine(shown=True)
        line("Reading scripts", 1, 40)
        clock[0] += 2
        line("Reading scripts", 21, 40)
        line("Listing scripts", 7, 0)
        assert capsys.readouterr().err.split(CLEAR)[1:] == [
            "Reading scripts 1 of 40, 0/s",
            "Reading scripts 21 of 40, 10/s",
            "Listing scripts 7, 0/s",
        ]

    def test_is_written_ten_times_a_second_and_at_the_end(
        self, clock: list[float], capsys: pytest.CaptureFixture[str]
    ) -> None:
        line = StatusLine(shown=True)
        for done in range(1, 101):
            clock[0] += 0.01
            line("Reading scripts", done, 100)
        shown = capsys.readouterr().err
        assert 10 <= shown.count(CLEAR) <= 12
        assert "Reading scripts 100 of 100, " in shown

    def test_clears_only_what_it_wrote(self, capsys: pytest.CaptureFixture[str]) -> None:
        StatusLine(shown=True).clear()
        assert capsys.readouterr().err == ""
        line = StatusLine(shown=True)
        line("Reading scripts", 1, 1)
        line.clear()
        line.clear()
        shown = capsys.readouterr().err
        assert (shown.count(CLEAR), shown.endswith(CLEAR)) == (2, True)

    def test_nothing_is_shown_once_it_is_closed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A thread may still tell of an answer when the run goes on without it."""
        line = StatusLine(shown=True)
        line.close()
        line("Listing scripts", 100, 100)
        assert capsys.readouterr().err == ""

    def test_is_silent_where_it_is_not_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        line = StatusLine(shown=False)
        line("Reading scripts", 1, 1)
        line.clear()
        assert capsys.readouterr().err == ""
