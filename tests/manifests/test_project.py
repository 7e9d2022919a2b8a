from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cocsync.diagnostics import Position
from cocsync.errors import UsageError
from cocsync.manifests.project import Project, SecretPolicy, load
from cocsync.model.script import Reviewer
from cocsync.model.target import Target
from cocsync.plan.guards import Guards
from tests.support.repository import Repository

HEAD = {"apiVersion": "cocsync/v1", "kind": "Project", "owner": "ops"}


def write(root: Path, **fields: Any) -> None:
    (root / "cocsync.yaml").write_text(yaml.safe_dump({**HEAD, **fields}, sort_keys=False))


def project(root: Path, **fields: Any) -> Project:
    write(root, **fields)
    loaded, found = load(root)
    assert found == ()
    assert loaded is not None
    return loaded


def faults(root: Path, **fields: Any) -> list[tuple[str, str]]:
    write(root, **fields)
    loaded, found = load(root)
    assert loaded is None
    assert all(d.is_error and d.at and d.at.file == "cocsync.yaml" for d in found)
    return [(d.code, d.message) for d in found]


class TestDefaults:
    def test_an_owner_is_enough(self, tmp_path: Path) -> None:
        found = project(tmp_path)
        assert found.sources == ("scripts",)
        assert found.targets == (Target(name="local", endpoint="sim:", owner="ops"),)
        assert found.target() == found.targets[0]
        assert (found.people, found.previous_owners, found.prune) == ((), (), False)
        assert found.guards == Guards(max_delete=3, max_delete_percent=20, max_review=10)
        assert found.secrets == SecretPolicy(env=(), files=())

    def test_everything_can_be_said(self, tmp_path: Path) -> None:
        found = project(
            tmp_path,
            previous_owners=["old"],
            sources=["a", "b/c"],
            people={"alice": "7a85"},
            defaults={"protocol": "EMAIL"},
            prune=True,
            guards={"max_delete": 5, "max_delete_percent": 50, "max_review": 0},
            secrets={"env": ["APP_*"], "files": ["/run/secrets"]},
            default_target="prod",
            targets={
                "local": {"endpoint": "sim:"},
                "prod": {
                    "endpoint": "cn",
                    "project_id": "p",
                    "domain_id": "d",
                    "enterprise_project_id": "0",
                    "owner": "ops_prod",
                    "previous_owners": [],
                    "limits": {"content": 4096},
                    "pending_shows": "previous",
                },
            },
        )
        assert (found.sources, found.people) == (("a", "b/c"), (Reviewer(name="alice", id="7a85"),))
        assert (found.owner, found.previous_owners, found.prune) == ("ops", ("old",), True)
        assert found.guards == Guards(max_delete=5, max_delete_percent=50, max_review=0)
        assert found.secrets == SecretPolicy(env=("APP_*",), files=("/run/secrets",))
        assert found.document.data["defaults"] == {"protocol": "EMAIL"}
        assert found.target() == Target(
            name="prod",
            endpoint="https://coc.myhuaweicloud.com",
            owner="ops_prod",
            project_id="p",
            domain_id="d",
            enterprise_project_id="0",
            content_limit=4096,
            pending_shows_previous=True,
        )
        assert found.target("local").previous_owners == ("old",)

    def test_an_empty_list_of_variables_allows_none(self, tmp_path: Path) -> None:
        assert project(tmp_path, secrets={"env": []}).secrets.env == ()


TWO = {"local": {"endpoint": "sim:a"}, "prod": {"endpoint": "sim:b"}}


class TestChoosingATarget:
    def test_the_only_one_needs_no_name(self, tmp_path: Path) -> None:
        assert project(tmp_path, targets={"prod": {"endpoint": "sim:"}}).target().name == "prod"

    def test_local_needs_no_name(self, tmp_path: Path) -> None:
        assert project(tmp_path, targets=TWO).target().name == "local"

    def test_several_without_a_default_need_one(self, tmp_path: Path) -> None:
        found = project(tmp_path, targets={"a": {"endpoint": "sim:a"}, "b": {"endpoint": "sim:b"}})
        with pytest.raises(UsageError, match=r"Pass --target NAME, or set default_target in cocsync.yaml: a, b"):
            found.target()

    def test_an_unknown_name_is_a_usage_error_with_a_suggestion(self, tmp_path: Path) -> None:
        found = project(tmp_path, targets=TWO)
        with pytest.raises(UsageError, match=r"no target `prdo`: did you mean `prod`\?"):
            found.target("prdo")
        with pytest.raises(UsageError, match=r"no target `xyz`: cocsync\.yaml has local, prod"):
            found.target("xyz")


class TestFaults:
    def test_no_file_says_how_to_get_one(self, tmp_path: Path) -> None:
        loaded, (found,) = load(tmp_path)
        assert loaded is None
        assert (found.code, found.at) == ("project-missing", Position(file="cocsync.yaml"))
        assert "cocsync init" in found.message

    def test_a_file_that_cannot_be_read_says_why(self, tmp_path: Path) -> None:
        (tmp_path / "cocsync.yaml").mkdir()
        _, (found,) = load(tmp_path)
        assert (found.code, found.message) == ("project-unreadable", "`cocsync.yaml` is a folder: name a file")

    @pytest.mark.parametrize("text", ["", "# nothing\n", "a: 1\n---\na: 2\n"])
    def test_a_file_holds_exactly_one_document(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "cocsync.yaml").write_text(text)
        loaded, (found,) = load(tmp_path)
        assert (loaded, found.code) == (None, "project-documents")

    def test_broken_yaml_is_said_once(self, tmp_path: Path) -> None:
        (tmp_path / "cocsync.yaml").write_text("owner: [\n")
        loaded, (found,) = load(tmp_path)
        assert (loaded, found.code) == (None, "yaml-syntax")

    def test_a_duplicate_key_is_an_error_here_too(self, tmp_path: Path) -> None:
        (tmp_path / "cocsync.yaml").write_text("apiVersion: cocsync/v1\nkind: Project\nowner: a\nowner: b\n")
        loaded, (found,) = load(tmp_path)
        assert (loaded, found.code) == (None, "yaml-duplicate-key")

    def test_the_schema_judges(self, tmp_path: Path) -> None:
        assert faults(tmp_path, onwer="x") == [("unknown-key", "unknown key `onwer`: did you mean `owner`?")]

    @pytest.mark.parametrize("source", ["../elsewhere", "/etc", ".."])
    def test_a_source_lies_inside_the_repository(self, tmp_path: Path, source: str) -> None:
        ((code, message),) = faults(tmp_path, sources=["scripts", source])
        assert code == "source-outside"
        assert message.startswith(f"source `{source}` ")

    def test_an_endpoint_must_be_one(self, tmp_path: Path) -> None:
        ((code, message),) = faults(tmp_path, targets={"prod": {"endpoint": "http://coc.example.com"}})
        assert code == "endpoint"
        assert message.startswith("endpoint `http://coc.example.com` would send credentials in the clear")

    def test_the_default_target_must_be_one(self, tmp_path: Path) -> None:
        targets = {"prod": {"endpoint": "sim:"}}
        assert faults(tmp_path, default_target="prodd", targets=targets) == [
            ("unknown-target", "no target `prodd`: did you mean `prod`?")
        ]
        assert faults(tmp_path, default_target="xyz", targets=targets) == [
            ("unknown-target", "no target `xyz`: there are prod")
        ]

    @pytest.mark.parametrize(
        "prod", [{}, {"owner": "other", "previous_owners": ["ops"]}, {"endpoint": "https://COC.example.com:443/"}]
    )
    def test_two_targets_in_one_account_share_no_owner(self, tmp_path: Path, prod: dict[str, Any]) -> None:
        same = {"endpoint": "https://coc.example.com", "domain_id": "d"}
        ((code, message),) = faults(tmp_path, targets={"test": same, "prod": {**same, **prod}})
        assert code == "shared-owner"
        assert "`test` and `prod`" in message
        assert "both own `ops`" in message

    @pytest.mark.parametrize("prod", [{"owner": "other"}, {"domain_id": "e"}, {"endpoint": "cn"}])
    def test_targets_apart_may_have_one_owner(self, tmp_path: Path, prod: dict[str, Any]) -> None:
        same = {"endpoint": "https://coc.example.com", "domain_id": "d"}
        assert len(project(tmp_path, targets={"test": same, "prod": {**same, **prod}}).targets) == 2

    def test_all_faults_are_said_at_once(self, tmp_path: Path) -> None:
        found = faults(tmp_path, sources=["/etc"], targets={"a": {"endpoint": "x"}, "b": {"endpoint": "y"}})
        assert [code for code, _ in found] == ["source-outside", "endpoint", "endpoint"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"endpoint": "cn", "domain_id": "1"}, {"endpoint": "cn"}),
        ({"endpoint": "sim:x.db"}, {"endpoint": "sim:./x.db"}),
        ({"endpoint": "sim:"}, {"endpoint": "sim:.cocsync/sim.db"}),
    ],
)
def test_two_targets_that_may_be_one_coc_need_owners_of_their_own(
    repository: Repository, one: dict[str, str], other: dict[str, str]
) -> None:
    repository.project(targets={"local": one, "prod": other})

    _, found = load(repository.root)

    assert [d.code for d in found] == ["shared-owner"]
