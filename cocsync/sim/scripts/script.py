"""A script as the simulator keeps it: everything, unmasked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["PENDING_APPROVE", "APPROVED", "REJECTED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """An IAM user who is to approve a script."""

    name: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """An input of a script; its place in the list is its position on the command line."""

    name: str
    value: str = ""
    description: str = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScript:
    """One script with its true values; times are epoch milliseconds.

    `gmt_modified` and `operator` are None until the first edit. `approved` is the version that a review let through
    last, kept while a newer one waits or was rejected; `review_comment` what the last reviewer wrote.
    """

    id: int
    uuid: str
    name: str
    type: str
    content: str
    description: str
    risk_level: str
    version: str
    reviewers: tuple[Reviewer, ...] = ()
    protocol: str | None = None
    params: tuple[Param, ...] = ()
    enterprise_project_id: str = "0"
    status: Status = "APPROVED"
    creator: str = ""
    gmt_created: int = 0
    operator: str | None = None
    gmt_modified: int | None = None
    review_comment: str = ""
    approved: StoredScript | None = None


def user_id(name: str) -> str:
    """The IAM id that the simulator gives to a user of this name: 32 hexadecimal digits, always the same."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def reviewers_of(values: object) -> tuple[Reviewer, ...]:
    """Reviewers from records, mappings with the keys `name` and `id`, or names; raises TypeError for anything else."""
    return tuple(_reviewer(value) for value in _sequence(values, "reviewers"))


def params_of(values: object) -> tuple[Param, ...]:
    """Params from records or mappings with the fields of `Param` as keys; raises TypeError for anything else."""
    return tuple(
        value if isinstance(value, Param) else Param(**_mapping(value)) for value in _sequence(values, "params")
    )


def dump(script: StoredScript) -> str:
    """A script as one line of JSON."""
    return json.dumps(asdict(script), ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> StoredScript:
    """The script that `dump` wrote."""
    return _script(json.loads(text))


def _script(fields: dict[str, Any]) -> StoredScript:
    approved = fields["approved"]
    return StoredScript(
        **fields
        | {
            "reviewers": reviewers_of(fields["reviewers"]),
            "params": params_of(fields["params"]),
            "approved": _script(approved) if approved else None,
        }
    )


def _reviewer(value: object) -> Reviewer:
    if isinstance(value, Reviewer):
        return value
    if isinstance(value, str):
        return Reviewer(name=value, id=user_id(value))
    return Reviewer(**_mapping(value))


def _sequence(values: object, name: str) -> list[object] | tuple[object, ...]:
    if not isinstance(values, list | tuple):
        raise TypeError(f"{name} must be a list")
    return values


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected a mapping, not {type(value).__name__}")
    return dict(value)
