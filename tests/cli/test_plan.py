"""`cocsync plan`: what it shows, what each flag does to it, and its exit codes."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from cocsync.sim import Simulator
from tests.support import children
from tests.support.program import Done, Program, report
from tests.support.repository import Repository

TOKEN: dict[str, Any] = {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}


@pytest.fixture
def written(cocsync: Program, repository: Repository) -> Repository:
    """A repository of four scripts, and COC that matches it."""
    for name in ("a", "b", "c", "d"):
        repository.manifest(f"scripts/{name}/script.yaml", name=name)
    assert cocsync.here("apply", "--yes").code == 0
    return repository


def remove(repository: Repository, name: str) -> None:
    (repository.root / "scripts" / name / "script.yaml").unlink()


def changes(done: Done) -> dict[str, str]:
    """Action by name."""
    return {change["name"]: change["action"] for change in done.report("plan")["changes"]}


def test_a_new_script_until_it_is_there(cocsync: Program, repository: Repository) -> None:
    repository.manifest()
    done = cocsync("plan")
    assert (done.code, done.err) == (0, "")
    assert "  + create  disk_report  low risk  scripts/disk.yaml:3\n" in done.out
    assert done.last_line == (
        "Plan: 1 to create, 0 to update, 0 to replace, 0 to delete. "
        "0 prunable, 0 conflicts, 0 unmanaged, 0 awaiting review, 0 not verified."
    )
    assert cocsync.here("plan", "--detailed-exitcode").code == 2

    cocsync.here("apply", "--yes")
    done = cocsync("plan", "--detailed-exitcode")
    assert (done.code, done.last_line) == (0, "No changes. COC matches the manifests.")
    assert "unchanged" not in done.out
    assert "= unchanged  disk_report" in cocsync.here("plan", "-v").out


def test_the_same_inputs_give_the_same_bytes(cocsync: Program, written: Repository, simulator: Simulator) -> None:
    written.manifest("scripts/a/script.yaml", name="a", content="changed\n")
    simulator.edit("b", content="by hand\n")
    simulator.create(name="theirs")
    first, second = (cocsync.here("plan", "-o", "json").out for _ in range(2))
    assert first == second
    assert report("plan", first)["summary"]["update"] == 2


def test_says_whose_doing_a_difference_is(cocsync: Program, written: Repository, simulator: Simulator) -> None:
    written.manifest("scripts/a/script.yaml", name="a", content="from the repository\n")
    simulator.edit("b", user="mallory", content="by hand\n")
    written.manifest("scripts/c/script.yaml", name="c", content="from the repository\n")
    simulator.edit("c", user="mallory", content="by hand\n")
    simulator.delete("d")
    found = {change["name"]: change for change in cocsync.here("plan", "-o", "json").report("plan")["changes"]}
    assert {name: change["origin"] for name, change in found.items()} == {
        "a": "manifest",
        "b": "drift",
        "c": "both",
        "d": "manifest",
    }
    assert (found["b"]["operator"], found["b"]["modified_at"][:2]) == ("mallory", "20")
    assert found["d"]["reason"] == "not in COC: new, or deleted there"
    text = cocsync.here("plan").out
    assert "last touched in COC by mallory, 20" in text
    assert "-by hand" in text
    assert "+df -h" in text


class TestSelection:
    def test_names_and_globs_limit_changes_conflicts_and_the_exit_code(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        for name in ("a", "b"):
            written.manifest(f"scripts/{name}/script.yaml", name=name, content="changed\n")
        simulator.edit("c", description="retyped")
        json = ("-o", "json", "--detailed-exitcode")
        for arguments, code, names in [
            ((), 3, ["a", "b"]),
            (("a",), 2, ["a"]),
            (("a", "d"), 2, ["a"]),
            (("d",), 0, []),
            (("--include", "[ab]"), 2, ["a", "b"]),
            (("--include", "[ab]", "--exclude", "b"), 2, ["a"]),
            (("--exclude", "[ab]"), 3, []),
            (("--include", "a", "--include", "c"), 3, ["a"]),
        ]:
            done = cocsync.here("plan", *arguments, *json)
            assert (done.code, sorted(changes(done))) == (code, names), arguments

    @pytest.mark.parametrize(
        "arguments", [("nowhere",), ("a", "nowhere"), ("--include", "x*"), ("--exclude", "x*"), ("--include", "A")]
    )
    def test_one_that_matches_nothing_is_refused(
        self, cocsync: Program, written: Repository, arguments: tuple[str, ...]
    ) -> None:
        done = cocsync.here("plan", *arguments, folder=written.root)
        assert (done.code, done.out) == (3, "")
        assert f"nothing here or in COC is called {arguments[-1]}" in done.err

    def test_it_switches_prune_off(self, cocsync: Program, written: Repository) -> None:
        remove(written, "d")
        assert changes(cocsync.here("plan", "--prune", "-o", "json")) == {"d": "delete"}
        done = cocsync.here("plan", "--prune", "--include", "*", "-o", "json")
        assert (changes(done), done.report("plan")["summary"]["prunable"]) == ({}, 1)


class TestPrune:
    def test_what_has_no_manifest_is_shown_and_deleted_only_where_that_is_asked(
        self, cocsync: Program, written: Repository
    ) -> None:
        remove(written, "d")
        done = cocsync.here("plan")
        assert done.code == 0
        assert "Prunable (1)" in done.out
        assert changes(cocsync.here("plan", "--prune", "-o", "json")) == {"d": "delete"}
        written.project(prune=True)
        assert changes(cocsync.here("plan", "-o", "json")) == {"d": "delete"}

    def test_what_was_edited_by_hand_only_with_a_flag_of_its_own(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        remove(written, "d")
        simulator.edit("d", content="by hand\n")
        done = cocsync.here("plan", "--prune", "-o", "json")
        assert (changes(done), done.report("plan")["prunable"][0]["edited"]) == ({}, True)
        assert changes(cocsync.here("plan", "--prune", "--prune-edited", "-o", "json")) == {"d": "delete"}

    def test_a_protected_script_survives_the_loss_of_its_manifest(self, cocsync: Program, written: Repository) -> None:
        written.manifest("scripts/d/script.yaml", name="d", protected=True)
        assert cocsync.here("apply", "--yes").code == 0
        remove(written, "d")
        done = cocsync.here("plan", "--prune", "--prune-edited", "--allow-deletes", "9", "-o", "json")
        assert (changes(done), done.report("plan")["prunable"][0]["protected"]) == ({}, True)

    def test_many_deletes_are_refused_and_the_flag_that_allows_them_is_named(
        self, cocsync: Program, written: Repository
    ) -> None:
        for name in ("b", "c"):
            remove(written, name)
        done = cocsync("plan", "--prune")
        assert done.code == 3
        assert "2 of 4 owned scripts would be deleted" in done.out
        assert "--allow-deletes 2" in done.out
        assert cocsync.here("plan", "--prune", "--allow-deletes", "1").code == 3
        assert cocsync.here("plan", "--prune", "--allow-deletes", "2").code == 0
        written.project(guards={"max_delete": 2, "max_delete_percent": 50})
        assert cocsync.here("plan", "--prune").code == 0


class TestNoManifests:
    @pytest.mark.parametrize("sources", [["scripts"], ["script"]])
    def test_an_emptied_or_mistyped_source_is_refused(
        self, cocsync: Program, written: Repository, sources: list[str]
    ) -> None:
        written.project(sources=sources)
        for name in ("a", "b", "c", "d"):
            remove(written, name)
        done = cocsync.here("plan", "--prune")
        assert done.code == 3
        assert f"`{sources[0]}`" in done.err if sources == ["script"] else "owns 4 of the scripts" in done.out

    def test_only_one_flag_lifts_it_and_the_guard_on_deletes_stays(self, cocsync: Program, written: Repository) -> None:
        for name in ("a", "b", "c", "d"):
            remove(written, name)
        assert "--dangerous-allow-empty --prune --allow-deletes 4" in cocsync.here("plan").out
        assert cocsync.here("plan", "--prune", "--allow-deletes", "4").code == 3
        assert cocsync.here("plan", "--prune", "--dangerous-allow-empty").code == 3
        done = cocsync.here("plan", "--prune", "--dangerous-allow-empty", "--allow-deletes", "4", "-o", "json")
        assert (done.code, set(changes(done).values())) == (0, {"delete"})

    def test_no_manifest_for_this_target_is_none(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(targets=["prod"])
        assert cocsync.here("plan").code == 3
        assert cocsync.here("plan", "--target", "prod").code == 0


class TestConflicts:
    def test_an_unmarked_script_of_the_name_is_one_until_it_is_adopted(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        repository.manifest(adopt=False)
        simulator.create(name="disk_report", user="alice")
        done = cocsync("plan")
        assert done.code == 3
        assert "! conflict  disk_report" in done.out
        assert "--adopt disk_report" in done.out
        (conflict,) = cocsync.here("plan", "-o", "json").report("plan")["conflicts"]
        assert (conflict["kind"], conflict["operator"]) == ("unmarked", "alice")

        for arguments in ("--adopt", "disk_report"), ("--adopt-all",):
            done = cocsync.here("plan", *arguments, "-o", "json")
            assert (done.code, changes(done)) == (0, {"disk_report": "adopt"})
        repository.manifest(adopt=True)
        assert changes(cocsync.here("plan", "-o", "json")) == {"disk_report": "adopt"}

    def test_another_owners_only_by_the_dangerous_flag(self, cocsync: Program, written: Repository) -> None:
        written.project(owner="net")
        done = cocsync.here("plan", "--adopt-all", "-o", "json")
        assert (done.code, {c["kind"] for c in done.report("plan")["conflicts"]}) == (3, {"owner"})
        done = cocsync.here("plan", "a", "--dangerous-take-over", "a", "-o", "json")
        assert (done.code, changes(done)) == (0, {"a": "adopt"})

    @pytest.mark.parametrize("flag", ["--adopt", "--dangerous-take-over", "--rewrite"])
    def test_a_flag_for_a_script_without_manifest_is_refused(
        self, cocsync: Program, written: Repository, flag: str
    ) -> None:
        done = cocsync.here("plan", flag, "x", folder=written.root)
        assert done.code == 3
        assert f"{flag} x: no manifest" in done.err


def out_of_date(repository: Repository, simulator: Simulator, file: str, **manifest: Any) -> None:
    """A hand made in COC what the manifest says only afterwards."""
    simulator.edit(manifest["name"], version="2")
    repository.manifest(file, version="2", **manifest)


def test_rewrite_and_renewal_write_what_is_equal(cocsync: Program, written: Repository, simulator: Simulator) -> None:
    assert changes(cocsync.here("plan", "--rewrite", "a", "-o", "json")) == {"a": "update"}
    assert changes(cocsync.here("plan", "--renew-marks", "-o", "json")) == {}
    out_of_date(written, simulator, "scripts/a/script.yaml", name="a")
    assert changes(cocsync.here("plan", "-o", "json")) == {}
    assert changes(cocsync.here("plan", "--renew-marks", "-o", "json")) == {"a": "update"}


def test_reviews_by_renewal_are_guarded(cocsync: Program, repository: Repository, simulator: Simulator) -> None:
    repository.project(guards={"max_review": 1})
    for name in ("a", "b"):
        repository.manifest(f"scripts/{name}.yaml", name=name, reviewers=["alice"])
    cocsync.here("apply", "--yes")
    for name in ("a", "b"):
        out_of_date(repository, simulator, f"scripts/{name}.yaml", name=name, reviewers=["alice"])
        simulator.review(name)
    done = cocsync.here("plan", "--renew-marks")
    assert done.code == 3
    assert "--allow-reviews 2" in done.out
    assert cocsync.here("plan", "--renew-marks", "--allow-reviews", "2").code == 0


def test_a_value_that_is_not_available_is_said_and_fails_nothing(cocsync: Program, repository: Repository) -> None:
    repository.manifest(params=[TOKEN])
    done = cocsync.here("plan", APP_TOKEN="")
    assert done.code == 0
    assert "needs env:APP_TOKEN, which is not available here" in done.out


class TestFailures:
    def test_invalid_manifests_are_reported_in_full_and_as_json_too(
        self, cocsync: Program, repository: Repository
    ) -> None:
        repository.manifest("scripts/a.yaml", name="a", risk_level="none")
        repository.manifest("scripts/b.yaml", name="b", nonsense=True)
        done = cocsync("plan", "-o", "json")
        found = done.report("plan")
        assert (done.code, found["complete"], len(found["diagnostics"])) == (1, False, 2)
        assert "scripts/a.yaml:" in done.err
        assert "scripts/b.yaml:" in done.err
        assert "the manifests have errors" in done.err

    @pytest.mark.parametrize("verb", ["plan", "drift"])
    def test_they_are_reported_before_what_is_wrong_with_credentials(
        self, cocsync: Program, repository: Repository, verb: str
    ) -> None:
        repository.project(targets={"local": {"endpoint": "https://coc.example", "project_id": "p"}})
        repository.manifest(nonsense=True)
        done = cocsync.here(verb)
        assert (done.code, "credentials" in done.err) == (1, False)
        assert "the manifests have errors" in done.err
        repository.manifest()
        done = cocsync.here(verb)
        assert (done.code, "credentials" in done.err) == (1, True)

    def test_they_are_reported_also_where_coc_does_not_answer_meanwhile(
        self, cocsync: Program, repository: Repository
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            repository.project(targets={"local": {"endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}"}})
            repository.manifest(nonsense=True)
            done = cocsync("plan")
        assert (done.code, done.err.count("Error: ")) == (1, 1)
        assert "the manifests have errors" in done.err

    def test_a_list_that_cannot_be_proven_ends_without_a_plan(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        simulator.configure(faults=["GET /v1/job/scripts:duplicate-row*"])
        done = cocsync.here("plan", "-o", "json=plan.json", "-o", "text")
        assert (done.code, done.out) == (1, "")
        assert "nothing is planned from such a list" in done.err
        found = report("plan", (written.root / "plan.json").read_text())
        assert (found["complete"], found["changes"], found["diagnostics"][0]["severity"]) == (False, [], "error")

    def test_a_service_that_refuses_everything_ends_without_a_plan(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        simulator.configure(forbidden=["a", "b", "c", "d"])
        done = cocsync.here("plan", "--refresh", "full", folder=written.root)
        assert done.code == 1
        assert "403" in done.err

    def test_a_report_that_cannot_be_written_is_an_error_after_the_others(
        self, cocsync: Program, written: Repository
    ) -> None:
        (written.root / "file").write_text("in the way")
        done = cocsync.here("plan", "-o", "json=file/plan.json", "-o", "text")
        assert done.code == 1
        assert "the report file/plan.json cannot be written" in done.err
        assert "No changes." in done.out

    def test_why_it_was_refused_is_said_also_where_the_report_cannot_be_written(
        self, cocsync: Program, written: Repository
    ) -> None:
        (written.root / "file").write_text("in the way")
        done = cocsync.here("plan", "nowhere", "-o", "json=file/plan.json")
        assert done.code == 3
        assert "nothing here or in COC is called nowhere" in done.err
        assert "cannot be written" in done.err


def test_the_commit_of_the_manifests_stands_in_the_plan(cocsync: Program, repository: Repository) -> None:
    repository.manifest()
    repository.write(".gitignore", ".cocsync/\n")
    source = cocsync.here("plan", "-o", "json").report("plan")["source"]
    assert source == {"commit": None, "dirty": None}

    commit = _commit(repository.root)
    assert cocsync.here("plan", "-o", "json").report("plan")["source"] == {"commit": commit, "dirty": False}
    repository.manifest(content="changed\n")
    assert cocsync.here("plan", "-o", "json").report("plan")["source"] == {"commit": commit, "dirty": True}
    assert f"commit {commit[:12]}" in cocsync.here("plan").out


def _commit(folder: Path) -> str:
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in ["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]:
        children.run([*git, *command], check=True)
    head: str = children.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    return head.strip()
