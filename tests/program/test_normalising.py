"""A COC that keeps things in another form than was sent: said once, healed by a setting, and never written for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cocsync.model.content import Content
from cocsync.model.desired import Manifest
from cocsync.model.normalise import Normalisation
from cocsync.model.script import Reviewer
from cocsync.plan.change import Origin
from cocsync.plan.outcome import Outcome, Result
from tests.support.builders import ALICE, manifest, param, secret
from tests.support.tenant import Tenant

RICH = manifest(
    type="BAT",
    content="dir\r\necho cafe\u0301\r\nexit\r\n",
    description="Lists a cafe\u0301",
    risk_level="HIGH",
    reviewers=(Reviewer(name="zoe"), ALICE),
    protocol="SMS",
    params=(param(), secret()),
)
BARE = manifest()

NO_DIFFERENCE: dict[str, Any] = {
    "trims_descriptions": True,
    "sorts_reviewers": True,
    "omits_empty": True,
    "numeric_project_ids": True,
    "shows_protocol": True,
    "modified_null_until_edit": False,
    "ids_ascending": True,
    "put_clears_omitted": True,
    "mask_keeps_value": True,
    "review_modifies": True,
    "checks_param_order": False,
    "marker_zero_is_first": False,
    "like_has_wildcards": True,
    "like_ignores_case": False,
    "read_lag": 3,
    "not_found_status": 500,
    "not_found_code": "COC.00040601",
}
NORMALISED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "drops_last_newline": (("content",), ("final_newline",)),
    "stores_lf": (("content",), ("line_ends",)),
    "stores_nfc": (("description", "content"), ("unicode",)),
}
"""The paths that differ in RICH, and the values of `normalises` that accept it."""


def written(tenant: Tenant, desired: Manifest, **scope: Any) -> Result:
    """A create or an update of all fields, with what COC keeps in another form."""
    result = tenant.run(tenant.change(desired, **scope), desired, **scope)
    assert result.outcome is Outcome.APPLIED, result.error
    return result


@pytest.mark.parametrize("desired", [RICH, BARE], ids=["rich", "bare"])
@pytest.mark.parametrize("setting", NO_DIFFERENCE)
def test_forms_that_mean_the_same_are_no_difference(
    make_tenant: Callable[..., Tenant], setting: str, desired: Manifest
) -> None:
    tenant = make_tenant(**{setting: NO_DIFFERENCE[setting]})
    for step in (desired, changed(desired)):
        assert written(tenant, step).normalised == ()
        assert tenant.plan(step).changes == ()


@pytest.mark.parametrize("setting", NORMALISED)
def test_a_text_that_comes_back_otherwise_is_named_with_the_setting_that_ends_the_difference(
    make_tenant: Callable[..., Tenant], setting: str
) -> None:
    tenant = make_tenant(**{setting: True})
    paths, normalises = NORMALISED[setting]
    for step in (RICH, changed(RICH, content=RICH.script.content.text + "rem\r\n")):
        result = written(tenant, step)
        assert set(result.normalised) <= set(paths)
        assert "content" in result.normalised
        assert result.normalises == normalises
        tenant.forget()
        assert tenant.plan(step, normalisation=Normalisation.of(normalises)).changes == ()


@pytest.mark.parametrize("setting", NORMALISED)
def test_under_the_setting_nothing_is_normalised_and_a_hand_is_still_seen(
    make_tenant: Callable[..., Tenant], setting: str
) -> None:
    tenant = make_tenant(**{setting: True})
    under = {"normalisation": Normalisation.of(NORMALISED[setting][1])}
    for step in (RICH, changed(RICH)):
        result = written(tenant, step, **under)
        assert (result.normalised, result.normalises) == ((), ())
        assert tenant.plan(step, **under).changes == ()
    tenant.simulator.edit("disk_report", content="by hand\n")
    assert tenant.change(changed(RICH), **under).origin is Origin.DRIFT


def test_what_is_sent_is_never_changed_by_the_setting(make_tenant: Callable[..., Tenant]) -> None:
    """A COC that was declared to fold line ends by mistake still gets the BAT as its file has it."""
    tenant = make_tenant()
    written(tenant, RICH, normalisation=Normalisation.of(["line_ends", "final_newline", "unicode"]))
    assert tenant.live("disk_report").script.content.text == RICH.script.content.text
    assert tenant.live("disk_report").script.description == RICH.script.description


@pytest.mark.parametrize("setting", NORMALISED)
def test_what_the_read_back_showed_is_remembered_as_no_difference(
    make_tenant: Callable[..., Tenant], setting: str
) -> None:
    tenant = make_tenant(**{setting: True})
    written(tenant, RICH)
    plan = tenant.plan(RICH)
    assert plan.changes == ()
    assert [found.code for found in plan.diagnostics] == ["normalised"]
    assert f"normalises: [{NORMALISED[setting][1][0]}]" in plan.diagnostics[0].message


@pytest.mark.parametrize("setting", NORMALISED)
def test_where_nothing_is_remembered_no_edit_by_hand_is_claimed(
    make_tenant: Callable[..., Tenant], setting: str
) -> None:
    tenant = make_tenant(**{setting: True})
    written(tenant, RICH)
    tenant.forget()
    (change,) = tenant.plan(RICH).changes
    assert change.reason.startswith("differs from what cocsync wrote only in")
    assert f"normalises: [{NORMALISED[setting][1][0]}]" in change.reason
    assert all(field.note for field in change.fields)


@pytest.mark.parametrize(
    ("settings", "reviewers", "scope"),
    [
        ({"read_lag": 1}, (), {}),
        ({"read_lag": 3}, (), {}),
        ({"pending_shows_previous": True}, (ALICE,), {}),
        ({"pending_shows_previous": True}, (ALICE,), {"pending_shows_previous": True}),
    ],
    ids=["a read late", "three reads late", "until review", "until review, as declared"],
)
def test_a_hand_that_still_shows_behind_the_write_is_not_taken_for_what_coc_made_of_it(
    make_tenant: Callable[..., Tenant], settings: dict[str, Any], reviewers: tuple[Reviewer, ...], scope: dict[str, Any]
) -> None:
    """A hand leaves the mark, so that both versions have the same one."""
    tenant = make_tenant(**settings)
    desired = manifest(reviewers=reviewers)

    def settled(**edit: str) -> None:
        if edit:
            tenant.simulator.edit("disk_report", user="dave", **edit)
        if reviewers:
            tenant.simulator.review("disk_report")
        for _ in range(settings.get("read_lag", 0)):
            tenant.live("disk_report")

    written(tenant, desired, **scope)
    settled()
    settled(content="df -h")
    result = written(tenant, desired, **scope)
    assert bool(result.normalised) == (bool(reviewers) and not scope)
    settled()
    assert tenant.live("disk_report").script.content.text == "df -h\n"
    settled(content="df -h")
    assert [field.path for field in tenant.change(desired, **scope).fields] == ["content"]


def test_a_hand_that_makes_more_of_it_is_drift_beside_what_is_remembered(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(drops_last_newline=True)
    written(tenant, BARE)
    tenant.simulator.edit("disk_report", content="df -h\r\n\r\necho", user="dave")
    (change,) = tenant.plan(BARE).changes
    assert (change.origin, change.operator) == (Origin.DRIFT, "dave")


def test_a_coc_that_kept_the_text_and_shows_other_line_ends_was_changed(tenant: Tenant) -> None:
    written(tenant, BARE)
    tenant.simulator.edit("disk_report", content="df -h\r\n")
    (change,) = tenant.plan(BARE).changes
    assert [(field.path, field.note) for field in change.fields] == [
        ("content", "line ends: LF in the manifest, CRLF in COC")
    ]
    assert tenant.run(change, BARE).outcome is Outcome.APPLIED
    assert tenant.live("disk_report").script.content.text == "df -h\n"


def test_a_create_whose_answer_is_lost_is_recognised_in_the_form_that_coc_keeps(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(drops_last_newline=True)
    change = tenant.change(BARE)
    tenant.simulator.inject("POST *:lost-after-commit")
    result = tenant.run(change, BARE)
    assert (result.outcome, result.normalised, result.normalises) == (Outcome.APPLIED, ("content",), ("final_newline",))


def test_line_ends_that_every_read_shows_as_crlf_are_recognised(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(returns_crlf=True)
    assert written(tenant, BARE).normalises == ("line_ends",)
    assert tenant.plan(BARE).changes == ()


def test_forced_reviewers_are_named_and_ignoring_them_ends_the_difference(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(forced_review_levels=("HIGH", "LOW"))
    for step in (RICH, changed(RICH)):
        result = written(tenant, step)
        assert (result.normalised, result.normalises) == (("reviewers",), ())
        (change,) = tenant.plan(step).changes
        assert [field.path for field in change.fields] == ["reviewers"]
        accepting = replace(step, ignore=frozenset({"reviewers"}))
        assert tenant.plan(accepting).changes == ()


def test_with_everything_accepted_that_was_named_the_rest_is_still_kept_equal(
    make_tenant: Callable[..., Tenant],
) -> None:
    normalising = dict.fromkeys(NORMALISED, True)
    tenant = make_tenant(**NO_DIFFERENCE, **normalising, forced_review_levels=("HIGH",))
    result = written(tenant, RICH)
    accepting = replace(RICH, ignore=frozenset({"reviewers"}))
    under = {"normalisation": Normalisation.of(result.normalises)}
    assert tenant.plan(accepting, **under).changes == ()

    tenant.simulator.edit("disk_report", description="by hand")
    tenant.write(accepting, **under)
    assert "caf" in tenant.live("disk_report").script.description
    assert tenant.plan(accepting, **under).changes == ()


def test_what_is_written_again_is_said_each_time(make_tenant: Callable[..., Tenant]) -> None:
    """Nobody is told once and then left alone with it."""
    tenant = make_tenant(drops_last_newline=True)
    assert written(tenant, BARE).normalised == ("content",)
    for version in ("2", "3"):
        assert written(tenant, changed(BARE, version=version)).normalised == ("content",)


def changed(desired: Manifest, *, version: str = "2", content: str | None = None) -> Manifest:
    text = desired.script.content if content is None else Content(content)
    script = replace(desired.script, description="Another description", version=version, content=text)
    return replace(desired, script=script)
