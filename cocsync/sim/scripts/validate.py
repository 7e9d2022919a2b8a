"""The documented limits of each script operation, and the refusal that breaking one earns.

Sources: API reference 4.2.1, 4.2.2 and 4.2.4 for fields and limits, 5.1 for codes. Lengths count UTF-16 code units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cocsync.sim import reading
from cocsync.sim.scripts.script import Param, Reviewer
from cocsync.sim.settings import Settings
from cocsync.sim.wire import Refusal

PARAM_VALUE = "COC.00040601"

TYPES = ("SHELL", "PYTHON", "BAT")
RISK_LEVELS = ("LOW", "MEDIUM", "HIGH")
PROTOCOLS = ("DEFAULT", "SMS", "EMAIL", "DING_TALK", "WE_LINK", "WECHAT", "CALLNOTIFY", "NOT_TO_NOTIFY")
_NAME = re.compile(r"[\u4E00-\u9FA5A-Za-z0-9_]+")
_NAME_WITH_HYPHEN = re.compile(r"[\u4E00-\u9FA5A-Za-z0-9_-]+")
_PARAM_NAME = re.compile(r"[A-Za-z0-9_]+")
_VALUE_CHARACTERS = re.compile(r"""[a-zA-Z0-9_\-/.* ?:",=+@\\\[{\]}]*""")
_VALUE_CHARACTERS_WITH_HASH = re.compile(r"""[a-zA-Z0-9_\-/.* ?:",=+@\\\[{\]}#]*""")
_UUID = re.compile(r"[A-Za-z0-9]{1,25}")
Fields = dict[str, Any]
"""Fields of a `StoredScript` by name."""


def created(body: Mapping[str, object], settings: Settings) -> Fields:
    """The fields of a script to be created (4.2.1); raises Refusal."""
    name = reading.text(body, "name", 1, 64)
    if not (_NAME_WITH_HYPHEN if settings.hyphen_in_names else _NAME).fullmatch(name):
        reading.refuse_value("name")
    fields = {
        "name": name,
        "type": reading.choice(body, "type", TYPES),
        "content": reading.sized(body, "content", settings.create_content_bytes, _utf8_bytes),
        "description": reading.text(body, "description", 1, 256),
        "params": _params(body.get("script_params"), 20, settings),
        "enterprise_project_id": reading.optional_text(body, "enterprise_project_id", 128) or "0",
    }
    if body.get("properties") is None:
        raise Refusal(reading.EMPTY, "properties must not be null")
    return fields | {"reviewers": (), "protocol": None} | _properties(body)


def modified(body: Mapping[str, object], settings: Settings) -> Fields:
    """The fields that a modification sets (4.2.4), those left out not among them; raises Refusal.

    Under `put_clears_omitted` what was left out is set to its empty value; risk level and version have none.
    """
    fields: Fields = {"reviewers": (), "protocol": None, "params": ()} if settings.put_clears_omitted else {}
    fields["description"] = reading.text(body, "description", 1, 256)
    fields["content"] = reading.sized(body, "content", settings.modify_content_units, reading.utf16_units)
    if body.get("script_params") is not None:
        fields["params"] = _params(body["script_params"], settings.put_params_max, settings)
    if body.get("properties") is not None:
        fields |= _properties(body)
    return fields


def reviewed(body: Mapping[str, object]) -> tuple[bool, str]:
    """Whether a review approves, and its comment of at most 256 characters; raises Refusal."""
    approves = reading.choice(body, "status", ("APPROVED", "REJECTED")) == "APPROVED"
    comment = "" if body.get("comments") is None else reading.text(body, "comments", 1, 256)
    return approves, comment


def script_uuid(path_segment: str) -> str:
    """The uuid in a path; raises Refusal for what cannot be one."""
    if not _UUID.fullmatch(path_segment):
        raise Refusal(PARAM_VALUE, "The script uuid is invalid.")
    return path_segment


def _utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _properties(body: Mapping[str, object]) -> Fields:
    properties = reading.mapping(body["properties"], "properties")
    fields: Fields = {
        "risk_level": reading.choice(properties, "risk_level", RISK_LEVELS),
        "version": reading.text(properties, "version", 1, 10),
    }
    if properties.get("reviewers") is not None:
        fields["reviewers"] = tuple(_reviewer(item) for item in reading.items(properties["reviewers"], "reviewers", 5))
    if properties.get("protocol") is not None:
        fields["protocol"] = reading.choice(properties, "protocol", PROTOCOLS)
    return fields


def _reviewer(item: object) -> Reviewer:
    fields = reading.mapping(item, "reviewers")
    return Reviewer(name=reading.text(fields, "reviewer_name", 1, 64), id=reading.text(fields, "reviewer_id", 0, 32))


def _params(value: object, most: int, settings: Settings) -> tuple[Param, ...]:
    items = (
        []
        if value is None
        else [reading.mapping(item, "script_params") for item in reading.items(value, "script_params", most)]
    )
    params = [_param(item, settings) for item in items]
    if settings.checks_param_order:
        orders = [_order(item) for item in items]
        if sorted(orders) != list(range(1, len(orders) + 1)):
            reading.refuse_value("param_order")
        params = [param for _, param in sorted(zip(orders, params, strict=True), key=lambda pair: pair[0])]
    return tuple(params)


def _param(item: Mapping[str, object], settings: Settings) -> Param:
    name = reading.text(item, "param_name", 1, 64)
    if not _PARAM_NAME.fullmatch(name):
        reading.refuse_value("param_name")
    value = reading.text(item, "param_value", 0, settings.param_value_max)
    allowed = _VALUE_CHARACTERS_WITH_HASH if settings.hash_in_values else _VALUE_CHARACTERS
    if ".." in value or not allowed.fullmatch(value):
        raise Refusal(PARAM_VALUE, "The paramValue is invalid.")
    sensitive = item.get("sensitive")
    if not isinstance(sensitive, bool):
        reading.refuse_value("sensitive") if sensitive is not None else reading.refuse_empty("sensitive")
    return Param(
        name=name, value=value, description=reading.text(item, "param_description", 0, 256), sensitive=bool(sensitive)
    )


def _order(item: Mapping[str, object]) -> int:
    order = item.get("param_order")
    if order is None:
        reading.refuse_empty("param_order")
    if not isinstance(order, int) or isinstance(order, bool):
        reading.refuse_value("param_order")
    return reading.within(order, "param_order", 1, 20)
