"""Waivers in a script's content: `# cocsync: allow RULE because REASON`, on the line that it is for or above it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cocsync.policy.rules import RULE, Finding, in_content
from cocsync.suggestion import suggestion

UNKNOWN = "waiver-unknown-rule"
WITHOUT_REASON = "waiver-without-reason"
UNUSED = "waiver-unused"

_WAIVER = re.compile(
    r"(?P<alone>^[ \t@]*)?(?:#|::|\brem\b)[ \t]*cocsync:[ \t]*allow\b[ \t]*(?P<rule>[^\s]*)"
    r"(?:[ \t]+because\b[ \t]*(?P<reason>[^\n]*))?",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """`rule` is waived on `line`; the waiver itself stands at `offset`."""

    rule: str
    line: int
    offset: int


def in_script(content: str) -> tuple[tuple[Waiver, ...], tuple[Finding, ...]]:
    """The waivers that count, and what is wrong with the others."""
    matches = list(_WAIVER.finditer(content)) if "cocsync:" in content else []
    lines = [content.count("\n", 0, match.start()) + 1 for match in matches]
    alone = {line for match, line in zip(matches, lines, strict=True) if match["alone"] is not None}
    waivers, problems = [], []
    for match, line in zip(matches, lines, strict=True):
        if problem := _problem(match):
            problems.append(in_content(*problem, content, match.start("rule")))
            continue
        while line in alone:
            line += 1  # noqa: PLW2901 - one above it is for the first line below that is none
        waivers.append(Waiver(rule=match["rule"], line=line, offset=match.start("rule")))
    return tuple(waivers), tuple(problems)


def no_such_rule(word: str) -> str:
    """The message for a rule that does not exist; leaves out what was written, which may be anything."""
    return f"there is no such rule{suggestion(word, tuple(RULE)) or ': docs/policy.md lists them'}"


def _problem(match: re.Match[str]) -> tuple[str, str] | None:
    """Its code and message."""
    if match["rule"] not in RULE:
        return UNKNOWN, no_such_rule(match["rule"])
    if not (match["reason"] or "").strip():
        return WITHOUT_REASON, f"why may `{match['rule']}` be waived? Write: allow {match['rule']} because REASON"
    return None
