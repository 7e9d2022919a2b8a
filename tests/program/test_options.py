"""What every verb has: the global options, the folder, the target, and how the command line is misread."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cocsync.cli.main import COMMANDS
from cocsync.sim import Simulator
from tests.support.program import Program, report
from tests.support.repository import Repository


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


@pytest.fixture
def with_script(repository: Repository) -> Repository:
    repository.manifest()
    return repository


class TestPlaceOfOptions:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("-C", "{root}", "--target", "prod", "-o", "json", "plan"),
            ("plan", "-C", "{root}", "--target", "prod", "-o", "json"),
            ("--target", "prod", "plan", "-o", "json", "-C", "{root}"),
            ("-C", "{root}", "--target", "local", "-o", "text", "plan", "--target", "prod", "-o", "json"),
        ],
    )
    def test_before_and_after_the_verb_are_the_same_and_after_wins(
        self, cocsync: Program, with_script: Repository, elsewhere: Path, arguments: tuple[str, ...]
    ) -> None:
        root = str(with_script.root)
        done = cocsync.here(*(a.format(root=root) for a in arguments), folder=elsewhere)
        assert (done.code, done.report("plan")["target"]["name"]) == (0, "prod")

    def test_quiet_verbose_and_plain_also_before_the_verb(self, cocsync: Program, with_script: Repository) -> None:
        cocsync.here("apply", "--yes", folder=with_script.root)
        assert "= unchanged" in cocsync.here("-v", "plan").out
        assert cocsync.here("-q", "plan", "--endpoint", "sim:other.db").err == ""
        assert "\x1b[" in cocsync.here("plan", FORCE_COLOR="1").out
        assert "\x1b[" not in cocsync.here("--no-color", "plan", FORCE_COLOR="1").out


class TestFolder:
    def test_the_project_is_found_from_a_folder_below(self, cocsync: Program, with_script: Repository) -> None:
        with_script.write("scripts/a/b/note.txt", "")
        done = cocsync("plan", "-o", "json=out.json", folder=with_script.root / "scripts" / "a" / "b")
        assert done.code == 0
        assert (with_script.root / "scripts" / "a" / "b" / "out.json").exists()
        assert (with_script.root / ".cocsync" / "sim.db").exists()
        assert not (with_script.root / "scripts" / "a" / "b" / ".cocsync").exists()

    def test_minus_c_names_it_and_looks_no_further(self, cocsync: Program, with_script: Repository) -> None:
        done = cocsync.here("plan", "-C", "scripts", folder=with_script.root)
        assert done.code == 1
        assert "`cocsync.yaml` is missing: run `cocsync init`, or name the folder with -C DIR" in done.err

    def test_a_folder_that_is_none_is_a_usage_error(self, cocsync: Program, with_script: Repository) -> None:
        for name in "nowhere", "cocsync.yaml":
            done = cocsync.here("plan", "-C", name, folder=with_script.root)
            assert (done.code, f"-C {name}" in done.err) == (64, True)

    def test_without_a_project_every_verb_says_so(self, cocsync: Program, elsewhere: Path) -> None:
        for verb in ["plan"], ["apply", "--yes"], ["drift"], ["restore", "x"], ["sim", "reset"]:
            done = cocsync.here(*verb, folder=elsewhere)
            assert (done.code, "`cocsync.yaml` is missing" in done.err) == (1, True), verb
        assert cocsync.here("validate", folder=elsewhere).code == 1
        assert cocsync.here("plan", "-o", "json", folder=elsewhere).report("plan")["complete"] is False
        assert list(elsewhere.iterdir()) == []


class TestTarget:
    def test_one_that_is_not_there_is_a_usage_error_with_a_suggestion(
        self, cocsync: Program, with_script: Repository
    ) -> None:
        for verb in ["plan"], ["apply", "--yes"], ["drift"], ["validate"]:
            done = cocsync.here(*verb, "--target", "porod", folder=with_script.root)
            assert (done.code, "did you mean `prod`?" in done.err) == (64, True), verb

    def test_one_has_to_be_named_where_none_is_the_default(self, cocsync: Program, with_script: Repository) -> None:
        with_script.project(default_target=None, targets={"a": {"endpoint": "sim:a"}, "b": {"endpoint": "sim:b"}})
        done = cocsync.here("plan")
        assert (done.code, "which target? Pass --target NAME" in done.err) == (64, True)
        assert cocsync.here("plan", "--target", "b").code == 0

    @pytest.mark.parametrize(
        "endpoint", ["ftp://x", "http://coc.example.com", "nonsense", "https://x/y", "https://a\x1b]0;x\x07"]
    )
    def test_an_endpoint_that_is_none_is_a_usage_error_that_names_its_source(
        self, cocsync: Program, with_script: Repository, endpoint: str
    ) -> None:
        done = cocsync.here("plan", "--endpoint", endpoint, folder=with_script.root)
        assert (done.code, "--endpoint" in done.err) == (64, True)
        assert "\x1b" not in done.err
        done = cocsync.here("plan", COCSYNC_ENDPOINT=endpoint)
        assert (done.code, "COCSYNC_ENDPOINT" in done.err) == (64, True)

    def test_an_empty_variable_is_none(self, cocsync: Program, with_script: Repository) -> None:
        done = cocsync.here("plan", COCSYNC_ENDPOINT="", folder=with_script.root)
        assert (done.code, done.err) == (0, "")

    def test_an_endpoint_at_which_nobody_answers_is_an_error(
        self, cocsync: Program, with_script: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("cocsync.coc.http.retry.CONNECT_GIVE_UP_SECONDS", 0.0)
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            done = cocsync.here("plan", "--endpoint", url, folder=with_script.root)
        assert (done.code, done.out) == (1, "")
        assert "127.0.0.1" in done.err


class TestOutputs:
    def test_each_report_goes_where_it_is_sent(self, cocsync: Program, with_script: Repository) -> None:
        done = cocsync("plan", "-o", "json=deep/er/plan.json", "-o", "text=plan.txt", "-o", "text")
        assert done.code == 0
        report("plan", (with_script.root / "deep/er/plan.json").read_text())
        assert (with_script.root / "plan.txt").read_text() == done.out

    @pytest.mark.parametrize(
        ("verb", "outputs", "said"),
        [
            ("plan", ["json", "text"], "only one report can go to stdout"),
            ("plan", ["yaml"], "one of text, json"),
            ("plan", ["JSON"], "one of text, json"),
            ("plan", ["json="], "a path is missing"),
            ("drift", ["ndjson"], "one of text, json"),
            ("version", ["text"], "one form only"),
            ("init", ["json"], "one form only"),
        ],
    )
    def test_what_cannot_be_meant_is_a_usage_error(
        self, cocsync: Program, with_script: Repository, verb: str, outputs: list[str], said: str
    ) -> None:
        done = cocsync.here(verb, *(x for output in outputs for x in ("-o", output)), folder=with_script.root)
        assert (done.code, done.out, said in done.err) == (64, "", True), done.err


class TestMisread:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("nonsense",),
            ("plan", "--nonsense"),
            ("plan", "--parallelism", "0"),
            ("plan", "--parallelism", "x"),
            ("plan", "--allow-deletes", "-1"),
            ("apply", "a", "b"),
            ("drift", "x"),
            ("drift", "--prune"),
            ("schema", "a", "b"),
            ("-C",),
            (),
        ],
    )
    def test_is_a_usage_error(self, cocsync: Program, with_script: Repository, arguments: tuple[str, ...]) -> None:
        done = cocsync.here(*arguments, folder=with_script.root)
        assert (done.code, done.out) == (64, "")
        assert done.err

    def test_help_names_every_verb(self, cocsync: Program) -> None:
        done = cocsync("--help")
        assert (done.code, done.err) == (0, "")
        for verb in COMMANDS:
            assert f"\n  {verb} " in done.out
            helped = cocsync.here(verb, "-h")
            assert (helped.code, f"Usage: cocsync {verb} " in helped.out) == (0, True)


class TestFolderThatCannotBeWritten:
    """`.cocsync` cannot be made: what only reads goes on without it, what writes needs it."""

    @pytest.fixture
    def coc(self, with_script: Repository, serving: Callable[[Simulator], str]) -> Iterator[str]:
        with_script.write(".cocsync", "in the way")
        with Simulator() as simulator:
            yield serving(simulator)

    def test_a_plan_needs_none(self, cocsync: Program, coc: str) -> None:
        for verb, code in [("plan", 0), ("drift", 2), ("validate", 0)]:
            assert cocsync.here(verb, "--endpoint", coc).code == code

    def test_an_apply_says_what_it_lacks(self, cocsync: Program, coc: str) -> None:
        done = cocsync.here("apply", "--yes", "--endpoint", coc)
        assert done.code == 1
        assert "no lock file" in done.err

    def test_nor_does_a_read_only_folder_stop_a_plan(
        self, cocsync: Program, with_script: Repository, serving: Callable[[Simulator], str]
    ) -> None:
        with_script.root.chmod(0o555)
        if os.access(with_script.root, os.W_OK):
            pytest.skip("this user may write anywhere")
        try:
            with Simulator() as simulator:
                assert cocsync.here("plan", "--endpoint", serving(simulator)).code == 0
            assert cocsync.here("plan").code == 1
        finally:
            with_script.root.chmod(0o755)
