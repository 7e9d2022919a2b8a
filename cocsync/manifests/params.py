"""A manifest's params for one target: overrides merged one by one, sensitive values fetched, every value checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cocsync.manifests import values
from cocsync.manifests.fields import Fields, Layer
from cocsync.model.fields import PARAM_DESCRIPTION_MAX, PARAM_VALUE_SAFE_LENGTH, utf16_length
from cocsync.model.script import Param, ValueSource
from cocsync.suggestion import suggestion

_DOUBTFUL = {
    "#": "not every COC site takes",
    "*": "COC may refuse when the script is run",
}


def params(fields: Fields, reader: values.ValueReader) -> tuple[Param, ...]:
    """The params in the manifest's order. What is wrong goes to `fields`."""
    layer = fields.layer("params")
    entries = [_Entry(fields, layer, index) for index in range(len(layer.data.get("params", ())))]
    _check_names(fields, entries)
    return tuple(_param(entry, reader) for entry in entries)


class _Entry:
    """One param as the manifest lists it, with what the target overrides of it."""

    def __init__(self, fields: Fields, layer: Layer, index: int) -> None:
        base: Mapping[str, Any] = layer.data["params"][index]
        self.fields = fields
        self.name = str(base["name"])
        self.override: Mapping[str, Any] = fields.param_overrides.data.get(self.name, {})
        self._layer = layer
        self._index = index
        self._merged = {**base, **self.override}

    def get(self, key: str, default: Any = None) -> Any:
        return self._merged.get(key, default)

    def error(self, code: str, message: str, key: str = "name") -> None:
        document, path = self._place(key)
        self.fields.found.append(document.error(code, f"param `{self.name}` {message}", path))

    def warning(self, code: str, message: str, key: str) -> None:
        document, path = self._place(key)
        self.fields.found.append(document.warning(code, f"param `{self.name}` {message}", path))

    def _place(self, key: str) -> Any:
        if key in self.override:
            overrides = self.fields.param_overrides
            return overrides.document, (*overrides.path, self.name, key)
        return self._layer.document, (*self._layer.path, "params", self._index, key)


def _check_names(fields: Fields, entries: list[_Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.name in seen:
            entry.error("duplicate-param", "stands twice in the list: delete or rename one")
        seen.add(entry.name)
    overrides = fields.param_overrides
    for name in overrides.data:
        if name not in seen:
            hint = suggestion(name, tuple(seen)) or ": add it to `params` first"
            message = f"override of a param `{name}` that the manifest does not have{hint}"
            fields.found.append(overrides.document.error("unknown-param", message, (*overrides.path, name)))


def _param(entry: _Entry, reader: values.ValueReader) -> Param:
    description = entry.get("description", "")
    if utf16_length(description) > PARAM_DESCRIPTION_MAX:
        message = f"has a description of more than {PARAM_DESCRIPTION_MAX} UTF-16 units: shorten it"
        entry.error("too-long", message, "description")
    if entry.get("sensitive", False):
        return Param(name=entry.name, description=description, sensitive=True, source=_source(entry, reader))
    for key in ("value_from", "secret_version", "allow_empty"):
        if key in entry.override:
            entry.error("not-allowed", f"is not sensitive and takes no `{key}`: give `value`", key)
    value = entry.get("value", "")
    _check_literal(entry, value)
    return Param(name=entry.name, value=value, description=description)


def _source(entry: _Entry, reader: values.ValueReader) -> ValueSource | None:
    if "value" in entry.override:
        entry.error("not-allowed", "is sensitive and takes no `value`: name its source with `value_from`", "value")
    value_from = entry.get("value_from")
    try:
        source = reader.read(
            value_from, version=str(entry.get("secret_version", "")), allow_empty=entry.get("allow_empty", False)
        )
    except values.BadValue as bad:
        (kind, name), *_ = value_from.items()
        entry.error(bad.code, f"takes its value from `{kind}:{name}`, which {bad}", "value_from")
        return None
    if source.value is not None:
        _check_safe_length(entry, source.value.reveal(), "value_from")
    return source


def _check_literal(entry: _Entry, value: str) -> None:
    try:
        values.check(value)
    except values.BadValue as bad:
        entry.error(bad.code, f"has a value that {bad}", "value")
        return
    _check_safe_length(entry, value, "value")
    for character, doubt in _DOUBTFUL.items():
        if character in value:
            message = f"has `{character}` at position {value.index(character) + 1} of its value, which {doubt}"
            entry.warning("value-doubtful", message, "value")


def _check_safe_length(entry: _Entry, value: str, key: str) -> None:
    if utf16_length(value) > PARAM_VALUE_SAFE_LENGTH:
        message = f"has a value of more than {PARAM_VALUE_SAFE_LENGTH} characters, which not every COC site takes"
        entry.warning("value-long", message, key)
