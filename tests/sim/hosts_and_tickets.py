"""Requests about hosts and tickets as a caller of the simulator writes them."""

from __future__ import annotations

from typing import Any

from tests.sim.conftest import SCRIPTS, Tenant

HOSTS = "/v1/resources"
ORDERS = "/v1/job/script/orders"
KIND = {"provider": "ecs", "type": "cloudservers"}


def host(tenant: Tenant, name: str) -> dict[str, Any]:
    """A host as an execution names it."""
    found = tenant.simulator.hosts.find(name)
    return {"resource_id": found.resource_id, "region_id": found.region_id}


def body(tenant: Tenant, *batches: tuple[str, ...], pauses: tuple[int, ...] = (), **how: Any) -> dict[str, Any]:
    """An execution on these hosts; the batches of these indexes pause."""
    return {
        "execute_param": {"timeout": 300, "success_rate": 100, "execute_user": "root", **how},
        "execute_batches": [
            {
                "batch_index": index,
                "rotation_strategy": "PAUSE" if index in pauses else "CONTINUE",
                "target_instances": [host(tenant, name) for name in names],
            }
            for index, names in enumerate(batches, start=1)
        ],
    }


def execute(tenant: Tenant, *batches: tuple[str, ...], pauses: tuple[int, ...] = (), **how: Any) -> str:
    """The ticket of an execution of a script that is made for it where there is none."""
    scripts = tenant.simulator.scripts()
    uuid = scripts[0].uuid if scripts else tenant.create()
    ticket: str = tenant.done("POST", f"{SCRIPTS}/{uuid}", body(tenant, *batches, pauses=pauses, **how))
    return ticket


def info(tenant: Tenant, ticket: str) -> dict[str, Any]:
    shown: dict[str, Any] = tenant.done("GET", f"{ORDERS}/{ticket}")
    return shown


def status(tenant: Tenant, ticket: str) -> str:
    return str(info(tenant, ticket)["status"])


def rows(tenant: Tenant, ticket: str, index: int = 1) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = tenant.done("GET", f"{ORDERS}/{ticket}/batches/{index}", limit=50)[
        "execute_instances"
    ]
    return shown


def statuses(tenant: Tenant, ticket: str, *indexes: int) -> list[list[str]]:
    """Of the hosts of each batch."""
    return [[row["status"] for row in rows(tenant, ticket, index)] for index in indexes]


def operate(tenant: Tenant, ticket: str, kind: str, **subject: int) -> Any:
    return tenant.done("PUT", f"{ORDERS}/{ticket}/operation", {"operation_type": kind, **subject})


def refuse(tenant: Tenant, ticket: str, kind: str, **subject: int) -> tuple[int, str, str]:
    return tenant.refusal("PUT", f"{ORDERS}/{ticket}/operation", {"operation_type": kind, **subject})
