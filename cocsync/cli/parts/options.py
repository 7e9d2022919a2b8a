"""The options that shape a plan, and the one place where their values become a request."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from cocsync.cli.parts.durations import Duration
from cocsync.engine.requests import ApplyRequest, PlanRequest, Reading, Refresh
from cocsync.plan.guards import Allowances
from cocsync.plan.selection import Selection

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_SELECTION = (
    click.option("--include", multiple=True, metavar="GLOB", help="Only scripts whose name matches; repeatable."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="No script whose name matches; repeatable."),
)
_SHAPE = (
    click.option("--prune", is_flag=True, default=None, help="Delete our scripts that no manifest names."),
    click.option("--prune-edited", is_flag=True, help="With --prune: also those edited by hand since."),
    click.option("--adopt", multiple=True, metavar="NAME", help="Take an unmarked script of this name; repeatable."),
    click.option("--adopt-all", is_flag=True, help="Take every unmarked script that has a manifest."),
    click.option("--rewrite", multiple=True, metavar="NAME", help="Write this script again as it is; repeatable."),
    click.option("--renew-marks", is_flag=True, help="Write again where only the mark is out of date."),
    click.option("--allow-deletes", type=click.IntRange(min=0), metavar="N", help="Allow N deletes and replaces."),
    click.option("--allow-reviews", type=click.IntRange(min=0), metavar="N", help="Allow N scripts back to review."),
    click.option(
        "--dangerous-take-over", "take_over", multiple=True, metavar="NAME", help="Take another owner's script."
    ),
    click.option(
        "--allow-unknown-history",
        "unknown_history",
        is_flag=True,
        help="Prune although git cannot say which scripts this repository ever had.",
    ),
    click.option("--dangerous-allow-empty", "allow_empty", is_flag=True, help="Go on without any manifest."),
)
_PACE = (
    click.option(
        "--parallelism",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Requests at once; 40 reads and 8 writes otherwise.",
    ),
    click.option(
        "--max-rps", type=click.FloatRange(min=0, min_open=True), metavar="N", help="At most N requests a second."
    ),
)
_NO_CACHE = click.option("--no-cache", is_flag=True, help="Neither use nor write what is remembered of COC.")
_APPLY = (
    click.option("--fail-fast", is_flag=True, help="Begin no further change after the first that is not applied."),
    click.option("--fail-on-conflict", is_flag=True, help="Write nothing where there is a conflict."),
    click.option("--plan-id", metavar="ID", help="Go on only where the plan has this id."),
    click.option(
        "--max-age", type=Duration(), metavar="AGE", help="Refuse a PLANFILE that is older: 90s, 30m, 12h, 7d."
    ),
)


def _refresh(default: Refresh) -> Decorator:
    return click.option(
        "--refresh",
        type=click.Choice([one.value for one in Refresh]),
        default=default.value,
        show_default=True,
        help="Read again what seems changed, everything, or only what a manifest names.",
    )


def drift_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a run that only compares; the function gets `request`, a `PlanRequest`."""
    return _with((*_SELECTION, _refresh(Refresh.FULL), _NO_CACHE, *_PACE), function, _plan_request)


def plan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that shape a plan, and NAME arguments; the function gets `request`, a `PlanRequest`."""
    names = click.argument("names", nargs=-1, metavar="[NAME]...")
    return _with((names, *_SHAPE, *_SELECTION, _refresh(Refresh.AUTO), _NO_CACHE, *_PACE), function, _plan_request)


def apply_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of an apply beside `--yes` and `--wait`; the function gets `request`, an `ApplyRequest`."""
    plan = (*_SHAPE, *_SELECTION, _refresh(Refresh.AUTO), _NO_CACHE, *_PACE)
    planfile = click.argument("planfile", required=False, type=click.Path(path_type=Path))
    return _with((planfile, *_APPLY, *plan), function, _apply_request)


def _with(
    options: tuple[Decorator, ...], function: Callable[..., Any], request: Callable[[dict[str, Any]], object]
) -> Callable[..., Any]:
    """The function with these options, whose values it gets as one request."""

    def wrapper(*args: Any, **values: Any) -> Any:
        made = request(values)
        return function(*args, request=made, **values)

    decorated: Callable[..., Any] = update_wrapper(wrapper, function)
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


def _plan_request(values: dict[str, Any]) -> PlanRequest:
    """Takes its values out of `values`; options that a command does not have are off."""
    take = values.pop
    return PlanRequest(
        selection=Selection(names=take("names", ()), include=take("include"), exclude=take("exclude")),
        reading=Reading(
            refresh=Refresh(take("refresh")),
            parallelism=take("parallelism"),
            max_rate=take("max_rps"),
            cached=not take("no_cache"),
        ),
        prune=take("prune", False),
        prune_edited=take("prune_edited", False),
        adopt=frozenset(take("adopt", ())),
        adopt_all=take("adopt_all", False),
        rewrite=frozenset(take("rewrite", ())),
        renew_marks=take("renew_marks", False),
        allowances=Allowances(
            deletes=take("allow_deletes", None),
            reviews=take("allow_reviews", None),
            empty=take("allow_empty", False),
            take_over=frozenset(take("take_over", ())),
            unknown_history=take("unknown_history", False),
        ),
    )


def _apply_request(values: dict[str, Any]) -> ApplyRequest:
    take, plan = values.pop, _plan_request(values)
    age = take("max_age")
    return ApplyRequest(
        plan=plan,
        planfile=take("planfile"),
        plan_id=take("plan_id"),
        max_age=None if age is None else age.total_seconds(),
        fail_fast=take("fail_fast"),
        fail_on_conflict=take("fail_on_conflict"),
    )
