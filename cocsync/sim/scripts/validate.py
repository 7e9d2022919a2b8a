"""The documented limits of each script operation, and the refusal that breaking one earns.

Sources: API reference 4.2.1, 4.2.2 and 4.2.4 for fields and limits, 5.1 for codes. Lengths count UTF-16 code units.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from cocsync.sim.http.wire import Refusal, Request
from cocsync.sim.scripts.script import Param, Reviewer
from cocsync.sim.settings import Settings

EMPTY = "COC.00040050"
SIZE = "COC.00040701"
VALUE = "COC.00010002"
PARAM_VALUE = "COC.00040601"

TYPES = ("SHELL", "PYTHON", "BAT")
RISK_LEVELS = ("LOW", "MEDIUM", "HIGH")
PROTOCOLS = ("DEFAULT", "SMS", "EMAIL", "DING_TALK", "WE_LINK", "WECHAT", "CALLNOTIFY", "NOT_TO_NOTIFY")
MAX_LONG = 2**63 - 1

_NAME = re.compile(r"[\u4E00-\u9FA5A-Za-z0-9_]+")
_NAME_WITH_HYPHEN = re.compile(r"[\u4E00-\u9FA5A-Za-z0-9_-]+")
_PARAM_NAME = re.compile(r"[A-Za-z0-9_]+")
_VALUE_CHARACTERS = re.compile(r"""[a-zA-Z0-9_\-/.* ?:",=+@\\\[{\]}]*""")
_VALUE_CHARACTERS_WITH_HASH = re.compile(r"""[a-zA-Z0-9_\-/.* ?:",=+@\\\[{\]}#]*""")
_UUID = re.compile(r"[A-Za-z0-9]{1,25}")
_SURROGATE = re.compile("[\ud800-\udfff]")

Fields = dict[str, Any]
"""Fields of a `StoredScript` by name."""


def body_of(request: Request) -> Mapping[str, object]:
    """The JSON object in a request's body."""
    try:
        value = json.loads(request.body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(VALUE, "The request body is not valid JSON.") from None
    return _object(value, "request body")


def created(body: Mapping[str, object], settings: Settings) -> Fields:
    """The fields of a script to be created (4.2.1); raises Refusal."""
    name = _text(body, "name", 1, 64)
    if not (_NAME_WITH_HYPHEN if settings.hyphen_in_names else _NAME).fullmatch(name):
        _refuse_value("name")
    fields = {
        "name": name,
        "type": _choice(body, "type", TYPES),
        "content": _sized(body, "content", settings.create_content_bytes, _utf8_bytes),
        "description": _text(body, "description", 1, 256),
        "params": _params(body.get("script_params"), 20, settings),
        "enterprise_project_id": _optional_text(body, "enterprise_project_id", 128) or "0",
    }
    if body.get("properties") is None:
        raise Refusal(EMPTY, "properties must not be null")
    return fields | {"reviewers": (), "protocol": None} | _properties(body)


def modified(body: Mapping[str, object], settings: Settings) -> Fields:
    """The fields that a modification sets (4.2.4), those left out not among them; raises Refusal.

    Under `put_clears_omitted` what was left out is set to its empty value; risk level and version have none.
    """
    fields: Fields = {"reviewers": (), "protocol": None, "params": ()} if settings.put_clears_omitted else {}
    fields["description"] = _text(body, "description", 1, 256)
    fields["content"] = _sized(body, "content", settings.modify_content_units, utf16_units)
    if body.get("script_params") is not None:
        fields["params"] = _params(body["script_params"], settings.put_params_max, settings)
    if body.get("properties") is not None:
        fields |= _properties(body)
    return fields


def reviewed(body: Mapping[str, object]) -> tuple[bool, str]:
    """Whether a review approves, and its comment of at most 256 characters; raises Refusal."""
    approves = _choice(body, "status", ("APPROVED", "REJECTED")) == "APPROVED"
    comment = "" if body.get("comments") is None else _text(body, "comments", 1, 256)
    return approves, comment


def script_uuid(path_segment: str) -> str:
    """The uuid in a path; raises Refusal for what cannot be one."""
    if not _UUID.fullmatch(path_segment):
        raise Refusal(PARAM_VALUE, "The script uuid is invalid.")
    return path_segment


def whole_number(request: Request, name: str, low: int, high: int) -> int | None:
    """A query parameter that is a whole number, None where it was not sent."""
    text = request.parameter(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", text):
        _refuse_value(name)
    return _within(int(text), name, low, high)


def short_text(request: Request, name: str, high: int) -> str | None:
    """A query parameter of 1 to `high` characters, None where it was not sent."""
    text = request.parameter(name)
    return text if text is None else _text({name: text}, name, 1, high)


def one_of(request: Request, name: str, choices: tuple[str, ...]) -> str | None:
    """A query parameter that is one of a few words, None where it was not sent."""
    text = request.parameter(name)
    return text if text is None else _choice({name: text}, name, choices)


def utf16_units(text: str) -> int:
    """The length of a text as COC counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _properties(body: Mapping[str, object]) -> Fields:
    properties = _object(body["properties"], "properties")
    fields: Fields = {
        "risk_level": _choice(properties, "risk_level", RISK_LEVELS),
        "version": _text(properties, "version", 1, 10),
    }
    if properties.get("reviewers") is not None:
        fields["reviewers"] = tuple(_reviewer(item) for item in _list(properties["reviewers"], "reviewers", 5))
    if properties.get("protocol") is not None:
        fields["protocol"] = _choice(properties, "protocol", PROTOCOLS)
    return fields


def _reviewer(item: object) -> Reviewer:
    fields = _object(item, "reviewers")
    return Reviewer(name=_text(fields, "reviewer_name", 1, 64), id=_text(fields, "reviewer_id", 0, 32))


def _params(value: object, most: int, settings: Settings) -> tuple[Param, ...]:
    items = [] if value is None else [_object(item, "script_params") for item in _list(value, "script_params", most)]
    params = [_param(item, settings) for item in items]
    if settings.checks_param_order:
        orders = [_order(item) for item in items]
        if sorted(orders) != list(range(1, len(orders) + 1)):
            _refuse_value("param_order")
        params = [param for _, param in sorted(zip(orders, params, strict=True), key=lambda pair: pair[0])]
    return tuple(params)


def _param(item: Mapping[str, object], settings: Settings) -> Param:
    name = _text(item, "param_name", 1, 64)
    if not _PARAM_NAME.fullmatch(name):
        _refuse_value("param_name")
    value = _text(item, "param_value", 0, settings.param_value_max)
    allowed = _VALUE_CHARACTERS_WITH_HASH if settings.hash_in_values else _VALUE_CHARACTERS
    if ".." in value or not allowed.fullmatch(value):
        raise Refusal(PARAM_VALUE, "The paramValue is invalid.")
    sensitive = item.get("sensitive")
    if not isinstance(sensitive, bool):
        _refuse_value("sensitive") if sensitive is not None else _refuse_empty("sensitive")
    return Param(
        name=name, value=value, description=_text(item, "param_description", 0, 256), sensitive=bool(sensitive)
    )


def _order(item: Mapping[str, object]) -> int:
    order = item.get("param_order")
    if order is None:
        _refuse_empty("param_order")
    if not isinstance(order, int) or isinstance(order, bool):
        _refuse_value("param_order")
    return _within(order, "param_order", 1, 20)


def _text(source: Mapping[str, object], name: str, low: int, high: int) -> str:
    text = _string(source, name)
    if not text and low:
        _refuse_empty(name)
    if utf16_units(text) > high:
        raise Refusal(SIZE, f"{name} size must be between {low} and {high}")
    return text


def _sized(source: Mapping[str, object], name: str, high: int, measure: Callable[[str], int]) -> str:
    text = _string(source, name)
    if not text:
        _refuse_empty(name)
    if measure(text) > high:
        raise Refusal(SIZE, f"{name} size must be between 1 and {high}")
    return text


def _optional_text(source: Mapping[str, object], name: str, high: int) -> str:
    return "" if source.get(name) is None else _text(source, name, 0, high)


def _choice(source: Mapping[str, object], name: str, choices: Iterable[str]) -> str:
    text = _string(source, name)
    if not text:
        _refuse_empty(name)
    if text not in choices:
        _refuse_value(name)
    return text


def _string(source: Mapping[str, object], name: str) -> str:
    value = source.get(name)
    if value is None:
        _refuse_empty(name)
    if not isinstance(value, str) or _SURROGATE.search(value):
        _refuse_value(name)
    return value


def _list(value: object, name: str, most: int) -> list[object]:
    if not isinstance(value, list):
        _refuse_value(name)
    if len(value) > most:
        raise Refusal(SIZE, f"{name} size must be between 0 and {most}")
    return value


def _object(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        _refuse_value(name)
    return value


def _within(number: int, name: str, low: int, high: int) -> int:
    if not low <= number <= high:
        raise Refusal(SIZE, f"{name} must be between {low} and {high}")
    return number


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _refuse_empty(name: str) -> NoReturn:
    raise Refusal(EMPTY, f"{name} must not be empty")


def _refuse_value(name: str) -> NoReturn:
    raise Refusal(VALUE, f"The value of {name} is invalid.")
