from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cocsync.diagnostics import Diagnostic
from cocsync.manifests import schema
from cocsync.manifests.yaml_source import Document, parse
from cocsync.model import fields as model
from cocsync.model.normalise import Form
from tests.support.repository import MANIFEST, PROJECT

SCHEMAS = {kind: json.loads(schema.text(kind)) for kind in ("manifest", "project")}
MANIFEST_DEFS = SCHEMAS["manifest"]["$defs"]


def document(data: Any) -> Document:
    documents, found = parse(json.dumps(data).encode(), "f.yaml")
    assert found == ()
    return documents[0]


def findings(kind: str, data: Any) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in schema.validate(kind, document(data))]


def one(**fields: Any) -> tuple[str, str]:
    """The one finding about a manifest that is valid but for these fields."""
    (found,) = findings("manifest", {**MANIFEST, **fields})
    return found


def subschemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from subschemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from subschemas(value)


class TestPublished:
    @pytest.mark.parametrize("kind", SCHEMAS)
    def test_is_valid_draft_2020_12_under_a_name_that_needs_no_host(self, kind: str) -> None:
        Draft202012Validator.check_schema(SCHEMAS[kind])
        assert SCHEMAS[kind]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert SCHEMAS[kind]["$id"] == f"urn:cocsync:schema:{kind}:v1"

    @pytest.mark.parametrize("kind", SCHEMAS)
    def test_editors_find_a_title_and_a_description_for_every_key(self, kind: str) -> None:
        whole = SCHEMAS[kind]
        for node in subschemas(whole):
            for key, body in node.get("properties", {}).items() if "additionalProperties" in node else ():
                named = whole["$defs"][body["$ref"].rpartition("/")[2]] if "$ref" in body else body
                assert named.get("title"), key
                assert named.get("description"), key

    @pytest.mark.parametrize("kind", SCHEMAS)
    def test_unknown_keys_are_refused_everywhere(self, kind: str) -> None:
        mappings = [node for node in subschemas(SCHEMAS[kind]) if node.get("type") == "object"]
        assert mappings
        assert all("additionalProperties" in node for node in mappings)

    def test_limits_are_those_of_the_field_table(self) -> None:
        for field in model.FIELDS:
            published = MANIFEST_DEFS[field.key]
            assert published.get("maxLength") == field.max_length, field.key
            assert published.get("maxItems") == field.max_items, field.key
            assert published.get("pattern") == field.pattern, field.key
            assert tuple(published.get("enum", ())) == field.values, field.key

    def test_limits_below_params_and_reviewers_are_those_of_the_model(self) -> None:
        name = MANIFEST_DEFS["param"]["properties"]["name"]
        assert (name["maxLength"], name["pattern"]) == (model.PARAM_NAME_MAX, model.PARAM_NAME_PATTERN)
        assert MANIFEST_DEFS["param_value"]["maxLength"] == model.PARAM_VALUE_MAX
        assert MANIFEST_DEFS["param_description"]["maxLength"] == model.PARAM_DESCRIPTION_MAX
        short, full = MANIFEST_DEFS["reviewer"]["oneOf"]
        assert short["maxLength"] == full["properties"]["name"]["maxLength"] == model.REVIEWER_NAME_MAX
        assert full["properties"]["id"]["maxLength"] == model.REVIEWER_ID_MAX
        people = SCHEMAS["project"]["properties"]["people"]
        assert people["additionalProperties"]["maxLength"] == model.REVIEWER_ID_MAX
        limits = SCHEMAS["project"]["$defs"]["target"]["properties"]["limits"]
        assert limits["properties"]["content"]["maximum"] == model.CONTENT_MAX_BYTES

    def test_what_can_be_ignored_is_what_the_field_table_lets(self) -> None:
        assert MANIFEST_DEFS["ignore"]["items"]["enum"] == [f.key for f in model.FIELDS if f.ignorable]

    def test_what_a_target_normalises_is_what_there_are_forms_of(self) -> None:
        target = SCHEMAS["project"]["$defs"]["target"]["properties"]
        assert target["normalises"]["items"]["enum"] == [form.value for form in Form]

    def test_defaults_are_the_optional_fields_of_a_manifest(self) -> None:
        manifest = SCHEMAS["manifest"]
        optional = set(manifest["properties"]) - set(manifest["required"]) - {"content", "content_file"}
        assert set(SCHEMAS["project"]["properties"]["defaults"]["properties"]) == optional

    def test_both_schemas_mean_the_same_by_a_name(self) -> None:
        """Each stands alone, so that an editor needs one file."""
        shared = SCHEMAS["project"]["$defs"].keys() & MANIFEST_DEFS.keys()
        assert "param" in shared
        assert all(SCHEMAS["project"]["$defs"][name] == MANIFEST_DEFS[name] for name in shared)

    def test_every_keyword_in_them_can_be_explained(self) -> None:
        structure = {"properties", "items", "additionalProperties", "allOf", "if", "then", "else", "propertyNames"}
        spoken = {"title", "description", "errorMessage", "$ref", "$defs", "$schema", "$id"}
        for node in subschemas(list(SCHEMAS.values())):
            names = set() if _is_map_of_schemas(node) else set(node)
            assert names <= structure | spoken | set(schema._EXPLAIN), names

    def test_they_are_listed_and_come_from_the_wheel_where_there_is_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert {"manifest", "project"} <= set(schema.kinds())
        (tmp_path / "x.schema.json").write_text("{}")
        monkeypatch.setattr(schema, "_SHIPPED", tmp_path)
        assert schema.kinds() == ("x",)
        assert schema.text("x") == "{}"


def _is_map_of_schemas(node: dict[str, Any]) -> bool:
    return bool(node) and all(isinstance(value, dict) for value in node.values()) and "items" not in node


class TestValid:
    def test_a_manifest_with_everything(self) -> None:
        full = {
            **MANIFEST,
            "name": "重启_nginx-1",
            "reviewers": ["alice", {"name": "bob", "id": "0f"}, {"name": "carol"}],
            "protocol": "EMAIL",
            "params": [
                {"name": "service", "value": "nginx", "description": "unit"},
                {"name": "a", "sensitive": False},
                {"name": "t", "sensitive": True, "value_from": {"env": "T"}, "secret_version": 3, "allow_empty": True},
                {"name": "f", "sensitive": True, "value_from": {"file": "secrets/f"}, "secret_version": "b"},
            ],
            "previous_names": ["old"],
            "adopt": True,
            "protected": False,
            "ignore": ["reviewers"],
            "targets": ["prod"],
            "overrides": {
                "prod": {"risk_level": "HIGH", "content_file": "x.sh", "params": {"t": {"secret_version": 4}}}
            },
        }
        assert findings("manifest", full) == []

    def test_a_project(self) -> None:
        assert findings("project", PROJECT) == []


class TestWords:
    def test_an_unknown_key_is_answered_with_a_near_one(self) -> None:
        assert one(riskLevel="LOW") == ("unknown-key", "unknown key `riskLevel`: did you mean `risk_level`?")

    def test_an_unknown_key_near_nothing_is_answered_with_all(self) -> None:
        code, message = one(reviewers=[{"name": "a", "mail": "x"}])
        assert (code, message) == ("unknown-key", "unknown key `mail`: `reviewers[0]` takes name, id")

    def test_each_missing_key_is_named(self) -> None:
        data = {key: value for key, value in MANIFEST.items() if key not in ("name", "version")}
        assert findings("manifest", data) == [
            ("missing-key", "the document needs `name`"),
            ("missing-key", "the document needs `version`"),
        ]

    @pytest.mark.parametrize("keys", [(), ("content", "content_file")])
    def test_content_comes_from_one_place(self, keys: tuple[str, ...]) -> None:
        data = {**{key: value for key, value in MANIFEST.items() if key != "content"}, **dict.fromkeys(keys, "x")}
        ((_, message),) = findings("manifest", data)
        assert message == "the document needs either `content_file` or `content`, and not both"

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (1.4, "must be text, and is a number: put it in quotes"),
            (1, "must be text, and is a number: put it in quotes"),
            (True, "must be text, and is true or false: put it in quotes"),
            (None, "must be text, not nothing"),
            (["1"], "must be text, not a list"),
            ({"a": 1}, "must be text, not a mapping"),
        ],
    )
    def test_a_version_that_is_no_text(self, value: Any, words: str) -> None:
        assert one(version=value) == ("wrong-type", f"`version` {words}")

    def test_a_wrong_type_of_a_choice_names_all(self) -> None:
        params = [{"name": "t", "sensitive": True, "value_from": {"env": "T"}, "secret_version": []}]
        assert one(params=params)[1] == "`params[0].secret_version` must be text or a whole number, not a list"

    def test_a_fraction_is_no_whole_number(self) -> None:
        assert findings("project", {**PROJECT, "guards": {"max_delete": 1.5}}) == [
            ("wrong-type", "`guards.max_delete` must be a whole number, not a fraction")
        ]

    def test_a_document_that_is_no_mapping_is_one_finding(self) -> None:
        assert findings("manifest", ["a"]) == [("wrong-type", "the document must be a mapping, not a list")]

    @pytest.mark.parametrize(
        ("fields", "code", "message"),
        [
            (
                {"risk_level": "medium"},
                "wrong-value",
                "must be one of LOW, MEDIUM, HIGH, not `medium`: did you mean `MEDIUM`?",
            ),
            ({"type": 3}, "wrong-value", "must be one of SHELL, PYTHON, BAT"),
            ({"name": "a b"}, "wrong-value", "may hold only letters, digits, `_` and the characters U+4E00 to U+9FA5"),
            ({"name": "a\n"}, "wrong-value", "may hold only letters, digits, `_` and the characters U+4E00 to U+9FA5"),
            ({"name": ""}, "wrong-value", "may hold only letters, digits, `_` and the characters U+4E00 to U+9FA5"),
            ({"name": "a" * 65}, "too-long", "is longer than 64 characters"),
            ({"description": ""}, "too-short", "must not be empty"),
            ({"description": "x" * 189}, "too-long", "is longer than 188 characters"),
            ({"version": "1.0.0-rc.12"}, "too-long", "is longer than 10 characters"),
            ({"reviewers": ["a"] * 6}, "too-long", "has more than 5 entries"),
            ({"targets": []}, "too-short", "must not be empty"),
            ({"targets": ["a", "a"]}, "duplicate", "names something twice"),
        ],
    )
    def test_a_limit_or_a_choice(self, fields: dict[str, Any], code: str, message: str) -> None:
        (key,) = fields
        assert one(**fields) == (code, f"`{key}` {message}")

    @pytest.mark.parametrize("percent", [-1, 101])
    def test_a_percentage_has_bounds(self, percent: int) -> None:
        words = "must be at least 0" if percent < 0 else "must be at most 100"
        assert findings("project", {**PROJECT, "guards": {"max_delete_percent": percent}}) == [
            ("wrong-value", f"`guards.max_delete_percent` {words}")
        ]

    @pytest.mark.parametrize("reviewer", [3, ["a"], None])
    def test_a_reviewer_of_neither_form_is_told_both(self, reviewer: Any) -> None:
        assert one(reviewers=[reviewer])[1] == "`reviewers[0]` must be a name, or a mapping with `name` and `id`"

    def test_a_reviewer_is_judged_by_the_form_that_was_meant(self) -> None:
        assert one(reviewers=[{"id": "x"}])[1] == "`reviewers[0]` needs `name`"
        assert one(reviewers=["x" * 65])[1] == "`reviewers[0]` is longer than 64 characters"

    @pytest.mark.parametrize("source", [{}, {"env": "A", "file": "b"}])
    def test_a_value_has_one_source(self, source: dict[str, str]) -> None:
        params = [{"name": "t", "sensitive": True, "value_from": source}]
        assert one(params=params)[1] == "`params[0].value_from` takes exactly one of `env: NAME` and `file: PATH`"

    def test_a_sensitive_param_needs_a_source(self) -> None:
        message = "`params[0]` is sensitive and needs `value_from: {env: NAME}` or `{file: PATH}`"
        assert one(params=[{"name": "t", "sensitive": True}]) == ("missing-key", message)

    def test_a_sensitive_param_takes_no_literal(self) -> None:
        param = {"name": "t", "sensitive": True, "value_from": {"env": "A"}, "value": "s3cret"}
        assert one(params=[param]) == (
            "not-allowed",
            "`params[0]` is sensitive and takes no `value`: name its source with `value_from`",
        )

    @pytest.mark.parametrize("key", ["value_from", "secret_version", "allow_empty"])
    def test_what_belongs_to_a_sensitive_param_needs_one(self, key: str) -> None:
        value = {"value_from": {"env": "A"}, "secret_version": "1", "allow_empty": True}[key]
        code, message = one(params=[{"name": "t", key: value}])
        assert (code, message.split(" ", 1)[0]) == ("not-allowed", f"`params[0].{key}`")

    def test_a_finding_stands_at_its_place(self) -> None:
        documents, _ = parse(b"apiVersion: cocsync/v1\nkind: Project\nowner: ops\nguards:\n  max_dlete: 3\n", "f.yaml")
        (found,) = schema.validate("project", documents[0])
        assert found.at is not None
        assert (found.at.file, found.at.line, found.at.column) == ("f.yaml", 5, 3)
        assert found.excerpt == "  max_dlete: 3"

    def test_findings_are_bounded(self) -> None:
        assert len(findings("manifest", {**MANIFEST, "previous_names": [f"{n} x" for n in range(5000)]})) == 50


CANARY = "c4n4ry"
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.sampled_from(["", "LOW", "x" * 300, "a b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*MANIFEST_DEFS, "value", "value_from", "env", "file", "name", "id", "sensitive", "prod", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
VALUES = ODD | st.just(CANARY) | st.lists(st.just(CANARY), max_size=2) | st.just({"x": CANARY})
PARAM = st.dictionaries(
    st.sampled_from(
        ["name", "value", "description", "sensitive", "value_from", "secret_version", "allow_empty", "valeu"]
    ),
    VALUES,
)


@given(
    st.sampled_from(["manifest", "project"]),
    ODD | st.dictionaries(st.sampled_from([*MANIFEST, *PROJECT, "parms", "reviewers", "overrides"]), ODD),
    st.lists(PARAM, max_size=3) | VALUES,
)
def test_no_data_raises_and_no_value_of_a_param_is_repeated(kind: str, data: Any, params: Any) -> None:
    if isinstance(data, dict):
        data = {
            **data,
            "params": params,
            "overrides": {"prod": {"params": {"x": params}}},
            "defaults": {"params": params},
        }
    if data is None:
        return
    found: tuple[Diagnostic, ...] = schema.validate(kind, document(data))
    assert not any(CANARY in f"{d.message}{d.excerpt}" for d in found)


def test_no_key_of_a_param_shows_what_was_meant_as_its_value() -> None:
    """`{name: t, value:c4n4ry}` lacks a blank, and so `value:c4n4ry` is a key."""
    text = (
        "apiVersion: cocsync/v1\nkind: Script\nparams: [{name: t, value:c4n4ry}]\nprams: [{name: t, value: c4n4ry}]\n"
    )
    documents, _ = parse(text.encode(), "f.yaml")
    found = schema.validate("manifest", documents[0])
    assert not any(CANARY in f"{d.message}{d.excerpt}" for d in found)
