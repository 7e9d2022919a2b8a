"""A manifest's params for one target."""

from __future__ import annotations

import pytest

from cocsync.model.script import Param, ValueSource
from cocsync.model.secret import MASK, Secret
from tests.support import canary
from tests.support.repository import Repository

TOKEN = {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}


def test_params_keep_their_order_and_absent_means_empty(repository: Repository) -> None:
    repository.manifest(params=[{"name": "b", "value": "2", "description": "second"}, {"name": "a"}])
    assert repository.only().script.params == (Param(name="b", value="2", description="second"), Param(name="a"))


def test_a_sensitive_value_is_fetched_and_its_version_is_text(repository: Repository) -> None:
    repository.manifest(params=[{**TOKEN, "description": "API token", "secret_version": 3}])
    source = ValueSource(ref="env:APP_TOKEN", version="3", value=Secret("t0"))
    assert repository.only(APP_TOKEN="t0").script.params == (
        Param(name="token", description="API token", sensitive=True, source=source),
    )


def test_a_value_that_is_not_available_is_no_finding(repository: Repository) -> None:
    repository.manifest(params=[TOKEN, {"name": "file", "sensitive": True, "value_from": {"file": "secrets/x"}}])
    assert repository.only(APP_TOKEN="").missing_values == ("env:APP_TOKEN", "file:secrets/x")


def test_an_empty_value_counts_where_it_is_allowed(repository: Repository) -> None:
    repository.manifest(params=[{**TOKEN, "allow_empty": True}])
    assert repository.only(APP_TOKEN="").missing_values == ()


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (
            "a;b",
            "value-refused",
            "param `p` has a value that has a character at position 2 that COC does not take there",
        ),
        (
            MASK,
            "value-mask",
            "param `p` has a value that is the mask that COC shows in place of a value: give the value itself",
        ),
        ("a#b", "value-doubtful", "param `p` has `#` at position 2 of its value, which not every COC site takes"),
        (
            "*.log",
            "value-doubtful",
            "param `p` has `*` at position 1 of its value, which COC may refuse when the script is run",
        ),
        (
            "x" * 1025,
            "value-long",
            "param `p` has a value of more than 1024 characters, which not every COC site takes",
        ),
    ],
)
def test_a_literal_that_coc_may_refuse(repository: Repository, value: str, code: str, message: str) -> None:
    repository.manifest(params=[{"name": "p", "value": value}])
    assert repository.findings() == [(code, message)]


def test_a_literal_at_the_safe_length_is_fine(repository: Repository) -> None:
    repository.manifest(params=[{"name": "p", "value": "x" * 1024}])
    assert repository.findings() == []


def test_a_description_is_measured_in_utf_16_units(repository: Repository) -> None:
    repository.manifest(params=[{"name": "p", "description": "😀" * 129}])
    assert repository.codes() == ["too-long"]


def test_a_bad_sensitive_value_names_param_source_and_position_only(repository: Repository) -> None:
    repository.manifest(params=[TOKEN])
    (found,) = repository.load(APP_TOKEN="s3cret;x").diagnostics
    assert found.code == "value-refused"
    assert found.message == (
        "param `token` takes its value from `env:APP_TOKEN`,"
        " which has a character at position 7 that COC does not take there"
    )
    assert found.at is not None
    assert found.at.line == 14
    assert found.excerpt is None


def test_a_long_sensitive_value_is_a_warning(repository: Repository) -> None:
    repository.manifest(params=[TOKEN])
    assert repository.codes(APP_TOKEN="x" * 1025) == ["value-long"]


def test_doubtful_characters_of_a_sensitive_value_are_not_said(repository: Repository) -> None:
    repository.manifest(params=[TOKEN])
    assert repository.codes(APP_TOKEN="a#*") == []


def test_a_refused_source_is_an_error_whatever_it_holds(repository: Repository) -> None:
    repository.manifest(params=[{**TOKEN, "value_from": {"env": "GITHUB_TOKEN"}}])
    assert repository.codes() == ["value-source"]


def test_the_projects_policy_is_followed(repository: Repository) -> None:
    repository.project(secrets={"env": ["WEB_*"]})
    repository.manifest(params=[TOKEN])
    assert repository.codes(APP_TOKEN="t0") == ["value-source"]


def test_a_name_twice_is_an_error_at_the_second(repository: Repository) -> None:
    repository.manifest(params=[{"name": "a"}, {"name": "b"}, {"name": "a"}])
    (found,) = repository.load().diagnostics
    assert (found.code, found.message) == (
        "duplicate-param",
        "param `a` stands twice in the list: delete or rename one",
    )
    assert found.at is not None
    assert found.at.line == 14


class TestOverrides:
    def test_are_merged_by_name_for_their_target_only(self, repository: Repository) -> None:
        override = {"params": {"service": {"value": "nginx-stg"}}}
        params = [{"name": "first"}, {"name": "service", "value": "nginx", "description": "unit"}]
        repository.manifest(params=params, overrides={"prod": override})
        first = Param(name="first")
        assert repository.only("local").script.params == (
            first,
            Param(name="service", value="nginx", description="unit"),
        )
        assert repository.only("prod").script.params == (
            first,
            Param(name="service", value="nginx-stg", description="unit"),
        )

    def test_may_name_another_source(self, repository: Repository) -> None:
        override = {"params": {"token": {"value_from": {"env": "PROD_TOKEN"}, "secret_version": "7"}}}
        repository.manifest(params=[TOKEN], overrides={"prod": override})
        (param,) = repository.only("prod", PROD_TOKEN="t1").script.params
        assert param.source == ValueSource(ref="env:PROD_TOKEN", version="7", value=Secret("t1"))

    def test_of_a_param_that_is_not_there_are_errors_with_a_suggestion(self, repository: Repository) -> None:
        overrides = {"prod": {"params": {"servcie": {"value": "x"}, "zzz": {}}}}
        repository.manifest(params=[{"name": "service"}], overrides=overrides)
        assert repository.findings("local") == []
        message = "override of a param `{}` that the manifest does not have"
        assert repository.findings("prod") == [
            ("unknown-param", f"{message.format('servcie')}: did you mean `service`?"),
            ("unknown-param", f"{message.format('zzz')}: add it to `params` first"),
        ]

    def test_give_no_literal_to_a_sensitive_param(self, repository: Repository) -> None:
        repository.manifest(params=[TOKEN], overrides={"prod": {"params": {"token": {"value": "s3cret"}}}})
        canary.sources.add(repository.root / "scripts/disk.yaml")
        (found,) = repository.load("prod").diagnostics
        assert found.code == "not-allowed"
        assert found.message == "param `token` is sensitive and takes no `value`: name its source with `value_from`"
        assert "s3cret" not in str(found)

    def test_give_no_source_to_a_plain_param(self, repository: Repository) -> None:
        overrides = {"prod": {"params": {"service": {"value_from": {"env": "X"}, "allow_empty": True}}}}
        repository.manifest(params=[{"name": "service"}], overrides=overrides)
        assert repository.codes("prod") == ["not-allowed", "not-allowed"]

    def test_are_found_fault_with_where_they_stand(self, repository: Repository) -> None:
        repository.write(
            "scripts/disk.yaml",
            "apiVersion: cocsync/v1\nkind: Script\nname: a\ndescription: b\ntype: SHELL\ncontent: c\nrisk_level: LOW\n"
            "version: d\nparams: [{name: p, value: ok}]\noverrides:\n  prod:\n    params:\n      p: {value: 'no;'}\n",
        )
        (found,) = repository.load("prod").diagnostics
        assert found.at is not None
        assert (found.at.line, found.at.column) == (13, 11)


def test_params_may_come_from_the_projects_defaults(repository: Repository) -> None:
    repository.project(defaults={"params": [{"name": "dry_run", "value": "true"}]})
    repository.manifest()
    assert repository.only().script.params == (Param(name="dry_run", value="true"),)
    repository.manifest(params=[])
    assert repository.only().script.params == ()
