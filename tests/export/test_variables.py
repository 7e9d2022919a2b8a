"""The variables of imported params: each its own, and readable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.export.variables import Variables, in_use, unique

names = st.text(alphabet="aA.-_é中ß9", max_size=4)


@given(
    params=st.lists(st.tuples(names, names), unique=True, max_size=12),
    taken=st.lists(st.builds("APP_{}_{}".format, names, names), max_size=4),
)
def test_no_two_params_have_one_and_none_has_one_that_is_taken(params: list[tuple[str, str]], taken: list[str]) -> None:
    variables = Variables(taken)
    given = [variables.name(*param).casefold() for param in params]
    assert len({*given, *(name.casefold() for name in taken)}) == len(given) + len({n.casefold() for n in taken})
    assert all(re.fullmatch(r"app(_[a-z0-9_]+)?", name) for name in given)


def test_one_param_has_the_same_each_time() -> None:
    variables = Variables()
    assert variables.name("a-b", "token") == variables.name("a-b", "token") == "APP_A_B_TOKEN"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("a-b", "token"), ("a_b", "token")),
        (("Deploy", "token"), ("deploy", "token")),
        (("a", "b_c"), ("a_b", "c")),
    ],
    ids=["characters that no variable has", "case", "where the names meet"],
)
def test_one_that_is_given_already_gets_a_digest(first: tuple[str, str], second: tuple[str, str]) -> None:
    variables = Variables()
    plain = variables.name(*first)
    assert re.fullmatch(rf"{plain}_[0-9A-F]{{8}}", variables.name(*second))


@pytest.mark.parametrize(
    ("script", "pattern"),
    [("重启", "APP_TOKEN_[0-9A-F]{8}"), ("重启_nginx", "APP_NGINX_TOKEN_[0-9A-F]{8}")],
)
def test_a_name_that_no_variable_can_have_is_a_digest(script: str, pattern: str) -> None:
    assert re.fullmatch(pattern, Variables().name(script, "token"))


def test_a_backup_names_one_that_no_other_param_has() -> None:
    assert unique("a-b", "token") != unique("a_b", "token")


def test_every_one_that_a_manifest_names_is_in_use() -> None:
    params = [{"name": "a", "value_from": {"env": "A"}}, {"name": "env", "value": "B"}]
    overrides = {"prod": {"params": {"a": {"value_from": {"env": "C"}}}}}
    assert set(in_use({"params": params, "overrides": overrides})) == {"A", "C"}
