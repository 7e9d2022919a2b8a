"""What COC does with a script, whoever asks: names are unique, reviews begin and end, edits leave a name and a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from cocsync.sim.scripts.script import Param, Reviewer, Status, StoredScript, reviewers_of
from cocsync.sim.scripts.store import Store
from cocsync.sim.scripts.validate import Fields
from cocsync.sim.settings import Settings
from cocsync.sim.wire import Refusal

MASK = "*" * 17
"""What a read shows in place of a sensitive value."""

PENDING: Status = "PENDING_APPROVE"
APPROVED: Status = "APPROVED"
REJECTED: Status = "REJECTED"

SAME_NAME = "COC.00040601"
INTERNAL = "COC.00040701"


class Service:
    """The scripts of one tenant. Fields come validated; `settings` are those in force when a method is called."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def create(self, fields: Fields, user: str, settings: Settings, *, same_name: bool = False) -> StoredScript:
        """A new script; raises Refusal where the name is taken, unless `same_name` allows that."""
        with self._store.transaction():
            if not same_name and self._store.named(fields["name"]):
                raise Refusal(SAME_NAME, f"Exist script with same name: {fields['name']}.")
            number = self._store.next_id()
            created = _as_stored(fields, settings)
            script = StoredScript(
                **created,
                id=number,
                uuid=new_uuid(number, self._clock()),
                creator=user,
                gmt_created=self._now(),
                status=PENDING if created["reviewers"] else APPROVED,
            )
            self._store.write(script, hide_for=settings.read_lag)
        return script

    def modify(self, uuid: str, fields: Fields, user: str, settings: Settings) -> StoredScript:
        """Set some fields of a script, which starts a review where it has reviewers then; raises Refusal."""
        with self._store.transaction():
            before = self._existing(uuid, settings)
            if settings.mask_keeps_value and "params" in fields:
                fields = fields | {"params": _unmasked(fields["params"], before.params)}
            script = replace(before, **fields)
            script = replace(script, **_as_stored({name: getattr(script, name) for name in _STORED}, settings))
            waits = bool(script.reviewers)
            approved = replace(before, approved=None) if before.status == APPROVED else before.approved
            script = replace(
                script,
                status=PENDING if waits else APPROVED,
                approved=approved if waits else None,
                operator=user,
                gmt_modified=self._now(),
            )
            self._store.write(script, hide_for=settings.read_lag)
        return script

    def delete(self, uuid: str, settings: Settings) -> None:
        """Remove a script; raises Refusal."""
        with self._store.transaction():
            self._existing(uuid, settings)
            self._store.remove(uuid, hide_for=settings.read_lag)

    def review(self, uuid: str, approve: bool, user: str, settings: Settings, *, comment: str = "") -> bool:
        """End a review. False where `reviewers_only` forbids it to this user; raises Refusal where none is going on."""
        with self._store.transaction():
            before = self._existing(uuid, settings)
            if before.status != PENDING:
                raise Refusal(INTERNAL, "The script is not waiting for a review.")
            if settings.reviewers_only and user not in {reviewer.name for reviewer in before.reviewers}:
                return False
            script = replace(
                before,
                status=APPROVED if approve else REJECTED,
                approved=None if approve else before.approved,
                review_comment=comment,
            )
            if settings.review_modifies:
                script = replace(script, operator=user, gmt_modified=self._now())
            self._store.write(script, hide_for=settings.read_lag)
        return True

    def _existing(self, uuid: str, settings: Settings) -> StoredScript:
        script = self._store.current(uuid)
        if script is None:
            raise not_found(settings)
        return script

    def _now(self) -> int:
        return int(self._clock() * 1000)


def not_found(settings: Settings) -> Refusal:
    """The refusal about a script that does not exist."""
    return Refusal(settings.not_found_code, "The script does not exist.", settings.not_found_status)


def new_uuid(number: int, seconds: float) -> str:
    """`SC`, the time of creation and nine hexadecimal digits that belong to the id alone: 25 characters."""
    time = datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M%S")
    return f"SC{time}{number * _ODD % 2**36:09x}"


_ODD = 0x9E3779B97
_STORED = ("content", "description", "risk_level", "reviewers")


def _as_stored(fields: Fields, settings: Settings) -> Fields:
    description, content, reviewers = fields["description"], fields["content"], fields["reviewers"]
    if settings.trims_descriptions:
        description = description.strip()
    if settings.stores_lf:
        content = content.replace("\r\n", "\n")
    if settings.stores_nfc:
        description, content = (unicodedata.normalize("NFC", text) for text in (description, content))
    if settings.drops_last_newline:
        content = content.rstrip("\r\n")
    if fields["risk_level"] in settings.forced_review_levels:
        reviewers += _missing(reviewers, settings.forced_reviewers)
    return fields | {"description": description, "content": content, "reviewers": reviewers}


def _missing(reviewers: tuple[Reviewer, ...], forced: tuple[str, ...]) -> tuple[Reviewer, ...]:
    present = {reviewer.name for reviewer in reviewers}
    return reviewers_of([name for name in forced if name not in present])


def _unmasked(params: tuple[Param, ...], before: tuple[Param, ...]) -> tuple[Param, ...]:
    values = {param.name: param.value for param in before if param.sensitive}
    return tuple(
        replace(param, value=values.get(param.name, MASK)) if param.sensitive and param.value == MASK else param
        for param in params
    )
