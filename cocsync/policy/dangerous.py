"""Commands that need risk level HIGH: what they do, they do at once, to everything, and for good."""

from __future__ import annotations

from collections.abc import Iterator

from cocsync.model.script import RiskLevel
from cocsync.policy.commands import Command, Effect
from cocsync.policy.delete_root import deletes_root
from cocsync.policy.erase_disk import erases_disk
from cocsync.policy.gates import is_suspicious
from cocsync.policy.open_permissions import opens
from cocsync.policy.reading import Reading
from cocsync.policy.rules import Finding, in_content

_JUDGES = (
    ("delete-root", "deletes a root or system folder with all below it", deletes_root),
    ("erase-disk", "formats or overwrites a disk", erases_disk),
    ("pipe-to-shell", "runs what was downloaded, unseen", lambda command: Effect.RUNS_DOWNLOAD in command.effects),
    ("open-permissions", "lets everybody write", opens),
    ("fork-bomb", "starts itself without end", lambda command: Effect.FORKS_WITHOUT_END in command.effects),
)


def find(reading: Reading) -> Iterator[Finding]:
    """Nothing in a script of risk level HIGH: there it is known."""
    level = reading.script.risk_level
    if level == RiskLevel.HIGH or not is_suspicious(reading):
        return
    seen: set[tuple[str, int]] = set()
    for command in reading.commands:
        for rule, what, judge in _JUDGES:
            if judge(command) and (rule, command.offset) not in seen:
                seen.add((rule, command.offset))
                message = f"{_named(command)} {what}, and the risk level is {level}: make it HIGH, or take this out"
                yield in_content(rule, message, reading.text, command.offset)


def _named(command: Command) -> str:
    """What is not known before the script runs has no name; nor has what could hold a secret."""
    name = command.name
    return f"`{name}`" if name and all(c.isalnum() or c in "._-:%" for c in name) else "this"
