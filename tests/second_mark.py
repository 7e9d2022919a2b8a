"""A second implementation of the mark, from docs/mark.md alone: it must not import cocsync.

Scripts are the mappings of `golden/marks.json`; of a sensitive param `value` is the secret, None where there is none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import string
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LETTERS = {"DEFAULT": "d", "SMS": "s", "EMAIL": "e", "DING_TALK": "g", "WE_LINK": "l", "WECHAT": "w"}
LETTERS |= {"CALLNOTIFY": "c", "NOT_TO_NOTIFY": "n"}
OPEN = "[cocsync:"


def base32(digest: bytes, length: int) -> str:
    bits = "".join(f"{byte:08b}" for byte in digest)
    return "".join(ALPHABET[int(bits[5 * i : 5 * i + 5], 2)] for i in range(length))


def text(value: str | None) -> str:
    return unicodedata.normalize("NFC", value or "").replace("\r\n", "\n")


def to_json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def sha(data: bytes, length: int) -> str:
    return base32(hashlib.sha256(data).digest(), length)


def mac(key: str, message: bytes, length: int) -> str:
    return base32(hmac.new(key.encode(), message, hashlib.sha256).digest(), length)


def canonical(script: Mapping[str, Any]) -> bytes:
    params = script.get("params") or []
    digested = {
        key: text(script.get(key)) for key in ("name", "type", "description", "content", "risk_level", "version")
    }
    reviewers = {f"id:{r['id']}" if r.get("id") else f"name:{text(r['name'])}" for r in script.get("reviewers") or []}
    shown = [param(p) for p in params]
    return to_json({k: v for k, v in {**digested, "reviewers": sorted(reviewers), "params": shown}.items() if v})


def param(of: Mapping[str, Any]) -> list[object]:
    sensitive = bool(of.get("sensitive"))
    return [text(of["name"]), "" if sensitive else text(of.get("value")), text(of.get("description")), sensitive]


def write(script: Mapping[str, Any], *, owner: str, protected: bool, keys: Sequence[str]) -> str:
    params = script.get("params") or []
    versions = {p["name"]: p["secret_version"] for p in params if p.get("secret_version")}
    values = [[p["name"], p.get("value")] for p in params if p.get("sensitive")]
    mark = (
        f"{OPEN}{owner}/1{'!' if protected else ''}{sha(text(script['name']).encode(), 3)}{sha(canonical(script), 10)}"
    )
    mark += "." + LETTERS.get(script.get("protocol") or "", "-") + (sha(to_json(versions), 4) if versions else "")
    if keys and values and all(value is not None for _, value in values):
        message = to_json([text(script["name"]), values])
        mark += f"+{mac(keys[0], b'cocsync key id', 3)}{mac(keys[0], message, 7)}"
    return mark + "]"


def read(description: str) -> tuple[str, tuple[str, int] | None]:
    """The text, and owner and format of the mark; None where there is none."""
    for start in range(len(description) - 1, -1, -1):
        if not description.startswith(OPEN, start):
            continue
        end = description.find("]", start)
        owner, slash, rest = description[start + len(OPEN) : end].partition("/")
        if (
            end < 0
            or not slash
            or not (0 < len(owner) <= 24 and set(owner) <= set(string.ascii_lowercase + "0123456789_-"))
        ):
            continue
        if well_formed(rest):
            return description[:start].removesuffix(" ") + description[end + 1 :], (owner, int(rest[0]))
    return description, None


def well_formed(rest: str) -> bool:
    """Whether this, from the format on, is a mark's."""
    if rest[:1] in tuple("23456789"):
        return len(rest) <= 61
    digests, dot, tail = rest[1:].removeprefix("!").partition(".")
    versions, plus, values = tail[1:].partition("+")
    lengths = len(digests) == 13 and len(versions) in (0, 4) and len(values) == (10 if plus else 0)
    letter = tail[:1] in tuple("-dseglwcn")
    return rest[:1] == "1" and bool(dot) and lengths and letter and set(digests + versions + values) <= set(ALPHABET)
