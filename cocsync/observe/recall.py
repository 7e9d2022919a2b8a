"""What can be said of a live script without reading it again: its list row is as before, so its detail is. Pure.

An entry holds digests and the mark; no name, content or value. It can make a difference go unseen until the next full
reading, and never makes a write: whatever a plan would touch or show in detail is read first.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from cocsync.model import mark as marks
from cocsync.model.content import Content
from cocsync.model.fields import FIELD, FIELDS, PROTOCOL, Comparison, Field
from cocsync.model.live import ListedScript, Live
from cocsync.model.normalise import Normalisation
from cocsync.model.script import Script

WHOLE_SECOND_MS = 1000
TOO_FRESH_MS = 2000
"""A modification time of whole seconds this close to the answer may hide another edit in the same second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEntry:
    """What is remembered of a script: its mark's text, and digests of its row with that mark, of what is compared of it
    as a whole, and of each field in `model.FIELDS`, with a blank between.

    `kept_as` are the names, with a blank between, of the forms in which COC keeps what cocsync wrote under this mark.
    `row` is empty where no row may stand for reading the script.
    """

    uuid: str
    row: str
    mark: str
    whole: str
    fields: str
    kept_as: str = ""


def entry_of(live: Live) -> CacheEntry | None:
    """What to remember of a script just read, or None for nothing.

    Where an edit in the same second looks the same, no more is remembered than what COC made of a text.
    """
    is_ambiguous = _is_ambiguous(live)
    if is_ambiguous and not live.kept_as:
        return None
    mark = str(live.mark) if live.mark else ""
    return CacheEntry(
        uuid=live.uuid,
        row="" if is_ambiguous else _row_digest(live, live.script, mark),
        mark=mark,
        whole=_whole_digest(live.script),
        fields=" ".join(_field_digest(field, live.script) for field in FIELDS),
        kept_as=" ".join(live.kept_as.names),
    )


def recognised(live: Live, entry: CacheEntry | None) -> Live:
    """The script just read, with what COC made of it when cocsync wrote exactly this version."""
    if entry is None or not entry.kept_as or (entry.mark, entry.whole) != (str(live.mark), _whole_digest(live.script)):
        return live
    return replace(live, kept_as=Normalisation.of(entry.kept_as.split(" ")))


def _is_ambiguous(live: Live) -> bool:
    modified, answered = live.modified_at, live.answered_at
    if modified is None or modified % WHOLE_SECOND_MS:
        return False
    return answered is None or abs(answered - modified) <= TOO_FRESH_MS


def recall(
    row: ListedScript, entry: CacheEntry | None, desired: Script | None, ignore: frozenset[str] = frozenset()
) -> Live | None:
    """The script as it must be, None where it has to be read.

    Without a desired one what the row does not say is left empty; with one it is recalled only where it equals that in
    every field but those to `ignore`, which then have the desired value.
    """
    if entry is None or entry.row != _row_digest(row, row, entry.mark):
        return None
    if desired is None:
        script: Script | None = Script(
            name=row.name,
            type=row.type,
            description="",
            content=Content(""),
            risk_level=row.risk_level,
            version=row.version,
            reviewers=row.reviewers,
        )
    else:
        script = _as_desired(desired, ignore, entry)
    if script is None:
        return None
    return Live(
        uuid=row.uuid,
        script=script,
        mark=marks.split(entry.mark)[1],
        status=row.status,
        created_at=row.created_at,
        modified_at=row.modified_at,
        creator=row.creator,
        operator=row.operator,
    )


def _as_desired(desired: Script, ignore: frozenset[str], entry: CacheEntry) -> Script | None:
    remembered = dict(zip(FIELD, entry.fields.split(" "), strict=True))
    if entry.whole != _whole_digest(desired):
        counting = [field for field in _COMPARED if field.key not in ignore]
        if not ignore or any(remembered[f.key] != _field_digest(f, desired) for f in counting):
            return None
    protocol = next((p for p in _protocols(desired) if _digest(p) == remembered["protocol"]), None)
    if protocol is None and "protocol" not in ignore:
        return None
    params = tuple(replace(p, value="", source=None) if p.sensitive else p for p in desired.params)
    return replace(desired, params=params, protocol=protocol or "")


def _protocols(desired: Script) -> tuple[str, ...]:
    """What COC may have shown of a script that equals this one."""
    return "", desired.protocol, PROTOCOL.default


def _row_digest(seen: ListedScript | Live, properties: ListedScript | Script, mark: str) -> str:
    """Digest of what list row and detail share; not of id, usage count, tags and what else may move by itself."""
    kind = seen.type if isinstance(seen, ListedScript) else seen.script.type
    reviewers = sorted((r.id, r.name) for r in properties.reviewers)
    shared = [seen.name, kind, seen.status, seen.created_at, seen.modified_at, seen.creator, seen.operator]
    return _digest([*shared, properties.risk_level, properties.version, reviewers, mark])


_COMPARED = tuple(field for field in FIELDS if field.always_shown)


def _whole_digest(script: Script) -> str:
    return _digest([_value(field, script) for field in _COMPARED])


def _field_digest(field: Field, script: Script) -> str:
    return _digest(_value(field, script))


def _value(field: Field, script: Script) -> object:
    return script.content.digest if field.comparison is Comparison.CONTENT else marks.canonical_value(field, script)


_ENCODER = json.JSONEncoder(separators=(",", ":"))


def _digest(value: object) -> str:
    return hashlib.sha256(_ENCODER.encode(value).encode()).hexdigest()[:24]
