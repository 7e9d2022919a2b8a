"""A field is the target's override, else the manifest's, else the project's default; so is its place."""

from __future__ import annotations

from typing import Any

import pytest

from cocsync.manifests import project, yaml_source
from cocsync.manifests.fields import Fields
from tests.support.repository import PROJECT, Repository, to_yaml


def fields(repository: Repository, target: str, defaults: dict[str, Any], **manifest: Any) -> Fields:
    repository.project(defaults=defaults)
    loaded, found = project.load(repository.root)
    assert loaded is not None, found
    documents, _ = yaml_source.parse(to_yaml({"name": "a", **manifest}).encode(), "m.yaml")
    return Fields(documents[0], loaded, target)


@pytest.mark.parametrize(
    ("target", "manifest", "value", "file"),
    [
        ("local", {}, "SMS", "cocsync.yaml"),
        ("local", {"protocol": "EMAIL"}, "EMAIL", "m.yaml"),
        ("local", {"protocol": "EMAIL", "overrides": {"prod": {"protocol": "WECHAT"}}}, "EMAIL", "m.yaml"),
        ("prod", {"protocol": "EMAIL", "overrides": {"prod": {"protocol": "WECHAT"}}}, "WECHAT", "m.yaml"),
        ("prod", {"overrides": {"prod": {}}}, "SMS", "cocsync.yaml"),
    ],
)
def test_the_nearest_layer_wins(
    repository: Repository, target: str, manifest: dict[str, Any], value: str, file: str
) -> None:
    found = fields(repository, target, {"protocol": "SMS"}, **manifest)
    assert found.get("protocol") == value
    assert found.position("protocol").file == file


def test_overrides_may_come_from_the_defaults(repository: Repository) -> None:
    defaults = {"overrides": {"prod": {"risk_level": "HIGH"}}}
    assert fields(repository, "prod", defaults, risk_level="LOW").get("risk_level") == "HIGH"
    assert fields(repository, "prod", defaults, risk_level="LOW", overrides={}).get("risk_level") == "LOW"


def test_what_nobody_says_has_the_callers_default_and_the_manifests_place(repository: Repository) -> None:
    found = fields(repository, "local", {})
    assert found.get("protocol", "") == ""
    assert found.position("protocol") == found.document.position()


def test_an_override_of_params_does_not_hide_the_list(repository: Repository) -> None:
    found = fields(
        repository, "prod", {}, params=[{"name": "p"}], overrides={"prod": {"params": {"p": {"value": "1"}}}}
    )
    assert found.get("params") == [{"name": "p"}]
    assert found.param_overrides.data == {"p": {"value": "1"}}
    assert found.param_overrides.path == ("overrides", "prod", "params")


def test_findings_stand_where_the_field_does(repository: Repository) -> None:
    found = fields(repository, "prod", {"ignore": ["reviewers"]}, overrides={"prod": {"version": "2"}})
    found.error("e", "m", "version")
    found.warning("w", "m", "ignore", 0)
    error, warning = found.found
    assert error.at == found.document.position(("overrides", "prod", "version"))
    assert warning.at is not None
    assert (warning.at.file, warning.at.line) == ("cocsync.yaml", 1 + to_yaml(PROJECT).count("\n") + 2)
    assert (error.is_error, warning.is_error) == (True, False)
