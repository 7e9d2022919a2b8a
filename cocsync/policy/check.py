"""A script judged by every rule, under the project's severities and with its waivers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Protocol

from cocsync.diagnostics import Severity
from cocsync.model.content import Content
from cocsync.model.script import Script
from cocsync.policy import characters, dangerous, not_a_script, params, review, secrets, waivers
from cocsync.policy.reading import Reading
from cocsync.policy.rules import RULE, RULES, VERSION_UNCHANGED, Finding, Policy, in_content

FINDINGS_MAX = 50
"""Of one family about one script: what is something else altogether need not be listed line by line."""

_UNUSED = "this waiver waives nothing: delete it"
_FAMILIES = (not_a_script.find, review.find, dangerous.find, characters.find, params.find)
_JUDGED = frozenset(rule.id for rule in RULES if not rule.deep) - {VERSION_UNCHANGED}


class DeepChecks(Protocol):
    """The rules that take a program or a parser: which of them can be judged here, and what they find."""

    @property
    def rules(self) -> frozenset[str]: ...

    def find(self, scripts: Iterable[Script]) -> Iterable[tuple[Finding, ...]]:
        """For each script, in their order, what those rules find. May look at all before it says anything."""


class NoDeepChecks:
    """For every run but `validate --deep`."""

    rules: frozenset[str] = frozenset()

    def find(self, scripts: Iterable[Script]) -> Iterable[tuple[Finding, ...]]:
        return (() for _ in scripts)


def evaluate(
    script: Script,
    source: str,
    policy: Policy,
    *,
    waived: Mapping[str, tuple[str | int, ...]],
    deep: tuple[Finding, ...] = (),
    deep_rules: frozenset[str] = frozenset(),
) -> Iterator[tuple[Severity, Finding]]:
    """What is to be said of the script, and how much it weighs.

    `source` is the content as its file has it, with the file's line ends. `waived` are the rules that the manifest
    waives, and where it does. Beside rules, `rule` of a finding may be one of the codes in `waivers`.
    """
    reading = Reading(replace(script, content=Content(source)))
    leaks = tuple(secrets.find(reading))
    lines = {finding.line for finding in leaks} - {None}
    families = (*(find(reading) for find in _FAMILIES), leaks)
    found = [finding for family in families for finding in islice(family, FINDINGS_MAX)]
    for severity, finding in _weighed((*found, *deep), source, policy, waived, _JUDGED | deep_rules):
        yield severity, replace(finding, secret=True) if finding.line in lines else finding


def _weighed(
    found: Iterable[Finding],
    source: str,
    policy: Policy,
    waived: Mapping[str, tuple[str | int, ...]],
    judged: frozenset[str],
) -> Iterator[tuple[Severity, Finding]]:
    """What is not waived, and what is wrong with waivers. `judged` are the rules that were."""
    inline, problems = waivers.in_script(source)
    lines = {(waiver.rule, waiver.line) for waiver in inline}
    used: set[tuple[str, int | None]] = set()
    for finding in found:
        place = (finding.rule, finding.line)
        if finding.rule in waived or place in lines:
            used |= {(finding.rule, None), place}
        elif severity := policy.severity(finding.rule):
            yield severity, finding
    yield from ((Severity.ERROR, problem) for problem in (*problems, *_unknown(waived)))
    unused = [path for rule, path in waived.items() if rule in judged and (rule, None) not in used]
    yield from ((Severity.NOTE, Finding(rule=waivers.UNUSED, message=_UNUSED, path=path)) for path in unused)
    for waiver in inline:
        if waiver.rule in judged and (waiver.rule, waiver.line) not in used:
            yield Severity.NOTE, in_content(waivers.UNUSED, _UNUSED, source, waiver.offset)


def _unknown(waived: Mapping[str, tuple[str | int, ...]]) -> Iterator[Finding]:
    for rule, path in waived.items():
        if rule not in RULE:
            yield Finding(rule=waivers.UNKNOWN, message=waivers.no_such_rule(rule), path=(*path, "rule"))
