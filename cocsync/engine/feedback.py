"""What the engine lets its caller see while it works. It prints nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocsync.model.logged import Logged


def _ignore(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Functions that the engine calls, from any thread; each ignores what it gets unless one is given.

    `note` takes a sentence for the person who watches, `warn` one that is shown also where quiet is asked for.
    `progress` takes a phase, how many of it are done, and how many there are (0 where that is not known). `request`
    takes every attempt of a request, and is None where nobody listens.
    """

    note: Callable[[str], None] = _ignore
    warn: Callable[[str], None] = _ignore
    progress: Callable[[str, int, int], None] = _ignore
    request: Callable[[Logged], None] | None = None
