"""The environment variables that imported manifests name as sources of sensitive values: never one for two params."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_DIGEST_LENGTH = 8


class Variables:
    """Gives each param a variable of its own, which none of those `taken` is, in upper or lower case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}
        self._given: dict[tuple[str, str], str] = {}

    def name(self, script: str, param: str) -> str:
        """The param's variable: the plain one where nothing is lost by it and nobody has it. Each time the same."""
        key = (script, param)
        if key not in self._given:
            candidates = [_plain(script, param)] if (script + param).isascii() else []
            candidates += [unique(script, param, length) for length in (_DIGEST_LENGTH, 2 * _DIGEST_LENGTH, 64)]
            free = next(name for name in candidates if name.casefold() not in self._taken)
            self._taken.add(free.casefold())
            self._given[key] = free
        return self._given[key]


def unique(script: str, param: str, length: int = _DIGEST_LENGTH) -> str:
    """What can be read of both names, and a digest of them: no other param's variable, whatever is taken."""
    digest = hashlib.sha256(json.dumps([script, param]).encode()).hexdigest()[:length]
    return f"{_plain(script, param)}_{digest.upper()}"


def in_use(data: Any) -> Iterator[str]:
    """Every variable that a manifest's data name, for whatever target."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "env" and isinstance(value, str):
                yield value
            yield from in_use(value)
    elif isinstance(data, list):
        for item in data:
            yield from in_use(item)


def _plain(script: str, param: str) -> str:
    """Letters that no variable can have are left out of a name, and other characters become an underscore."""
    latin = (re.sub(r"[^\x00-\x7f]+", "", name).upper() for name in (script, param))
    parts = (re.sub(r"[^A-Z0-9_]", "_", name).strip("_") for name in latin)
    return "_".join(("APP", *filter(None, parts)))
