"""A repository -> desired state: everything wrong with it is said at once, each thing at its place."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocsync.diagnostics import Position, Severity
from cocsync.errors import UsageError
from cocsync.manifests import manifest, project
from cocsync.model.content import Content
from cocsync.model.desired import Desired, Manifest
from cocsync.model.script import Reviewer, Script
from tests.support.repository import MANIFEST, Repository, to_yaml

ALICE = Reviewer(name="alice", id="7a8513cd87b7448283a1d5190eb91234")
BOB = Reviewer(name="bob", id="0f1e2d3c4b5a69788796a5b4c3d2e1f0")


class TestOneManifest:
    def test_only_what_must_be_there(self, repository: Repository) -> None:
        repository.manifest()
        assert repository.only() == Manifest(
            script=Script(
                name="disk_report",
                type="SHELL",
                description="Disk usage",
                content=Content("df -h\n"),
                risk_level="LOW",
                version="1.0.0",
            ),
            file="scripts/disk.yaml",
            line=3,
        )

    def test_everything_that_can_be_there(self, repository: Repository) -> None:
        repository.manifest(
            reviewers=["alice", {"name": "carol", "id": "c0"}, {"name": "dave"}],
            protocol="EMAIL",
            previous_names=["old"],
            adopt=True,
            protected=True,
            ignore=["reviewers", "protocol"],
            targets=["prod", "local"],
        )
        found = repository.only()
        assert found.script.reviewers == (ALICE, Reviewer(name="carol", id="c0"), Reviewer(name="dave"))
        assert found.script.protocol == "EMAIL"
        assert (found.previous_names, found.adopt, found.protected) == (("old",), True, True)
        assert found.ignore == {"reviewers", "protocol"}

    def test_defaults_and_overrides_are_merged(self, repository: Repository) -> None:
        repository.project(defaults={"protocol": "SMS", "reviewers": ["alice"], "protected": True})
        repository.manifest(overrides={"prod": {"risk_level": "HIGH", "reviewers": ["bob"], "protected": False}})
        here, there = repository.only("local"), repository.only("prod")
        assert (here.script.risk_level, here.script.reviewers, here.protected) == ("LOW", (ALICE,), True)
        assert (there.script.risk_level, there.script.reviewers, there.protected) == ("HIGH", (BOB,), False)
        assert here.script.protocol == there.script.protocol == "SMS"

    def test_a_manifest_for_other_targets_is_checked_and_left_out(self, repository: Repository) -> None:
        repository.manifest(targets=["prod"])
        assert repository.load("local") == Desired(manifests=())
        assert len(repository.load("prod").manifests) == 1

    def test_the_line_is_that_of_the_name(self, repository: Repository) -> None:
        repository.write("scripts/two.yaml", to_yaml(MANIFEST, {**MANIFEST, "name": "second"}))
        first, second = repository.load().manifests
        assert (first.line, second.name, second.line) == (3, "second", 14)


class TestFindings:
    def test_a_name_with_a_hyphen_is_a_warning(self, repository: Repository) -> None:
        repository.manifest(name="disk-report")
        desired = repository.load()
        assert [(d.code, d.severity) for d in desired.diagnostics] == [("name-hyphen", Severity.WARNING)]
        assert len(desired.manifests) == 1

    def test_a_description_leaves_room_for_the_mark_in_utf_16_units(self, repository: Repository) -> None:
        repository.manifest(description="x" * 188)
        assert repository.codes() == []
        repository.manifest(description="😀" * 95)
        assert repository.findings() == [
            ("too-long", "`description` has 190 UTF-16 units, 188 are allowed: shorten it")
        ]

    def test_a_version_too(self, repository: Repository) -> None:
        repository.manifest(version="😀" * 6)
        assert repository.codes() == ["too-long"]

    @pytest.mark.parametrize(
        "mark",
        ["[cocsync:payments_ops/1aaabbbbbbbbbb.-]", "[cocsync:a/9 anything]", "x [cocsync:a/1!aaabbbbbbbbbb.e] y"],
    )
    def test_a_description_holds_no_mark(self, repository: Repository, mark: str) -> None:
        repository.manifest(description=mark)
        assert repository.codes() == ["description-mark"]

    def test_what_only_looks_like_a_mark_is_text(self, repository: Repository) -> None:
        repository.manifest(description="see [cocsync:docs]")
        assert repository.codes() == []

    def test_an_unknown_reviewer_is_answered_with_near_names(self, repository: Repository) -> None:
        repository.manifest(reviewers=["alcie", "zed"])
        assert repository.findings() == [
            ("unknown-person", "`people` in cocsync.yaml has no `alcie`: did you mean `alice`?"),
            ("unknown-person", "`people` in cocsync.yaml has no `zed`: add it there, or give `{name: ..., id: ...}`"),
        ]

    def test_an_unknown_reviewer_in_the_defaults_is_said_once_and_there(self, repository: Repository) -> None:
        repository.project(defaults={"reviewers": ["zed"]})
        repository.manifest("scripts/1.yaml", name="a")
        repository.manifest("scripts/2.yaml", name="b")
        (found,) = repository.load().diagnostics
        assert found.at is not None
        assert found.at.file == "cocsync.yaml"

    @pytest.mark.parametrize(
        "reviewers", [["alice", "alice"], ["alice", {"name": "Alice", "id": ALICE.id}], [{"name": "x"}, {"name": "x"}]]
    )
    def test_a_reviewer_stands_once(self, repository: Repository, reviewers: list[Any]) -> None:
        repository.manifest(reviewers=reviewers)
        assert repository.codes() == ["duplicate-reviewer"]

    def test_reviewers_without_an_id_are_apart_by_name(self, repository: Repository) -> None:
        repository.manifest(reviewers=[{"name": "x"}, {"name": "y"}])
        assert repository.codes() == []

    def test_a_reviewers_name_counts_utf_16_units(self, repository: Repository) -> None:
        repository.manifest(reviewers=[{"name": "😀" * 33, "id": "x"}])
        assert repository.codes() == ["too-long"]

    @pytest.mark.parametrize("name", ["\u0430lice", "al\u0456ce", "alice\u200b", "张三"])
    def test_a_reviewers_name_that_may_look_like_another_needs_an_id(self, repository: Repository, name: str) -> None:
        repository.manifest(reviewers=[{"name": name}])
        ((code, message),) = repository.findings()
        assert (code, "is not plain ASCII" in message) == ("reviewer-name", True)
        repository.manifest(reviewers=[{"name": name, "id": "x"}])
        assert repository.codes() == []
        repository.project(people={name: "x"})
        repository.manifest(reviewers=[name])
        assert repository.codes() == []

    def test_an_unknown_target_is_an_error_for_every_target(self, repository: Repository) -> None:
        repository.manifest(targets=["prdo"], overrides={"xyz": {"risk_level": "LOW"}})
        assert repository.findings() == [
            ("unknown-target", "no target `prdo`: did you mean `prod`?"),
            ("unknown-target", "no target `xyz`: cocsync.yaml has local, prod"),
        ]

    def test_all_findings_of_all_files_come_in_order(self, repository: Repository) -> None:
        repository.write("scripts/1.yaml", "a: [\n")
        repository.manifest("scripts/2.yaml", nmae="x", risk_level="NONE")
        repository.manifest("scripts/3.yaml", name="good")
        repository.manifest(
            "scripts/4.yaml", name="no-file", content=None, content_file="nowhere.sh", reviewers=["zed"]
        )
        desired = repository.load()
        assert [(d.at and d.at.file, d.code) for d in desired.diagnostics] == [
            ("scripts/1.yaml", "yaml-syntax"),
            ("scripts/2.yaml", "wrong-value"),
            ("scripts/2.yaml", "unknown-key"),
            ("scripts/4.yaml", "name-hyphen"),
            ("scripts/4.yaml", "content-unreadable"),
            ("scripts/4.yaml", "unknown-person"),
        ]


class TestFiles:
    def test_all_sources_are_read_each_file_once_and_scripts_sorted_by_name(self, repository: Repository) -> None:
        repository.project(sources=["scripts", "more", "scripts/sub"])
        repository.manifest("scripts/sub/1.yml", name="z")
        repository.manifest("more/2.yaml", name="a")
        assert [m.name for m in repository.load().manifests] == ["a", "z"]

    def test_the_repository_may_be_its_own_source(self, repository: Repository) -> None:
        repository.project(sources=["."])
        repository.manifest("disk.yaml")
        assert repository.only().file == "disk.yaml"

    def test_a_missing_source_is_an_error_at_its_place(self, repository: Repository) -> None:
        repository.project(sources=["scripts", "scirpts"])
        repository.manifest()
        desired = repository.load()
        (found,) = desired.diagnostics
        assert (found.code, found.is_error) == ("source-missing", True)
        assert found.message.startswith("source folder `scirpts` is missing: ")
        assert found.at is not None
        assert found.at.file == "cocsync.yaml"
        assert len(desired.manifests) == 1

    def test_an_empty_source_is_no_finding(self, repository: Repository) -> None:
        assert repository.load() == Desired(manifests=())

    @pytest.mark.parametrize("text", ["", "# later\n", "---\n"])
    def test_a_file_without_a_document_is_an_error(self, repository: Repository, text: str) -> None:
        repository.write("scripts/empty.yaml", text)
        (found,) = repository.load().diagnostics
        assert (found.code, found.severity) == ("manifest-empty", Severity.ERROR)
        assert found.at == Position(file="scripts/empty.yaml")

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("services: {web: {image: nginx}}\n", 1),
            ("- a\n", 1),
            ("just text\n", 1),
            ("kind: Script\napiVersion: v1\n", 2),
            ("apiVersion: cocsync/v1\nkind: Project\n", 2),
        ],
    )
    def test_a_file_that_is_something_else_is_one_error(self, repository: Repository, text: str, line: int) -> None:
        repository.write("scripts/other.yaml", text)
        (found,) = repository.load().diagnostics
        assert found.code == "not-a-manifest"
        assert found.at is not None
        assert found.at.line == line

    def test_a_linked_manifest_is_an_error(self, repository: Repository) -> None:
        repository.manifest("outside.yaml")
        (repository.root / "scripts" / "link.yaml").symlink_to(repository.root / "outside.yaml")
        assert repository.codes() == ["manifest-unreadable"]

    def test_a_linked_folder_is_an_error(self, repository: Repository) -> None:
        repository.manifest("outside/a.yaml")
        (repository.root / "scripts" / "link").symlink_to(repository.root / "outside")
        assert repository.codes() == ["source-entry"]

    def test_a_huge_manifest_is_not_read(self, repository: Repository) -> None:
        repository.write("scripts/huge.yaml", "")
        os.truncate(repository.root / "scripts" / "huge.yaml", 2**21)
        assert repository.codes() == ["manifest-unreadable"]

    def test_an_unknown_target_is_a_usage_error(self, repository: Repository) -> None:
        with pytest.raises(UsageError, match="no target `prdo`"):
            repository.load("prdo")


CANARY = "c4n4ry"
PARTS = st.sampled_from(
    [
        *(
            b"",
            b"\0",
            b"\xff",
            b"a: 1\n",
            b"[" * 100,
            b"&a *a",
            b"---\n",
            b"  - x\n",
            b"params: [{name: x}]\n",
            b"\t",
        ),
        to_yaml(MANIFEST).encode(),
        to_yaml({**MANIFEST, "content": None, "content_file": "a.sh", "type": None}).encode(),
        to_yaml({**MANIFEST, "name": "b", "reviewers": ["alice"], "targets": ["prod"]}).encode(),
        to_yaml({**MANIFEST, "params": [{"name": "p", "sensitive": True, "value": CANARY}]}).encode(),
        to_yaml({**MANIFEST, "params": [{"name": "p", "value": f"{CANARY};"}]}).encode(),
        to_yaml({**MANIFEST, "params": [{"name": "p", "sensitive": True, "value_from": {"env": "BAD"}}]}).encode(),
        to_yaml(
            {**MANIFEST, "params": [{"name": "p", "sensitive": True, "value_from": {"file": "scripts/a.sh"}}]}
        ).encode(),
        to_yaml({**MANIFEST, "overrides": {"prod": {"params": {"p": {"value": CANARY}}}}}).encode(),
    ]
)
NAMES = st.sampled_from(
    ["scripts/a.yaml", "scripts/a.sh", "scripts/b/c.yml", "scripts/b", "scripts/.d/e.yaml", "x.yaml"]
)


@settings(max_examples=60)
@given(st.dictionaries(NAMES, st.lists(PARTS, max_size=3).map(b"".join) | st.none(), max_size=5))
def test_no_tree_raises_and_no_value_is_said(tree: dict[str, bytes | None]) -> None:
    """None is a link to the project file."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(Path(folder) / "r")
        for name, data in sorted(tree.items(), reverse=True):
            file = repository.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.exists():
                continue
            if data is None:
                file.symlink_to(repository.root / "cocsync.yaml")
            else:
                file.write_bytes(data)
        for target in ("local", "prod"):
            desired = repository.load(target, BAD=f"{CANARY};")
            assert not any(CANARY in f"{d.message}{d.excerpt}" for d in desired.diagnostics)
            assert list(desired.manifests) == sorted(desired.manifests, key=lambda m: m.name)


def test_the_environment_is_the_one_that_is_passed(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_TOKEN", "s3cret")
    repository.manifest(params=[{"name": "t", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}])
    loaded, _ = project.load(repository.root)
    assert loaded is not None
    (found,) = manifest.load(loaded, repository.root, "local", {}).manifests
    assert found.missing_values == ("env:APP_TOKEN",)
