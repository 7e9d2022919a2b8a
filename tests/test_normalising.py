"""A COC that keeps things in another form than was sent: said once, healed by `ignore`, and never written for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cocsync.desired import Manifest
from cocsync.model import Reviewer
from cocsync.outcome import Outcome
from tests.builders import ALICE, manifest, param, secret
from tests.tenant import Tenant

RICH = manifest(
    type="BAT",
    content="dir\r\nexit\r\n",
    description="Lists a folder",
    risk_level="HIGH",
    reviewers=(Reviewer(name="zoe"), ALICE),
    protocol="SMS",
    params=(param(), secret()),
)
BARE = manifest()

NO_DIFFERENCE: dict[str, Any] = {
    "trims_descriptions": True,
    "returns_crlf": True,
    "stores_lf": True,
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
NORMALISED: dict[str, tuple[Any, str]] = {
    "drops_last_newline": (True, "content"),
    "forced_review_levels": (("HIGH", "LOW"), "reviewers"),
}


def written(tenant: Tenant, desired: Manifest) -> tuple[str, ...]:
    """What COC keeps in another form, after a create or an update of all fields."""
    result = tenant.run(tenant.change(desired), desired)
    assert result.outcome is Outcome.APPLIED, result.error
    return result.normalised


@pytest.mark.parametrize("desired", [RICH, BARE], ids=["rich", "bare"])
@pytest.mark.parametrize("setting", NO_DIFFERENCE)
def test_forms_that_mean_the_same_are_no_difference(
    make_tenant: Callable[..., Tenant], setting: str, desired: Manifest
) -> None:
    tenant = make_tenant(**{setting: NO_DIFFERENCE[setting]})
    for step in (desired, changed(desired)):
        assert written(tenant, step) == ()
        assert tenant.plan(step).changes == ()


@pytest.mark.parametrize("desired", [RICH, BARE], ids=["rich", "bare"])
@pytest.mark.parametrize("setting", NORMALISED)
def test_a_field_that_comes_back_otherwise_is_named_and_ignoring_it_ends_the_difference(
    make_tenant: Callable[..., Tenant], setting: str, desired: Manifest
) -> None:
    value, path = NORMALISED[setting]
    tenant = make_tenant(**{setting: value})
    for step in (desired, changed(desired)):
        assert written(tenant, step) == (path,)
        (change,) = tenant.plan(step).changes
        assert [field.path for field in change.fields] == [path]
        assert tenant.plan(replace(step, ignore=frozenset({path}))).changes == ()


def test_with_every_field_ignored_that_was_named_the_rest_is_still_kept_equal(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(**NO_DIFFERENCE, **{name: value for name, (value, _) in NORMALISED.items()})
    named = written(tenant, RICH)
    assert set(named) == {path for _, path in NORMALISED.values()}
    accepting = replace(RICH, ignore=frozenset(named))
    assert tenant.plan(accepting).changes == ()

    tenant.simulator.edit("disk_report", description="by hand")
    tenant.write(accepting)
    assert tenant.live("disk_report").script.description == RICH.script.description
    assert tenant.plan(accepting).changes == ()


def test_what_is_written_over_and_over_is_said_each_time(make_tenant: Callable[..., Tenant]) -> None:
    """Nobody is told once and then left with a plan that is never empty."""
    tenant = make_tenant(drops_last_newline=True)
    assert [written(tenant, BARE) for _ in range(3)] == [("content",)] * 3


def changed(desired: Manifest) -> Manifest:
    return replace(desired, script=replace(desired.script, description="Another description", version="2"))
