"""`cocsync sim`: the simulator over a socket, and hand edits for trying things out."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from cocsync.sim import Simulator
from tests.support.program import Program
from tests.support.repository import Repository


@pytest.fixture
def written(cocsync: Program, repository: Repository) -> Repository:
    repository.manifest(reviewers=["alice"])
    assert cocsync.here("apply", "--yes").code == 0
    return repository


class TestServe:
    def test_the_same_data_is_there_over_the_socket(self, cocsync: Program, written: Repository) -> None:
        """Flag before variable before target, each said on stderr; an endpoint that is the target's own is not."""
        with cocsync.running("sim", "serve", "--port", "0") as server:
            line = server.await_line("Serving the simulator at", on_stderr=False)
            url = re.search(r"http://127\.0\.0\.1:\d+", line)[0]  # type: ignore[index]

            done = cocsync("--endpoint", url, "plan", "--detailed-exitcode")
            assert done.code == 0
            assert done.err == f"Endpoint {url} from --endpoint, instead of sim: of target local.\n"
            done = cocsync("plan", "-o", "json", COCSYNC_ENDPOINT=url)
            assert done.report("plan")["target"]["endpoint"] == url
            assert f"Endpoint {url} from COCSYNC_ENDPOINT" in done.err
            done = cocsync.here("plan", "-q", "--endpoint", url, COCSYNC_ENDPOINT="http://127.0.0.1:1")
            assert (done.code, done.err) == (0, "")
            written.project(targets={"local": {"endpoint": url}})
            assert cocsync.here("plan", "--endpoint", url + "/").err == ""

            written.manifest(reviewers=["alice"], content="new\n")
            assert cocsync.here("apply", "--yes").code == 0
            assert cocsync.here("plan", "--detailed-exitcode").code == 0

            server.signal(signal.SIGINT)
            done = server.wait()
            assert (done.code, done.err) == (130, "\nInterrupted.\n")
        assert cocsync.here("plan", "--endpoint", "sim:", "--detailed-exitcode").code == 0

    def test_settings_and_faults_are_for_this_server(self, cocsync: Program, written: Repository) -> None:
        arguments = ("--port", "0", "--set", "api_user=robot", "--fault", "GET /v1/job/scripts:400")
        with cocsync.running("sim", "serve", *arguments) as server:
            line = server.await_line("Serving", on_stderr=False)
            url = line.split()[4].rstrip(";")
            assert cocsync.here("plan", "--endpoint", url).code == 1
            written.manifest()
            assert cocsync.here("apply", "--yes", "--endpoint", url).code == 0
            server.signal(signal.SIGTERM)
            assert server.wait().code == 130

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--set", "nonsense=1"), "nonsense"),
            (("--fault", "nonsense"), "nonsense"),
            (("--port", "70000"), "70000"),
            (("--host", "192.0.2.1", "--port", "0"), "cannot listen at 192.0.2.1"),
            (("--target", "prod2"), "prod2"),
        ],
    )
    def test_what_cannot_be_meant_is_a_usage_error(
        self, cocsync: Program, repository: Repository, arguments: tuple[str, ...], said: str
    ) -> None:
        done = cocsync.here("sim", "serve", *arguments, folder=repository.root)
        assert (done.code, said in done.err) == (64, True)


class TestHand:
    def test_every_field_that_can_be_edited(self, cocsync: Program, written: Repository, simulator: Simulator) -> None:
        (written.root / "x.sh").write_text("from a file\n")
        for arguments, field, value in [
            (("--content", "x\n"), "content", "x\n"),
            (("--append", "# more"), "content", "x\n# more\n"),
            (("--content-file", "x.sh"), "content", "from a file\n"),
            (("--description", "retyped"), "description", "retyped"),
            (("--risk-level", "HIGH"), "risk_level", "HIGH"),
            (("--version", "2"), "version", "2"),
        ]:
            done = cocsync.here("sim", "edit", "disk_report", *arguments, "--user", "mallory")
            assert (done.code, done.out) == (0, "disk_report edited by mallory\n")
            script = simulator.script("disk_report")
            assert (getattr(script, field), script.operator) == (value, "mallory")

    def test_a_review_ends_either_way(self, cocsync: Program, written: Repository, simulator: Simulator) -> None:
        done = cocsync.here("sim", "approve", "disk_report", "--user", "alice", folder=written.root)
        assert (done.out, simulator.script("disk_report").status) == ("disk_report approved by alice\n", "APPROVED")
        assert cocsync.here("sim", "approve", "disk_report").code == 64
        cocsync.here("sim", "edit", "disk_report", "--content", "x")
        done = cocsync.here("sim", "approve", "disk_report", "--reject")
        assert (done.out, simulator.script("disk_report").status) == ("disk_report rejected by reviewer\n", "REJECTED")
        assert "1 rejected" in cocsync.here("plan").out

    def test_reset_empties_it_and_may_change_its_ways(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        done = cocsync("sim", "reset", "--set", "ids_ascending=true", "--set", "api_user=robot", folder=written.root)
        assert (done.code, done.out, simulator.scripts()) == (0, "The simulator is empty.\n", ())
        assert (simulator.settings.ids_ascending, simulator.settings.api_user) == (True, "robot")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("edit", "nobody", "--content", "x"), "there is no script 'nobody'"),
            (("edit", "disk_report"), "nothing to edit"),
            (("edit", "disk_report", "--content-file", "nowhere"), "nowhere"),
            (("edit", "disk_report", "--risk-level", "NONE"), "NONE"),
            (("approve", "nobody"), "nobody"),
            (("reset", "--set", "nonsense"), "nonsense"),
            (("nonsense",), "nonsense"),
        ],
    )
    def test_what_cannot_be_done_is_a_usage_error(
        self, cocsync: Program, written: Repository, arguments: tuple[str, ...], said: str
    ) -> None:
        done = cocsync.here("sim", *arguments, folder=written.root)
        assert (done.code, said in done.err) == (64, True)

    def test_only_a_simulator_can_be_edited(self, cocsync: Program, repository: Repository) -> None:
        repository.project(targets={"local": {"endpoint": "https://coc.example.com"}})
        done = cocsync.here("sim", "reset")
        assert done.code == 64
        assert "is not a simulator" in done.err


@pytest.mark.parametrize("verb", [("plan",), ("apply", "--yes"), ("sim", "edit", "a", "--content", "x")])
@pytest.mark.parametrize("obstacle", ["no database", "a folder in its place", "no folder for it"])
def test_data_that_cannot_be_used_is_named(
    cocsync: Program, repository: Repository, verb: tuple[str, ...], obstacle: str
) -> None:
    repository.manifest()
    path = Path("data" if obstacle == "no folder for it" else "data/sim.db")
    if obstacle == "a folder in its place":
        repository.write("data/sim.db/x", "")
    else:
        repository.write(path.as_posix(), "no database at all " * 99)
    repository.project(targets={"local": {"endpoint": "sim:data/sim.db"}})
    done = cocsync.here(*verb)
    assert done.code == 1
    assert "data" in done.err
    assert "delete it or name another file" in done.err


class TestHosts:
    def test_are_listed_with_what_each_does(self, cocsync: Program, repository: Repository) -> None:
        lines = cocsync.here("sim", "hosts", folder=repository.root).out.splitlines()
        assert lines[0].split() == ["NAME", "REGION", "OS", "AGENT", "TAGS", "OUTCOME", "SECONDS"]
        assert len(lines) == 13
        assert lines[4].split() == [
            "edge-04",
            "ap-southeast-3",
            "Linux",
            "OFFLINE",
            "role=edge,env=test",
            "offline",
            "1",
        ]

    def test_are_shown_without_what_a_terminal_would_obey(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        simulator.hosts.change("web-01", name="web\x1b[31m-01")
        assert "\x1b" not in cocsync.here("sim", "hosts", folder=repository.root).out

    def test_do_what_they_are_told(self, cocsync: Program, repository: Repository, simulator: Simulator) -> None:
        done = cocsync.here(
            *("sim", "host", "web-02", "--outcome", "fail", "--log", "no space", "--seconds", "3.5"),
            folder=repository.root,
        )
        host = simulator.hosts.find("web-02")
        assert (done.code, done.out) == (0, "web-02 changed\n")
        assert (host.outcome, host.log, host.seconds) == ("fail", "no space", 3.5)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("gone", "--outcome", "ok"), "there is no host 'gone'"),
            (("web-01",), "nothing to change"),
            (("web-01", "--outcome", "explode"), "explode"),
            (("web-01", "--seconds", "-1"), "-1"),
        ],
    )
    def test_cannot_do_anything_else(
        self, cocsync: Program, repository: Repository, arguments: tuple[str, ...], said: str
    ) -> None:
        done = cocsync.here("sim", "host", *arguments, folder=repository.root)
        assert (done.code, said in done.err) == (64, True)


def test_an_edit_from_a_file_keeps_its_line_ends(cocsync: Program, written: Repository, simulator: Simulator) -> None:
    written.write("x.bat", b"@echo off\r\necho done\r\n")
    assert cocsync.here("sim", "edit", "disk_report", "--content-file", "x.bat").code == 0
    assert simulator.script("disk_report").content == "@echo off\r\necho done\r\n"
