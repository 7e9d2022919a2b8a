"""What looks like a secret, found without ever being shown."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from cocsync.model.script import ScriptType
from cocsync.policy import passwords
from cocsync.policy.commands import Word
from cocsync.policy.reading import Reading
from cocsync.policy.rules import Finding, in_content

_ADVICE = "make it a sensitive param with `value_from`, and replace it wherever it is in use"

_KINDS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    ("a private key", ("PRIVATE KEY",), re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----")),
    ("an AWS access key", ("AKIA", "ASIA"), re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    (
        "a GitHub token",
        ("gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat"),
        re.compile(r"\b(?:gh[opsur]_[A-Za-z0-9]{36,}|github_pat_\w{36,})"),
    ),
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
        re.compile(r"://(?<=[a-z0-9]://)[^\s/:@'\"$<>{}%()]{1,64}:[^\s/@'\"$<>{}%()]{1,128}@"),
    ),
)
"""What it is, a part that is quick to look for and always there, and how it looks."""
_NAMES = ("pass", "pwd", "secret", "token", "api", "access")
_NAMED = re.compile(
    r"(?:passw(?:or)?d|passphrase|(?<![a-z])pass|pwd|secret|token|(?:api|access|secret)[_-]?key)"
    r"[\"']?[ \t]{0,9}(?::=|[:=])[ \t]{0,9}"
    r"(?:'(?P<single>[^'\n]{8,200})'|(?P<quote>\"?)(?P<value>[^\s\"'$%<>{}()`;|&\\,]{8,200})(?P=quote))"
)
"""A text that a name like `db_password` is given."""
_PLACEHOLDER = re.compile(
    r"example|change|placeholder|your|dummy|sample|redacted|todo|fixme|<|x{4}|\*{3}|\.{3}|^[/~.@\[(^]|\]\+|://",
    re.IGNORECASE,
)

_LONG = re.compile(r"(?<![\w+/-])[\w+/-]{24,512}={0,2}(?![\w+/=-])")
_PUBLIC = re.compile(
    r"-----BEGIN (?![A-Z0-9 ]*PRIVATE)[A-Z0-9 ]{1,40}-----[^-]{1,20000}-----END|\bsha(?:256|384|512)-[\w+/]+={0,2}"
    r"|\bAAAA[\w+/]{20,}={0,2}"
)
"""Certificates, public keys of SSH, and checksums as web pages have them."""
_WORDS = "".join(chr(c) if chr(c).isalnum() or chr(c) in "_+/-" else " " for c in range(128))
"""What `str.translate` makes of ASCII: all but the characters of `_LONG` becomes space."""
_FILES = ("iVBORw0KGgo", "/9j/", "R0lGOD", "JVBERi0", "H4sI", "UEsDB", "TVqQAA", "AAAB", "PD94bWw", "Qk0")
"""How images, archives, programs and XML begin in Base64."""
_ALPHABET = re.compile("01234567|abcdefg", re.IGNORECASE)
_LENGTH_MIN = 8
"""No pattern here matches a shorter value."""
_LONG_MIN = 24
_ADDRESS_MAX = 300
_ENTROPY_MIN = 4.0
_SWITCHES_MIN = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A part of a text that may be a secret, and what it looks like."""

    rule: str
    kind: str
    start: int
    end: int


def find(reading: Reading) -> Iterator[Finding]:
    """One a line, also in the values of params that are not sensitive."""
    lines, text = set(), reading.text
    found = suspects(text, quoted_only=reading.script.type == ScriptType.PYTHON)
    for suspect in (*found, *(_given(given) for given in passwords.given(reading))):
        finding = in_content(suspect.rule, f"this looks like {suspect.kind}: {_ADVICE}", text, suspect.start)
        if finding.line not in lines:
            lines.add(finding.line)
            yield finding
    for index, param in enumerate(reading.script.params):
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
    yield from _named(text, quoted_only=quoted_only)
    random = [match.span() for match in _LONG.finditer(text) if _is_random(match[0])] if _has_long(text) else []
    public = [match.span() for match in _PUBLIC.finditer(text)] if random else []
    for start, end in random:
        if not _is_in_address(text, start) and not any(first <= start < last for first, last in public):
            yield Suspect(rule="secret-entropy", kind="a key: it is long and random", start=start, end=end)


def _named(text: str, *, quoted_only: bool) -> Iterator[Suspect]:
    # Python cannot jump to the next first letter while it ignores case, nor to the first of several words.
    lower = text.lower() if text.isascii() else _lower(text)
    for match in filter(None, (_NAMED.match(lower, at) for at in _places(lower))):
        group = "single" if match["single"] is not None else "value"
        is_quoted = group == "single" or bool(match["quote"])
        start, end = match.span(group)
        if _is_literal(text[start:end], quoted=is_quoted) and (is_quoted or not quoted_only):
            yield Suspect(rule="secret-pattern", kind="a password or a token", start=start, end=end)
    for match in passwords.VARIABLE.finditer(text) if any(map(text.__contains__, passwords.IN_VARIABLES)) else ():
        if passwords.is_meant(match["value"]):
            yield Suspect(rule="secret-pattern", kind="a password", start=match.start("value"), end=match.end("value"))


def _places(lower: str) -> Iterator[int]:
    """Where a name may begin that is given a secret."""
    for name in _NAMES:
        at = lower.find(name)
        while at >= 0:
            yield at
            at = lower.find(name, at + 1)


def _lower(text: str) -> str:
    """Each character in its place: some become two in lower case."""
    return "".join(lower if len(lower := character.lower()) == 1 else character for character in text)


def _given(word: Word) -> Suspect:
    kind = "a password that a program is given"
    return Suspect(rule="secret-pattern", kind=kind, start=word.offset, end=word.offset + len(word.text))


def is_in(text: str) -> bool:
    return next(suspects(text), None) is not None


def _is_literal(value: str, *, quoted: bool) -> bool:
    """A text that is meant as it stands. Without quotes it needs a digit, since a word may be anything."""
    if _PLACEHOLDER.search(value) or len(set(value)) < len(value) // 3:
        return False
    return any(c.isdigit() for c in value) and (quoted or any(c.isalpha() for c in value))


def _has_long(text: str) -> bool:
    """Quickly, whether some word is long enough to be random."""
    if not text.isascii():
        return True
    return max(map(len, text.translate(_WORDS).split()), default=0) >= _LONG_MIN


def _is_in_address(text: str, start: int) -> bool:
    """A part of a path on the web, and no value in its query."""
    before = text[max(0, start - _ADDRESS_MAX) : start].split()
    return bool(before) and not text[start - 1].isspace() and "://" in before[-1] and "=" not in before[-1]


def _is_random(text: str) -> bool:
    """Letters of both cases and digits, in such disorder as no name, path or sentence has."""
    if text.startswith(_FILES) or _ALPHABET.search(text):
        return False
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
    """In bits a character, after Shannon."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
