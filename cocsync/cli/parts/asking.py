"""Asking before something is written."""

from __future__ import annotations

import sys

from cocsync.cli.parts.run import say
from cocsync.errors import Refused


def ask(question: str, *, yes: bool) -> None:
    """Raises `Refused` where the answer is not `yes`, or there is nobody to ask and `yes` is not given."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("nothing was written: there is no terminal to ask at; pass --yes to go on without asking")
    say(f"{question}? Only `yes` goes on: ", nl=False, err=True)
    if sys.stdin.readline().strip() != "yes":
        raise Refused("nothing was written: the answer was not `yes`")
