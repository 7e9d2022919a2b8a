"""COC's script endpoints (API reference 4.2.1 to 4.2.5): wire <-> records. No comparison, no ownership."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from cocsync.coc.http.client import Client
from cocsync.coc.http.errors import ApiError, OutcomeUnknown, Rejected
from cocsync.coc.http.paging import PAGE_SIZE, Walk
from cocsync.coc.wire import answered_at, count, dig, millis, records, text, whole
from cocsync.errors import ListingUnproven
from cocsync.model.content import Content
from cocsync.model.fields import FIELD, FIELDS, Comparison, Field
from cocsync.model.live import ListedScript
from cocsync.model.script import Param, Reviewer, Script
from cocsync.model.secret import MASK, Secret

PATH = "/v1/job/scripts"
NOT_FOUND = frozenset({"COC.00040601", "COC.00040603", "COC.00040604"})
"""Codes by which GET, PUT and DELETE of a uuid say that it is not there.

A bare 404 of the gateway carries none of them and proves nothing.
"""

NAME_TAKEN = "COC.00040601"
"""The code by which a creation says so, and some other things: only its text tells which."""

_NOT_FOUND_STATUS = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR)
_NAME_LIKE_MAX = 32
_UUID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""It becomes a part of a path, so it may hold nothing that leads elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the list. `total` is COC's word on all pages, None where it gives none."""

    rows: tuple[ListedScript, ...]
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A script in full: `script.description` as COC has it. Sensitive values are dropped, not masked."""

    row: ListedScript
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
        return Page(rows=tuple(_row(row) for row in rows), total=count(total))

    def find(self, name: str) -> tuple[ListedScript, ...]:
        """Rows of exactly this name. COC searches by a part of at most 32 characters, so the rest is sifted here."""
        found: dict[str, ListedScript] = {}
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
        answer = self._client.get(f"{PATH}/{uuid}", before_write=before_write, refusals=NOT_FOUND)
        data = answer.data
        if not isinstance(data, dict):
            raise OutcomeUnknown(f"GET {PATH}/{uuid}: COC's answer holds no script")
        return Detail(
            row=_row({**data, "id": 0, "script_uuid": uuid}),
            script=_script(data),
            enterprise_project_id=_project(data),
            answered_at=answered_at(answer.headers),
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
        body = _body(script, description, modify=True)
        self._client.put(f"{PATH}/{uuid}", body, again=again, refusals=NOT_FOUND)

    def delete(self, uuid: str, *, again: Callable[[], object] | None = None) -> None:
        self._client.delete(f"{PATH}/{uuid}", again=again, refusals=NOT_FOUND)


def is_not_found(error: ApiError) -> bool:
    """Whether COC says that there is no script of the uuid that was asked for."""
    return isinstance(error, Rejected) and error.status in _NOT_FOUND_STATUS and error.has_code(NOT_FOUND)


def is_name_taken(error: ApiError) -> bool:
    """Whether COC refused a creation since there is a script of that name."""
    return isinstance(error, Rejected) and error.has_code((NAME_TAKEN,)) and error.mentions("same name")


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
    if field.comparison is Comparison.REVIEWERS:
        return [{"reviewer_name": r.name, "reviewer_id": r.id} for r in value]
    if field.comparison is Comparison.PARAMS:
        return [_param_to_wire(param, order) for order, param in enumerate(value, start=1)]
    if field.comparison is Comparison.CONTENT:
        return value.text
    return value or field.default


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


def _row(raw: Any) -> ListedScript:
    id_, uuid = whole(dig(raw, "id")), text(dig(raw, "script_uuid"))
    if id_ is None or not _UUID.fullmatch(uuid):
        raise OutcomeUnknown(f"GET {PATH}: a script without id or uuid")
    return ListedScript(
        id=id_,
        uuid=uuid,
        name=text(raw.get("name")),
        type=text(raw.get("type")),
        status=text(raw.get("status")),
        created_at=millis(raw.get("gmt_created")),
        modified_at=millis(raw.get("gmt_modified")),
        creator=text(raw.get("creator")),
        operator=text(raw.get("operator")),
        risk_level=text(dig(raw, *FIELD["risk_level"].wire)),
        version=text(dig(raw, *FIELD["version"].wire)),
        reviewers=_from_wire(FIELD["reviewers"], dig(raw, *FIELD["reviewers"].wire)),
    )


def _script(raw: Mapping[str, Any]) -> Script:
    return Script(**{field.key: _from_wire(field, dig(raw, *field.wire)) for field in FIELDS})


def _from_wire(field: Field, value: Any) -> Any:
    if field.comparison is Comparison.REVIEWERS:
        return tuple(Reviewer(name=text(r.get("reviewer_name")), id=text(r.get("reviewer_id"))) for r in records(value))
    if field.comparison is Comparison.PARAMS:
        return tuple(_param(raw) for raw in _in_order(records(value)))
    return Content(text(value)) if field.comparison is Comparison.CONTENT else text(value)


def _param(raw: Mapping[str, Any]) -> Param:
    value, flag = text(raw.get("param_value")), raw.get("sensitive")
    sensitive = flag is True or (flag is None and value == MASK)
    return Param(
        name=text(raw.get("param_name")),
        value="" if sensitive else value,
        description=text(raw.get("param_description")),
        sensitive=sensitive,
    )


def _in_order(params: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Params by `param_order` where every one is there and distinct; newer definitions ignore it (docs/coc-api.md)."""
    orders = [p.get("param_order") for p in params]
    if all(isinstance(order, int) for order in orders) and len(set(orders)) == len(orders):
        return sorted(params, key=lambda p: int(p["param_order"]))
    return params


def _project(raw: Mapping[str, Any]) -> str | None:
    """A number in examples, a string in the schema, and null for the default one (docs/coc-api.md)."""
    value = raw.get("enterprise_project_id")
    return None if value is None else text(value)
