"""One manifest against the live scripts: what it asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.fields import FIELDS, same
from cocsync.model.live import Live, Row
from cocsync.model.mark import Keyring, Mark
from cocsync.model.normalise import EXACT, Normalisation
from cocsync.model.script import Script, Status
from cocsync.plan.change import Action, Change, FieldChange, Origin, Precondition, SentValue
from cocsync.plan.diff import contents, differences
from cocsync.plan.guards import GuardFinding
from cocsync.plan.ignored import flagged, ignored_fields
from cocsync.plan.normalised import only_forms
from cocsync.plan.ownership import Claim, Owners
from cocsync.plan.plan import Conflict, NotVerified, Waiting
from cocsync.plan.verify import Verification, can_put_back, replaced_values, verify_values

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
class Namesakes:
    """Live scripts by name. COC promises that a name is unique; nothing here relies on it."""

    readable: dict[str, tuple[Live, ...]]
    forbidden: dict[str, tuple[Row, ...]]


def judge(manifest: Manifest, there: Namesakes, intent: Intent) -> Verdict:
    """The verdict on one manifest."""
    lives, rows = there.readable.get(manifest.name, ()), there.forbidden.get(manifest.name, ())
    seen: tuple[Live | Row, ...] = (*lives, *rows)
    if len(seen) > 1:
        return _conflict(manifest, "duplicate", seen[0])
    if rows:
        return _conflict(manifest, "forbidden", rows[0])
    old = _old_script(manifest, there, intent)
    if not lives:
        return Verdict(manifest=manifest, change=_create(manifest, old))
    live = lives[0]
    mark = intent.owners.mark_of_ours(live)
    if mark is None:
        return _foreign(manifest, live, intent)
    verdict = _ours(manifest, live, mark, intent)
    return _finish_rename(verdict, live, old) if old else verdict


def precondition(live: Live, manifest: Manifest | None) -> Precondition:
    """What a plan remembers of a live script, so that apply can tell whether it is still that."""
    seen = _with_ignored(live.script, manifest.script, manifest.ignore) if manifest else live.script
    return Precondition(
        uuid=live.uuid,
        digest=marks.long_digest(seen, protected=live.mark is not None and live.mark.protected),
        gmt_modified=live.modified_at,
        status=live.status,
    )


def sent_values(manifest: Manifest) -> tuple[SentValue, ...]:
    """Where the sensitive values come from that a write of this manifest sends, in the order of its params."""
    params = manifest.script.sensitive_params
    return tuple(SentValue(param=param.name, source=param.source.ref) for param in params if param.source)


def is_edited(live: Live, mark: Mark) -> bool:
    """Whether COC shows something else than the mark says was written, and not what COC itself made of that."""
    shown = live.script.protocol
    as_written = bool(live.kept_as) or marks.digest(live.script, protected=mark.protected) == mark.digest
    return not as_written or bool(shown and shown != (mark.protocol or "DEFAULT"))


def _conflict(manifest: Manifest, kind: str, seen: Live | Row) -> Verdict:
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
        return _conflict(manifest, "other_type" if is_other_type and not by_name_only else claim.value, live)
    if _shows_previous(live, intent):
        return _unseen(manifest, live)
    held = manifest.with_text()
    fields = flagged(differences(held.script, live), manifest)
    change = replace(
        _write(Action.ADOPT, held, live, fields),
        reason=_adopt_reason(claim, live.mark),
        taken_from=live.mark.owner if live.mark and by_name_only else None,
        replaces=replaced_values(held, live, intent.keys),
    )
    refusals = (_adopt_refusal(manifest, live),) if any(f.path == "type" for f in fields) else ()
    return Verdict(manifest=manifest, change=change, refusals=refusals)


def _adopt_reason(claim: Claim, mark: Mark | None) -> str:
    owner = mark.owner if mark else ""
    match claim:
        case Claim.OWNER:
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
    origin = _origin(manifest, live, mark, changed=bool(values.changes))
    if any(f.path == "type" for f in fields):
        change = _write(Action.REPLACE, manifest, live, (*fields, *ignored_fields(manifest, live)))
        verdict = replace(verdict, refusals=_replace_refusals(manifest, live, mark, intent.keys))
    else:
        change = _write(Action.UPDATE, manifest, live, (*fields, *ignored_fields(manifest, live)))
        asked = manifest.name in intent.rewrite or _renews_core(manifest, mark, intent)
        change = replace(change, value_only=not asked and all(f.sensitive for f in fields))
    reason = only_forms(fields, intent.normalisation) if origin is Origin.DRIFT else ""
    return replace(verdict, change=replace(change, origin=origin, reason=reason or REASONS[origin]))


def _unchanged(verdict: Verdict, live: Live, mark: Mark, intent: Intent) -> Verdict:
    """Nothing differs: written only where the command line asks for it."""
    manifest = verdict.manifest
    if manifest.name in intent.rewrite:
        change = _write(Action.UPDATE, manifest, live, ignored_fields(manifest, live))
        return replace(verdict, change=replace(change, reason="written again as asked", rewrite=True))
    core = _renews_core(manifest, mark, intent)
    if not core and not _renews_fingerprint(manifest, mark, intent):
        return verdict
    change = _write(Action.UPDATE, manifest, live, ignored_fields(manifest, live))
    return replace(verdict, change=replace(change, reason="mark renewed", value_only=not core), renewal=True)


def _old_script(manifest: Manifest, there: Namesakes, intent: Intent) -> Live | None:
    """The script of ours under one of the previous names, if there is exactly one under that name."""
    for name in manifest.previous_names:
        lives = there.readable.get(name, ())
        if len(lives) == 1 and intent.owners.claim(lives[0]) is Claim.OURS:
            return lives[0]
    return None


def _create(manifest: Manifest, old: Live | None) -> Change:
    manifest = manifest.with_text()
    change = replace(_write(Action.CREATE, manifest, None, contents(manifest.script)), reason=REASON_CREATE)
    if old is None:
        return change
    if old.mark and old.mark.protected:
        return replace(change, reason=f"renamed from {old.name}, which is protected and stays")
    return replace(
        change,
        action=Action.RENAME,
        previous_name=old.name,
        uuid=old.uuid,
        precondition=precondition(old, None),
        reason=f"renamed from {old.name}: created first; the old one is deleted once this one is approved{_loss(old)}",
        origin=_rename_origin(old),
        operator=old.last_user or None,
        modified_at=old.last_touched,
    )


def _loss(old: Live) -> str:
    """A rename deletes what a hand wrote under the old name, too."""
    edited = _rename_origin(old) is Origin.BOTH
    return "; it was edited in COC since cocsync wrote it, and a copy of that is kept" if edited else ""


def _rename_origin(old: Live) -> Origin:
    return Origin.BOTH if old.mark and is_edited(old, old.mark) else Origin.MANIFEST


def _finish_rename(verdict: Verdict, live: Live, old: Live) -> Verdict:
    """The new script is there and ours, the old one still too."""
    if old.mark and old.mark.protected:
        return verdict
    manifest = verdict.manifest
    if verdict.change is None and live.status == Status.APPROVED:
        change = replace(_write(Action.RENAME, manifest, old, ()), precondition=precondition(old, None))
        reason = f"{manifest.name} is there and approved: the old {old.name} is deleted{_loss(old)}"
        change = replace(
            change,
            origin=_rename_origin(old),
            previous_name=old.name,
            reason=reason,
            restarts_review=False,
            needs=(),
            sources=(),
            reviewers=(),
        )
        return replace(verdict, change=change)
    return replace(verdict, waiting=replace(_in_review(manifest.name, live), previous_name=old.name))


def _write(action: Action, manifest: Manifest, live: Live | None, fields: tuple[FieldChange, ...]) -> Change:
    script = manifest.script
    core = marks.make(script, owner="", protected=manifest.protected, keys=Keyring()).core
    return Change(
        action=action,
        name=manifest.name,
        reason="",
        uuid=live.uuid if live else None,
        file=manifest.file,
        line=manifest.line,
        risk_level=script.risk_level,
        fields=fields,
        needs=manifest.missing_values,
        sources=sent_values(manifest),
        protected=manifest.protected,
        restarts_review=live is not None and bool(script.reviewers),
        reviewers=script.reviewers,
        desired=core,
        precondition=precondition(live, manifest) if live else None,
        operator=(live.last_user or None) if live else None,
        modified_at=live.last_touched if live else None,
    )


def _origin(manifest: Manifest, live: Live, mark: Mark, *, changed: bool) -> Origin:
    """Where the differences come from. `changed`: some are in sensitive values, where an edit in COC does not show.

    There is no third text to compare with, only the mark's digest of what was written last. So two questions are asked
    of it: does COC still show what was written, and does the manifest still ask for it? If COC does, only the manifest
    can have changed. If COC does not, somebody edited there; and where the manifest does not match either, both sides
    changed. That last answer also covers an out-of-date mark (the same edit made on both sides, then another one in the
    manifest): the digest cannot tell the two apart, and the reason that is shown names both.

    COC shows what was written where the digest fits one of three forms of the live script. As it is: the usual case.
    With the manifest's value of the ignored fields: an ignored field that COC forced or somebody changed must not make
    every other difference look like an edit in COC. With the manifest's value of the fields that agree, too: they may
    be equal here and digest otherwise, as for a reviewer whose id COC knows and the manifest leaves out.
    """
    desired = manifest.script
    agreed = {f.key: f.of(desired) for f in FIELDS if f.key in manifest.ignore or same(f, desired, live.script)}
    as_ignored = _with_ignored(live.script, desired, manifest.ignore)
    forms = (live.script, as_ignored, replace(live.script, **agreed))
    if not all(is_edited(replace(live, script=form), mark) for form in forms):
        return Origin.MANIFEST
    same_protocol = (desired.protocol or "DEFAULT") == (mark.protocol or "DEFAULT")
    as_marked = marks.digest(desired, protected=manifest.protected) == mark.digest and same_protocol
    return Origin.BOTH if changed or not as_marked else Origin.DRIFT


def _with_ignored(live: Script, desired: Script, ignore: frozenset[str]) -> Script:
    return replace(live, **{f.key: f.of(desired) for f in FIELDS if f.key in ignore})


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
    """Whether the fingerprint is out of date; a run without the key finds nothing to renew."""
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
    doubt = NotVerified(name=manifest.name, uuid=live.uuid, reason="in review: COC may show the version before it")
    return Verdict(manifest=manifest, waiting=_waiting(manifest.name, live), not_verified=doubt)


def _waiting(name: str, live: Live) -> Waiting | None:
    if live.status == Status.APPROVED:
        return None
    return _in_review(name, live)


def _in_review(name: str, live: Live) -> Waiting:
    pending = live.status == Status.PENDING_APPROVE
    awaiting = live.script.reviewers if pending else ()
    return Waiting(name=name, uuid=live.uuid, status=live.status, awaiting=awaiting)


def _not_verified(manifest: Manifest, live: Live, values: Verification) -> NotVerified | None:
    if not values.doubt:
        return None
    sources = sent_values(manifest)
    return NotVerified(
        name=manifest.name, uuid=live.uuid, reason=values.doubt, needs=manifest.missing_values, sources=sources
    )
