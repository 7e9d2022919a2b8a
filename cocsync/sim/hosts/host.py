"""A host of the inventory, what it does with a script, and the twelve that every simulator begins with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

OUTCOMES = ("ok", "fail", "hang", "offline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One host. `id` is the inventory's own, `resource_id` that of the cloud service.

    A script ends on it after `seconds` as `outcome` says and prints `log` (None: a line of the simulator's own).
    """

    id: str
    resource_id: str
    name: str
    region_id: str = "cn-north-4"
    zone: str = "cn-north-4a"
    project_id: str = ""
    ep_id: str = "0"
    vpc_id: str = ""
    os: str = "Linux"
    image: str = "EulerOS 2.9"
    inner_ip: str = ""
    status: str = "ACTIVE"
    agent_id: str | None = None
    agent_state: str | None = "ONLINE"
    tags: Mapping[str, str]
    provider: str = "ecs"
    type: str = "cloudservers"
    outcome: str = "ok"
    log: str | None = None
    seconds: float = 1.0


def make(number: int, name: str, **fields: Any) -> Host:
    """A host with ids that follow from its number, always the same."""
    digest = hashlib.sha256(f"host {number}".encode()).hexdigest()
    region = fields.get("region_id", "cn-north-4")
    own: dict[str, Any] = {
        "id": f"{0x65000000_00000000_00000000 + number:024x}",
        "resource_id": f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
        "name": name,
        "zone": f"{region}{'abc'[number % 3]}",
        "project_id": hashlib.sha256(region.encode()).hexdigest()[:32],
        "vpc_id": "vpc-1",
        "inner_ip": f"192.168.{number // 250 % 250}.{number % 250 + 1}",
        "agent_id": digest[32:64],
        "tags": {},
    }
    return Host(**own | fields)


def first() -> tuple[Host, ...]:
    """The hosts of a new simulator: two regions, two on Windows, one offline, tags `role` and `env`."""
    return tuple(make(number, name, **_place(name)) for number, name in enumerate(_NAMES, start=1))


def dump(host: Host) -> str:
    """A host as one line of JSON."""
    return json.dumps(asdict(host), separators=(",", ":"))


def load(text: str) -> Host:
    """The host that `dump` wrote."""
    return Host(**json.loads(text))


_NAMES = (
    *("web-01", "web-02", "web-03", "web-04"),
    *("db-01", "db-02"),
    *("edge-01", "edge-02", "edge-03", "edge-04"),
    *("win-01", "win-02"),
)


def _place(name: str) -> dict[str, Any]:
    role, _, number = name.partition("-")
    fields: dict[str, Any] = {"tags": {"role": role, "env": "test" if number == "04" else "prod"}}
    if role == "edge":
        fields["region_id"] = "ap-southeast-3"
    if role == "win":
        fields |= {"os": "Windows", "image": "Windows Server 2022"}
    if name == "edge-04":
        fields |= {"outcome": "offline", "agent_state": "OFFLINE"}
    return fields
