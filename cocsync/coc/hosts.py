"""COC's inventory of hosts (API reference 4.1.1): wire <-> records. Whether it is complete is not judged here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from cocsync.coc.http.client import Client
from cocsync.coc.http.errors import OutcomeUnknown, Rejected
from cocsync.coc.wire import count, dig, records, text

PATH = "/v1/resources"
PAGE_SIZE = 100
"""The documented maximum of `limit`, and of the ids in one request."""

_KIND = {"provider": "ecs", "type": "cloudservers"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One row. `id` is the inventory's own and the marker of pages; everything else names `resource_id`.

    `agent_state` is None for null, and also where this COC shows no states at all: then `shows_agent_state` is False.
    """

    id: str
    resource_id: str
    name: str
    region: str
    zone: str
    project_id: str
    enterprise_project: str
    os: str
    image: str
    status: str
    agent_id: str
    agent_state: str | None
    shows_agent_state: bool
    tags: tuple[tuple[str, str], ...]
    provider: str
    type: str


class HostsApi:
    """Reads of the inventory. Each raises `ApiError` where it does not succeed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def page(
        self, marker: str | None = None, *, region: str | None = None, enterprise_project: str | None = None
    ) -> tuple[Host, ...]:
        """The hosts behind `marker` (the last `id` of the page before), at most `PAGE_SIZE`."""
        query = _query(region, enterprise_project)
        if marker is not None:
            query["marker"] = marker
        return self._hosts(query)

    def by_ids(self, resource_ids: Sequence[str]) -> tuple[Host, ...]:
        """The hosts of these resource ids; one that COC does not know is missing from what is returned."""
        wanted = list(dict.fromkeys(resource_ids))
        found: list[Host] = []
        for start in range(0, len(wanted), PAGE_SIZE):
            found += self._hosts({"resource_id_list": ",".join(wanted[start : start + PAGE_SIZE])})
        return tuple(found)

    def count(self, *, region: str | None = None, enterprise_project: str | None = None) -> int | None:
        """How many hosts the inventory has, None where this COC cannot say."""
        path = f"{PATH}/count"
        try:
            number = count(self._client.get(path, {**_KIND, **_query(region, enterprise_project)}).data)
        except Rejected as error:
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
                return None
            raise
        if number is None:
            raise OutcomeUnknown(f"GET {path}: COC's answer holds no number")
        return number

    def _hosts(self, query: Mapping[str, str]) -> tuple[Host, ...]:
        rows = self._client.get(PATH, {**_KIND, "limit": str(PAGE_SIZE), **query}).data
        if not isinstance(rows, list):
            raise OutcomeUnknown(f"GET {PATH}: COC's page holds no list of hosts")
        return tuple(map(_host, rows))


def _query(region: str | None, enterprise_project: str | None) -> dict[str, str]:
    given = {"region_id": region, "ep_id": enterprise_project}
    return {name: value for name, value in given.items() if value is not None}


def _host(raw: Any) -> Host:
    if not (text(dig(raw, "id")) and text(dig(raw, "resource_id"))):
        raise OutcomeUnknown(f"GET {PATH}: a host without id")
    state = raw.get("agent_state")
    return Host(
        id=text(raw["id"]),
        resource_id=text(raw["resource_id"]),
        name=text(raw.get("name")),
        region=text(raw.get("region_id")),
        zone=text(dig(raw, "properties", "OsExtAz")),
        project_id=text(raw.get("project_id")),
        enterprise_project=text(raw.get("ep_id")),
        os=text(dig(raw, "properties", "metadata", "osType")),
        image=text(dig(raw, "properties", "metadata", "imageName")),
        status=text(dig(raw, "properties", "status")),
        agent_id=text(raw.get("agent_id")),
        agent_state=None if state is None else text(state),
        shows_agent_state="agent_state" in raw,
        tags=_tags(raw.get("tags")),
        provider=text(raw.get("provider")),
        type=text(raw.get("type")),
    )


def _tags(raw: Any) -> tuple[tuple[str, str], ...]:
    """A list of pairs in the definition, an object in the reference of 2023."""
    if isinstance(raw, Mapping):
        return tuple((text(key), text(value)) for key, value in raw.items())
    return tuple((text(pair.get("key")), text(pair.get("value"))) for pair in records(raw))
