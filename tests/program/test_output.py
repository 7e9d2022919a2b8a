"""Where output goes and who reads it: terminals, pipes that close, poor encodings, full disks, hostile text."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from cocsync.sim import Simulator
from tests.support import children
from tests.support.program import EXECUTABLE, Program
from tests.support.repository import Repository

COLOURED = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = "\x1b[2J\x1b]0;title\x07 ::error::x\n::set-output name=x::y ##[group]z \u202eevil\u2066 \r\x9b31m"


@pytest.fixture
def many(repository: Repository) -> Repository:
    """A repository whose plan is larger than a pipe holds."""
    content = "".join(f"echo {number}\n" for number in range(400))
    for number in range(60):
        repository.manifest(f"scripts/{number}.yaml", name=f"script_{number:02}", content=content)
    return repository


def shell(cocsync: Program, command: str, **environ: str) -> tuple[int, bytes, str]:
    """Code of the program in a pipeline, what came out at its end, and stderr."""
    done = children.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        cwd=cocsync.folder,
        env=cocsync.environ | {"COCSYNC": str(EXECUTABLE)} | environ,
        capture_output=True,
    )
    return done.returncode, done.stdout, done.stderr.decode()


class TestPipes:
    @pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
    def test_a_reader_that_leaves_changes_neither_the_code_nor_what_is_done(
        self, cocsync: Program, many: Repository, simulator: Simulator
    ) -> None:
        code, out, err = shell(cocsync, '"$COCSYNC" plan -v --detailed-exitcode | head -1')
        assert (code, out.splitlines()) == (2, [b"Target local at sim:, owner payments_ops"])
        assert "Error" not in err
        code, _, err = shell(cocsync, '"$COCSYNC" apply -v --yes -o text -o json=apply.json | head -1')
        assert (code, len(simulator.scripts())) == (0, 60)
        assert "Error" not in err
        assert (many.root / "apply.json").exists()
        assert shell(cocsync, '"$COCSYNC" plan nowhere 2>&1 | true')[0] == 3

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_a_full_disk_and_closed_streams_are_no_tracebacks(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest()
        code, _, err = shell(cocsync, '"$COCSYNC" plan -o text -o json=plan.json > /dev/full')
        assert (code, err) == (1, "Error: standard output cannot be written: No space left on device\n")
        assert (repository.root / "plan.json").exists()
        code, _, err = shell(cocsync, '"$COCSYNC" plan --detailed-exitcode >&- 2>&- <&-')
        assert (code, err) == (2, "")
        code, _, err = shell(cocsync, '"$COCSYNC" apply <&-')
        assert (code, "pass --yes" in err) == (3, True)


class TestColour:
    def test_only_a_terminal_gets_it_unless_it_is_forced(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest()
        assert COLOURED.search(cocsync.on_terminal("plan").out)
        assert not COLOURED.search(cocsync.on_terminal("plan", NO_COLOR="1").out)
        assert not COLOURED.search(cocsync.on_terminal("plan", "--no-color").out)
        assert "\x1b" not in cocsync.on_terminal("plan", TERM="dumb").out
        assert "\x1b" not in cocsync("plan").out
        assert "\x1b[" in cocsync.here("plan", FORCE_COLOR="1").out
        assert "\x1b" not in cocsync.here("plan", FORCE_COLOR="1", NO_COLOR="1").out

    def test_no_file_gets_it(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest()
        done = cocsync.here("plan", "-o", "text=plan.txt", "-o", "text", FORCE_COLOR="1")
        assert "\x1b[" in done.out
        assert "\x1b" not in (repository.root / "plan.txt").read_text()

    def test_a_terminals_lines_are_as_wide_as_it_is(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(description="many words " * 15)
        lines = cocsync.on_terminal("plan", "--no-color").out.splitlines()
        assert max(map(len, lines[:-2])) <= 80
        assert max(map(len, cocsync("plan").out.splitlines())) > 100


@pytest.mark.parametrize(
    "environ",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_an_encoding_without_the_characters_loses_nothing_and_stops_nothing(
    cocsync: Program, repository: Repository, environ: dict[str, Any]
) -> None:
    repository.manifest(name="磁盘", content="echo 磁\n")
    done = cocsync("plan", "-o", "text", "-o", "json=plan.json", "-o", "text=plan.txt", **environ)
    assert (done.code, done.err) == (0, "")
    assert "磁盘" in (repository.root / "plan.txt").read_text("utf-8")
    assert "磁盘" in done.out or "\\u78c1\\u76d8" in done.out


class TestHostileText:
    """Names, descriptions, users and contents that somebody else wrote."""

    @pytest.fixture
    def hostile(self, cocsync: Program, repository: Repository, simulator: Simulator) -> Repository:
        for name in ("a", "b"):
            repository.manifest(f"scripts/{name}.yaml", name=name)
        assert cocsync.here("apply", "--yes").code == 0
        mark = simulator.script("a").description.partition(" [")[2]
        simulator.edit("a", user=HOSTILE, description=f"{HOSTILE} [{mark}", content=HOSTILE, version=HOSTILE)
        simulator.edit("b", user=HOSTILE, description=HOSTILE)
        simulator.create(name=HOSTILE, user=HOSTILE, description=HOSTILE, content=HOSTILE)
        return repository

    @pytest.mark.parametrize("verb", [("plan", "-v"), ("drift", "--unmanaged", "-v"), ("apply", "--yes", "-v")])
    def test_prints_harmlessly(self, cocsync: Program, hostile: Repository, verb: tuple[str, ...]) -> None:
        done = cocsync.here(*verb, "-o", "text", "-o", "json=report.json")
        for text in done.out, done.err:
            assert not set(text) & set("\x1b\x07\r\x9b\u202e\u2066")
            assert not any(line.lstrip().startswith("::") for line in text.splitlines())
            assert "##[" not in text
        assert "\\x1b[2J" in done.out
        assert (hostile.root / "report.json").read_text().isascii()

    def test_an_error_of_cocs_does_too(self, cocsync: Program, repository: Repository, simulator: Simulator) -> None:
        repository.manifest()
        simulator.configure(faults=[f"POST *:400={HOSTILE}"])
        done = cocsync.here("apply", "--yes")
        assert done.code == 1
        assert not set(done.out + done.err) & set("\x1b\x07\r\x9b\u202e\u2066")
        assert "\\x1b[2J" in done.out

    def test_its_backup_stays_in_its_folder(self, cocsync: Program, hostile: Repository) -> None:
        assert cocsync.here("apply", "--yes", "--adopt-all").code == 0
        (run,) = (hostile.root / ".cocsync" / "backups").iterdir()
        assert sorted(path.name for path in run.iterdir()) == ["a", "b"]
        assert cocsync.here("restore", str(run), "--overwrite").code == 0
        assert cocsync.here("validate").code == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_report_goes_into_a_pipe_and_through_a_link(cocsync: Program, repository: Repository) -> None:
    """What is not a regular file is written into, never replaced."""
    repository.manifest()
    root = repository.root
    os.mkfifo(root / "pipe")
    (root / "link.json").symlink_to("target.json")
    reader = os.open(root / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    done = cocsync("plan", "-o", "json=pipe", "-o", "text=link.json")

    os.close(reader)
    assert done.code == 0
    assert stat.S_ISFIFO((root / "pipe").stat().st_mode)
    assert (root / "link.json").is_symlink()
    assert "Plan: 1 to create" in (root / "target.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [("-o", "json=."), ("--out", ".")])
def test_a_folder_is_no_place_for_a_report(
    cocsync: Program, repository: Repository, arguments: tuple[str, ...]
) -> None:
    repository.manifest()

    done = cocsync.here("plan", *arguments)

    assert done.code in (1, 64)
    assert "folder" in done.err or "directory" in done.err
