"""`cocsync import`: which files it writes for what COC holds, what it leaves and says, and its exit codes."""

from __future__ import annotations

import html
import os
import re
from typing import Any

import pytest

from cocsync.coc.scripts import ScriptsApi
from cocsync.engine import imports
from cocsync.model.live import Observed
from cocsync.observe import reading
from cocsync.sim import Simulator
from tests.support.program import Program
from tests.support.repository import MANIFEST, Repository, to_yaml

ALICE = {"name": "alice", "id": "7a8513cd87b7448283a1d5190eb91234"}
PARAMS: list[dict[str, Any]] = [
    {"name": "path", "value": "/var", "description": "where"},
    {"name": "token", "value": "planted", "sensitive": True},
]


@pytest.fixture
def live(repository: Repository, simulator: Simulator) -> Repository:
    """A repository without manifests, and a COC in which people made three scripts."""
    simulator.create(name="disk", content="df -h\n", description="Disk usage", reviewers=[ALICE], params=PARAMS)
    simulator.create(name="with-hyphen", type="PYTHON", content="print()\n", description="two\nlines")
    simulator.create(name="CON", content="echo\n", description="A name that is no file's")
    return repository


def files(repository: Repository) -> dict[str, str]:
    scripts = repository.root / "scripts"
    return {p.relative_to(scripts).as_posix(): p.read_text() for p in sorted(scripts.rglob("*")) if p.is_file()}


def plan(cocsync: Program, *arguments: str) -> Any:
    return cocsync.here("plan", "-o", "json", *arguments).report("plan")


class TestAll:
    def test_writes_a_folder_a_script_and_the_plan_then_only_adopts(
        self, cocsync: Program, live: Repository, simulator: Simulator
    ) -> None:
        before = simulator.scripts()
        done = cocsync("import", "--all")
        assert (done.code, done.err) == (0, "")
        assert (
            done.last_line == "Import: 3 imported, 0 left as they are, 0 not possible. Next: cocsync plan --adopt-all"
        )
        assert "Sensitive values to provide (see each `value_from`): disk[token]" in done.out
        written = files(live)
        assert {path.count("/") for path in written} == {1}
        assert set(written) > {"disk/script.yaml", "disk/disk.sh", "with-hyphen/with-hyphen.py"}
        assert written["disk/disk.sh"] == "df -h\n"
        assert "- alice\n" in written["disk/script.yaml"]
        assert "env: APP_DISK_TOKEN" in written["disk/script.yaml"]
        assert simulator.scripts() == before

        found = plan(cocsync, "--adopt-all")
        assert {(change["action"], tuple(change["fields"])) for change in found["changes"]} == {("adopt", ())}
        assert len(found["changes"]) == 3
        replaced = {change["name"]: change["replaces"] for change in found["changes"] if change["replaces"]}
        assert replaced == {"disk": [{"param": "token", "source": "env:APP_DISK_TOKEN"}]}
        told = "params[token].value: the value in COC will be replaced by env:APP_DISK_TOKEN"
        for form in ("text", "markdown", "html", "github"):
            done = cocsync.here("plan", "--adopt-all", "-o", form, COLUMNS="200")
            assert told in html.unescape(done.out).replace("\\", "").replace("`", ""), form

    def test_as_json(self, cocsync: Program, live: Repository, simulator: Simulator) -> None:
        simulator.create(name="empty", content="")
        simulator.create(name="long", description="x" * 256)
        live.manifest("scripts/disk.yaml", name="disk")
        found = cocsync.here("import", "--all", "-o", "json").report("import")
        assert found["summary"] == {"imported": 3, "left": 1, "skipped": 1, "updated": 0}
        assert (found["left"], found["updated"]) == (["disk"], [])
        assert [(s["name"], s["cut"], s["sensitive_params"]) for s in found["imported"]] == [
            ("CON", False, []),
            ("long", True, []),
            ("with-hyphen", False, []),
        ]
        assert all((live.root / s["folder"] / "script.yaml").is_file() for s in found["imported"])
        assert [(s["name"], "content is empty" in s["why"]) for s in found["skipped"]] == [("empty", True)]

    def test_what_is_cut_or_not_possible_is_told(
        self, cocsync: Program, live: Repository, simulator: Simulator
    ) -> None:
        simulator.create(name="long", description="x" * 256)
        for _ in range(2):
            simulator.create(name="twice", same_name=True)
        simulator.create(name="closed")
        simulator.create(name="../\x1b[2Jup")
        simulator.configure(forbidden=["closed"])
        done = cocsync.here("import", "--all", folder=live.root)
        assert done.code == 0
        assert "imported  scripts/long  (its description was too long for the mark, and is cut)" in done.out
        assert "! not imported  twice: COC has several scripts of this name" in done.out
        assert "! not imported  closed: COC refuses to show it (403)" in done.out
        assert "! not imported  ../\\x1b[2Jup: `name` may hold only letters" in done.out

    def test_a_second_time_nothing_is_left_to_do(self, cocsync: Program, live: Repository) -> None:
        cocsync.here("import", "--all")
        before = files(live)
        done = cocsync.here("import", "--all")
        assert done.last_line.startswith("Import: 0 imported, 3 left as they are, 0 not possible.")
        assert files(live) == before

    def test_of_an_empty_coc_is_nothing(self, cocsync: Program, repository: Repository) -> None:
        assert cocsync.here("import", "--all", folder=repository.root).last_line.startswith("Import: 0 imported")

    def test_what_was_written_points_editors_to_the_schema(self, cocsync: Program, live: Repository) -> None:
        live.write("schemas/manifest.schema.json", "{}")
        cocsync.here("import", "disk")
        line = files(live)["disk/script.yaml"].partition("\n")[0]
        assert line == "# yaml-language-server: $schema=../../schemas/manifest.schema.json"
        cocsync.here("import", "with-hyphen", "--dir", "scripts/a/b")
        line = files(live)["a/b/with-hyphen/script.yaml"].partition("\n")[0]
        assert line == "# yaml-language-server: $schema=../../../../schemas/manifest.schema.json"


class TestNames:
    def test_only_those_are_written(self, cocsync: Program, live: Repository) -> None:
        done = cocsync.here("import", "disk", "with-hyphen", "-o", "json")
        assert [s["folder"] for s in done.report("import")["imported"]] == ["scripts/disk", "scripts/with-hyphen"]
        assert {path.partition("/")[0] for path in files(live)} == {"disk", "with-hyphen"}

    def test_that_coc_has_not_are_refused_and_nothing_is_written(self, cocsync: Program, live: Repository) -> None:
        done = cocsync.here("import", "disk", "nowhere", "nothing")
        assert (done.code, done.out, files(live)) == (3, "", {})
        assert "COC has no script named nothing, nowhere" in done.err

    def test_that_coc_does_not_show_are_told_as_such(
        self, cocsync: Program, live: Repository, simulator: Simulator
    ) -> None:
        simulator.configure(forbidden=["disk"])
        found = cocsync.here("import", "disk", "-o", "json", folder=live.root).report("import")
        assert [(s["name"], s["why"]) for s in found["skipped"]] == [("disk", "COC refuses to show it (403)")]

    @pytest.mark.parametrize("arguments", [(), ("--all", "disk"), ("--overwrite",)])
    def test_or_all_and_not_both(self, cocsync: Program, live: Repository, arguments: tuple[str, ...]) -> None:
        done = cocsync.here("import", *arguments, folder=live.root)
        assert done.code == 64
        assert "--all" in done.err


class TestFolder:
    def test_is_the_first_source_or_the_one_that_is_given(self, cocsync: Program, live: Repository) -> None:
        live.project(sources=["./scripts/", "more"])
        (live.root / "more").mkdir()
        assert cocsync.here("import", "disk", "-o", "json").report("import")["imported"][0]["folder"] == "scripts/disk"
        for folder in "more", "more/deep":
            name = "with-hyphen" if folder == "more" else "CON"
            found = cocsync.here("import", name, "--dir", folder, "-o", "json").report("import")
            assert found["imported"][0]["folder"].startswith(f"{folder}/")
        assert len(plan(cocsync, "--adopt-all")["changes"]) == 3

    def test_may_be_the_whole_repository(self, cocsync: Program, live: Repository) -> None:
        live.project(sources=["."])
        live.write("schemas/manifest.schema.json", "{}")
        assert cocsync.here("import", "disk").code == 0
        assert cocsync.here("import", "with-hyphen", "--dir", "scripts").code == 0
        assert "$schema=../schemas/" in (live.root / "disk" / "script.yaml").read_text()
        assert len(plan(cocsync, "--adopt-all")["changes"]) == 2

    @pytest.mark.parametrize("folder", ["elsewhere", "scripts_too", "../scripts", "/tmp", "."])
    def test_has_to_lie_below_a_source(self, cocsync: Program, live: Repository, folder: str) -> None:
        done = cocsync.here("import", "disk", "--dir", folder)
        assert (done.code, "--dir" in done.err, files(live)) == (64, True, {})

    def test_that_is_there_is_never_written_over(self, cocsync: Program, live: Repository) -> None:
        live.write("scripts/disk/notes.txt", "mine\n")
        assert cocsync.here("import", "disk").code == 0
        written = files(live)
        assert written["disk/notes.txt"] == "mine\n"
        assert "disk_2/script.yaml" in written

    def test_that_cannot_be_written_is_an_error(self, cocsync: Program, live: Repository) -> None:
        live.write("scripts/sub", "a file in the way\n")
        done = cocsync.here("import", "disk", "--dir", "scripts/sub")
        assert done.code == 1
        assert "cannot be written" in done.err

    def test_half_written_by_a_run_that_was_killed_is_no_hindrance(self, cocsync: Program, live: Repository) -> None:
        live.write("scripts/.disk.part/left", "over\n")
        assert cocsync.here("import", "disk").code == 0
        assert set(files(live)) == {".disk.part/left", "disk/script.yaml", "disk/disk.sh"}


class TestOverwrite:
    TEXT = """\
# Why we have it.
apiVersion: cocsync/v1
kind: Script
name: disk  # as COC has it
description: Disk usage
content_file: disk.sh
risk_level: LOW
version: "1.0.0"
"""

    @pytest.fixture
    def edited(self, cocsync: Program, repository: Repository, simulator: Simulator) -> Repository:
        """A script of ours that a hand edited in COC, one that it did not, and one in which it is not so easy."""
        repository.write("scripts/disk/script.yaml", self.TEXT)
        repository.write("scripts/disk/disk.sh", "df -h\n")
        repository.manifest("scripts/same.yaml", name="same")
        overrides = {"local": {"risk_level": "MEDIUM"}}
        repository.manifest("scripts/hard.yaml", name="hard", overrides=overrides)
        assert cocsync.here("apply", "--yes").code == 0
        simulator.edit("disk", content="df -i\n", risk_level="HIGH", user="dave")
        simulator.edit("hard", risk_level="HIGH", user="dave")
        return repository

    def test_brings_in_what_differs_and_keeps_the_rest(self, cocsync: Program, edited: Repository) -> None:
        done = cocsync.here("import", "--all", "--overwrite")
        assert done.code == 0
        assert "~ updated  disk\n" in done.out
        assert "! left  hard has overrides of risk_level: edit it by hand" in done.out
        assert done.last_line.startswith("Import: 0 imported, 1 updated, 2 left as they are, 0 not possible.")
        written = files(edited)
        assert written["disk/script.yaml"] == self.TEXT.replace("LOW", "HIGH")
        assert written["disk/disk.sh"] == "df -i\n"
        assert [change["name"] for change in plan(cocsync)["changes"]] == ["hard"]

    def test_as_json(self, cocsync: Program, edited: Repository) -> None:
        found = cocsync.here("import", "--all", "--overwrite", "-o", "json", folder=edited.root).report("import")
        assert found["summary"] == {"imported": 0, "left": 2, "skipped": 0, "updated": 1}
        assert found["left"] == ["hard", "same"]
        assert [(u["name"], u["why_not"] is None) for u in found["updated"]] == [("disk", True), ("hard", False)]

    def test_without_it_nothing_is_touched(self, cocsync: Program, edited: Repository) -> None:
        before = files(edited)
        assert cocsync.here("import", "--all").code == 0
        assert files(edited) == before

    def test_a_script_without_a_manifest_is_imported_beside(
        self, cocsync: Program, edited: Repository, simulator: Simulator
    ) -> None:
        simulator.create(name="theirs")
        found = cocsync.here("import", "disk", "theirs", "--overwrite", "-o", "json").report("import")
        assert found["summary"] == {"imported": 1, "left": 0, "skipped": 0, "updated": 1}
        assert "theirs/script.yaml" in files(edited)

    def test_a_name_that_coc_has_twice_says_nothing_of_its_manifest(
        self, cocsync: Program, edited: Repository, simulator: Simulator
    ) -> None:
        simulator.create(name="disk", same_name=True)
        before = files(edited)
        found = cocsync.here("import", "disk", "--overwrite", "-o", "json").report("import")
        assert (found["left"], found["updated"], files(edited)) == (["disk"], [], before)

    def test_a_manifest_among_others_in_one_file(
        self, cocsync: Program, edited: Repository, simulator: Simulator
    ) -> None:
        (edited.root / "scripts" / "same.yaml").unlink()
        two = [{**MANIFEST, "name": name} for name in ("first", "same")]
        edited.write("scripts/two.yaml", to_yaml(*two))
        simulator.edit("same", version="9")
        found = cocsync.here("import", "same", "--overwrite", "-o", "json").report("import")
        assert [u["name"] for u in found["updated"]] == ["same"]
        assert files(edited)["two.yaml"] == to_yaml(two[0]) + "---\n" + to_yaml(two[1]).replace("1.0.0", '"9"')

    def test_a_manifest_that_changes_meanwhile_is_left(
        self, cocsync: Program, edited: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        observe = reading.observe
        renamed = self.TEXT.replace("name: disk ", "name: dusk ")

        def meanwhile(api: ScriptsApi, **how: Any) -> Observed:
            edited.write("scripts/disk/script.yaml", renamed)
            return observe(api, **how)

        monkeypatch.setattr(imports, "observe", meanwhile)
        done = cocsync.here("import", "disk", "--overwrite")
        assert "! left  disk changed while it was imported: run it again" in done.out
        assert files(edited)["disk/script.yaml"] == renamed

    def test_a_file_that_cannot_be_written_is_an_error(
        self, cocsync: Program, edited: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        before = files(edited)
        monkeypatch.setattr(os, "replace", full)
        done = cocsync.here("import", "disk", "--overwrite")
        assert done.code == 1
        assert "disk.sh cannot be written: No space left on device" in done.err
        assert files(edited) == before


def test_reads_only(cocsync: Program, live: Repository, simulator: Simulator) -> None:
    simulator.configure(faults=["POST *:500*", "PUT *:500*", "DELETE *:500*"])
    before = simulator.scripts()
    assert cocsync.here("import", "--all", folder=live.root).code == 0
    assert simulator.scripts() == before


def test_errors_in_the_manifests_stop_it(cocsync: Program, live: Repository) -> None:
    live.manifest("scripts/x.yaml", risk_level="none")
    done = cocsync.here("import", "--all")
    assert (done.code, done.out) == (1, "")
    assert "scripts/x.yaml:" in done.err


@pytest.mark.parametrize("arguments", [("--all", "-o", "markdown"), ("--all", "--force"), ("--all", "--dir")])
def test_what_it_does_not_take_is_a_usage_error(cocsync: Program, live: Repository, arguments: tuple[str, ...]) -> None:
    assert cocsync.here("import", *arguments, folder=live.root).code == 64


def test_no_two_params_get_one_variable_whatever_targets_use_them(
    cocsync: Program, repository: Repository, simulator: Simulator
) -> None:
    token = [{"name": "token", "value": "x", "sensitive": True}]
    for name in ("a-b", "a_b", "A_B", "重启"):
        simulator.create(name=name, params=token)
    there = {"name": "token", "sensitive": True, "value_from": {"env": "app_a_b_token"}}
    repository.manifest("scripts/other.yaml", name="other", params=[there], targets=["prod"])

    assert cocsync.here("import", "--all").code == 0

    texts = [path.read_text("utf-8") for path in repository.root.glob("scripts/*/script.yaml")]
    found = [match[1].casefold() for text in texts for match in re.finditer(r"env: (\w+)", text)]
    assert len(set(found)) == len(found) == 4
    assert "app_a_b_token" not in found
