"""`cocsync apply`: asking, writing, what is left, what is kept, and its exit codes."""

from __future__ import annotations

import functools
import stat
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from cocsync.apply import lock
from cocsync.sim import Simulator
from tests.support.program import Done, Program, report
from tests.support.repository import Repository
from tests.support.tenant import Tenant

NAMES = ("a", "b", "c", "d")
PROMPT = "Only `yes` goes on: "


@pytest.fixture
def new(repository: Repository) -> Repository:
    """A repository of four scripts that COC does not have yet."""
    for name in NAMES:
        repository.manifest(f"scripts/{name}.yaml", name=name)
    return repository


def outcomes(done: Done) -> dict[str, str]:
    return {result["name"]: result["outcome"] for result in done.report("apply")["results"]}


def names(simulator: Simulator) -> list[str]:
    return sorted(script.name for script in simulator.scripts())


class TestAsking:
    def test_without_a_terminal_nothing_is_written_unless_yes_is_given(
        self, cocsync: Program, new: Repository, simulator: Simulator
    ) -> None:
        done = cocsync("apply", stdin="yes\n", folder=new.root)
        assert (done.code, names(simulator)) == (3, [])
        assert "pass --yes" in done.err
        assert "+ create  a" in done.out
        assert done.last_line == "Apply: 0 applied, 0 failed, 0 stale, 4 not attempted."

        done = cocsync("apply", "--yes")
        assert (done.code, names(simulator)) == (0, list(NAMES))
        assert done.last_line == "Apply: 4 applied, 0 failed, 0 stale, 0 not attempted."

    def test_without_changes_there_is_nothing_to_ask(self, cocsync: Program, new: Repository) -> None:
        cocsync.here("apply", "--yes")
        done = cocsync.here("apply", folder=new.root)
        assert (done.code, done.err) == (0, "")
        assert "No changes. COC matches the manifests." in done.out

    @pytest.mark.parametrize("answer", ["no\n", "y\n", "\n", "YES\n"])
    def test_at_a_terminal_anything_but_yes_writes_nothing(
        self, cocsync: Program, new: Repository, simulator: Simulator, answer: str
    ) -> None:
        done = cocsync.on_terminal("apply", answer=answer, prompt=PROMPT)
        assert (done.code, names(simulator)) == (3, [])
        assert "Apply 4 changes to local (sim:)?" in done.out
        assert "the answer was not `yes`" in done.out
        assert new.root.joinpath(".cocsync", "runs").exists() is False

    def test_at_a_terminal_yes_goes_on(self, cocsync: Program, new: Repository, simulator: Simulator) -> None:
        done = cocsync.on_terminal("apply", answer="yes\n", prompt=PROMPT, folder=new.root)
        assert (done.code, names(simulator)) == (0, list(NAMES))

    def test_the_prompt_says_how_many_scripts_go_to_review_again(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        repository.manifest(reviewers=["alice"])
        done = cocsync.here("apply", "--yes")
        assert "PENDING_APPROVE, awaiting alice" in done.out
        simulator.review("disk_report")
        repository.manifest(reviewers=["alice"], content="new\n")
        done = cocsync.on_terminal("apply", answer="no\n", prompt=PROMPT)
        assert "1 of them go to review again?" in done.out


class TestReports:
    def test_each_run_is_kept_beside_the_repository(self, cocsync: Program, new: Repository) -> None:
        done = cocsync.here("apply", "--yes", "-o", "json")
        (kept,) = (new.root / ".cocsync" / "runs").iterdir()
        assert kept.read_text() == done.out
        assert report("apply", done.out)["summary"]["applied"] == 4
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    def test_the_plan_is_on_stderr_where_stdout_is_for_a_program(self, cocsync: Program, new: Repository) -> None:
        done = cocsync.here("apply", "--yes", "-o", "json", folder=new.root)
        assert outcomes(done) == dict.fromkeys(NAMES, "applied")
        assert "+ create  a" in done.err

    def test_a_refused_run_reports_what_it_did_not_attempt(self, cocsync: Program, new: Repository) -> None:
        done = cocsync.here("apply", "-o", "json=out/apply.json", "-o", "text")
        found = report("apply", (new.root / "out" / "apply.json").read_text())
        assert (done.code, found["summary"]["not_attempted"]) == (3, 4)

    def test_a_run_that_never_got_a_plan_reports_so(self, cocsync: Program, new: Repository) -> None:
        new.manifest("scripts/e.yaml", name="e", risk_level="none")
        done = cocsync.here("apply", "--yes", "-o", "json")
        assert (done.code, done.report("apply")["results"]) == (1, [])
        assert "scripts/e.yaml:" in done.err

    def test_a_report_that_cannot_be_written_does_not_hide_what_is_left(
        self, cocsync: Program, new: Repository, simulator: Simulator
    ) -> None:
        (new.root / "file").write_text("in the way")
        done = cocsync.here("apply", "--yes", "-o", "json=file/x")
        assert (done.code, names(simulator)) == (4, list(NAMES))
        new.manifest("scripts/a.yaml", name="a", content="new\n")
        simulator.edit("b", description="retyped")
        assert cocsync.here("apply", "--yes", "-o", "json=file/x").code == 4

    def test_a_run_that_cannot_be_kept_is_applied_all_the_same(self, cocsync: Program, new: Repository) -> None:
        new.write(".cocsync/runs", "in the way")
        done = cocsync.here("apply", "--yes")
        assert done.code == 0
        assert "is not kept" in done.err


class TestWhatIsLeft:
    def test_one_that_fails_stops_no_other(self, cocsync: Program, new: Repository, simulator: Simulator) -> None:
        simulator.configure(faults=["k=2 POST *:400=COC.00040050"])
        done = cocsync("apply", "--yes", "--parallelism", "1", "-o", "text", "-o", "json=apply.json")
        assert (done.code, names(simulator)) == (4, ["a", "c", "d"])
        assert "+ create  b  failed" in done.out
        assert "COC.00040050" in done.out
        assert done.last_line == "Apply: 3 applied, 1 failed, 0 stale, 0 not attempted."
        (failure,) = (r for r in report("apply", (new.root / "apply.json").read_text())["results"] if r["error"])
        assert (failure["name"], failure["error"]["code"]) == ("b", "COC.00040050")
        assert cocsync.here("apply", "--yes").code == 0

    def test_fail_fast_begins_nothing_after_it(self, cocsync: Program, new: Repository, simulator: Simulator) -> None:
        simulator.configure(faults=["k=2 POST *:400"])
        done = cocsync.here("apply", "--yes", "--parallelism", "1", "--fail-fast", "-o", "json", folder=new.root)
        assert (done.code, names(simulator)) == (4, ["a"])
        assert outcomes(done) == {"a": "applied", "b": "failed", "c": "not_attempted", "d": "not_attempted"}

    def test_all_failed_is_an_error(self, cocsync: Program, new: Repository, simulator: Simulator) -> None:
        simulator.configure(faults=["POST *:400*"])
        done = cocsync.here("apply", "--yes", "-o", "json", folder=new.root)
        assert (done.code, set(outcomes(done).values())) == (1, {"failed"})

    def test_what_every_change_would_meet_leaves_the_rest_unattempted(
        self, cocsync: Program, new: Repository, simulator: Simulator
    ) -> None:
        simulator.configure(faults=["k=2 POST *:401*"])
        done = cocsync.here("apply", "--yes", "--parallelism", "1", "-o", "json", folder=new.root)
        assert done.code == 4
        assert outcomes(done) == {"a": "applied", "b": "failed", "c": "not_attempted", "d": "not_attempted"}

    def test_a_conflict_stops_nothing_else_and_heals_by_adoption(
        self, cocsync: Program, new: Repository, simulator: Simulator
    ) -> None:
        """A mark that somebody wiped when they retyped the description."""
        assert cocsync.here("apply", "--yes").code == 0
        simulator.edit("b", description="retyped")
        new.manifest("scripts/a.yaml", name="a", content="new\n")
        done = cocsync.here("apply", "--yes", "-o", "json")
        assert (done.code, outcomes(done)) == (4, {"a": "applied"})
        assert done.report("apply")["conflicts_left"] == 1
        assert simulator.script("b").description == "retyped"

        done = cocsync.here("apply", "--yes")
        assert done.code == 3
        assert "1 conflict left alone" in done.out
        new.manifest("scripts/a.yaml", name="a", content="newer\n")
        done = cocsync.here("apply", "--yes", "--fail-on-conflict", "-o", "json")
        assert (done.code, outcomes(done)) == (3, {"a": "not_attempted"})
        assert simulator.script("a").content == "new\n"

        assert cocsync.here("apply", "--yes", "--adopt", "b").code == 0
        assert cocsync.here("plan", "--detailed-exitcode").code == 0
        assert simulator.script("b").description.startswith("Disk usage [cocsync:payments_ops/1")

    def test_another_owners_script_is_taken_over_only_by_the_dangerous_flag(
        self, cocsync: Program, new: Repository, simulator: Simulator
    ) -> None:
        cocsync.here("apply", "--yes")
        new.project(owner="net")
        assert cocsync.here("apply", "--yes", "--adopt-all").code == 3
        done = cocsync.here("apply", "--yes", "--dangerous-take-over", "a", "-o", "json")
        assert (done.code, outcomes(done)) == (4, {"a": "applied"})
        assert "[cocsync:net/1" in simulator.script("a").description


class TestRefused:
    def test_nine_of_nine_deleted_manifests(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        for number in range(9):
            repository.manifest(f"scripts/{number}.yaml", name=f"script_{number}")
        repository.project(prune=True)
        cocsync.here("apply", "--yes")
        for number in range(9):
            (repository.root / "scripts" / f"{number}.yaml").unlink()
        for arguments, flag in [
            ((), "--dangerous-allow-empty"),
            (("--dangerous-allow-empty",), "--allow-deletes 9"),
            (("--allow-deletes", "9"), "--dangerous-allow-empty"),
        ]:
            done = cocsync.here("apply", "--yes", *arguments)
            assert (done.code, len(simulator.scripts())) == (3, 9)
            assert flag in done.err
        done = cocsync.here("apply", "--yes", "--dangerous-allow-empty", "--allow-deletes", "9")
        assert (done.code, simulator.scripts()) == (0, ())

    def test_a_filter_that_matches_nothing(self, cocsync: Program, new: Repository, simulator: Simulator) -> None:
        done = cocsync.here("apply", "--yes", "--include", "x*", folder=new.root)
        assert (done.code, names(simulator)) == (3, [])

    def test_a_missing_value_names_its_variable_and_stops_only_a_run_that_writes_it(
        self, cocsync: Program, new: Repository, simulator: Simulator
    ) -> None:
        token = {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}
        new.manifest("scripts/a.yaml", name="a", params=[token])
        done = cocsync("apply", "--yes", APP_TOKEN="")
        assert (done.code, names(simulator)) == (3, [])
        assert "not available here: env:APP_TOKEN" in done.err
        assert cocsync.here("apply", "--yes", "--exclude", "a").code == 0
        assert names(simulator) == ["b", "c", "d"]


class TestWhatCocMakesOfIt:
    def test_a_form_of_its_own_is_named_with_the_remedy(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        simulator.configure(drops_last_newline=True)
        repository.manifest()
        done = cocsync("apply", "--yes", "-o", "text", "-o", "json=apply.json", "-o", "markdown=apply.md")
        assert done.code == 0
        assert "normalises: [final_newline]" in done.out
        assert "normalises: [final_newline]" in (repository.root / "apply.md").read_text()
        (result,) = report("apply", (repository.root / "apply.json").read_text())["results"]
        assert (result["normalised"], result["normalises"]) == (["content"], ["final_newline"])
        repository.project(targets={"local": {"endpoint": "sim:", "normalises": ["final_newline"]}})
        for cache in ((), ("--no-cache",)):
            assert cocsync("plan", "--detailed-exitcode", *cache).code == 0
        assert cocsync("drift", "--refresh", "full").code == 0

    def test_what_the_read_back_showed_is_no_edit_by_hand(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        simulator.configure(drops_last_newline=True)
        repository.manifest()
        cocsync("apply", "--yes")
        seen = cocsync("drift", "--refresh", "full")
        assert (seen.code, "normalises: [final_newline]" in " ".join(seen.out.split())) == (0, True)
        forgotten = cocsync("drift", "--no-cache", "-o", "json")
        (drifted,) = forgotten.report("drift")["drift"]
        assert (forgotten.code, drifted["fields"][0]["forms"]) == (2, ["final_newline"])
        assert "edited in COC since cocsync wrote it" not in drifted["reason"]
        simulator.edit("disk_report", content="df -h; rm -rf /tmp/x", user="dave")
        assert "edited in COC since cocsync wrote it" in cocsync("drift").out

    def test_an_ignored_field_that_a_write_sends_is_in_its_plan(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        repository.manifest(ignore=["version"])
        cocsync.here("apply", "--yes")
        simulator.edit("disk_report", version="9", user="dave")
        assert cocsync("plan", "--detailed-exitcode").code == 0
        repository.manifest(ignore=["version"], risk_level="MEDIUM")
        outputs = [part for name in ("json", "markdown", "html") for part in ("-o", f"{name}=plan.{name}")]
        done = cocsync("plan", "-o", "text", *outputs)
        texts = [done.out, *((repository.root / f"plan.{name}").read_text() for name in ("markdown", "html"))]
        assert all("ignored in comparison, will be sent" in text for text in texts)
        (change,) = report("plan", (repository.root / "plan.json").read_text())["changes"]
        assert [(field["path"], field["ignored"]) for field in change["fields"]] == [
            ("risk_level", False),
            ("version", True),
        ]

    def test_what_a_script_does_cannot_be_ignored(self, cocsync: Program, repository: Repository) -> None:
        for key in ("content", "params", "risk_level"):
            repository.manifest(ignore=[key])
            done = cocsync.here("validate")
            assert (done.code, f"not `{key}`" in done.out, "`normalises`" in done.out) == (1, True, True)

    def test_line_ends_changed_by_hand_are_told_in_words_in_every_report(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        repository.manifest()
        cocsync.here("apply", "--yes")
        simulator.edit("disk_report", content="df -h\r\n", user="dave")
        formats = ("markdown", "html", "json", "junit", "github")
        outputs = [part for name in formats for part in ("-o", f"{name}=drift.{name}")]
        done = cocsync("drift", "-o", "text", *outputs)
        texts = [done.out, *((repository.root / f"drift.{name}").read_text() for name in formats)]
        assert done.code == 2
        assert all("line ends: LF in the manifest, CRLF in COC" in text for text in texts)
        cocsync.here("apply", "--yes")
        assert simulator.script("disk_report").content == "df -h\n"

    def test_a_version_that_shows_only_after_its_review(
        self, cocsync: Program, repository: Repository, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "sleep", lambda _: None)
        simulator.configure(pending_shows_previous=True)
        repository.manifest(reviewers=["alice"])
        cocsync.here("apply", "--yes")
        simulator.review("disk_report")
        repository.manifest(reviewers=["alice"], content="new\n")
        done = cocsync.here("apply", "--yes")
        assert done.code == 0
        assert "pending_shows: previous" in done.out
        assert cocsync.here("plan", "--detailed-exitcode").code == 2

        repository.project(targets={"local": {"endpoint": "sim:", "pending_shows": "previous"}})
        done = cocsync.here("plan", "--detailed-exitcode")
        assert (done.code, "1 awaiting review" in done.out) == (0, True)
        simulator.review("disk_report")
        assert cocsync.here("plan", "--detailed-exitcode").code == 0

    def test_a_review_that_rejects_at_once(
        self, cocsync: Program, repository: Repository, tmp_path: Path, serving: Callable[[Simulator], str]
    ) -> None:
        repository.manifest(reviewers=["alice"])
        with Tenant(tmp_path) as tenant:
            reject = functools.partial(tenant.simulator.review, "disk_report", approve=False)
            tenant.before("POST", lambda: tenant.before("GET", reject))
            done = cocsync.here("apply", "--yes", "--endpoint", serving(tenant.simulator))
        assert done.code == 5
        assert "status REJECTED" in done.out


class TestLock:
    def test_a_second_apply_is_refused_when_the_first_does_not_end(
        self, cocsync: Program, new: Repository, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lock, "exclusive", functools.partial(lock.exclusive, wait=0))
        with lock.exclusive(new.root / ".cocsync" / "lock"):
            done = cocsync.here("apply", "--yes", "-o", "json")
        assert (done.code, names(simulator)) == (3, [])
        assert "another apply is running in this folder" in done.err
        assert done.report("apply")["results"] == []
        assert cocsync.here("apply", "--yes").code == 0

    @pytest.mark.usefixtures("new")
    def test_where_the_file_system_takes_none_nothing_is_written(
        self, cocsync: Program, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unsupported(*_: object) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr("fcntl.flock", unsupported)
        done = cocsync.here("apply", "--yes")
        assert (done.code, names(simulator)) == (1, [])
        assert "takes no lock (Operation not supported)" in done.err

    def test_a_second_apply_waits_and_finds_what_the_first_did(
        self, cocsync: Program, new: Repository, simulator: Simulator
    ) -> None:
        first = ExitStack()
        first.enter_context(lock.exclusive(new.root / ".cocsync" / "lock"))
        with cocsync.running("apply", "--yes") as second:
            second.await_line("Another apply is running in this folder: waiting")
            simulator.create(name="a")
            first.close()
            done = second.wait()
        assert (done.code, names(simulator)) == (4, list(NAMES))
        assert "! conflict  a" in done.out
