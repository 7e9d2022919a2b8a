"""Carrying out one change: look again, save, write, read back. With `writing`, the only caller of COC's writes.

Every attempt ends in exactly one `Result`. The order is the promise: the look shows that COC still has the version
that was planned, the copy is on disk before anything is overwritten, and what is reported is what was read back and not
what was sent. An outcome that looking cannot settle is `unknown`, never guessed: `failed` would claim that COC is as it
was, `applied` that it is as the manifest says, and the next plan would be read with that in mind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cocsync.apply.backup import Backups
from cocsync.apply.hands import slipped_in, touched_after
from cocsync.apply.results import applied, blocked, ended, failed, is_pending, shows_same, stale
from cocsync.apply.write import Changed, Stopped, Writer
from cocsync.coc.http.errors import ApiError
from cocsync.coc.scripts import ScriptsApi
from cocsync.errors import LocalFailure
from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.model.mark import Mark
from cocsync.model.normalise import EXACT
from cocsync.model.script import Status
from cocsync.observe.reading import read
from cocsync.plan.change import Action, Change, FieldChange
from cocsync.plan.diff import differences
from cocsync.plan.normalised import forms_of
from cocsync.plan.outcome import Failure, Outcome, Result
from cocsync.plan.ownership import Claim
from cocsync.plan.verdict import Intent
from cocsync.plan.verify import can_put_back
from cocsync.plan.writing import precondition


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
        """The change's result. Failures are in it, never raised, also those that nobody foresaw.

        Where `stopped` says so before its first write, it is not attempted.
        """
        writer = Writer(api=self.api, wait=self.wait, stopped=stopped, enterprise_project_id=self.enterprise_project_id)
        try:
            result = self._step(change, writer)
        except Stopped:
            result = ended(change, Outcome.NOT_ATTEMPTED)
        except Changed as changed:
            result = self._changed(change, changed.live)
        except LocalFailure as error:
            result = failed(change, error, Outcome.FAILED)
        except ApiError as error:
            result = failed(change, error, Outcome.UNKNOWN if writer.unsettled else Outcome.FAILED)
        except Exception as error:  # noqa: BLE001 - it ends this change, and neither the others nor the report
            result = failed(change, error, Outcome.UNKNOWN if writer.wrote else Outcome.FAILED)
        return replace(result, wrote=writer.wrote)

    def _changed(self, change: Change, live: Live) -> Result:
        """Somebody was faster than a write that had to wait or whose answer was lost."""
        why = f"{live.name} was changed in COC while cocsync was about to write, and is kept"
        manifest = self.manifests.get(change.name)
        return self._stale(change, why, manifest, live) if manifest and live.name == change.name else stale(change, why)

    def _step(self, change: Change, writer: Writer) -> Result:
        if change.action is Action.DELETE:
            return self._delete(change, writer)
        # At once, so that no file that changed meanwhile stops a replace between its delete and its create.
        manifest = self.manifests[change.name].with_text()
        self.api.conceal(manifest.script)
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
        live = writer.look(change.uuid or "")
        if live is None:
            return stale(change, "it was deleted in COC since the plan")
        if self._is_done(change, manifest, live):
            return applied(change, live, already=True)
        as_planned = self._may_write(change, live) and self._is_as_planned(change, manifest, live)
        if live.name != change.name or not as_planned:
            return self._stale(change, "it was changed in COC since the plan", manifest, live)
        if live.script.type != manifest.script.type:
            return blocked(change, "COC cannot change a type: plan again")
        self.backups.save(live, manifest.script.sensitive_names)
        description = marks.join(manifest.script.description, self._mark(manifest))
        try:
            if not writer.modify(live, manifest.script, description):
                return stale(change, "it was deleted in COC since the plan")
        except Changed as changed:
            if not self._is_written(manifest)(changed.live):
                raise
        return self._read_back(change, manifest, live.uuid, writer, before=live)

    def _delete(self, change: Change, writer: Writer) -> Result:
        live = writer.look(change.uuid or "")
        if live is None:
            return replace(ended(change, Outcome.APPLIED), already=True)
        if live.name != change.name or not self._may_delete(change, live):
            return stale(change, "it was changed in COC since the plan")
        self.backups.save(live)
        writer.delete(live)
        return ended(change, Outcome.APPLIED)

    def _replace(self, change: Change, manifest: Manifest, writer: Writer) -> Result:
        live = writer.look(change.uuid or "")
        if live is None:
            return self._create(change, manifest, writer)
        if live.name != change.name or not self._may_delete(change, live, manifest) or live.mark is None:
            return self._stale(change, "it was changed in COC since the plan", manifest, live)
        if reason := self._keeps_from_replace(manifest, live, live.mark):
            return blocked(change, reason)
        copy = self.backups.save(live, manifest.script.sensitive_names)
        writer.enterprise_project_id = live.enterprise_project_id or self.enterprise_project_id
        writer.delete(live)
        try:
            result = self._create(change, manifest, writer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the old script is deleted and has to come back
            result = failed(change, error, Outcome.UNKNOWN if writer.unsettled else Outcome.FAILED)
            if writer.unsettled and result.error:
                why = f"the old script was deleted (its copy is in {copy}), and the new one may or may not exist"
                return replace(result, error=Failure(message=f"{why}: {result.error.message}"))
        if result.outcome is not Outcome.FAILED or result.error is None:
            return result
        fate = writer.put_back(live, manifest.script) or f"it could NOT be put back: its copy is in {copy}"
        message = f"the old script was deleted, the new one was refused ({result.error.message}); {fate}"
        return replace(result, error=replace(result.error, message=message))

    def _keeps_from_replace(self, manifest: Manifest, live: Live, mark: Mark) -> str:
        if live.script.type == manifest.script.type:
            return "its type is the manifest's, so nothing asks for a replace: plan again"
        if not can_put_back(manifest, live.script, mark, self.intent.keys):
            return "its sensitive values in COC are not verified, so it could not be put back; nothing was written"
        return ""

    def _rename(self, change: Change, manifest: Manifest, writer: Writer) -> Result:
        result = self._create(change, manifest, writer) if change.fields else self._name_taken(change, manifest, writer)
        if result.outcome is not Outcome.APPLIED or result.normalised or result.status != Status.APPROVED:
            return result
        writer.unsettled = False
        old = writer.look(change.uuid or "")
        if old is None:
            return result
        if old.name != change.previous_name or not self._may_delete(change, old):
            kept = f"{change.name} is there, but {change.previous_name} was changed since the plan and is kept"
            return stale(change, kept)
        self.backups.save(old, manifest.script.sensitive_names)
        writer.delete(old)
        return replace(result, already=False)

    def _name_taken(self, change: Change, manifest: Manifest, writer: Writer) -> Result:
        """What is under the name: this very create, ours in another version, or somebody's."""
        lives = [live for row in self.api.find(change.name) if (live := read(self.api, row.uuid))]
        if len(lives) == 1:
            if self._is_written(manifest)(lives[0]):
                return applied(change, lives[0], already=not writer.wrote)
            normalised = lives[0].mark == self._mark(manifest) and forms_of(self._differences(manifest, lives[0]))
            if writer.wrote and normalised:
                return self._read_back(change, manifest, lives[0].uuid, writer)
            if self.intent.owners.claim(lives[0]) is Claim.OURS:
                return self._stale(change, "it was created in COC since the plan", manifest, lives[0])
        message = "COC says that the name is taken" + ("" if lives else ", but lists no script of that name")
        return ended(change, Outcome.FAILED, Failure(message=message))

    def _read_back(
        self, change: Change, manifest: Manifest, uuid: str, writer: Writer, *, before: Live | None = None
    ) -> Result:
        """Compares what COC shows now with what was sent. Another mark than the one sent is another version.

        `before` is the version that was written over, None after a create.
        """
        mark = self._mark(manifest)
        previous = self.intent.pending_shows_previous
        others: list[Live] = []

        def is_sent(seen: Live) -> bool:
            return seen.mark == mark and not self._is_before(manifest, before, seen)

        def is_it(seen: Live) -> bool:
            if not is_sent(seen):
                others.append(seen)
            return is_sent(seen) or (previous and is_pending(seen))

        live = writer.await_version(uuid, is_it)
        if live is None:
            reason = "COC accepted it and does not show it yet: run `cocsync plan`"
            return ended(change, Outcome.UNKNOWN, Failure(message=reason))
        if is_sent(live):
            result = self._written(change, manifest, live, before)
            lost = slipped_in(before, others)
            warnings = ("" if before else touched_after(live), self._kept(lost, manifest) if lost else "")
            return replace(result, warning="; ".join(filter(None, (result.warning, *warnings))))
        if is_pending(live):
            result = applied(change, live)
            warning = "COC still shows the version before: where it does until review, set `pending_shows: previous`"
            return result if previous else replace(result, warning=warning)
        reason = "COC accepted it and shows another version than was sent: run `cocsync plan`"
        return ended(change, Outcome.UNKNOWN, Failure(message=reason))

    def _is_before(self, manifest: Manifest, before: Live | None, seen: Live) -> bool:
        """Whether it is what was written over, under the very mark that was sent: that of what a hand edited."""
        if before is None or not shows_same(before, seen):
            return False
        unseen = seen.modified_at == before.modified_at or (self.intent.pending_shows_previous and is_pending(seen))
        return unseen and bool(self._differences(manifest, seen))

    def _kept(self, lost: Live, manifest: Manifest) -> str:
        """Saves what somebody wrote between the last look and the write, and says so."""
        said = f"{lost.last_user} changed it between the last look and the write, which replaced that"
        try:
            return f"{said}: a copy is in {self.backups.save(lost, manifest.script.sensitive_names)}"
        except LocalFailure as error:
            return f"{said}; {error}"

    def _written(self, change: Change, manifest: Manifest, live: Live, before: Live | None) -> Result:
        """What COC shows under the mark that was sent, and the setting that accepts what it made of the texts.

        While a review is awaited the text from before the write may be the version before: then nothing shows what COC
        made of what was sent, and nothing of that is remembered.
        """
        left = self._differences(manifest, live)
        doubtful = before is not None and is_pending(live) and shows_same(before, live)
        kept_as = EXACT if doubtful else forms_of(left)
        self.remember(replace(live.under(self.intent.normalisation), kept_as=kept_as))
        forms = forms_of(field for field in left if field.forms)
        result = applied(change, live, normalised=tuple(field.path for field in left))
        return replace(result, normalises=(self.intent.normalisation | forms).names if forms else ())

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
        return stale(change, why, self._differences(manifest, live))

    def _is_done(self, change: Change, manifest: Manifest, live: Live) -> bool:
        """A rewrite is done once the script was touched since the plan; anything else once it is as written."""
        if change.rewrite and change.precondition and live.modified_at == change.precondition.gmt_modified:
            return False
        return self._is_written(manifest)(live)

    def _may_write(self, change: Change, live: Live) -> bool:
        claim = self.intent.owners.claim(live)
        if change.action is not Action.ADOPT:
            return claim is Claim.OURS
        if claim.is_marked_otherwise:
            return (
                change.name in self.intent.take_over and live.mark is not None and live.mark.owner == change.taken_from
            )
        return claim in (Claim.UNMARKED, Claim.COPIED)

    def _may_delete(self, change: Change, live: Live, manifest: Manifest | None = None) -> bool:
        mark = self.intent.owners.mark_of_ours(live)
        return mark is not None and not mark.protected and self._is_as_planned(change, manifest, live)
