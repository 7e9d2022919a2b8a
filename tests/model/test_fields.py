"""Records and the field table: what counts as equal, and that a secret does not show."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given

from cocsync.model.fields import FIELD, FIELDS, NAME_PATTERN, Comparison, same, utf16_length
from cocsync.model.script import Reviewer, Script
from cocsync.model.secret import MASK, SENSITIVE, Secret
from tests.support import strategies
from tests.support.builders import ALICE, BOB, param, script, secret, shown


class TestSecret:
    @pytest.mark.parametrize(
        "show",
        [
            str,
            repr,
            "{}".format,
            "{!r}".format,
            lambda s: f"{s}",
            lambda s: f"{[s]}",
            lambda s: f"{secret(value='x')}{s}",
        ],
        ids=["str", "repr", "format", "conversion", "f-string", "in a list", "in a record"],
    )
    def test_shows_nothing(self, show: Any) -> None:
        assert "hunter2" not in show(Secret("hunter2"))
        assert SENSITIVE in show(Secret("hunter2"))

    def test_reveals_its_value_only_when_asked(self) -> None:
        assert Secret("hunter2").reveal() == "hunter2"
        assert not hasattr(Secret("hunter2"), "__dict__")

    def test_compares_with_secrets_only(self) -> None:
        assert Secret("a") == Secret("a") != Secret("b")
        assert Secret("a") != "a"
        assert len({Secret("a"), Secret("a"), Secret("b")}) == 2

    @pytest.mark.parametrize(
        "leak",
        [pickle.dumps, copy.deepcopy, copy.copy, json.dumps, "{:>9}".format],
        ids=["pickle", "deepcopy", "copy", "json", "padding"],
    )
    def test_cannot_be_serialised(self, leak: Any) -> None:
        with pytest.raises(TypeError) as caught:
            leak(Secret("hunter2"))
        assert "hunter2" not in str(caught.value)


class TestText:
    @pytest.mark.parametrize(
        ("text", "length"), [("", 0), ("abc", 3), ("磁盘", 2), ("🚀", 2), ("\ud800", 1), ("e\u0301", 2)]
    )
    def test_length_is_counted_in_utf16_units(self, text: str, length: int) -> None:
        assert utf16_length(text) == length


class TestFieldTable:
    def test_has_every_field_of_a_script_once_and_in_order(self) -> None:
        assert [f.key for f in FIELDS] == [f.name for f in fields(Script)]
        assert list(FIELD.values()) == list(FIELDS)

    def test_the_wire_paths_differ(self) -> None:
        assert len({f.wire for f in FIELDS}) == len(FIELDS)

    def test_a_put_cannot_change_name_and_type(self) -> None:
        assert [f.key for f in FIELDS if not f.modifiable] == ["name", "type"]

    def test_all_but_the_protocol_are_shown_again_and_digested(self) -> None:
        assert [f.key for f in FIELDS if not f.digested or not f.always_shown] == ["protocol"]

    def test_only_what_a_coc_may_force_can_be_ignored(self) -> None:
        assert [f.key for f in FIELDS if f.ignorable] == ["description", "version", "reviewers", "protocol"]

    def test_the_name_pattern_is_anchored(self) -> None:
        assert NAME_PATTERN.startswith("^")
        assert NAME_PATTERN.endswith("$")

    def test_the_mask_is_17_asterisks(self) -> None:
        assert MASK == "*****************"


class TestSame:
    @pytest.mark.parametrize(
        ("key", "a", "b", "equal"),
        [
            ("description", "caf\u00e9", "cafe\u0301", False),
            ("description", "a", "a ", False),
            ("content", "a\nb\n", "a\r\nb\r\n", False),
            ("content", "a\n", "a", False),
            ("reviewers", (ALICE, BOB), (BOB, ALICE), True),
            ("reviewers", (ALICE,), (Reviewer(name="other", id=ALICE.id),), True),
            ("reviewers", (ALICE,), (Reviewer(name="alice", id="other"),), False),
            ("reviewers", (ALICE,), (Reviewer(name="alice"),), True),
            ("reviewers", (Reviewer(name="alice"),), (Reviewer(name="bob"),), False),
            ("reviewers", (ALICE,), (ALICE, BOB), False),
            ("reviewers", (ALICE, BOB), (ALICE,), False),
            ("reviewers", (), (), True),
            ("params", (param("a"), param("b")), (param("b"), param("a")), False),
            ("params", (param(),), (param(value="other"),), False),
            ("params", (param(),), (param(description="other"),), False),
            ("params", (param(value=""),), (param(value="", sensitive=True),), False),
            ("params", (secret(value="one"),), (secret(value="two"),), True),
            ("type", "SHELL", "PYTHON", False),
        ],
    )
    def test_by_kind_of_field(self, key: str, a: object, b: object, equal: bool) -> None:
        """Texts to the byte, reviewers as a set by id or else name, params as a list without secrets."""
        assert same(FIELD[key], script(**{key: a}), script(**{key: b})) is equal

    @given(strategies.scripts())
    def test_a_script_is_the_same_as_coc_shows_it_but_for_the_protocol(self, of: Script) -> None:
        assert [f.key for f in FIELDS if f.key != "protocol" and not same(f, of, shown(of))] == []

    def test_every_kind_has_a_field(self) -> None:
        assert {f.comparison for f in FIELDS} == set(Comparison)

    def test_sensitive_params_are_those_so_flagged(self) -> None:
        token = secret()
        assert script(params=(param(), token)).sensitive_params == (token,)
