"""What looks like a secret, found without ever being shown."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from cocsync.model.script import Script, ScriptType
from cocsync.policy.rules import Finding, in_content
from cocsync.policy.scan import AnyCase

_ADVICE = "make it a sensitive param with `value_from`, and replace it wherever it is in use"

_KINDS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    ("a private key", ("PRIVATE KEY",), re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----")),
    ("an AWS access key", ("AKIA", "ASIA"), re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a GitHub token", ("gh", "github_pat"), re.compile(r"\b(?:gh[opsur]_[A-Za-z0-9]{36,}|github_pat_\w{36,})")),
    ("a GitLab token", ("glpat",), re.compile(r"\bglpat-[\w-]{20,}")),
    ("a Slack token", ("xox", "slack"), re.compile(r"\bxox[abeprs]-[\w-]{10,}|hooks\.slack\.com/services/[\w/]{20,}")),
    ("a Google API key", ("AIza",), re.compile(r"\bAIza[\w-]{35}")),
    ("a Stripe key", ("k_live_",), re.compile(r"\b[rs]k_live_\w{16,}")),
    ("a package registry's token", ("npm_", "pypi-"), re.compile(r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,})")),
    ("a JSON Web Token", ("eyJ",), re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    ("a DingTalk token", ("access_token=",), re.compile(r"\baccess_token=[0-9a-f]{32,}")),
    ("a bearer token", ("earer",), re.compile(r"\b[Bb]earer[ \t]+[\w.~+/-]{16,}")),
    (
        "a password in an address",
        ("://",),
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"$<>{}%()]{1,64}:[^\s/@'\"$<>{}%()]{1,128}@"),
    ),
)
"""What it is, a part that is quick to look for and always there, and how it looks."""
_NAMED = AnyCase(
    r"(?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|secret)[_-]?key)"
    r"[\"']?[ \t]{0,9}(?::=|[:=])[ \t]{0,9}(?P<quote>[\"']?)(?P<value>[^\s\"'$%<>{}()`;|&\\,]{8,200})(?P=quote)"
)
"""A text that a name like `db_password` is given."""
_PLACEHOLDER = re.compile(r"example|change|placeholder|your|dummy|sample|x{4}|\*{4}|\.{3}|^[/~.]|://", re.IGNORECASE)

_LONG = re.compile(r"(?<![\w+/=-])[\w+/-]{24,512}={0,2}(?![\w+/=-])")
_PUBLIC = re.compile(
    r"-----BEGIN (?![A-Z0-9 ]*PRIVATE)[A-Z0-9 ]{1,40}-----[^-]{1,20000}-----END|\bsha(?:256|384|512)-[\w+/]+={0,2}"
    r"|\bAAAA[\w+/]{20,}={0,2}"
)
"""Certificates, public keys of SSH, and checksums as web pages have them."""
_LENGTH_MIN = 8
"""No pattern here matches a shorter value."""
_ENTROPY_MIN = 4.0
_SWITCHES_MIN = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A part of a text that may be a secret, and what it looks like."""

    rule: str
    kind: str
    start: int
    end: int


def find(script: Script) -> Iterator[Finding]:
    """One a line, also in the values of params that are not sensitive."""
    lines, text = set(), script.content.text
    for suspect in suspects(text, quoted_only=script.type == ScriptType.PYTHON):
        found = in_content(suspect.rule, f"this looks like {suspect.kind}: {_ADVICE}", text, suspect.start)
        if found.line not in lines:
            lines.add(found.line)
            yield found
    for index, param in enumerate(script.params):
        if len(param.value) < _LENGTH_MIN:
            continue
        for suspect in islice(suspects(f'{param.name}="{param.value}"'), 1):
            message = f"the value of param `{param.name}` looks like {suspect.kind}: {_ADVICE}"
            yield Finding(rule=suspect.rule, message=message, path=("params", index, "value"))


def suspects(text: str, *, quoted_only: bool = False) -> Iterator[Suspect]:
    """Patterns before entropy. `quoted_only`: what a name is given counts only in quotes, the rest being code."""
    for kind, parts, pattern in _KINDS:
        for match in pattern.finditer(text) if any(map(text.__contains__, parts)) else ():
            yield Suspect(rule="secret-pattern", kind=kind, start=match.start(), end=match.end())
    for match in _NAMED.finditer(text):
        start, end = match.span("value")
        if _is_literal(text[start:end], quoted=bool(match["quote"])) and (match["quote"] or not quoted_only):
            yield Suspect(rule="secret-pattern", kind="a password or a token", start=start, end=end)
    random = [match.span() for match in _LONG.finditer(text) if _is_random(match[0])]
    public = [match.span() for match in _PUBLIC.finditer(text)] if random else []
    for start, end in random:
        if not any(first <= start < last for first, last in public):
            yield Suspect(rule="secret-entropy", kind="a key: it is long and random", start=start, end=end)


def is_in(text: str) -> bool:
    return next(suspects(text), None) is not None


def _is_literal(value: str, *, quoted: bool) -> bool:
    """A text that is meant as it stands. Without quotes it needs a digit, since a word may be anything."""
    if _PLACEHOLDER.search(value) or len(set(value)) < len(value) // 3:
        return False
    return any(c.isdigit() for c in value) and (quoted or any(c.isalpha() for c in value))


def _is_random(text: str) -> bool:
    """Letters of both cases and digits, in such disorder as no name, path or sentence has."""
    kinds = [_kind(character) for character in text]
    if not {"upper", "lower", "digit"} <= set(kinds):
        return False
    neighbours = [(a, b) for a, b in pairwise(kinds) if a and b]
    switches = sum(a != b for a, b in neighbours)
    return switches >= _SWITCHES_MIN * len(neighbours) and _entropy(text) >= _ENTROPY_MIN


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isupper():
        return "upper"
    return "lower" if character.islower() else ""


def _entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
