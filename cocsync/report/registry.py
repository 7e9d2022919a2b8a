"""Which formats a record has, and what renders it in each. A renderer is imported when it is first needed. Pure."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from cocsync.diagnostics import Checked
from cocsync.doctor.checkup import Checkup
from cocsync.export.record import Import
from cocsync.observe.review import ReviewReport
from cocsync.plan.drift import Drift
from cocsync.plan.outcome import ApplyReport
from cocsync.plan.plan import Plan
from cocsync.report.view import View

Renderer: TypeAlias = Callable[[Any, View], str]

RENDERERS: dict[type, dict[str, str]] = {
    Plan: {
        "text": "text.plan:plan_text",
        "json": "json:plan_json",
        "markdown": "markdown.plan:plan_markdown",
        "github": "github:plan_github",
        "html": "html.plan:plan_html",
    },
    ApplyReport: {
        "text": "text.apply:apply_text",
        "json": "json:apply_json",
        "markdown": "markdown.apply:apply_markdown",
    },
    Drift: {
        "text": "text.drift:drift_text",
        "json": "json:drift_json",
        "markdown": "markdown.drift:drift_markdown",
        "github": "github:drift_github",
        "junit": "junit:drift_junit",
        "html": "html.drift:drift_html",
    },
    Checked: {
        "text": "text.diagnostics:diagnostics_text",
        "json": "json:diagnostics_json",
        "sarif": "sarif:diagnostics_sarif",
        "junit": "junit:diagnostics_junit",
        "github": "github:diagnostics_github",
    },
    ReviewReport: {"text": "text.status:status_text", "json": "json:status_json"},
    Checkup: {"text": "text.doctor:checkup_text", "json": "json:checkup_json"},
    Import: {"text": "text.imports:import_text", "json": "json:import_json"},
}
"""For each type of record, its formats in the order of the help: `module:function` below this package."""


def formats(record_type: type) -> tuple[str, ...]:
    """The formats of these records; the first is the default."""
    return tuple(RENDERERS[record_type])


def render(record: object, format_: str, view: View) -> str:
    """The record in this format, one of `formats`."""
    return renderer(type(record), format_)(record, view)


def renderer(record_type: type, format_: str) -> Renderer:
    """The function that renders these records in this format."""
    module, _, name = RENDERERS[record_type][format_].partition(":")
    found: Renderer = getattr(import_module(f"cocsync.report.{module}"), name)
    return found
