"""Whose a script is: what another owner, another repository, a newer version and a copying hand have made."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocsync.sim import Simulator
from tests.support.program import Done, Program
from tests.support.repository import Repository


@pytest.fixture
def written(cocsync: Program, repository: Repository) -> Repository:
    for name in ("a", "b", "c"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    assert cocsync.here("apply", "--yes").code == 0
    return repository


@pytest.fixture
def neighbour(tmp_path: Path, repository: Repository, cocsync: Program) -> Callable[..., Repository]:
    """Makes a second repository that writes to the same COC."""

    def make(**project: Any) -> Repository:
        second = Repository(tmp_path / "second")
        second.project(targets={"local": {"endpoint": "sim:"}}, **project)
        cocsync.environ["COCSYNC_ENDPOINT"] = f"sim:{repository.root}/.cocsync/sim.db"
        return second

    return make


def plan(cocsync: Program, repository: Repository, *arguments: str) -> Done:
    return cocsync.here("plan", *arguments, "-o", "json", folder=repository.root)


def kinds(done: Done) -> dict[str, str]:
    return {conflict["name"]: conflict["kind"] for conflict in done.report("plan")["conflicts"]}


def bare(text: str) -> str:
    """Without what HTML and Markdown make of a text."""
    return html.unescape(text).replace("`", "")


class TestTwoRepositories:
    def test_of_one_owner_cannot_prune_each_others_scripts(
        self, cocsync: Program, written: Repository, neighbour: Callable[..., Repository], simulator: Simulator
    ) -> None:
        assert written.root.exists()
        second = neighbour()
        second.manifest("scripts/d.yaml", name="d")
        done = cocsync("plan", folder=second.root)
        assert done.code == 0
        assert "if another repository uses this owner, give this one its own" in done.out

        for verb in ["plan"], ["apply", "--yes"]:
            done = cocsync.here(*verb, "--prune", "--prune-edited", "--allow-deletes", "9", folder=second.root)
            assert done.code == 3
            assert "does another repository use this owner?" in done.out
        assert len(simulator.scripts()) == 3

    def test_of_two_owners_know_nothing_of_each_other(
        self, cocsync: Program, written: Repository, neighbour: Callable[..., Repository], simulator: Simulator
    ) -> None:
        second = neighbour(owner="net")
        second.manifest("scripts/d.yaml", name="d")
        assert cocsync.here("apply", "--yes", "--prune", folder=second.root).code == 0
        found = plan(cocsync, second).report("plan")
        assert ([s["name"] for s in found["unmanaged"]], found["prunable"]) == (["a", "b", "c"], [])
        assert cocsync.here("apply", "--yes", "--prune", folder=written.root).code == 0
        assert len(simulator.scripts()) == 4


class TestMarks:
    def test_a_newer_format_of_ours_is_left_alone_whatever_is_asked(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        newer = "Disk usage [cocsync:payments_ops/2anything;may:stand here]"
        for name in ("a", "c"):
            simulator.edit(name, description=newer)
        (written.root / "scripts" / "c.yaml").unlink()
        every = ("--adopt-all", "--prune", "--prune-edited", "--allow-deletes", "9")
        done = plan(cocsync, written, *every)
        assert (done.code, kinds(done)) == (3, {"a": "newer_format"})
        assert [s["name"] for s in done.report("plan")["unmanaged"]] == ["c"]
        assert "update cocsync" in cocsync.here("plan").out
        assert cocsync.here("apply", "--yes", *every).code == 3
        assert {simulator.script(name).description for name in ("a", "c")} == {newer}

    @pytest.mark.parametrize("verb", ["plan", "drift"])
    @pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "github", "junit"])
    def test_an_unknown_format_says_who_wrote_it_and_when(
        self, cocsync: Program, written: Repository, simulator: Simulator, verb: str, form: str
    ) -> None:
        if (verb, form) == ("plan", "junit"):
            return
        assert written.root.exists()
        simulator.edit("a", user="mallory", description="Disk usage [cocsync:payments_ops/9garbage]")
        touched = cocsync.here("plan", "-o", "json").json()["conflicts"][0]["modified_at"][:19]
        done = cocsync.here(verb, "-o", form, COLUMNS="200")
        assert done.code in (2, 3)
        assert "mallory" in done.out
        assert touched in done.out
        if form != "json":
            assert "--dangerous-take-over a" in bare(done.out)

    def test_an_unknown_format_has_a_way_out_and_stops_nothing_else(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        simulator.edit("a", user="mallory", description="Disk usage [cocsync:payments_ops/9garbage]", content="evil\n")
        written.manifest("scripts/b.yaml", name="b", content="new\n")
        assert cocsync.here("apply", "--yes").code == 4
        assert (simulator.script("a").content, simulator.script("b").content) == ("evil\n", "new\n")

        done = cocsync.here("apply", "--yes", "--dangerous-take-over", "a")
        assert (done.code, "taken over from payments_ops" in done.out) == (0, True)
        assert simulator.script("a").content == "df -h\n"
        assert any("evil" in file.read_text() for file in written.root.glob(".cocsync/backups/*/a/*"))
        assert cocsync.here("plan", "--detailed-exitcode").code == 0

    def test_a_copy_is_no_script_of_ours(self, cocsync: Program, written: Repository, simulator: Simulator) -> None:
        """Somebody cloned `a` in the console, mark included."""
        description = simulator.script("a").description
        for name in ("d", "e"):
            simulator.create(name=name, description=description)
        written.manifest("scripts/d.yaml", name="d")
        done = plan(cocsync, written, "--prune")
        assert kinds(done) == {"d": "copied"}
        assert done.report("plan")["prunable"] == []
        assert [s["name"] for s in done.report("plan")["unmanaged"]] == ["e"]

    def test_one_name_twice_is_never_adopted(self, cocsync: Program, written: Repository, simulator: Simulator) -> None:
        simulator.create(name="a", same_name=True)
        done = plan(cocsync, written, "--adopt-all")
        assert (done.code, kinds(done)) == (3, {"a": "duplicate"})

    def test_403_on_one_script_is_a_conflict_of_its_own(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        simulator.create(name="theirs")
        simulator.configure(forbidden=["a", "theirs"])
        written.manifest("scripts/b.yaml", name="b", content="new\n")
        done = plan(cocsync, written, "--refresh", "full")
        assert (done.code, kinds(done)) == (3, {"a": "forbidden"})
        found = done.report("plan")
        assert [s["name"] for s in found["unmanaged"]] == ["theirs"]
        assert any("theirs" in d["message"] for d in found["diagnostics"])
        assert cocsync.here("apply", "--yes", "--refresh", "full").code == 4
        assert simulator.script("b").content == "new\n"

    def test_a_new_owner_takes_what_the_old_one_wrote_only_by_name(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        written.project(owner="net", previous_owners=["payments_ops"])
        (written.root / "scripts" / "c.yaml").unlink()
        every = ("--adopt-all", "--renew-marks", "--prune", "--prune-edited", "--allow-deletes", "9")
        done = plan(cocsync, written, *every)
        assert (done.code, kinds(done)) == (3, {"a": "previous_owner", "b": "previous_owner"})
        assert [s["name"] for s in done.report("plan")["unmanaged"]] == ["c"]
        assert "of a previous owner of this repository: payments_ops" in cocsync("plan", COLUMNS="200").out

        one = ("--dangerous-take-over", "a")
        for form in ("text", "json", "markdown", "html"):
            assert "taken over from payments_ops" in bare(cocsync.here("plan", *one, "-o", form, COLUMNS="200").out)
        done = cocsync.here("apply", "--yes", *one, "-o", "text", "-o", "json=it.json", "-o", "markdown=it.md")
        assert (done.code, "taken over from payments_ops" in done.out.partition("applied")[2]) == (4, True)
        assert '"taken_from": "payments_ops"' in (written.root / "it.json").read_text()
        assert "taken over from payments_ops" in bare((written.root / "it.md").read_text())
        assert "[cocsync:net/1" in simulator.script("a").description
        assert "[cocsync:payments_ops/1" in simulator.script("b").description


def test_a_rename_creates_first_and_deletes_once_that_is_approved(
    cocsync: Program, written: Repository, simulator: Simulator
) -> None:
    (written.root / "scripts" / "a.yaml").unlink()
    written.manifest("scripts/z.yaml", name="z", previous_names=["a"], reviewers=["alice"])
    done = cocsync.here("apply", "--yes")
    assert done.code == 0
    assert ">> rename  z  from a" in done.out
    assert {script.name for script in simulator.scripts()} == {"a", "b", "c", "z"}

    done = cocsync.here("plan", "--detailed-exitcode", "--prune")
    assert (done.code, "its old name a is deleted once this is approved" in done.out) == (0, True)
    simulator.review("z")
    assert cocsync.here("apply", "--yes").code == 0
    assert {script.name for script in simulator.scripts()} == {"b", "c", "z"}
    assert cocsync.here("plan", "--detailed-exitcode").code == 0


def test_a_replace_says_that_the_uuid_changes_and_is_refused_while_protected(
    cocsync: Program, written: Repository, simulator: Simulator
) -> None:
    written.manifest("scripts/a.yaml", name="a", protected=True)
    cocsync.here("apply", "--yes")
    written.manifest("scripts/a.yaml", name="a", type="PYTHON", protected=True)
    done = cocsync.here("apply", "--yes")
    assert (done.code, "a is protected" in done.err) == (3, True)

    written.manifest("scripts/a.yaml", name="a")
    assert cocsync.here("apply", "--yes").code == 0
    before = simulator.script("a").uuid
    written.manifest("scripts/a.yaml", name="a", type="PYTHON")
    done = cocsync.here("apply", "--yes")
    assert (done.code, "its uuid changes" in done.out) == (0, True)
    assert (simulator.script("a").type, simulator.script("a").uuid == before) == ("PYTHON", False)
