"""What a plan warns of: live scripts that it leaves alone, and an owner that others may use too. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from cocsync.diagnostics import Diagnostic, Severity
from cocsync.model.live import Live, Observed
from cocsync.plan.normalised import kept_otherwise
from cocsync.plan.ownership import Claim
from cocsync.plan.verdict import Intent


def warnings(observed: Observed, intent: Intent, manifests: Collection[str]) -> Iterator[Diagnostic]:
    """What is to be known of scripts that stay as they are. `manifests` are the names that have one."""
    ours = (live for live in observed.scripts if live.name in manifests and intent.owners.mark_of_ours(live))
    yield from kept_otherwise(ours, intent.normalisation)
    yield from _forbidden(observed, manifests)
    yield from _newer_format(observed, intent, manifests)


def shared_owner(owner: str, owned: Collection[Live]) -> Diagnostic:
    """That `owned`, all of this owner, look like another repository's."""
    return _warning(
        "owner-shared",
        f"owner {owner} owns {len(owned)} of the scripts in COC, and none of them has a manifest here: if another "
        "repository uses this owner, give this one its own",
    )


def all_foreign(owned: Collection[Live], named: Collection[str]) -> bool:
    """Whether there are scripts of this owner and manifests, and no manifest names any of the scripts."""
    return bool(owned and named) and not any(live.name in named for live in owned)


def _forbidden(observed: Observed, manifests: Collection[str]) -> Iterable[Diagnostic]:
    return (
        _warning("forbidden", f"COC does not let this user read the script {row.name} (403): it is taken as unmanaged")
        for row in observed.forbidden
        if row.name not in manifests
    )


def _newer_format(observed: Observed, intent: Intent, manifests: Collection[str]) -> Iterable[Diagnostic]:
    return (
        _warning(
            "newer-format",
            f"{live.name} has a mark of this owner in a format that this version does not know{_by(live)}: it is left "
            "alone; update cocsync, or take the mark out of its description by hand",
        )
        for live in observed.scripts
        if intent.owners.claim(live) is Claim.NEWER_FORMAT and live.name not in manifests
    )


def _warning(code: str, message: str) -> Diagnostic:
    return Diagnostic(severity=Severity.WARNING, code=code, message=message)


def _by(live: Live) -> str:
    return f", last touched by {live.last_user}" if live.last_user else ""
