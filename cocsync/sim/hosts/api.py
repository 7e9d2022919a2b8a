"""The operations on the inventory as COC publishes them (API reference 4.1.1, and its newer definition)."""

from __future__ import annotations

from typing import Any

from cocsync.sim import reading
from cocsync.sim.hosts.fleet import Fleet, HostQuery
from cocsync.sim.hosts.host import Host
from cocsync.sim.router import Call, Route
from cocsync.sim.settings import Settings
from cocsync.sim.wire import Rejection, Response, data

PATHS = ("/v1/resources", "/v1/external/resources")
"""The second one is an alias of the first."""

_FILTERS = {
    "region_id": "region_id",
    "az_id": "zone",
    "ep_id": "ep_id",
    "enterprise_project_id": "ep_id",
    "name": "name",
    "status": "status",
    "agent_state": "agent_state",
    "os_type": "os",
}
_PAGE_FILTERS = {**_FILTERS, "project_id": "project_id", "vpc_id": "vpc_id"}
"""A page knows filters that the count does not."""

_IDS_MAX = 100


class HostsApi:
    """Answers requests for pages of the inventory and for the number of its hosts."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def routes(self) -> tuple[Route, ...]:
        """Every operation with its path."""
        return (
            *(Route(method="GET", path=path, answer=self._page, is_page=True) for path in PATHS),
            *(Route(method="GET", path=f"{path}/count", answer=self._count) for path in PATHS),
        )

    def _page(self, call: Call) -> Response:
        limit = reading.whole_number(call.request, "limit", 1, call.settings.hosts_page_max)
        if limit is None:
            reading.refuse_empty("limit")
        paging = call.settings.host_paging
        marker = reading.short_text(call.request, "marker", 64) if paging != "offset" else None
        offset = reading.whole_number(call.request, "offset", 0, reading.MAX_LONG) if paging != "marker" else None
        hosts = self._fleet.page(
            _query(
                call,
                _PAGE_FILTERS,
                limit=limit,
                after=marker,
                offset=offset or 0,
                unordered=call.settings.hosts_unordered,
            )
        )
        return data([row(host, call.settings) for host in hosts])

    def _count(self, call: Call) -> Response:
        if not call.settings.counts_hosts:
            raise Rejection(404, "APIGW.0101", f"There is no API GET {call.request.path}.")
        return data(self._fleet.count(_query(call, _FILTERS)))


def row(host: Host, settings: Settings) -> dict[str, Any]:
    """A host in a page of the inventory."""
    pairs = [{"key": key, "value": value} for key, value in host.tags.items()]
    state = {"agent_state": host.agent_state} if settings.shows_agent_state else {}
    return {
        "id": host.id,
        "resource_id": host.resource_id,
        "name": host.name,
        "provider": host.provider,
        "type": host.type,
        "project_id": host.project_id,
        "region_id": host.region_id,
        "ep_id": host.ep_id,
        "tags": dict(host.tags) if settings.tags_as_map else pairs,
        "agent_id": host.agent_id,
        **state,
        "inner_ip": host.inner_ip,
        "is_delegated": False,
        "operable": "ENABLE",
        "properties": {
            "OsExtAz": host.zone,
            "status": host.status,
            "metadata": {"osType": host.os, "imageName": host.image},
        },
    }


def _query(call: Call, filters: dict[str, str], **page: Any) -> HostQuery:
    provider, kind = (reading.short_text(call.request, name, 64) for name in ("provider", "type"))
    if provider is None:
        reading.refuse_empty("provider")
    if kind is None:
        reading.refuse_empty("type")
    sent = {filters[name]: value for name, value in call.request.query if name in filters}
    return HostQuery(provider=provider, type=kind, exact=sent, resource_ids=_ids(call), **page)


def _ids(call: Call) -> tuple[str, ...] | None:
    """Sent once with commas, or repeatedly."""
    sent = [value for name, value in call.request.query if name == "resource_id_list"]
    if not sent:
        return None
    ids = [each for value in sent for each in value.split(",")]
    return tuple(map(str, reading.items(ids, "resource_id_list", _IDS_MAX)))
