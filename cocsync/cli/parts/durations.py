"""Durations on the command line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType[timedelta]):
    """`90s`, `30m`, `12h` or `7d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if match := re.fullmatch(r"([0-9]{1,6})([smhd])", str(value)):
            return timedelta(**{_UNITS[match[2]]: int(match[1])})
        raise click.BadParameter(f"{value!r} is not a valid duration: write 90s, 30m, 12h or 7d", ctx, param)


wait_option = click.option(
    "--wait",
    type=Duration(),
    is_flag=False,
    flag_value="30m",
    metavar="[=30m]",
    help="Wait until the reviews are settled, at most this long.",
)
