"""Findings as commands that a workflow of GitHub Actions shows as annotations, the worst first. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from cocsync.diagnostics import Checked, Diagnostic, Severity
from cocsync.plan.change import Change, Origin
from cocsync.plan.conflict import Conflict
from cocsync.plan.drift import Drift, Drifted
from cocsync.plan.plan import Plan
from cocsync.report.danger import dangers
from cocsync.report.phrases import (
    conflict_meaning,
    conflict_remedy,
    counted,
    drift_counts,
    missing_values,
    plan_counts,
    replaced_values,
    sent_values,
    touched,
)
from cocsync.report.terminal import escaped
from cocsync.report.view import View

SHOWN_MAX = 10
"""Annotations: GitHub shows no more of a kind in a step."""

_PROPERTY = {ord("%"): "%25", ord(":"): "%3A", ord(","): "%2C"}


class Level(IntEnum):
    """GitHub's levels, the worst first."""

    ERROR = 0
    WARNING = 1
    NOTICE = 2


_LEVELS = {Severity.ERROR: Level.ERROR, Severity.WARNING: Level.WARNING, Severity.NOTE: Level.NOTICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Annotation:
    level: Level
    title: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None


def diagnostics_github(checked: Checked, view: View) -> str:
    """What `validate` found."""
    annotations = [_of_diagnostic(diagnostic) for diagnostic in checked.found]
    return _written(annotations, view.folder, "validate", counted(len(annotations), "problem"))


def plan_github(plan: Plan, view: View) -> str:
    """What stands in the way of a plan, and what it would do."""
    guards = [
        _Annotation(level=Level.ERROR, title=f"refused: {guard.code}", message=guard.message) for guard in plan.guards
    ]
    annotations = [
        *guards,
        *map(_of_conflict, plan.conflicts),
        *map(_of_diagnostic, plan.diagnostics),
        *map(_of_change, plan.changes),
    ]
    return _written(annotations, view.folder, f"plan for {plan.target.name}", plan_counts(plan.summary))


def drift_github(drift: Drift, view: View) -> str:
    """Every difference."""
    annotations = [
        *map(_of_conflict, drift.conflicts),
        *map(_of_drifted, drift.drifted),
        *map(_of_diagnostic, drift.diagnostics),
    ]
    return _written(annotations, view.folder, f"drift of {drift.target.name}", drift_counts(drift))


def _of_diagnostic(found: Diagnostic) -> _Annotation:
    return _Annotation(
        level=_LEVELS[found.severity],
        title=found.code,
        message=found.message,
        file=found.at.file if found.at else None,
        line=found.at.line if found.at else None,
        column=found.at.column if found.at else None,
    )


def _of_conflict(found: Conflict) -> _Annotation:
    hand = touched(found.operator, found.modified_at)
    said = (
        conflict_meaning(found),
        f"last touched in COC by {hand}" if hand else "",
        conflict_remedy(found),
    )
    return _Annotation(
        level=Level.ERROR,
        title=f"conflict: {found.name}",
        message="; ".join(filter(None, said)),
        file=found.file,
        line=found.line,
    )


def _of_change(change: Change) -> _Annotation:
    whys = dangers(change)
    return _Annotation(
        level=Level.WARNING if whys else Level.NOTICE,
        title=f"{change.action}: {change.name}",
        message="; ".join(
            filter(
                None,
                (*whys, change.reason, *replaced_values(change), sent_values(change), missing_values(change)),
            )
        ),
        file=change.file,
        line=change.line,
    )


def _of_drifted(drifted: Drifted) -> _Annotation:
    hand = touched(drifted.operator, drifted.modified_at)
    paths = ", ".join(field.path + (f" ({field.note})" if field.note else "") for field in drifted.fields)
    facts = (drifted.reason, f"last touched in COC by {hand}" if hand else "", f"differs in {paths}" if paths else "")
    edited = drifted.origin is not Origin.MANIFEST
    return _Annotation(
        level=Level.WARNING if edited else Level.NOTICE,
        title=f"{drifted.kind}: {drifted.name}",
        message="; ".join(filter(None, facts)),
        file=drifted.file,
        line=drifted.line,
    )


def _written(annotations: list[_Annotation], folder: str, what: str, counts: str) -> str:
    """The worst, and one more that says how many there are."""
    worst = sorted(annotations, key=lambda annotation: annotation.level)[:SHOWN_MAX]
    more = len(annotations) - len(worst)
    message = counts + (f"; {counted(more, 'more is', 'more are')} not shown here" if more else "")
    summary = _Annotation(level=Level.NOTICE, title=f"cocsync {what}", message=message)
    return "".join(f"{_command(annotation, folder)}\n" for annotation in (*worst, summary))


def _command(annotation: _Annotation, folder: str) -> str:
    properties = ",".join(
        f"{key}={escaped(value).translate(_PROPERTY)}" for key, value in _properties(annotation, folder)
    )
    return f"::{annotation.level.name.lower()} {properties}::{escaped(annotation.message).replace('%', '%25')}"


def _properties(annotation: _Annotation, folder: str) -> Iterator[tuple[str, str]]:
    if annotation.file is not None:
        yield "file", folder + annotation.file
    if annotation.line is not None:
        yield "line", str(annotation.line)
    if annotation.column is not None:
        yield "col", str(annotation.column)
    yield "title", annotation.title
