"""COC's script endpoints (API reference 4.2.1 to 4.2.5): wire <-> records. No comparison, no ownership."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from cocsync.coc.http.client import Client
from cocsync.coc.http.errors import OutcomeUnknown
from cocsync.coc.http.paging import PAGE_SIZE, Walk
from cocsync.errors import ListingUnproven
from cocsync.model.content import Content
from cocsync.model.fields import FIELD, FIELDS, Field, Kind
from cocsync.model.live import Row
from cocsync.model.script import Param, Protocol, Reviewer, Script
from cocsync.model.secret import MASK, Secret

PATH = "/v1/job/scripts"
_NAME_LIKE_MAX = 32
_INT_END = 2**63
"""Ids and totals are remembered with 64 bits."""

_MILLIS_FIRST, _MILLIS_END = -62_135_596_800_000, 253_402_300_800_000
"""The years 1 and 10000."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")
_UUID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""It becomes a part of a path, so it may hold nothing that leads elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the list. `total` is COC's word on all pages, None where it gives none."""

    rows: tuple[Row, ...]
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A script in full: `script.description` as COC has it. Sensitive values are dropped, not masked."""

    row: Row
    script: Script
    enterprise_project_id: str | None = None
    answered_at: int | None = None


class ScriptsApi:
    """The operations. Each raises `coc.errors.ApiError` where it does not succeed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def page(self, marker: int | None = None, *, name_like: str | None = None) -> Page:
        """The rows behind `marker` (the last id of the page before), at most `PAGE_SIZE`."""
        query = {"limit": str(PAGE_SIZE)}
        if marker is not None:
            query["marker"] = str(marker)
        if name_like:
            query["name_like"] = name_like
        data = self._client.get(PATH, query).data
        rows = data.get("data") if isinstance(data, dict) else data
        if not isinstance(rows, list):
            raise OutcomeUnknown(f"GET {PATH}: COC's page holds no list of scripts")
        total = data.get("total") if isinstance(data, dict) else None
        return Page(rows=tuple(_row(row) for row in rows), total=_whole(total, 0, _INT_END))

    def find(self, name: str) -> tuple[Row, ...]:
        """Rows of exactly this name. COC searches by a part of at most 32 characters, so the rest is sifted here."""
        found: dict[str, Row] = {}
        marker, walk = None, Walk(None)
        while rows := self.page(marker, name_like=name[:_NAME_LIKE_MAX]).rows:
            if rows[-1].id == marker:
                break
            try:
                walk.take(rows)
            except ListingUnproven as error:
                raise OutcomeUnknown(f"GET {PATH}: {error}") from None
            found |= {row.uuid: row for row in rows if row.name == name}
            if len(rows) < PAGE_SIZE:
                break
            marker = rows[-1].id
        return tuple(found.values())

    def get(self, uuid: str, *, before_write: bool = False) -> Detail:
        """With `before_write` what this thread writes next is sent with as little wait behind this look as can be."""
        answer = self._client.get(f"{PATH}/{uuid}", before_write=before_write)
        data = answer.data
        if not isinstance(data, dict):
            raise OutcomeUnknown(f"GET {PATH}/{uuid}: COC's answer holds no script")
        return Detail(
            row=_row({**data, "id": 0, "script_uuid": uuid}),
            script=_script(data),
            enterprise_project_id=_project(data),
            answered_at=_answered_at(answer.headers.get("date", "")),
        )

    def conceal(self, script: Script) -> None:
        """From now on no error and no log repeats the script's sensitive values, even if COC's answer does."""
        self._client.screen.add(_secrets(script))

    def create(self, script: Script, description: str, *, enterprise_project_id: str | None = None) -> str:
        """The new script's uuid. `description` is the one to send, with mark."""
        body = _body(script, description)
        if enterprise_project_id is not None:
            body["enterprise_project_id"] = enterprise_project_id
        self.conceal(script)
        uuid = self._client.post(PATH, body).data
        if not (isinstance(uuid, str) and _UUID.fullmatch(uuid) and self._client.screen.name(uuid) == uuid):
            raise OutcomeUnknown(f"POST {PATH}: COC's answer holds no uuid")
        return uuid

    def modify(self, uuid: str, script: Script, description: str, *, again: Callable[[], object] | None = None) -> None:
        """Replaces every modifiable field; empty lists are sent as such, since COC may keep what is left out.

        `again` looks before it is sent later than at once, as `Client` says; so does that of `delete`.
        """
        self.conceal(script)
        self._client.put(f"{PATH}/{uuid}", _body(script, description, modify=True), again=again)

    def delete(self, uuid: str, *, again: Callable[[], object] | None = None) -> None:
        self._client.delete(f"{PATH}/{uuid}", again=again)


def _body(script: Script, description: str, *, modify: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for field in FIELDS:
        if modify and not field.modifiable:
            continue
        place = body
        for step in field.wire[:-1]:
            place = place.setdefault(step, {})
        place[field.wire[-1]] = description if field.key == "description" else _to_wire(field, script)
    return body


def _to_wire(field: Field, script: Script) -> Any:
    value = field.of(script)
    if field.kind is Kind.REVIEWERS:
        return [{"reviewer_name": r.name, "reviewer_id": r.id} for r in value]
    if field.kind is Kind.PARAMS:
        return [_param_to_wire(param, order) for order, param in enumerate(value, start=1)]
    if field.kind is Kind.CONTENT:
        return value.text
    if field.key == "protocol":
        return value or Protocol.DEFAULT.value
    return value


def _param_to_wire(param: Param, order: int) -> dict[str, Any]:
    return {
        "param_name": param.name,
        "param_value": _sensitive_value(param) if param.sensitive else param.value,
        "param_description": param.description,
        "param_order": order,
        "sensitive": param.sensitive,
    }


def _secrets(script: Script) -> list[Secret]:
    return [p.source.value for p in script.sensitive_params if p.source and p.source.value]


def _sensitive_value(param: Param) -> str:
    secret = param.source.value if param.source else None
    if secret is None or secret.reveal() == MASK:
        raise AssertionError(f"param {param.name}: a write needs its sensitive value")
    return secret.reveal()


def _whole(value: Any, low: int, end: int) -> int | None:
    """The value where it is a whole number in this range, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value < end else None


def _row(raw: Any) -> Row:
    id_ = _whole(raw.get("id"), -_INT_END, _INT_END) if isinstance(raw, dict) else None
    if id_ is None or not _UUID.fullmatch(_text(raw.get("script_uuid"))):
        raise OutcomeUnknown(f"GET {PATH}: a script without id or uuid")
    return Row(
        id=id_,
        uuid=_text(raw.get("script_uuid")),
        name=_text(raw.get("name")),
        type=_text(raw.get("type")),
        status=_text(raw.get("status")),
        created_at=_millis(raw.get("gmt_created")),
        modified_at=_millis(raw.get("gmt_modified")),
        creator=_text(raw.get("creator")),
        operator=_text(raw.get("operator")),
        risk_level=_text(_dig(raw, FIELD["risk_level"].wire)),
        version=_text(_dig(raw, FIELD["version"].wire)),
        reviewers=_from_wire(FIELD["reviewers"], _dig(raw, FIELD["reviewers"].wire)),
    )


def _script(raw: Mapping[str, Any]) -> Script:
    return Script(**{field.key: _from_wire(field, _dig(raw, field.wire)) for field in FIELDS})


def _from_wire(field: Field, value: Any) -> Any:
    if field.kind is Kind.REVIEWERS:
        return tuple(
            Reviewer(name=_text(r.get("reviewer_name")), id=_text(r.get("reviewer_id"))) for r in _records(value)
        )
    if field.kind is Kind.PARAMS:
        return tuple(_param(raw) for raw in _in_order(_records(value)))
    return Content(_text(value)) if field.kind is Kind.CONTENT else _text(value)


def _param(raw: Mapping[str, Any]) -> Param:
    value, flag = _text(raw.get("param_value")), raw.get("sensitive")
    sensitive = flag is True or (flag is None and value == MASK)
    return Param(
        name=_text(raw.get("param_name")),
        value="" if sensitive else value,
        description=_text(raw.get("param_description")),
        sensitive=sensitive,
    )


def _in_order(params: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Params by `param_order` where every one is there and distinct; newer definitions ignore it (docs/coc-api.md)."""
    orders = [p.get("param_order") for p in params]
    if all(isinstance(order, int) for order in orders) and len(set(orders)) == len(orders):
        return sorted(params, key=lambda p: int(p["param_order"]))
    return params


def _dig(raw: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        raw = raw.get(step) if isinstance(raw, Mapping) else None
    return raw


def _records(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _answered_at(date: str) -> int | None:
    try:
        return int(parsedate_to_datetime(date).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None


def _project(raw: Mapping[str, Any]) -> str | None:
    """A number in examples, a string in the schema, and null for the default one (docs/coc-api.md)."""
    value = raw.get("enterprise_project_id")
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    """Text in Unicode: half of a surrogate pair, which JSON can name and nothing can write, is replaced."""
    text = "" if value is None else value if isinstance(value, str) else str(value)
    return text if text.isascii() else _HALF_PAIR.sub("\ufffd", text)


def _millis(value: Any) -> int | None:
    """Epoch milliseconds, None for what is no time within the years that a date can have."""
    return _whole(value, _MILLIS_FIRST, _MILLIS_END)
