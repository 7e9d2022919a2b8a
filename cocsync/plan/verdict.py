"""One manifest against the live scripts: what it asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.live import ListedScript, Live
from cocsync.model.mark import Keyring, Mark
from cocsync.model.normalise import EXACT, Normalisation
from cocsync.model.script import Status
from cocsync.plan import rename
from cocsync.plan.change import Action, Change, FieldChange, Origin
from cocsync.plan.conflict import Conflict, ConflictKind
from cocsync.plan.diff import contents, differences
from cocsync.plan.guards import GuardFinding
from cocsync.plan.ignored import flagged, ignored_fields
from cocsync.plan.normalised import only_forms
from cocsync.plan.origin import origin_of
from cocsync.plan.ownership import Claim, Owners
from cocsync.plan.plan import NotVerified, Waiting
from cocsync.plan.verify import Verification, can_put_back, replaced_values, verify_values
from cocsync.plan.writing import sent_values, write

REASON_CREATE = "not in COC: new, or deleted there"
REASONS = {
    Origin.MANIFEST: "the manifest changed",
    Origin.DRIFT: "edited in COC since cocsync wrote it",
    Origin.BOTH: "the manifest changed, and COC was edited since cocsync wrote it or the mark is out of date",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What the command line and the project ask for, beyond making COC equal."""

    owners: Owners
    keys: Keyring = field(default_factory=Keyring)
    adopt: frozenset[str] = frozenset()
    adopt_all: bool = False
    take_over: frozenset[str] = frozenset()
    rewrite: frozenset[str] = frozenset()
    renew_marks: bool = False
    pending_shows_previous: bool = False
    normalisation: Normalisation = EXACT
    """What the target is declared to make of texts. Manifests and live scripts are judged as they are under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one manifest comes to. Without change and conflict it is unchanged."""

    manifest: Manifest
    change: Change | None = None
    conflict: Conflict | None = None
    waiting: Waiting | None = None
    not_verified: NotVerified | None = None
    refusals: tuple[GuardFinding, ...] = ()
    renewal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveByName:
    """Live scripts by name. COC promises that a name is unique; nothing here relies on it."""

    readable: dict[str, tuple[Live, ...]]
    forbidden: dict[str, tuple[ListedScript, ...]]


def decide(manifest: Manifest, there: LiveByName, intent: Intent) -> Verdict:
    """The verdict on one manifest."""
    lives, rows = there.readable.get(manifest.name, ()), there.forbidden.get(manifest.name, ())
    seen: tuple[Live | ListedScript, ...] = (*lives, *rows)
    if len(seen) > 1:
        return _conflict(manifest, ConflictKind.DUPLICATE, seen[0])
    if rows:
        return _conflict(manifest, ConflictKind.FORBIDDEN, rows[0])
    old = rename.old_script(manifest, there.readable, intent.owners)
    if not lives:
        return Verdict(manifest=manifest, change=_create(manifest, old))
    live = lives[0]
    mark = intent.owners.mark_of_ours(live)
    if mark is None:
        return _foreign(manifest, live, intent)
    verdict = _ours(manifest, live, mark, intent)
    return _finish_rename(verdict, live, old) if old else verdict


def _create(manifest: Manifest, old: Live | None) -> Change:
    manifest = manifest.with_text()
    change = replace(write(Action.CREATE, manifest, None, contents(manifest.script)), reason=REASON_CREATE)
    return rename.begun(change, old) if old else change


def _finish_rename(verdict: Verdict, live: Live, old: Live) -> Verdict:
    """The new script is there and ours, the old one still too."""
    if rename.is_kept(old):
        return verdict
    if verdict.change is None and live.status == Status.APPROVED:
        return replace(verdict, change=rename.finished(verdict.manifest, old))
    return replace(verdict, waiting=replace(_in_review(verdict.manifest.name, live), previous_name=old.name))


def _conflict(manifest: Manifest, kind: ConflictKind, seen: Live | ListedScript) -> Verdict:
    mark = seen.mark if isinstance(seen, Live) else None
    modified_at = seen.created_at if seen.modified_at is None else seen.modified_at
    return Verdict(
        manifest=manifest,
        conflict=Conflict(
            name=manifest.name,
            kind=kind,
            file=manifest.file,
            line=manifest.line,
            uuid=seen.uuid,
            owner=mark.owner if mark else None,
            operator=seen.operator or seen.creator or None,
            modified_at=modified_at,
        ),
    )


def _foreign(manifest: Manifest, live: Live, intent: Intent) -> Verdict:
    claim = intent.owners.claim(live)
    by_name_only = claim.is_marked_otherwise
    named = manifest.name in (intent.take_over if by_name_only else intent.adopt)
    allowed = named or (not by_name_only and (intent.adopt_all or manifest.adopt))
    is_other_type = live.script.type != manifest.script.type
    if not allowed or (is_other_type and not named):
        is_wrong = is_other_type and not by_name_only
        return _conflict(manifest, ConflictKind.OTHER_TYPE if is_wrong else ConflictKind(claim.value), live)
    if _shows_previous(live, intent):
        return _unseen(manifest, live)
    held = manifest.with_text()
    fields = flagged(differences(held.script, live), manifest)
    change = replace(
        write(Action.ADOPT, held, live, fields),
        reason=_adopt_reason(claim, live.mark),
        taken_from=live.mark.owner if live.mark and by_name_only else None,
        replaces=replaced_values(held, live, intent.keys),
    )
    refusals = (_adopt_refusal(manifest, live),) if any(f.path == "type" for f in fields) else ()
    return Verdict(manifest=manifest, change=change, refusals=refusals)


def _adopt_reason(claim: Claim, mark: Mark | None) -> str:
    owner = mark.owner if mark else ""
    match claim:
        case Claim.OTHER_OWNER:
            return f"taken over from {owner}"
        case Claim.PREVIOUS_OWNER:
            return f"taken over from {owner}, a previous owner of this repository"
        case Claim.NEWER_FORMAT:
            return f"taken over from {owner}, with a mark in a format that this version does not know"
        case _:
            return "adopted: not written by cocsync so far"


def _adopt_refusal(manifest: Manifest, live: Live) -> GuardFinding:
    return GuardFinding(
        code="adopt-type",
        message=f"{manifest.name} is {live.script.type} in COC and {manifest.script.type} here, and COC cannot "
        "change a type: correct the manifest, or delete the script in COC by hand",
    )


def _ours(manifest: Manifest, live: Live, mark: Mark, intent: Intent) -> Verdict:
    if _shows_previous(live, intent) and manifest.name not in intent.rewrite:
        return _unseen(manifest, live)
    values = verify_values(manifest, live.script, mark, intent.keys)
    in_mark = (*values.changes, *_protection(manifest, mark))
    compared, seen = manifest.under(live.kept_as), live.under(live.kept_as)
    fields = (*differences(compared.script, seen, manifest.ignore), *in_mark)
    waiting = _waiting(manifest.name, live)
    verdict = Verdict(manifest=manifest, waiting=waiting, not_verified=_not_verified(manifest, live, values))
    if not fields:
        return _unchanged(verdict, live, mark, intent)
    manifest = manifest.with_text()
    origin = origin_of(manifest, live, mark, changed=bool(values.changes))
    if any(f.path == "type" for f in fields):
        change = write(Action.REPLACE, manifest, live, (*fields, *ignored_fields(manifest, live)))
        verdict = replace(verdict, refusals=_replace_refusals(manifest, live, mark, intent.keys))
    else:
        change = write(Action.UPDATE, manifest, live, (*fields, *ignored_fields(manifest, live)))
        asked = manifest.name in intent.rewrite or _renews_core(manifest, mark, intent)
        change = replace(change, value_only=not asked and all(f.sensitive for f in fields))
    reason = only_forms(fields, intent.normalisation) if origin is Origin.DRIFT else ""
    return replace(verdict, change=replace(change, origin=origin, reason=reason or REASONS[origin]))


def _unchanged(verdict: Verdict, live: Live, mark: Mark, intent: Intent) -> Verdict:
    """Nothing differs: written only where the command line asks for it."""
    manifest = verdict.manifest
    if manifest.name in intent.rewrite:
        change = write(Action.UPDATE, manifest, live, ignored_fields(manifest, live))
        return replace(verdict, change=replace(change, reason="written again as asked", rewrite=True))
    core = _renews_core(manifest, mark, intent)
    if not core and not _renews_fingerprint(manifest, mark, intent):
        return verdict
    change = write(Action.UPDATE, manifest, live, ignored_fields(manifest, live))
    return replace(verdict, change=replace(change, reason="mark renewed", value_only=not core), renewal=True)


def _protection(manifest: Manifest, mark: Mark) -> tuple[FieldChange, ...]:
    if manifest.protected == mark.protected:
        return ()
    return (FieldChange(path="protected", before=mark.protected, after=manifest.protected),)


def _renews_core(manifest: Manifest, mark: Mark, intent: Intent) -> bool:
    if not intent.renew_marks:
        return False
    fresh = marks.make(manifest.script, owner=intent.owners.current, protected=manifest.protected, keys=intent.keys)
    return fresh.core != mark.core


def _renews_fingerprint(manifest: Manifest, mark: Mark, intent: Intent) -> bool:
    """Where a run without the key sees nothing to renew."""
    if not intent.renew_marks:
        return False
    fresh = marks.make(manifest.script, owner=intent.owners.current, protected=manifest.protected, keys=intent.keys)
    return fresh.fingerprint not in ("", mark.fingerprint)


def _replace_refusals(manifest: Manifest, live: Live, mark: Mark, keys: Keyring) -> tuple[GuardFinding, ...]:
    found = []
    if manifest.protected or mark.protected:
        found.append(
            GuardFinding(
                code="protected",
                message=f"{manifest.name} is protected, and another type needs a delete and a create: "
                "apply `protected: false` first, then change the type",
            )
        )
    if not can_put_back(manifest, live.script, mark, keys):
        found.append(
            GuardFinding(
                code="replace-unverified",
                message=f"{manifest.name} cannot be replaced: its sensitive values in COC are not verified, so it "
                "could not be put back if the create failed; write it once with COCSYNC_FINGERPRINT_KEY set and the "
                "values at hand (`apply --rewrite`), then change the type",
            )
        )
    return tuple(found)


def _shows_previous(live: Live, intent: Intent) -> bool:
    """Whether COC shows the version before the one that awaits review."""
    return intent.pending_shows_previous and live.status == Status.PENDING_APPROVE


def _unseen(manifest: Manifest, live: Live) -> Verdict:
    reason = NotVerified(name=manifest.name, uuid=live.uuid, reason="in review: COC may show the version before it")
    return Verdict(manifest=manifest, waiting=_waiting(manifest.name, live), not_verified=reason)


def _waiting(name: str, live: Live) -> Waiting | None:
    if live.status == Status.APPROVED:
        return None
    return _in_review(name, live)


def _in_review(name: str, live: Live) -> Waiting:
    pending = live.status == Status.PENDING_APPROVE
    awaiting = live.script.reviewers if pending else ()
    return Waiting(name=name, uuid=live.uuid, status=live.status, awaiting=awaiting)


def _not_verified(manifest: Manifest, live: Live, values: Verification) -> NotVerified | None:
    if not values.reason:
        return None
    sources = sent_values(manifest)
    return NotVerified(
        name=manifest.name, uuid=live.uuid, reason=values.reason, needs=manifest.missing_values, sources=sources
    )
