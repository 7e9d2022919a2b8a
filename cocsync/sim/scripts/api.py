"""The operations on scripts as COC publishes them: paths, query, bodies and envelopes (API reference 4.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote

from cocsync.sim.http.wire import SCRIPTS, Refusal, Rejection, Request, Response, data, refused
from cocsync.sim.scripts import validate
from cocsync.sim.scripts.script import Param, Reviewer, StoredScript, user_id
from cocsync.sim.scripts.service import MASK, PENDING, Service, not_found
from cocsync.sim.settings import Settings
from cocsync.sim.store import Query, Store

MAX_PAGE = 100


class Api:
    """Answers requests about scripts; raises Rejection for a path that is none and a script that is forbidden."""

    def __init__(self, store: Store, service: Service) -> None:
        self._store = store
        self._service = service

    def answer(self, request: Request, user: str, settings: Settings) -> Response:
        """The answer to a request that `user` may make."""
        try:
            return self._route(request, user, settings)
        except Refusal as refusal:
            return refused(refusal)

    def _route(self, request: Request, user: str, settings: Settings) -> Response:
        operation, _, rest = request.path.removeprefix(SCRIPTS).partition("/")
        known = request.path.startswith(SCRIPTS) and not operation
        segment, _, action = rest.partition("/")
        match (request.method, bool(segment), action) if known else ("", False, ""):
            case ("GET", False, ""):
                return self._list(request, settings)
            case ("POST", False, ""):
                fields = validate.created(validate.body_of(request), settings)
                return data(self._service.create(fields, user, settings).uuid)
            case ("GET", True, ""):
                return data(detail(self._visible(self._permitted(segment, settings), settings), settings))
            case ("PUT", True, ""):
                uuid = self._permitted(segment, settings)
                fields = validate.modified(validate.body_of(request), settings)
                return data(self._service.modify(uuid, fields, user, settings).uuid)
            case ("DELETE", True, ""):
                uuid = self._permitted(segment, settings)
                self._service.delete(uuid, settings)
                return data(uuid)
            case ("POST", True, "action"):
                uuid = self._permitted(segment, settings)
                approve, comment = validate.reviewed(validate.body_of(request))
                return data(self._service.review(uuid, approve, user, settings, comment=comment))
        raise Rejection(404, "APIGW.0101", f"There is no API {request.method} {request.path}.")

    def _list(self, request: Request, settings: Settings) -> Response:
        total, scripts = self._store.page(query_of(request, settings))
        return data({"total": total, "data": [row(script, settings) for script in scripts]})

    def _permitted(self, segment: str, settings: Settings) -> str:
        uuid = validate.script_uuid(unquote(segment))
        if settings.forbidden:
            script = self._store.current(uuid)
            if script and {script.uuid, script.name} & set(settings.forbidden):
                raise Rejection(403, "APIGW.0302", "The user has no permission for this script.")
        return uuid

    def _visible(self, uuid: str, settings: Settings) -> StoredScript:
        script = self._store.visible(uuid)
        if script is None:
            raise not_found(settings)
        return script


def query_of(request: Request, settings: Settings) -> Query:
    """The page that a list request asks for (table 4-10); raises Refusal."""
    limit = validate.whole_number(request, "limit", 1, MAX_PAGE)
    if limit is None:
        raise Refusal(validate.EMPTY, "limit must not be null")
    marker = validate.whole_number(request, "marker", 0, validate.MAX_LONG)
    name_like = validate.short_text(request, "name_like", 32)
    return Query(
        limit=limit,
        after=None if marker == 0 and settings.marker_zero_is_first else marker,
        ascending=settings.ids_ascending,
        name_pattern=None if name_like is None else _glob(name_like, settings),
        name_ignores_case=settings.like_ignores_case,
        creator=validate.short_text(request, "creator", 64),
        risk_level=validate.one_of(request, "risk_level", validate.RISK_LEVELS),
        type=validate.one_of(request, "type", validate.TYPES),
        enterprise_project_id=validate.short_text(request, "enterprise_project_id", 128),
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
