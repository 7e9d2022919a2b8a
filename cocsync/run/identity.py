"""What identifies a run in COC and in Git: run ids, digests and scopes. Their golden vectors never change. Pure."""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from typing import Any

from cocsync.model.target import Target, canonical_endpoint

RUN_ID_LENGTH = 20
"""Characters of a run id: as many as a custom attribute of COC takes."""

RUN_ID_ATTRIBUTE = "cocsync"
DIGEST_ATTRIBUTE = "cocsync_d"
"""Custom attributes of every host of a ticket: the run id, and the digest of the script."""

SCOPE_LENGTH = 8
NONCE_BYTES = 16
"""Random bytes, as hexadecimal text, that stand for the name of a run that has none."""

_DIGEST_LENGTH = 20


def run_id(target: Target, name: str, index: int) -> str:
    """The id of one ticket of a run: 100 bits in base32.

    `name` is the name of the Run manifest, or the nonce of a run without one. `index` counts tickets from 1. The
    target's name and the run's content do not matter.
    """
    return _base32(["cocsync-run/1", *_where(target), target.owner, name, index], RUN_ID_LENGTH)


def scope(target: Target) -> str:
    """What tells claims for one COC and account from those for another."""
    return _base32(list(_where(target)), SCOPE_LENGTH)


def manifest_digest(data: Any) -> str:
    """The digest of a parsed Run manifest: the order of its keys and its comments do not matter."""
    return _base32(data, _DIGEST_LENGTH)


def attributes(id_: str, digest: str) -> dict[str, str]:
    """The custom attributes to send with every host."""
    return {RUN_ID_ATTRIBUTE: id_, DIGEST_ATTRIBUTE: digest}


def claim_ref(prefix: str, target: Target, name: str) -> str:
    """The ref that holds the claim of a Run manifest. `prefix` ends in `/`."""
    return f"{prefix}{target.owner}/{scope(target)}/{name}"


def _where(target: Target) -> tuple[str, str | None]:
    return canonical_endpoint(target.endpoint), target.domain_id


def _base32(value: Any, length: int) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return b32encode(hashlib.sha256(text.encode("ascii")).digest()).decode("ascii").lower()[:length]
