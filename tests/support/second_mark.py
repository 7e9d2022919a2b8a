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
from functools import cache
from typing import Any

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LETTERS = {"DEFAULT": "d", "SMS": "s", "EMAIL": "e", "DING_TALK": "g", "WE_LINK": "l", "WECHAT": "w"}
LETTERS |= {"CALLNOTIFY": "c", "NOT_TO_NOTIFY": "n"}
OPEN = "[cocsync:"


def base32(digest: bytes, length: int) -> str:
    bits = "".join(f"{byte:08b}" for byte in digest)
    return "".join(ALPHABET[int(bits[5 * i : 5 * i + 5], 2)] for i in range(length))


def text(value: str | None, normalises: Sequence[str] = ()) -> str:
    found = unicodedata.normalize("NFC", value or "") if "unicode" in normalises else value or ""
    return "\n".join(found.split("\r\n")) if "line_ends" in normalises else found


def content(value: str | None, normalises: Sequence[str]) -> str:
    found = text(value, normalises)
    if "final_newline" in normalises:
        while found[-1:] in ("\r", "\n") and found:
            found = found[:-1]
        found += "\n" if found else ""
    return found


def to_json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def sha(data: bytes, length: int) -> str:
    return base32(hashlib.sha256(data).digest(), length)


@cache
def slow(key: str, owner: str) -> bytes:
    return hashlib.scrypt(key.encode(), salt=f"cocsync mark 1 {owner}".encode(), n=16384, r=8, p=1, dklen=32)


def mac(slow_key: bytes, message: bytes, length: int) -> str:
    return base32(hmac.new(slow_key, message, hashlib.sha256).digest(), length)


def canonical(script: Mapping[str, Any], *, protected: bool, normalises: Sequence[str] = ()) -> bytes:
    digested: dict[str, Any] = {key: script.get(key) or "" for key in ("name", "type", "risk_level")}
    digested |= {key: text(script.get(key), normalises) for key in ("description", "version")}
    digested["content"] = content(script.get("content"), normalises)
    reviewers = [(r.get("id"), text(r["name"], normalises)) for r in script.get("reviewers") or []]
    digested["reviewers"] = sorted({f"id:{id_}" if id_ else f"name:{name}" for id_, name in reviewers})
    digested["params"] = [param(p, normalises) for p in script.get("params") or []]
    return to_json({k: v for k, v in {**digested, "protected": protected}.items() if v})


def param(of: Mapping[str, Any], normalises: Sequence[str]) -> list[object]:
    sensitive = bool(of.get("sensitive"))
    value = "" if sensitive else text(of.get("value"), normalises)
    return [of["name"], value, text(of.get("description"), normalises), sensitive]


def write(
    script: Mapping[str, Any], *, owner: str, protected: bool, keys: Sequence[str], normalises: Sequence[str] = ()
) -> str:
    params = script.get("params") or []
    versions = {p["name"]: p["secret_version"] for p in params if p.get("secret_version")}
    values = [[p["name"], p.get("value")] for p in params if p.get("sensitive")]
    form = canonical(script, protected=protected, normalises=normalises)
    mark = f"{OPEN}{owner}/1{'!' if protected else ''}{sha(script['name'].encode(), 3)}{sha(form, 10)}"
    mark += "." + LETTERS.get(script.get("protocol") or "", "-") + (sha(to_json(versions), 4) if versions else "")
    if keys and values and all(value is not None for _, value in values):
        key = slow(keys[0], owner)
        mark += f"+{mac(key, b'cocsync key id', 3)}{mac(key, to_json([script['name'], values]), 7)}"
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
