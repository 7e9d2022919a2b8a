"""Carrying out one change: look again, save, write, read back. With `writing`, the only caller of COC's writes.

Every attempt ends in exactly one `Result`; what nobody can tell is `unknown`, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cocsync import mark as marks
from cocsync.applying.backup import Backups
from cocsync.applying.writing import Stopped, Writer, failure_of, without_values
from cocsync.coc.errors import ApiError
from cocsync.coc.scripts import ScriptsApi
from cocsync.desired import Manifest
from cocsync.errors import LocalFailure
from cocsync.live import Live
from cocsync.mark import Mark
from cocsync.model import Status
from cocsync.observing.observe import read
from cocsync.outcome import Failure, Outcome, Result
from cocsync.planning.change import Action, Change, FieldChange
from cocsync.planning.diff import differences
from cocsync.planning.normalised import forms_of
from cocsync.planning.ownership import Claim
from cocsync.planning.verdict import Intent, is_edited, precondition
from cocsync.planning.verify import can_put_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """Carries out changes of one plan, each independent of the others. Thread-safe.

    `manifests` holds the manifest of every change but a delete, as it is sent; `wait` sleeps that many seconds.
    `remember` gets what was read back, as it is under the intent's normalisation.
    """

    api: ScriptsApi
    manifests: Mapping[str, Manifest]
    intent: Intent
    backups: Backups
    wait: Callable[[float], None]
    enterprise_project_id: str | None = None
    remember: Callable[[Live], None] = lambda _: None

    def run(self, change: Change, stopped: Callable[[], bool] = lambda: False) -> Result:
        """The change's result. Expected failures are in it, never raised.

        Where `stopped` says so before its first write, it is not attempted.
        """
        writer = Writer(api=self.api, wait=self.wait, stopped=stopped, enterprise_project_id=self.enterprise_project_id)
        try:
            result = self._step(change, writer)
        except Stopped:
            result = _ended(change, Outcome.NOT_ATTEMPTED)
        except LocalFailure as error:
            result = _ended(change, Outcome.FAILED, Failure(message=str(error)))
        except ApiError as error:
            result = _failed(change, error, Outcome.UNKNOWN if writer.unsettled else Outcome.FAILED)
        return replace(result, wrote=writer.wrote, error=self._without_values(change, result.error))

    def _without_values(self, change: Change, error: Failure | None) -> Failure | None:
        manifest = self.manifests.get(change.name)
        return without_values(error, manifest.script) if error and manifest else error

    def _step(self, change: Change, writer: Writer) -> Result:
        if change.action is Action.DELETE:
            return self._delete(change, writer)
        # At once, so that no file that changed meanwhile stops a replace between its delete and its create.
        manifest = self.manifests[change.name].with_text()
        match change.action:
            case Action.CREATE:
                return self._create(change, manifest, writer)
            case Action.REPLACE:
                return self._replace(change, manifest, writer)
            case Action.RENAME:
                return self._rename(change, manifest, writer)
            case Action.UPDATE | Action.ADOPT:
                return self._update(change, manifest, writer)

    def _create(self, change: Change, manifest: Manifest, writer: Writer) -> Result:
        mark = self._mark(manifest)
        uuid = writer.create(manifest.script, marks.join(manifest.script.description, mark))
        if uuid is None:
            return self._name_taken(change, manifest, writer)
        return self._read_back(change, manifest, uuid, writer)

    def _update(self, change: Change, manifest: Manifest, writer: Writer) -> Result:
        live = read(self.api, change.uuid or "")
        if live is None:
            return _stale(change, "it was deleted in COC since the plan")
        if self._is_done(change, manifest, live):
            return _applied(change, live, already=True)
        as_planned = self._may_write(change, live) and self._is_as_planned(change, manifest, live)
        if live.name != change.name or not as_planned:
            return self._stale(change, "it was changed in COC since the plan", manifest, live)
        self._save(live, manifest)
        description = marks.join(manifest.script.description, self._mark(manifest))
        if not writer.modify(live, manifest.script, description):
            return _stale(change, "it was deleted in COC since the plan")
        return self._read_back(change, manifest, live.uuid, writer)

    def _delete(self, change: Change, writer: Writer) -> Result:
        live = read(self.api, change.uuid or "")
        if live is None:
            return replace(_ended(change, Outcome.APPLIED), already=True)
        if live.name != change.name or not self._may_delete(change, live):
            return _stale(change, "it was changed in COC since the plan")
        self.backups.save(live)
        writer.delete(live.uuid)
        return _ended(change, Outcome.APPLIED)

    def _replace(self, change: Change, manifest: Manifest, writer: Writer) -> Result:
        live = read(self.api, change.uuid or "")
        if live is None:
            return self._create(change, manifest, writer)
        if live.name != change.name or not self._may_delete(change, live, manifest) or live.mark is None:
            return self._stale(change, "it was changed in COC since the plan", manifest, live)
        if not can_put_back(manifest, live.script, live.mark, self.intent.keys):
            reason = "its sensitive values in COC are not verified, so it could not be put back; nothing was written"
            return _ended(change, Outcome.BLOCKED, Failure(message=reason))
        copy = self.backups.save(live, _secrets(manifest))
        writer.enterprise_project_id = live.enterprise_project_id or self.enterprise_project_id
        writer.delete(live.uuid)
        try:
            result = self._create(change, manifest, writer)
        except ApiError as error:
            if writer.unsettled:
                message = (
                    f"the old script was deleted (its copy is in {copy}), and of the new one nobody can tell: {error}"
                )
                return replace(_failed(change, error, Outcome.UNKNOWN), error=Failure(message=message))
            result = _failed(change, error, Outcome.FAILED)
        if result.outcome is not Outcome.FAILED or result.error is None:
            return result
        fate = writer.put_back(live, manifest.script) or f"it could NOT be put back: its copy is in {copy}"
        message = f"the old script was deleted, the new one was refused ({result.error.message}); {fate}"
        return replace(result, error=replace(result.error, message=message))

    def _rename(self, change: Change, manifest: Manifest, writer: Writer) -> Result:
        result = self._create(change, manifest, writer) if change.fields else self._name_taken(change, manifest, writer)
        if result.outcome is not Outcome.APPLIED or result.normalised or result.status != Status.APPROVED:
            return result
        writer.unsettled = False
        old = read(self.api, change.uuid or "")
        if old is None:
            return result
        if old.name != change.previous_name or not self._may_delete(change, old):
            kept = f"{change.name} is there, but {change.previous_name} was changed since the plan and is kept"
            return _stale(change, kept)
        self.backups.save(old, _secrets(manifest))
        writer.delete(old.uuid)
        return replace(result, already=False)

    def _name_taken(self, change: Change, manifest: Manifest, writer: Writer) -> Result:
        """What is under the name: this very create, ours in another version, or somebody's."""
        lives = [live for row in self.api.find(change.name) if (live := read(self.api, row.uuid))]
        if len(lives) == 1:
            if self._is_written(manifest)(lives[0]):
                return _applied(change, lives[0], already=not writer.wrote)
            normalised = lives[0].mark == self._mark(manifest) and forms_of(self._differences(manifest, lives[0]))
            if writer.wrote and normalised:
                return self._read_back(change, manifest, lives[0].uuid, writer)
            if self.intent.owners.claim(lives[0]) is Claim.OURS:
                return self._stale(change, "it was created in COC since the plan", manifest, lives[0])
        message = "COC says that the name is taken" + ("" if lives else ", but lists no script of that name")
        return _ended(change, Outcome.FAILED, Failure(message=message))

    def _read_back(self, change: Change, manifest: Manifest, uuid: str, writer: Writer) -> Result:
        """Compares what COC shows now with what was sent. Another mark than the one sent is another version."""
        mark = self._mark(manifest)
        previous = self.intent.pending_shows_previous
        live = writer.await_version(uuid, lambda seen: seen.mark == mark or (previous and _is_pending(seen)))
        if live is None:
            reason = "COC accepted it and does not show it yet: run `cocsync plan`"
            return _ended(change, Outcome.UNKNOWN, Failure(message=reason))
        if live.mark == mark:
            left = self._differences(manifest, live)
            self.remember(replace(live.under(self.intent.normalisation), kept_as=forms_of(left)))
            forms = forms_of(field for field in left if field.forms)
            result = _applied(change, live, normalised=tuple(f.path for f in left))
            return replace(result, normalises=(self.intent.normalisation | forms).names if forms else ())
        if _is_pending(live):
            result = _applied(change, live)
            warning = "COC still shows the version before: where it does until review, set `pending_shows: previous`"
            return result if previous else replace(result, warning=warning)
        reason = "COC accepted it and shows another version than was sent: run `cocsync plan`"
        return _ended(change, Outcome.UNKNOWN, Failure(message=reason))

    def _mark(self, manifest: Manifest) -> Mark:
        owner, keys = self.intent.owners.current, self.intent.keys
        manifest = manifest.under(self.intent.normalisation)
        return marks.make(manifest.script, owner=owner, protected=manifest.protected, keys=keys)

    def _is_written(self, manifest: Manifest) -> Callable[[Live], bool]:
        """Tells a live script that is exactly what this manifest writes: equal fields under exactly its mark."""
        mark = self._mark(manifest)
        return lambda live: live.mark == mark and not self._differences(manifest, live)

    def _differences(self, manifest: Manifest, live: Live) -> tuple[FieldChange, ...]:
        forms = self.intent.normalisation
        return differences(manifest.under(forms).script, live.under(forms), manifest.ignore)

    def _is_as_planned(self, change: Change, manifest: Manifest | None, live: Live) -> bool:
        planned, forms = change.precondition, self.intent.normalisation
        if planned is None:
            return False
        return precondition(live.under(forms), manifest and manifest.under(forms)).digest == planned.digest

    def _stale(self, change: Change, why: str, manifest: Manifest, live: Live) -> Result:
        """Another version than the plan saw, and what it differs in now."""
        return replace(_stale(change, why), fields=self._differences(manifest, live))

    def _is_done(self, change: Change, manifest: Manifest, live: Live) -> bool:
        """A rewrite is done once the script was touched since the plan; anything else once it is as written."""
        if change.rewrite and change.precondition and live.modified_at == change.precondition.gmt_modified:
            return False
        return self._is_written(manifest)(live)

    def _may_write(self, change: Change, live: Live) -> bool:
        claim = self.intent.owners.claim(live)
        if change.action is not Action.ADOPT:
            return claim is Claim.OURS
        if claim is Claim.OWNER:
            return change.name in self.intent.take_over
        return claim in (Claim.UNMARKED, Claim.COPIED)

    def _may_delete(self, change: Change, live: Live, manifest: Manifest | None = None) -> bool:
        mark = self.intent.owners.mark_of_ours(live)
        return mark is not None and not mark.protected and self._is_as_planned(change, manifest, live)

    def _save(self, live: Live, manifest: Manifest) -> None:
        """Keeps a copy of what cocsync did not write."""
        mark = self.intent.owners.mark_of_ours(live)
        if mark is None or is_edited(live.under(self.intent.normalisation), mark):
            self.backups.save(live, _secrets(manifest))


def _secrets(manifest: Manifest) -> frozenset[str]:
    return frozenset(param.name for param in manifest.script.sensitive_params)


def _is_pending(live: Live) -> bool:
    return live.status == Status.PENDING_APPROVE


def _ended(change: Change, outcome: Outcome, error: Failure | None = None) -> Result:
    return Result(change=change, outcome=outcome, error=error)


def _applied(change: Change, live: Live, *, already: bool = False, normalised: tuple[str, ...] = ()) -> Result:
    return Result(
        change=change,
        outcome=Outcome.APPLIED,
        already=already,
        uuid=live.uuid,
        status=live.status,
        normalised=normalised,
        awaiting=live.script.reviewers if _is_pending(live) else (),
        warning="" if already else _own_review(live),
    )


def _own_review(live: Live) -> str:
    """A warning where whoever has just written a script is asked to review it."""
    if not _is_pending(live) or live.last_user not in {reviewer.name for reviewer in live.script.reviewers}:
        return ""
    return f"{live.last_user} wrote it and is one of its reviewers: let somebody else review it; cocsync never approves"


def _failed(change: Change, error: ApiError, outcome: Outcome) -> Result:
    return replace(_ended(change, outcome, failure_of(error)), systemic=error.is_systemic)


def _stale(change: Change, why: str) -> Result:
    return replace(_ended(change, Outcome.STALE, Failure(message=f"{why}: plan again")), uuid=change.uuid)
