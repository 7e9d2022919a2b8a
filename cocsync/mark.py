"""The ownership mark in a script's description: format 1, its digests, and reading it back.

docs/mark.md holds the canonical form and golden marks; within a format neither changes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cocsync.content import canonical_text
from cocsync.model import FIELDS, Field, Kind, Reviewer, Script, Secret, visible_param

FORMAT = 1
KEY_MIN_LENGTH = 16

_LETTERS = {
    "": "-",
    "DEFAULT": "d",
    "SMS": "s",
    "EMAIL": "e",
    "DING_TALK": "g",
    "WE_LINK": "l",
    "WECHAT": "w",
    "CALLNOTIFY": "c",
    "NOT_TO_NOTIFY": "n",
}
_PROTOCOLS = {letter: protocol for protocol, letter in _LETTERS.items()}

# A lookahead, so that marks may overlap: a newer format's rest may hold another `[cocsync:`.
_MARK = re.compile(
    r"(?=(?P<mark>\[cocsync:(?P<owner>[a-z0-9_-]{1,24})/(?:"
    r"1(?P<protected>!?)(?P<name>[a-z2-7]{3})(?P<digest>[a-z2-7]{10})\.(?P<protocol>[-dseglwcn])"
    r"(?P<versions>(?:[a-z2-7]{4})?)(?:\+(?P<key>[a-z2-7]{3})(?P<fingerprint>[a-z2-7]{7}))?"
    r"|(?P<newer>[2-9])[^\]]{0,60})\]))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a mark says. Of a newer format only `owner` and `format` are known, and the rest is empty."""

    owner: str
    format: int = FORMAT
    protected: bool = False
    name: str = ""
    digest: str = ""
    protocol: str = ""
    versions: str = ""
    key_id: str = ""
    fingerprint: str = ""

    @property
    def core(self) -> str:
        """`nnnaaaaaaaaaa.pvvvv`: what the mark says of the script, without owner, protection and values."""
        return f"{self.name}{self.digest}.{_LETTERS[self.protocol]}{self.versions}"

    @property
    def is_newer(self) -> bool:
        return self.format > FORMAT

    def is_of(self, name: str) -> bool:
        """False for a mark that was copied from a script of another name."""
        return self.is_newer or self.name == name_digest(name)

    def __str__(self) -> str:
        values = f"+{self.key_id}{self.fingerprint}" if self.fingerprint else ""
        return f"[cocsync:{self.owner}/{self.format}{'!' if self.protected else ''}{self.core}{values}]"


class Keyring:
    """The keys of `COCSYNC_FINGERPRINT_KEY`: the first writes, all verify."""

    def __init__(self, keys: Iterable[Secret] = ()) -> None:
        self._keys = tuple(keys)
        self._ids = tuple(map(_key_id, self._keys))

    @classmethod
    def parse(cls, setting: str) -> Keyring:
        """From the variable's text: comma-separated, blanks around a key dropped, empty ones ignored."""
        return cls(Secret(part.strip()) for part in setting.split(",") if part.strip())

    def __bool__(self) -> bool:
        return bool(self._keys)

    @property
    def has_short_key(self) -> bool:
        return any(len(key.reveal()) < KEY_MIN_LENGTH for key in self._keys)

    def writer(self) -> Secret | None:
        return next(iter(self._keys), None)

    def find(self, key_id: str) -> tuple[Secret, ...]:
        """The keys of that id: 15 bits, so two keys may share one."""
        return tuple(key for key, known in zip(self._keys, self._ids, strict=True) if known == key_id)


def without_marks(description: str) -> str:
    """A description's text without any mark: a copied text may hold more than the one that counts."""
    while (text := split(description)[0]) != description:
        description = text
    return text


def split(description: str) -> tuple[str, Mark | None]:
    """A description's text without its mark, and the mark: the well-formed one that begins last.

    The space before a mark goes with it.
    """
    found = max(_MARK.finditer(description), key=lambda match: match.start(), default=None)
    if found is None:
        return description, None
    text = description[: found.start("mark")].removesuffix(" ") + description[found.end("mark") :]
    if found["newer"]:
        return text, Mark(owner=found["owner"], format=int(found["newer"]))
    return text, Mark(
        owner=found["owner"],
        protected=bool(found["protected"]),
        name=found["name"],
        digest=found["digest"],
        protocol=_PROTOCOLS[found["protocol"]],
        versions=found["versions"],
        key_id=found["key"] or "",
        fingerprint=found["fingerprint"] or "",
    )


def join(text: str, mark: Mark) -> str:
    """The description to send."""
    return f"{text} {mark}"


def make(script: Script, *, owner: str, protected: bool, keys: Keyring) -> Mark:
    """The mark to write for a desired script.

    The fingerprint is there only with a key and with every sensitive value at hand.
    """
    key = keys.writer()
    fingerprint = value_fingerprint(script, key) if key else ""
    return Mark(
        owner=owner,
        protected=protected,
        name=name_digest(script.name),
        digest=digest(script),
        protocol=script.protocol,
        versions=versions_digest(script),
        key_id=_key_id(key) if key and fingerprint else "",
        fingerprint=fingerprint,
    )


@lru_cache(maxsize=1 << 16)
def name_digest(name: str) -> str:
    """`nnn`."""
    return _base32(hashlib.sha256(canonical_text(name).encode("utf-8", "surrogatepass")).digest(), 3)


def digest(script: Script) -> str:
    """`a`: 50 bits over the canonical form."""
    return _base32(hashlib.sha256(canonical_form(script)).digest(), 10)


def long_digest(script: Script) -> str:
    """The same canonical form in full, as `sha256:HEX`: what a plan remembers of a live script."""
    return "sha256:" + hashlib.sha256(canonical_form(script)).hexdigest()


def canonical_form(script: Script) -> bytes:
    """The digested fields as JSON: ASCII, sorted keys, no blanks; empty ones left out."""
    shown = {field.key: canonical_value(field, script) for field in FIELDS if field.digested}
    return _canonical_json({key: value for key, value in shown.items() if value})


def versions_digest(script: Script) -> str:
    """`vvvv`: 20 bits over the `secret_version` of each param that has one, or empty."""
    versions = {p.name: p.source.version for p in script.params if p.source and p.source.version}
    return _base32(hashlib.sha256(_canonical_json(versions)).digest(), 4) if versions else ""


def value_fingerprint(script: Script, key: Secret) -> str:
    """`bbbbbbb`: 35 bits of HMAC-SHA-256 over the script's name and its sensitive values.

    Empty where there is no sensitive param, or a value is not available.
    """
    values = [(p.name, p.source.value if p.source else None) for p in script.sensitive_params]
    revealed = [(name, value.reveal()) for name, value in values if value is not None]
    if not values or len(revealed) < len(values):
        return ""
    message = _canonical_json([canonical_text(script.name), revealed])
    return _base32(hmac.digest(key.reveal().encode("utf-8", "surrogatepass"), message, "sha256"), 7)


def canonical_value(field: Field, script: Script) -> object:
    """A field in the form that is digested: JSON-like, without sensitive values."""
    value = field.of(script)
    if field.kind is Kind.REVIEWERS:
        return sorted({_reviewer_key(r) for r in value})
    if field.kind is Kind.PARAMS:
        return [visible_param(p) for p in value]
    return canonical_text(value.text if field.kind is Kind.CONTENT else value)


def _reviewer_key(reviewer: Reviewer) -> str:
    return f"id:{reviewer.id}" if reviewer.id else f"name:{canonical_text(reviewer.name)}"


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _canonical_json(value: object) -> bytes:
    return _ENCODER.encode(value).encode("ascii")


def _key_id(key: Secret) -> str:
    return _base32(hmac.digest(key.reveal().encode("utf-8", "surrogatepass"), b"cocsync key id", "sha256"), 3)


def _base32(raw: bytes, length: int) -> str:
    """The first `5 * length` bits, lower case."""
    return b32encode(raw[:10]).decode("ascii").lower()[:length]
