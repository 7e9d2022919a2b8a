"""What the policy says of manifests, each finding where it stands in the repository."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.manifests import manifest, project
from cocsync.model.script import Script
from cocsync.policy.rules import Finding
from tests.support.repository import Repository

SECRET = "hunter22x"
RISKY: dict[str, Any] = {"risk_level": "HIGH", "waivers": [{"rule": "high-risk-unreviewed", "reason": "a drill"}]}


def only(repository: Repository, target: str = "local", **environ: str) -> Diagnostic:
    (found,) = repository.load(target, **environ).diagnostics
    return found


def with_content(repository: Repository, data: str, name: str = "disk.sh", **fields: Any) -> None:
    repository.write(f"scripts/{name}", data)
    repository.manifest(**{"type": None, "content": None, "content_file": name, **fields})


class TestPlaces:
    def test_in_a_content_file(self, repository: Repository) -> None:
        with_content(repository, "df\r\n  rm -rf /\r\n")
        found = only(repository)
        assert (found.severity, found.code, found.script) == (Severity.ERROR, "delete-root", "disk_report")
        assert (found.at, found.excerpt) == (Position(file="scripts/disk.sh", line=2, column=3), "  rm -rf /")

    def test_in_a_block_of_the_manifest(self, repository: Repository) -> None:
        repository.manifest(content=None)
        path = repository.root / "scripts/disk.yaml"
        path.write_text(path.read_text() + "content: |\n  df\n\n  rm -rf /\n")
        found = only(repository)
        assert (found.at, found.excerpt) == (Position(file="scripts/disk.yaml", line=11, column=3), "  rm -rf /")

    @pytest.mark.parametrize("content", ["df\nrm -rf /\n", "df\n\t\nrm -rf /\n"])
    def test_in_a_quoted_text_of_the_manifest_only_the_key_can_be_pointed_to(
        self, repository: Repository, content: str
    ) -> None:
        repository.manifest(content=None)
        path = repository.root / "scripts/disk.yaml"
        line = path.read_text().count("\n") + 1
        path.write_text(path.read_text() + f'content: "{content.encode("unicode_escape").decode()}"\n')
        found = only(repository)
        assert (found.at, found.excerpt) == (Position(file="scripts/disk.yaml", line=line), None)
        assert found.message.startswith(f"line {content.count(chr(10))} of the content: ")

    def test_in_a_content_that_the_target_overrides(self, repository: Repository) -> None:
        repository.manifest(overrides={"prod": {"content": "rm -rf /"}})
        assert repository.load().diagnostics == ()
        found = only(repository, "prod")
        assert found.at is not None
        assert (found.at.file, found.excerpt) == ("scripts/disk.yaml", None)

    def test_in_the_manifest(self, repository: Repository) -> None:
        repository.manifest(risk_level="HIGH")
        found = only(repository)
        assert (found.code, found.excerpt) == ("high-risk-unreviewed", "risk_level: HIGH")

    def test_at_a_param(self, repository: Repository) -> None:
        repository.project(policy={"rules": {}})
        repository.manifest(params=[{"name": "a"}, {"name": "b"}], content="df $1")
        found = only(repository)
        assert (found.code, found.at) == ("param-unused", Position(file="scripts/disk.yaml", line=11, column=3))


class TestExcerpts:
    def test_never_show_a_line_that_may_hold_a_secret(self, repository: Repository) -> None:
        with_content(repository, f"password={SECRET} rm -rf /\n")
        found = repository.load().diagnostics
        assert {d.code for d in found} == {"delete-root", "secret-pattern"}
        assert all(d.excerpt is None and SECRET not in d.message for d in found)

    def test_never_show_the_value_of_a_param(self, repository: Repository) -> None:
        repository.manifest(params=[{"name": "password", "value": SECRET}])
        found = only(repository)
        assert (found.code, found.excerpt) == ("secret-pattern", None)

    def test_are_short(self, repository: Repository) -> None:
        with_content(repository, f"rm -rf / {'x' * 500}\n{' ' * 300}rm -rf /\n")
        assert [len(d.excerpt or "") for d in repository.load().diagnostics] == [160, 0]


class TestWaivers:
    def test_of_the_manifest_are_kept_with_it(self, repository: Repository) -> None:
        repository.manifest(**RISKY)
        assert repository.only().waived == {"high-risk-unreviewed"}

    def test_may_be_for_one_target(self, repository: Repository) -> None:
        repository.manifest(overrides={"prod": RISKY}, risk_level="HIGH")
        assert [d.code for d in repository.load("local").diagnostics] == ["high-risk-unreviewed"]
        assert repository.load("prod").diagnostics == ()

    def test_that_are_not_needed_are_a_note_where_they_stand(self, repository: Repository) -> None:
        repository.manifest(content="df", waivers=RISKY["waivers"])
        found = only(repository)
        assert (found.severity, found.code, found.script) == (Severity.NOTE, "waiver-unused", None)
        assert found.at == Position(file="scripts/disk.yaml", line=10, column=3)

    def test_of_the_project_are_for_all_so_that_no_manifest_calls_them_unused(self, repository: Repository) -> None:
        repository.project(defaults={"waivers": RISKY["waivers"]})
        repository.manifest("scripts/a.yaml")
        repository.manifest("scripts/b.yaml", name="b", risk_level="HIGH")
        assert repository.load().diagnostics == ()

    def test_for_no_rule_are_an_error_and_none_of_the_policys(self, repository: Repository) -> None:
        repository.manifest(waivers=[{"rule": "high-risk-unreviewd", "reason": "x"}])
        found = only(repository)
        assert (found.severity, found.code, found.script) == (Severity.ERROR, "waiver-unknown-rule", None)
        assert "did you mean `high-risk-unreviewed`?" in found.message

    @pytest.mark.parametrize("waiver", [{"rule": "shellcheck"}, {"rule": "shellcheck", "reason": " "}])
    def test_without_a_reason_break_the_schema(self, repository: Repository, waiver: dict[str, str]) -> None:
        repository.manifest(waivers=[waiver])
        assert only(repository).is_error


@pytest.mark.parametrize("fields", [{"content": None, "content_file": "x.sh"}, {"type": None}])
def test_a_content_that_cannot_be_had_is_not_judged(repository: Repository, fields: dict[str, Any]) -> None:
    repository.project(policy={"rules": {}})
    repository.manifest(params=[{"name": "a"}], **fields)
    assert [code for code, _ in repository.findings() if code.startswith("param")] == []


class Deep:
    rules = frozenset({"shellcheck"})

    def find(self, scripts: Iterable[Script]) -> Iterable[tuple[Finding, ...]]:
        return [(Finding(rule="shellcheck", message=script.name, line=1),) for script in scripts]


def test_deep_checks_get_each_script_that_is_judged(repository: Repository) -> None:
    repository.manifest("scripts/a.yaml", name="a", content="df # cocsync: allow shellcheck because x\n")
    repository.manifest("scripts/b.yaml", name="b")
    repository.manifest("scripts/c.yaml", name="c", type=None)
    loaded, _ = project.load(repository.root)
    assert loaded is not None
    found = manifest.load(loaded, repository.root, "local", {}, Deep()).diagnostics
    assert [(d.code, d.message.split(": ")[-1]) for d in found if d.code == "shellcheck"] == [("shellcheck", "b")]
