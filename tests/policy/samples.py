"""What the tests of rules share: scripts, and which rules say something of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cocsync.model.script import Script
from cocsync.policy.reading import Reading
from cocsync.policy.rules import Finding
from tests.support import builders

Find = Callable[[Reading], Iterable[Finding]]


def script(content: str, kind: str = "SHELL", **changes: Any) -> Script:
    return builders.script(type=kind, content=content, **changes)


def reading(content: str, kind: str = "SHELL", **changes: Any) -> Reading:
    return Reading(script(content, kind, **changes))


def rules(find: Find, content: str, kind: str = "SHELL", **changes: Any) -> list[str]:
    """The rules that say something, each once, in the order of the content."""
    return list(dict.fromkeys(finding.rule for finding in find(reading(content, kind, **changes))))


def lines(find: Find, content: str, kind: str = "SHELL", **changes: Any) -> list[int | None]:
    return [finding.line for finding in find(reading(content, kind, **changes))]
