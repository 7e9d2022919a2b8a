"""A saved plan comes back as it was, and not at all where anything of it was altered."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.engine.planfile import SavedPlan, dump, load, refuse_if_old, refuse_unless_current, with_needs
from cocsync.errors import LocalFailure, Refused
from cocsync.model.desired import Manifest
from cocsync.plan.change import Action, Change
from cocsync.plan.plan import Plan
from tests.report.strategies import plans
from tests.support import builders

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def saved(plan: Plan) -> str:
    return dump(plan, tool_version="0.1.0", generated_at=NOW)


def sample() -> Plan:
    """An update and a delete, of which the first is of a protected script."""
    kept = builders.manifest("kept", content="new\n", version="1.1.0", protected=True)
    before = builders.written(builders.manifest("kept", content="old\n", protected=True))
    gone = builders.written(builders.manifest("gone"))
    return builders.plan_of([kept], [before, gone], prune=True)


@given(plan=plans)
def test_a_plan_comes_back_as_it_was_saved(plan: Plan) -> None:
    plan = replace(plan, diagnostics=tuple(replace(d, excerpt=None) for d in plan.diagnostics))
    text = saved(plan)

    back = load(text, "plan.json")

    assert dump(back.plan, tool_version="0.1.0", generated_at=back.generated_at) == text
    assert back.plan.plan_id == plan.plan_id


def test_everything_that_apply_looks_at_comes_back() -> None:
    plan = sample()

    assert load(saved(plan), "plan.json") == SavedPlan(plan=plan, generated_at=NOW)


@given(data=st.data())
def test_a_plan_with_any_character_changed_is_refused(data: st.DataObject) -> None:
    text = saved(sample())
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda char: char != text[at]))
    altered = text[:at] + other + text[at + 1 :]

    try:
        back = load(altered, "plan.json")
    except (Refused, LocalFailure):
        return
    assert back == load(text, "plan.json"), "only white space may differ"


def test_a_plan_with_a_forged_checksum_is_refused_by_its_id() -> None:
    plan = sample()
    forged = json.loads(saved(replace(plan, changes=plan.changes[:1])))
    whole = json.loads(saved(plan))
    from cocsync.engine.planfile import _checksum

    forged["plan_id"] = whole["plan_id"]
    forged["checksum"] = _checksum({key: value for key, value in forged.items() if key != "checksum"})

    with pytest.raises(Refused, match="altered"):
        load(json.dumps(forged), "plan.json")


@pytest.mark.parametrize("version", ["2.0", "0.9", "x"])
def test_a_format_of_another_major_version_is_refused(version: str) -> None:
    document = json.loads(saved(sample())) | {"format_version": version}

    with pytest.raises(Refused, match="format"):
        load(json.dumps(document), "plan.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000, '{"format_version": "1.0"}', "\x00"])
def test_what_is_no_plan_is_said_to_be_none(text: str) -> None:
    with pytest.raises(LocalFailure, match="is not a plan"):
        load(text, "plan.json")


def test_a_plan_is_current_while_its_manifests_are() -> None:
    manifests = {"kept": builders.manifest("kept", content="new\n", version="1.1.0", protected=True)}

    refuse_unless_current(sample(), manifests)


@pytest.mark.parametrize(
    ("manifests", "why"),
    [
        ([], "is gone"),
        ([builders.manifest("kept", content="newer\n", protected=True)], "changed since"),
        ([builders.manifest("kept", content="new\n")], "changed since"),
        (
            [builders.manifest("kept", content="new\n", version="1.1.0", protected=True), builders.manifest("gone")],
            "again",
        ),
    ],
)
def test_a_changed_manifest_of_a_change_is_refused(manifests: list[Manifest], why: str) -> None:
    with pytest.raises(Refused, match=why):
        refuse_unless_current(sample(), {manifest.name: manifest for manifest in manifests})


def test_a_rename_is_refused_once_the_manifest_no_longer_claims_the_old_name() -> None:
    new = builders.manifest("new", previous_names=("old",))
    plan = builders.plan_of([new], [builders.written(builders.manifest("old"))])

    refuse_unless_current(plan, {"new": new})
    with pytest.raises(Refused, match="changed since"):
        refuse_unless_current(plan, {"new": replace(new, previous_names=())})


def test_what_is_missing_is_what_is_missing_where_the_plan_is_applied() -> None:
    here = builders.manifest("kept", params=(builders.secret(value=None),))
    there = builders.manifest("kept", params=(builders.secret(),))
    plan = builders.plan_of([there], [builders.written(builders.manifest("gone"))], prune=True)

    needs = {change.name: change.needs for change in with_needs(plan, {"kept": here}).changes}

    assert needs == {"kept": ("env:APP_TOKEN",), "gone": ()}


def test_a_plan_older_than_allowed_is_refused() -> None:
    old = SavedPlan(plan=Plan(target=builders.TARGET, owner="x"), generated_at=NOW)

    refuse_if_old(old, NOW + timedelta(days=400), None)
    refuse_if_old(old, NOW + timedelta(days=7), timedelta(days=7))
    with pytest.raises(Refused, match="--max-age"):
        refuse_if_old(old, NOW + timedelta(days=7, seconds=1), timedelta(days=7))


def test_a_change_of_every_action_keeps_its_kind() -> None:
    plan = Plan(
        target=builders.TARGET,
        owner="x",
        changes=tuple(Change(action=action, name=action.value, reason="") for action in Action),
    )

    assert [change.action for change in load(saved(plan), "p").plan.changes] == list(Action)
