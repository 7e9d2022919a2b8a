"""Bodies and queries of requests, read field by field; what breaks a documented limit is refused with COC's code.

Lengths count UTF-16 code units. Every function raises `Refusal`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NoReturn

from cocsync.sim.wire import Refusal, Request

EMPTY = "COC.00040050"
SIZE = "COC.00040701"
VALUE = "COC.00010002"
MAX_LONG = 2**63 - 1

_SURROGATE = re.compile("[\ud800-\udfff]")


def body_of(request: Request) -> Mapping[str, object]:
    """The JSON object in a request's body."""
    try:
        value = json.loads(request.body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(VALUE, "The request body is not valid JSON.") from None
    return mapping(value, "request body")


def whole_number(request: Request, name: str, low: int, high: int) -> int | None:
    """A query parameter that is a whole number, None where it was not sent."""
    sent = request.parameter(name)
    if sent is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", sent):
        refuse_value(name)
    return within(int(sent), name, low, high)


def short_text(request: Request, name: str, high: int) -> str | None:
    """A query parameter of 1 to `high` characters, None where it was not sent."""
    sent = request.parameter(name)
    return sent if sent is None else text({name: sent}, name, 1, high)


def one_of(request: Request, name: str, choices: tuple[str, ...]) -> str | None:
    """A query parameter that is one of a few words, None where it was not sent."""
    sent = request.parameter(name)
    return sent if sent is None else choice({name: sent}, name, choices)


def utf16_units(value: str) -> int:
    """The length of a text as COC counts it."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def text(source: Mapping[str, object], name: str, low: int, high: int) -> str:
    """A text of `low` to `high` characters."""
    value = string(source, name)
    if not value and low:
        refuse_empty(name)
    if utf16_units(value) > high:
        raise Refusal(SIZE, f"{name} size must be between {low} and {high}")
    return value


def sized(source: Mapping[str, object], name: str, high: int, measure: Callable[[str], int]) -> str:
    """A text that is not empty and of at most `high` as `measure` counts."""
    value = string(source, name)
    if not value:
        refuse_empty(name)
    if measure(value) > high:
        raise Refusal(SIZE, f"{name} size must be between 1 and {high}")
    return value


def optional_text(source: Mapping[str, object], name: str, high: int) -> str:
    """A text of at most `high` characters, empty where it was not sent."""
    return "" if source.get(name) is None else text(source, name, 0, high)


def choice(source: Mapping[str, object], name: str, choices: Iterable[str]) -> str:
    """One of a few words."""
    value = string(source, name)
    if not value:
        refuse_empty(name)
    if value not in choices:
        refuse_value(name)
    return value


def string(source: Mapping[str, object], name: str) -> str:
    """Any text without lone surrogates."""
    value = source.get(name)
    if value is None:
        refuse_empty(name)
    if not isinstance(value, str) or _SURROGATE.search(value):
        refuse_value(name)
    return value


def number(source: Mapping[str, object], name: str, low: float, high: float) -> float:
    """A number from `low` to `high`, also one that was sent as a text, as COC's examples do."""
    value = source.get(name)
    if value is None:
        refuse_empty(name)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}(\.[0-9]{1,9})?", value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse_value(name)
    if not low <= value <= high:
        raise Refusal(SIZE, f"{name} must be between {low:g} and {high:g}")
    return float(value)


def integer(source: Mapping[str, object], name: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`, also one that was sent as a text."""
    value = number(source, name, low, high)
    if not value.is_integer():
        refuse_value(name)
    return int(value)


def items(value: object, name: str, most: int) -> list[object]:
    """A list of at most `most` values."""
    if not isinstance(value, list):
        refuse_value(name)
    if len(value) > most:
        raise Refusal(SIZE, f"{name} size must be between 0 and {most}")
    return value


def mapping(value: object, name: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        refuse_value(name)
    return value


def within(value: int, name: str, low: int, high: int) -> int:
    """The value, where it lies in its limits."""
    if not low <= value <= high:
        raise Refusal(SIZE, f"{name} must be between {low} and {high}")
    return value


def refuse_empty(name: str) -> NoReturn:
    """Refuse a request without a field that it needs."""
    raise Refusal(EMPTY, f"{name} must not be empty")


def refuse_value(name: str) -> NoReturn:
    """Refuse a request for the value of a field."""
    raise Refusal(VALUE, f"The value of {name} is invalid.")


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(constant)
