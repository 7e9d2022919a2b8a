"""Letting a script go: the mark is taken off, everything else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cocsync.apply.backup import Backups
from cocsync.apply.results import failure_of
from cocsync.apply.write import Changed, Stopped, Writer, with_values
from cocsync.coc.http.errors import ApiError
from cocsync.coc.scripts import ScriptsApi
from cocsync.errors import LocalFailure, Refused, unforeseen
from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.model.mark import Keyring
from cocsync.model.script import Script, Status
from cocsync.plan.change import Action, Change
from cocsync.plan.outcome import Failure, Outcome, Result
from cocsync.plan.ownership import Owners
from cocsync.plan.verify import can_put_back
from cocsync.plan.writing import precondition

_STALE = "it was changed or deleted in COC since it was looked at: run it again"
_UNKNOWN = "COC accepted it and still shows the mark: look again with `cocsync plan`"
_BLOCKED = (
    "a write sends its sensitive values, and they are not verified here: keep its manifest, set its values and "
    "COCSYNC_FINGERPRINT_KEY, and release it again; or take the mark out of its description by hand"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Releaser:
    """Lets scripts go. A script with sensitive params needs its manifest with verified values: a write sends them."""

    api: ScriptsApi
    owners: Owners
    keys: Keyring
    manifests: Mapping[str, Manifest]
    backups: Backups
    wait: Callable[[float], None]

    def plan(self, lives: tuple[Live, ...], names: tuple[str, ...]) -> tuple[Change, ...]:
        """What would be written, by name. Raises `Refused` for a name that is not exactly one script of ours."""
        return tuple(self._change(lives, name) for name in sorted(set(names)))

    def run(self, change: Change, stopped: Callable[[], bool] = lambda: False) -> Result:
        """The change's result. Failures are in it, never raised, also those that nobody foresaw.

        Where `stopped` says so before its first write, it is not attempted.
        """
        writer = Writer(api=self.api, wait=self.wait, stopped=stopped)
        try:
            result = self._release(change, writer)
        except Stopped:
            result = Result(change=change, outcome=Outcome.NOT_ATTEMPTED)
        except Changed:
            result = _left(change, Outcome.STALE, _STALE)
        except LocalFailure as error:
            result = _left(change, Outcome.FAILED, str(error))
        except ApiError as error:
            outcome = Outcome.UNKNOWN if writer.unsettled else Outcome.FAILED
            result = Result(change=change, outcome=outcome, error=failure_of(error), systemic=error.is_systemic)
        except Exception as error:  # noqa: BLE001 - it ends this release, and neither the others nor the report
            result = _left(change, Outcome.UNKNOWN if writer.wrote else Outcome.FAILED, unforeseen(error))
        return replace(result, uuid=change.uuid, wrote=writer.wrote)

    def _change(self, lives: tuple[Live, ...], name: str) -> Change:
        ours = [live for live in lives if live.name == name and self.owners.mark_of_ours(live)]
        if len(ours) != 1:
            there = f"{len(ours)} scripts" if ours else "no script"
            raise Refused(f"{name}: COC has {there} of this owner under that name")
        live = ours[0]
        reviewed = bool(live.script.reviewers)
        return Change(
            action=Action.UPDATE,
            name=name,
            reason="released: the mark is taken off",
            uuid=live.uuid,
            risk_level=live.script.risk_level,
            restarts_review=reviewed,
            precondition=precondition(live, None),
        )

    def _release(self, change: Change, writer: Writer) -> Result:
        live = writer.look(change.uuid or "")
        if live and live.mark is None:
            return Result(change=change, outcome=Outcome.APPLIED, already=True, status=live.status)
        mark = self.owners.mark_of_ours(live) if live else None
        if live is None or mark is None or precondition(live, None) != change.precondition:
            return _left(change, Outcome.STALE, _STALE)
        manifest = self.manifests.get(change.name)
        known = manifest is not None and can_put_back(manifest, live.script, mark, self.keys)
        if live.script.sensitive_params and not known:
            return _left(change, Outcome.BLOCKED, _BLOCKED)
        script = with_values(live.script, manifest.script) if manifest else live.script
        return self._write(change, live, replace(script, protocol=live.protocol), writer)

    def _write(self, change: Change, live: Live, script: Script, writer: Writer) -> Result:
        self.backups.save(live, frozenset(param.name for param in live.script.sensitive_params))
        if not writer.modify(live, script, marks.without_marks(script.description) or script.name):
            return _left(change, Outcome.STALE, _STALE)
        after = writer.await_version(live.uuid, lambda seen: seen.mark is None)
        if after is None or after.mark is not None:
            return _left(change, Outcome.UNKNOWN, _UNKNOWN)
        awaiting = after.script.reviewers if after.status == Status.PENDING_APPROVE else ()
        return Result(change=change, outcome=Outcome.APPLIED, status=after.status, awaiting=awaiting)


def _left(change: Change, outcome: Outcome, why: str) -> Result:
    return Result(change=change, outcome=outcome, error=Failure(message=why))
