"""The text of a claim, `run.json`, and back. It comes from whoever may push, so none of it is believed. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from cocsync.run.claims import Claim, ClaimedTicket, State
from cocsync.run.limits import MAX_RUN_HOSTS

FILE = "run.json"
FORMAT = "cocsync-claim/1"

_TEXT_MAX = 2_000
_TEXTS = ("run", "owner", "scope", "digest", "script", "script_digest", "holder", "reason", "outcome")
_NUMBERS = ("expires", "at", "claimed_at", "index", "attempt", "pause")
_TICKET_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBER_MAX = 1 << 53


class ForeignClaim(Exception):
    """The record is not a claim of this format. The text goes on from "the claim"."""


def dumped(claim: Claim) -> bytes:
    """The claim as JSON, a line a key."""
    record: dict[str, Any] = {"format": FORMAT, "state": claim.state}
    record |= {key: getattr(claim, key) for key in (*_TEXTS, *_NUMBERS)}
    record["hosts"] = list(claim.hosts)
    record["tickets"] = [
        {"index": ticket.index, "run_id": ticket.run_id, "id": ticket.id, "status": ticket.status}
        for ticket in claim.tickets
    ]
    record["summary"] = None if claim.summary is None else dict(claim.summary)
    return (json.dumps(record, indent=2, sort_keys=True) + "\n").encode("ascii")


def loaded(data: bytes | None) -> Claim:
    """The claim. Raises `ForeignClaim` for everything else, a newer format included."""
    try:
        record = json.loads(data or b"")
    except (ValueError, RecursionError):
        raise ForeignClaim("is not JSON") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise ForeignClaim(f"is not of the format {FORMAT}")
    try:
        return _claim(record)
    except (KeyError, TypeError, ValueError):
        raise ForeignClaim("lacks a key, or has a value of another kind") from None


def _claim(record: dict[str, Any]) -> Claim:
    plain: dict[str, Any] = {key: _text(record[key]) for key in _TEXTS}
    plain |= {key: _number(record[key]) for key in _NUMBERS}
    return Claim(
        **plain,
        state=State(record["state"]),
        hosts=tuple(_text(host) for host in _list(record["hosts"], MAX_RUN_HOSTS)),
        tickets=tuple(map(_ticket, _list(record["tickets"], MAX_RUN_HOSTS))),
        summary=_summary(record["summary"]),
    )


def _ticket(record: dict[str, Any]) -> ClaimedTicket:
    if not _TICKET_ID.fullmatch(record["id"]):
        raise ValueError
    texts = {key: _text(record[key]) for key in ("run_id", "id", "status")}
    return ClaimedTicket(index=_number(record["index"]), **texts)


def _summary(record: Any) -> dict[str, int] | None:
    if record is None:
        return None
    if not isinstance(record, dict):
        raise TypeError
    return {_text(key): _number(value) for key, value in record.items()}


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _TEXT_MAX:
        raise TypeError
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _NUMBER_MAX:
        raise TypeError
    return value
