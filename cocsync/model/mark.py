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

from cocsync.errors import Refused
from cocsync.model.fields import FIELDS, Comparison, Field, visible_param
from cocsync.model.script import Reviewer, Script
from cocsync.model.secret import Secret

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
        """`nnnaaaaaaaaaa.pvvvv`: what the mark says of the script and its protection, without owner and values."""
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

    @classmethod
    def parse(cls, setting: str) -> Keyring:
        """The keys in the variable's text: comma-separated, blanks around a key dropped, empty ones ignored.

        Raises `Refused` for a key of fewer than `KEY_MIN_LENGTH` characters.
        """
        keys = [part.strip() for part in setting.split(",") if part.strip()]
        if any(len(key) < KEY_MIN_LENGTH for key in keys):
            raise Refused(
                f"COCSYNC_FINGERPRINT_KEY holds a key of fewer than {KEY_MIN_LENGTH} characters, which marks let be "
                "guessed: set a long random one, such as that of `openssl rand -base64 32`"
            )
        return cls(map(Secret, keys))

    def __bool__(self) -> bool:
        return bool(self._keys)

    def writer(self, owner: str) -> SlowKey | None:
        """The key that writes fingerprints for that owner; None without keys. The first call for an owner is slow."""
        return _slow_key(self._keys[0], owner) if self._keys else None

    def find(self, mark: Mark) -> tuple[SlowKey, ...]:
        """The keys that may have written the mark's fingerprint: an id has 15 bits, so two keys may share one."""
        if not mark.key_id:
            return ()
        return tuple(key for each in self._keys if (key := _slow_key(each, mark.owner)).id == mark.key_id)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SlowKey:
    """What fingerprints are keyed by: derived from a key and an owner so slowly that guessing a key costs time."""

    secret: bytes
    id: str


@lru_cache(maxsize=256)
def _slow_key(key: Secret, owner: str) -> SlowKey:
    """About 50 ms and 16 MiB, once a process for each key and owner."""
    salt = f"cocsync mark {FORMAT} {owner}".encode()
    secret = hashlib.scrypt(key.reveal().encode("utf-8", "surrogatepass"), salt=salt, n=1 << 14, r=8, p=1, dklen=32)
    return SlowKey(secret=secret, id=_base32(hmac.digest(secret, b"cocsync key id", "sha256"), 3))


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
    key = keys.writer(owner) if script.sensitive_params else None
    fingerprint = value_fingerprint(script, key) if key else ""
    return Mark(
        owner=owner,
        protected=protected,
        name=name_digest(script.name),
        digest=digest(script, protected=protected),
        protocol=script.protocol,
        versions=versions_digest(script),
        key_id=key.id if key and fingerprint else "",
        fingerprint=fingerprint,
    )


@lru_cache(maxsize=1 << 16)
def name_digest(name: str) -> str:
    """`nnn`."""
    return _base32(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest(), 3)


def digest(script: Script, *, protected: bool) -> str:
    """`a`: 50 bits over the canonical form."""
    return _base32(hashlib.sha256(canonical_form(script, protected=protected)).digest(), 10)


def long_digest(script: Script, *, protected: bool) -> str:
    """The digest of the canonical form in full, as `sha256:HEX`: what a plan remembers of a live script."""
    return "sha256:" + hashlib.sha256(canonical_form(script, protected=protected)).hexdigest()


def canonical_form(script: Script, *, protected: bool) -> bytes:
    """The digested fields and whether the mark has `!`, as JSON: ASCII, sorted keys, no blanks; empty ones left out."""
    shown = {field.key: canonical_value(field, script) for field in FIELDS if field.digested}
    shown["protected"] = protected
    return _canonical_json({key: value for key, value in shown.items() if value})


def versions_digest(script: Script) -> str:
    """`vvvv`: 20 bits over the `secret_version` of each param that has one, or empty."""
    versions = {p.name: p.source.version for p in script.params if p.source and p.source.version}
    return _base32(hashlib.sha256(_canonical_json(versions)).digest(), 4) if versions else ""


def value_fingerprint(script: Script, key: SlowKey) -> str:
    """`bbbbbbb`: 35 bits of HMAC-SHA-256 over the script's name and its sensitive values.

    Empty where there is no sensitive param, or a value is not available.
    """
    values = [(p.name, p.source.value if p.source else None) for p in script.sensitive_params]
    revealed = [(name, value.reveal()) for name, value in values if value is not None]
    if not values or len(revealed) < len(values):
        return ""
    message = _canonical_json([script.name, revealed])
    return _base32(hmac.digest(key.secret, message, "sha256"), 7)


def canonical_value(field: Field, script: Script) -> object:
    """A field in the form that is digested: JSON-like, without sensitive values."""
    value = field.of(script)
    if field.comparison is Comparison.REVIEWERS:
        return sorted({_reviewer_key(r) for r in value})
    if field.comparison is Comparison.PARAMS:
        return [visible_param(p) for p in value]
    return value.text if field.comparison is Comparison.CONTENT else value


def _reviewer_key(reviewer: Reviewer) -> str:
    return f"id:{reviewer.id}" if reviewer.id else f"name:{reviewer.name}"


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _canonical_json(value: object) -> bytes:
    return _ENCODER.encode(value).encode("ascii")


def _base32(raw: bytes, length: int) -> str:
    """The first `5 * length` bits, lower case."""
    return b32encode(raw[:10]).decode("ascii").lower()[:length]
