"""Drift for people: what differs, who caused it, who touched it last and when. Pure."""

from __future__ import annotations

from cocsync.plan.conflict import Conflict
from cocsync.plan.drift import Drift, Drifted, DriftKind
from cocsync.report.phrases import NO_DRIFT, alike_counts, drift_counts, touched
from cocsync.report.terminal import Look
from cocsync.report.text.change import DRIFT_SIDES, NEW, write_fields
from cocsync.report.text.diagnostics import write_diagnostics
from cocsync.report.text.page import Page
from cocsync.report.text.script import (
    DETAIL,
    ITEM,
    place,
    write_conflict,
    write_incomplete,
    write_item,
    write_target,
    write_touched,
    write_unmanaged,
)
from cocsync.report.view import View


def drift_text(drift: Drift, view: View) -> str:
    """The drift on one page. A verbose one shows whole what is otherwise cut."""
    page = Page(style=view.style, width=view.width)
    write_target(page, drift.target, drift.owner)
    write_incomplete(page, complete=drift.complete)
    for one in drift.by_name:
        page.blank()
        if isinstance(one, Conflict):
            write_conflict(page, one)
        else:
            _write_drifted(page, one, verbose=view.verbose)
    if view.unmanaged:
        write_unmanaged(page, drift.unmanaged, whole=view.verbose)
    if drift.diagnostics:
        page.heading("Also found")
        write_diagnostics(page, drift.diagnostics, indent=ITEM)
    page.blank()
    _write_summary(page, drift)
    return page.text()


def _write_drifted(page: Page, drifted: Drifted, *, verbose: bool) -> None:
    write_item(page, drifted.kind, drifted.name, *place(drifted.file, drifted.line))
    page.sentence(f"{drifted.reason} (origin: {drifted.origin})", indent=DETAIL)
    write_touched(page, touched(drifted.operator, drifted.modified_at))
    missing = drifted.kind is DriftKind.MISSING
    if verbose or not missing:
        write_fields(page, drifted.fields, NEW if missing else DRIFT_SIDES, indent=DETAIL, whole=verbose)


def _write_summary(page: Page, drift: Drift) -> None:
    if drift.found or not drift.complete:
        page.unbroken(f"Drift: {drift_counts(drift)}.", Look.BOLD)
        return
    page.unbroken(f"{alike_counts(drift)}.")
    page.unbroken(NO_DRIFT, Look.BOLD, Look.GREEN)
