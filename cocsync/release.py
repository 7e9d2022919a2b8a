"""Letting a script go: the mark is taken off, everything else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cocsync.change import Action, Change
from cocsync.coc.errors import ApiError, Rejected
from cocsync.coc.scripts import ScriptsApi
from cocsync.desired import Manifest
from cocsync.errors import Refused
from cocsync.live import Live
from cocsync.mark import Keyring
from cocsync.observe import read
from cocsync.outcome import Failure, Outcome, Result
from cocsync.ownership import Owners
from cocsync.verdict import precondition
from cocsync.verify import can_put_back
from cocsync.writing import Writer, with_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Releaser:
    """Lets scripts go. A script with sensitive params needs its manifest with verified values: a write sends them."""

    api: ScriptsApi
    owners: Owners
    keys: Keyring
    manifests: Mapping[str, Manifest]
    wait: Callable[[float], None]

    def plan(self, lives: tuple[Live, ...], names: tuple[str, ...]) -> tuple[Change, ...]:
        """What would be written, by name. Raises `Refused` for a name that is not exactly one script of ours."""
        return tuple(self._change(lives, name) for name in sorted(set(names)))

    def run(self, change: Change) -> Result:
        """The change's result. Expected failures are in it, never raised."""
        writer = Writer(api=self.api, wait=self.wait, stopped=lambda: False)
        try:
            outcome, why = self._release(change, writer)
            error = Failure(message=why) if why else None
        except ApiError as refusal:
            code = refusal.code if isinstance(refusal, Rejected) else ""
            outcome = Outcome.UNKNOWN if writer.wrote else Outcome.FAILED
            error = Failure(message=str(refusal), code=code, request_id=refusal.request_id or "")
        return Result(change=change, outcome=outcome, uuid=change.uuid, error=error, wrote=writer.wrote)

    def _change(self, lives: tuple[Live, ...], name: str) -> Change:
        ours = [live for live in lives if live.name == name and self.owners.mark_of_ours(live)]
        if len(ours) != 1:
            raise Refused(f"{name}: COC has {len(ours) or 'no'} script of this owner under that name")
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

    def _release(self, change: Change, writer: Writer) -> tuple[Outcome, str]:
        live = read(self.api, change.uuid or "")
        if live is None or precondition(live, None) != change.precondition:
            return Outcome.STALE, "it was changed or deleted in COC since it was looked at: run it again"
        mark = self.owners.mark_of_ours(live)
        if mark is None:
            return Outcome.APPLIED, ""
        manifest = self.manifests.get(change.name)
        known = manifest is not None and can_put_back(manifest, live.script, mark, self.keys)
        if live.script.sensitive_params and not known:
            return Outcome.BLOCKED, (
                "a write sends its sensitive values, and they are not verified here: keep its manifest, set its values "
                "and COCSYNC_FINGERPRINT_KEY, and release it again; or take the mark out of its description by hand"
            )
        script = with_values(live.script, manifest.script) if manifest else live.script
        description = live.script.description or live.name
        writer.modify(live, replace(script, protocol=live.script.protocol or mark.protocol), description)
        after = writer.await_version(live.uuid, lambda seen: seen.mark is None)
        if after is None or after.mark is not None:
            return Outcome.UNKNOWN, "COC accepted it and still shows the mark: look again with `cocsync plan`"
        return Outcome.APPLIED, ""
