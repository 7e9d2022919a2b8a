"""What Markdown reports share: the ranks of their parts, conflicts, diagnostics, unmanaged scripts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cocsync.diagnostics import Diagnostic, Severity
from cocsync.plan.conflict import Conflict
from cocsync.plan.plan import Unmanaged
from cocsync.report.markdown.change import item, place
from cocsync.report.markdown.escape import code, prose
from cocsync.report.markdown.page import Entry, Listing
from cocsync.report.phrases import conflict_meaning, conflict_remedy, touched

NAMES, OTHER_NAMES, WHOLE, NOTES, ROWS, FIELDS, CONTENTS = range(1, 8)
"""Ranks, in the order in which they get room: first the names of all scripts, then why, then what exactly."""


def conflicts_listing(conflicts: Sequence[Conflict]) -> Listing:
    """Scripts under a manifest's name that are not cocsync's to write, each with why and what resolves that."""
    return Listing(
        title=f"#### Conflicts ({len(conflicts)}): left alone until somebody decides",
        entries=sorted(map(_conflict, conflicts), key=lambda entry: entry.group),
        names=NAMES,
        whole=WHOLE,
        noun="explanation",
    )


def _conflict(conflict: Conflict) -> Entry:
    who = touched(conflict.operator, conflict.modified_at)
    text = item(
        ", ".join(filter(None, (f"**conflict** {code(conflict.name)}", place(conflict.file, conflict.line)))),
        prose(conflict_meaning(conflict)),
        f"last touched in COC by {prose(who)}" if who else "",
        prose(conflict_remedy(conflict)),
    )
    return Entry(group=f"**conflict**, {conflict.kind.replace('_', ' ')}", name=conflict.name, text=text)


def diagnostics_listing(title: str, found: Sequence[Diagnostic], *, optional: bool) -> Listing:
    """What is said about files and surroundings, the worst first."""
    ordered = sorted(found, key=lambda diagnostic: list(Severity).index(diagnostic.severity))
    entries = [
        Entry(group=f"**{diagnostic.severity}**", name=diagnostic.code, text=_diagnostic(diagnostic))
        for diagnostic in ordered
    ]
    rank = NOTES if optional else WHOLE
    return Listing(title=title, entries=entries, names=rank, whole=rank, noun="finding", optional=optional)


def unmanaged_listing(unmanaged: Sequence[Unmanaged]) -> Listing:
    """Scripts not managed by this repository."""
    entries = [
        Entry(
            group="**unmanaged**",
            name=script.name,
            text=f"- {code(script.name)}, {prose(script.type)}, created by {code(script.creator)}",
        )
        for script in unmanaged
    ]
    title = f"#### Unmanaged ({len(unmanaged)}): not of this owner, in no manifest, never touched"
    return Listing(title=title, entries=entries, names=NOTES, whole=NOTES, noun="unmanaged script", optional=True)


def _diagnostic(found: Diagnostic) -> str:
    at = f" {code(f'{found.at.file}:{found.at.line}:{found.at.column}')}" if found.at else ""
    return f"- **{found.severity}**{at}: {prose(found.message)} ({code(found.code)})"
