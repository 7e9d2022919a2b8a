"""The JSON Schemas that cocsync publishes, and documents judged by them in cocsync's own words.

No message repeats a value that stands below `params`: it may be a secret in the wrong place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from cocsync.diagnostics import Diagnostic, in_order
from cocsync.manifests import fast, yaml_source
from cocsync.manifests.yaml_source import Document
from cocsync.suggestion import suggestion

_SHIPPED = Path(__file__).parent.parent / "schemas"
_CHECKOUT = Path(__file__).parent.parent.parent / "schemas"
_SUFFIX = ".schema.json"
_SHOWN_MAX = 64

_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a fraction",
    "boolean": "true or false",
    "null": "nothing",
}


def kinds() -> tuple[str, ...]:
    """The names that `text` knows, sorted."""
    return tuple(sorted(path.name.removesuffix(_SUFFIX) for path in _folder().glob(f"*{_SUFFIX}")))


def text(kind: str) -> str:
    """A published schema, as it ships. `kind` is one of `kinds()`."""
    return (_folder() / f"{kind}{_SUFFIX}").read_text(encoding="utf-8")


def validate(kind: str, document: Document) -> tuple[Diagnostic, ...]:
    """What in the document breaks the schema of that kind, in the order of the file.

    jsonschema decides and explains; it is not asked where the extra `fast` is installed and finds the document valid.
    """
    if _surely_valid(kind)(document.data):
        return ()
    errors = list(islice(_validator(kind).iter_errors(document.data), yaml_source.MAX_FINDINGS))
    mistyped = [error.absolute_path for error in errors if error.validator == "type"]
    telling = [error for error in errors if error.validator == "type" or error.absolute_path not in mistyped]
    return in_order(found for error in telling for found in _explained(error, document))


def dotted(path: yaml_source.Path) -> str:
    """A path as users write it: `params[1].name`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{yaml_source.shown_key(step)}" for step in path)
    return text.removeprefix(".")


def _folder() -> Path:
    return _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator, validators

    judge: Any = validators.extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return judge(_schema(kind))


@cache
def _surely_valid(kind: str) -> Callable[[Any], bool]:
    return fast.validator(_schema(kind), _matches)


def _schema(kind: str) -> Any:
    published = json.loads(text(kind))
    return _inlined(published, published["$defs"])


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    """The schema without `$ref`, whose resolution is half of jsonschema's work. No definition refers to itself."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items() if key != "$defs"}


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if not _matches(pattern, instance):
        yield ValidationError("pattern")


def _matches(pattern: str, instance: Any) -> bool:
    """Whether a pattern matches as in ECMA 262: `$` is the end, and not the line end before it."""
    return not isinstance(instance, str) or re.search(pattern.replace("$", r"\Z"), instance) is not None


def _explained(error: Any, document: Document) -> Iterator[Diagnostic]:
    keyword, path = error.validator, tuple(error.absolute_path)
    if branch := _best_branch(error):
        yield from (found for nested in branch for found in _explained(nested, document))
    elif keyword == "additionalProperties":
        yield from _unknown_keys(error, document, path)
    elif keyword == "required" and "errorMessage" not in error.schema:
        yield from _missing_keys(error, document, path)
    else:
        code, explain = _EXPLAIN[keyword]
        yield document.error(code, f"{_subject(path)} {explain(error)}", path)


def _subject(path: yaml_source.Path) -> str:
    return f"`{dotted(path)}`" if path else "the document"


def _best_branch(error: Any) -> list[Any]:
    """The errors of the alternative of a `oneOf` that was meant: the one whose type fits."""
    branches: dict[int, list[Any]] = {}
    for nested in error.context:
        branches.setdefault(nested.relative_schema_path[0], []).append(nested)
    fitting = [b for b in branches.values() if not any(e.validator == "type" and not e.relative_path for e in b)]
    return fitting[0] if "errorMessage" not in error.schema and fitting else []


def _unknown_keys(error: Any, document: Document, path: yaml_source.Path) -> Iterator[Diagnostic]:
    known = tuple(error.schema["properties"])
    for key in error.instance:
        if key not in known:
            hint = suggestion(key, known) or f": {_subject(path)} takes {', '.join(known)}"
            yield document.error("unknown-key", f"unknown key `{yaml_source.shown_key(key)}`{hint}", (*path, key))


def _missing_keys(error: Any, document: Document, path: yaml_source.Path) -> Iterator[Diagnostic]:
    """jsonschema reports each missing key alone, and names it only in its message."""
    for key in error.validator_value:
        if key not in error.instance:
            yield document.error("missing-key", f"{_subject(path)} needs `{key}`", path)


def _wrong_type(error: Any) -> str:
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    value = error.instance
    if "string" in wanted and isinstance(value, bool | int | float):
        return f"must be text, and is {'true or false' if isinstance(value, bool) else 'a number'}: put it in quotes"
    return f"must be {' or '.join(_WORDS[word] for word in wanted)}, not {_WORDS[_type_of(value)]}"


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def _not_one_of(error: Any) -> str:
    values = error.validator_value if error.validator == "enum" else [error.validator_value]
    shown = ", ".join(str(value) for value in values)
    value = error.instance
    hint = suggestion(value, values) if isinstance(value, str) else ""
    if not hint and "errorMessage" in error.schema:
        hint = f": {error.schema['errorMessage']}"
    return f"must be {'one of ' if len(values) > 1 else ''}{shown}{_is(error)}{hint}"


def _is(error: Any) -> str:
    """`, not VALUE`, where the value may be shown."""
    value = error.instance
    if "params" in error.absolute_path or not isinstance(value, str) or len(value) > _SHOWN_MAX:
        return ""
    return f", not `{value}`"


def _limit(words: str) -> Callable[[Any], str]:
    return lambda error: words.format(error.validator_value)


def _spoken(otherwise: str = "is not allowed here") -> Callable[[Any], str]:
    """What the schema itself says, under a key that editors show too."""
    return lambda error: str(error.schema.get("errorMessage", otherwise))


_EXPLAIN: dict[str, tuple[str, Callable[[Any], str]]] = {
    "type": ("wrong-type", _wrong_type),
    "required": ("missing-key", _spoken()),
    "oneOf": ("one-of", _spoken("must be a name, or a mapping with `name` and `id`")),
    "not": ("not-allowed", _spoken()),
    "enum": ("wrong-value", _not_one_of),
    "const": ("wrong-value", _not_one_of),
    "pattern": ("wrong-value", _spoken()),
    "minLength": ("too-short", _limit("must not be empty")),
    "maxLength": ("too-long", _limit("is longer than {} characters")),
    "minItems": ("too-short", _limit("must not be empty")),
    "maxItems": ("too-long", _limit("has more than {} entries")),
    "minProperties": ("too-short", _spoken("must not be empty")),
    "maxProperties": ("too-long", _spoken()),
    "minimum": ("wrong-value", _limit("must be at least {}")),
    "maximum": ("wrong-value", _limit("must be at most {}")),
    "uniqueItems": ("duplicate", _limit("names something twice")),
}
