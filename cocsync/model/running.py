"""What files say of runs: which hosts, how, and where claims are kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a host must have; empty texts ask for nothing. `name` is a glob. Case is ignored in `os` and `agent`."""

    region: str = ""
    zone: str = ""
    os: str = ""
    name: str = ""
    enterprise_project: str = ""
    agent: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A query, hosts that are named beside it, and hosts that are left out of both. Names are exact, or ids."""

    query: Query | None = None
    hosts: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDefaults:
    """A script manifest's `run`: what its runs have unless they say otherwise. None and empty say nothing.

    `max_failures` is as it is written: `2` or `10%`.
    """

    timeout: int | None = None
    user: str | None = None
    hosts: Selection | None = None
    batches: tuple[int, ...] = ()
    pause_after: str | None = None
    max_failures: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """The project's `run`. `branch` and `claims` are None where the remote's own count."""

    timeout: int | None = None
    user: str | None = None
    lookup_seconds: int = 120
    claim: str = "git"
    remote: str = "origin"
    branch: str | None = None
    claims: str | None = None
    claim_prefix: str = "refs/cocsync/runs/"
