"""The operations on scripts as COC publishes them: paths, query, bodies and envelopes (API reference 4.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cocsync.sim import reading
from cocsync.sim.router import ANY, Call, Route
from cocsync.sim.scripts import validate
from cocsync.sim.scripts.script import Param, Reviewer, StoredScript, user_id
from cocsync.sim.scripts.service import MASK, PENDING, Service, not_found
from cocsync.sim.scripts.store import Query, Store
from cocsync.sim.settings import Settings
from cocsync.sim.wire import Refusal, Rejection, Request, Response, data

SCRIPTS = "/v1/job/scripts"
MAX_PAGE = 100


class Api:
    """The operations on scripts. Those on one that is forbidden to the caller raise Rejection."""

    def __init__(self, store: Store, service: Service) -> None:
        self._store = store
        self._service = service

    def routes(self) -> tuple[Route, ...]:
        """Every operation with its path."""
        one = f"{SCRIPTS}/{ANY}"
        return (
            Route(method="GET", path=SCRIPTS, answer=self._list, is_page=True),
            Route(method="POST", path=SCRIPTS, answer=self._create),
            Route(method="GET", path=one, answer=self._get),
            Route(method="PUT", path=one, answer=self._modify),
            Route(method="DELETE", path=one, answer=self._delete),
            Route(method="POST", path=f"{one}/action", answer=self._review),
        )

    def _list(self, call: Call) -> Response:
        total, scripts = self._store.page(query_of(call.request, call.settings))
        return data({"total": total, "data": [row(script, call.settings) for script in scripts]})

    def _create(self, call: Call) -> Response:
        fields = validate.created(reading.body_of(call.request), call.settings)
        return data(self._service.create(fields, call.user, call.settings).uuid)

    def _get(self, call: Call) -> Response:
        return data(detail(self._visible(self._permitted(call), call.settings), call.settings))

    def _modify(self, call: Call) -> Response:
        uuid = self._permitted(call)
        fields = validate.modified(reading.body_of(call.request), call.settings)
        return data(self._service.modify(uuid, fields, call.user, call.settings).uuid)

    def _delete(self, call: Call) -> Response:
        uuid = self._permitted(call)
        self._service.delete(uuid, call.settings)
        return data(uuid)

    def _review(self, call: Call) -> Response:
        uuid = self._permitted(call)
        approve, comment = validate.reviewed(reading.body_of(call.request))
        return data(self._service.review(uuid, approve, call.user, call.settings, comment=comment))

    def _permitted(self, call: Call) -> str:
        uuid = validate.script_uuid(call.segments[0])
        if call.settings.forbidden:
            script = self._store.current(uuid)
            if script and {script.uuid, script.name} & set(call.settings.forbidden):
                raise Rejection(403, "APIGW.0302", "The user has no permission for this script.")
        return uuid

    def _visible(self, uuid: str, settings: Settings) -> StoredScript:
        script = self._store.visible(uuid)
        if script is None:
            raise not_found(settings)
        return script


def query_of(request: Request, settings: Settings) -> Query:
    """The page that a list request asks for (table 4-10); raises Refusal."""
    limit = reading.whole_number(request, "limit", 1, MAX_PAGE)
    if limit is None:
        raise Refusal(reading.EMPTY, "limit must not be null")
    marker = reading.whole_number(request, "marker", 0, reading.MAX_LONG)
    name_like = reading.short_text(request, "name_like", 32)
    return Query(
        limit=limit,
        after=None if marker == 0 and settings.marker_zero_is_first else marker,
        ascending=settings.ids_ascending,
        name_pattern=None if name_like is None else _glob(name_like, settings),
        name_ignores_case=settings.like_ignores_case,
        creator=reading.short_text(request, "creator", 64),
        risk_level=reading.one_of(request, "risk_level", validate.RISK_LEVELS),
        type=reading.one_of(request, "type", validate.TYPES),
        enterprise_project_id=reading.short_text(request, "enterprise_project_id", 128),
    )


def row(script: StoredScript, settings: Settings) -> dict[str, object]:
    """A script in a list (table 4-12): no content, description or params."""
    script = _shown(script, settings)
    return {"id": script.id, **_common(script, settings), "usage_count": 0, "resource_tags": []}


def detail(script: StoredScript, settings: Settings) -> dict[str, object]:
    """A script in full (table 4-25), its sensitive values masked."""
    script = _shown(script, settings)
    content = re.sub(r"\r?\n", "\r\n", script.content) if settings.returns_crlf else script.content
    params = [_param(order, param) for order, param in enumerate(script.params, start=1)]
    return {
        **_common(script, settings),
        "version": script.version,
        "description": script.description,
        "content": content,
        **_unless_empty("script_params", params, settings),
        "resource_tags": [],
    }


def _common(script: StoredScript, settings: Settings) -> dict[str, object]:
    nulls = settings.modified_null_until_edit
    project = script.enterprise_project_id
    return {
        "script_uuid": script.uuid,
        "name": script.name,
        "type": script.type,
        "status": script.status,
        "gmt_created": script.gmt_created,
        "gmt_modified": script.gmt_created if script.gmt_modified is None and not nulls else script.gmt_modified,
        "creator": script.creator,
        "creator_id": user_id(script.creator),
        "operator": script.creator if script.operator is None and not nulls else script.operator,
        "properties": _properties(script, settings),
        "enterprise_project_id": int(project) if settings.numeric_project_ids and project.isdecimal() else project,
    }


def _properties(script: StoredScript, settings: Settings) -> dict[str, object]:
    reviewers = sorted(script.reviewers, key=_reviewer_name) if settings.sorts_reviewers else script.reviewers
    shown = [{"reviewer_name": reviewer.name, "reviewer_id": reviewer.id} for reviewer in reviewers]
    protocol = {"protocol": script.protocol} if settings.shows_protocol else {}
    return {
        "risk_level": script.risk_level,
        "version": script.version,
        **_unless_empty("reviewers", shown, settings),
        **protocol,
    }


def _param(order: int, param: Param) -> dict[str, object]:
    return {
        "param_name": param.name,
        "param_value": MASK if param.sensitive else param.value,
        "param_description": param.description,
        "param_order": order,
        "sensitive": param.sensitive,
    }


def _shown(script: StoredScript, settings: Settings) -> StoredScript:
    if script.approved is None or script.status != PENDING or not settings.pending_shows_previous:
        return script
    return replace(script.approved, status=script.status, operator=script.operator, gmt_modified=script.gmt_modified)


def _unless_empty(name: str, values: Sequence[Mapping[str, object]], settings: Settings) -> dict[str, object]:
    return {} if settings.omits_empty and not values else {name: values}


def _reviewer_name(reviewer: Reviewer) -> str:
    return reviewer.name


def _glob(name_like: str, settings: Settings) -> str:
    escaped = re.sub(r"([*?[])", r"[\1]", name_like)
    if settings.like_has_wildcards:
        escaped = escaped.replace("%", "*").replace("_", "?")
    return f"*{escaped}*"
