"""The simulator's record of a script."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.sim import Param, Reviewer, StoredScript
from cocsync.sim.scripts.script import dump, load, params_of, reviewers_of, user_id

TEXT = st.text(max_size=8)
REVIEWERS = st.lists(st.builds(Reviewer, name=TEXT, id=TEXT), max_size=2).map(tuple)
PARAMS = st.lists(st.builds(Param, name=TEXT, value=TEXT, description=TEXT, sensitive=st.booleans()), max_size=2).map(
    tuple
)
SCRIPTS = st.builds(
    StoredScript,
    id=st.integers(0, 9),
    uuid=TEXT,
    name=TEXT,
    type=TEXT,
    content=TEXT,
    description=TEXT,
    risk_level=TEXT,
    version=TEXT,
    reviewers=REVIEWERS,
    params=PARAMS,
    approved=st.none(),
)


@given(script=SCRIPTS, approved=st.none() | SCRIPTS)
def test_a_script_survives_being_dumped(script: StoredScript, approved: StoredScript | None) -> None:
    script = replace(script, approved=approved)

    assert load(dump(script)) == script


def test_reviewers_are_given_as_records_mappings_or_names() -> None:
    assert reviewers_of([Reviewer(name="a", id="1"), {"name": "b", "id": "2"}, "carol"]) == (
        Reviewer(name="a", id="1"),
        Reviewer(name="b", id="2"),
        Reviewer(name="carol", id=user_id("carol")),
    )


def test_params_are_given_as_records_or_mappings() -> None:
    assert params_of((Param(name="a"), {"name": "b", "sensitive": True})) == (
        Param(name="a"),
        Param(name="b", sensitive=True),
    )


@pytest.mark.parametrize("values", ["bob", [7], [{"nick": "b"}], {"name": "b"}, None])
def test_anything_else_is_a_type_error(values: object) -> None:
    with pytest.raises(TypeError):
        reviewers_of(values)
    with pytest.raises(TypeError):
        params_of(values)


def test_a_user_has_one_id_of_32_characters() -> None:
    assert user_id("alice") == user_id("alice") != user_id("bob")
    assert len(user_id("alice")) == 32
