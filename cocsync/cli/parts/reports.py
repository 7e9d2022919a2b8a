"""Which reports a verb writes, by the format that -o names. Each renderer imports what it needs, when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocsync import __version__

if TYPE_CHECKING:
    from cocsync.cli.parts.run import Run
    from cocsync.diagnostics import Diagnostic
    from cocsync.plan.drift import Drift
    from cocsync.plan.outcome import ApplyReport
    from cocsync.plan.plan import Plan
    from cocsync.report.terminal import Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Of `validate`: what was found, how many scripts the manifests describe, and the files that were looked at."""

    found: tuple[Diagnostic, ...]
    scripts: int = 0
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a report is to look: what the verb's options say, and what its destination asks for.

    `summary`: no more than a line a change. `unmanaged`: scripts that are nobody's business are listed.
    """

    run: Run
    style: Style
    summary: bool = False
    unmanaged: bool = False
    in_step_summary: bool = False

    @property
    def folder(self) -> str:
        """The folder of the project file in its Git repository, with `/` at the end; empty where it is the same."""
        from cocsync.engine.workspace import find_root

        root = find_root(self.run.directory)
        top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
        return "" if top == root else f"{root.relative_to(top).as_posix()}/"

    @property
    def budget(self) -> int:
        """Characters of a Markdown report."""
        from cocsync.report.markdown.page import COMMENT_BUDGET, STEP_SUMMARY_BUDGET

        return STEP_SUMMARY_BUDGET if self.in_step_summary else COMMENT_BUDGET


def emit(run: Run, renderers: Mapping[str, Callable[[Any, View], str]], record: object, **how: bool) -> None:
    """Writes the record in every wanted format; `how` are fields of `View`. Raises as `Run.emit`."""

    def render(name: str, path: Path | None, style: Style) -> str:
        return renderers[name](record, View(run=run, style=style, in_step_summary=_is_step_summary(run, path), **how))

    numbered = {str(number): (name, path) for number, (name, path) in enumerate(run.outputs)}
    places = replace(run, outputs=tuple((number, path) for number, (_, path) in numbered.items()))
    places.emit({number: partial(render, name, path) for number, (name, path) in numbered.items()})


def _is_step_summary(run: Run, path: Path | None) -> bool:
    summary = run.environ.get("GITHUB_STEP_SUMMARY")
    return bool(path and summary) and path == Path(str(summary))


def _plan_text(plan: Plan, view: View) -> str:
    from cocsync.report.text.plan import plan_text

    run = view.run
    return plan_text(plan, style=view.style, width=run.width, verbose=run.verbose, summary=view.summary)


def _plan_json(plan: Plan, _: View) -> str:
    from cocsync.report.json import plan_json

    return plan_json(plan, tool_version=__version__)


def _plan_markdown(plan: Plan, view: View) -> str:
    from cocsync.report.markdown.plan import plan_markdown

    return plan_markdown(plan, budget=view.budget)


def _plan_github(plan: Plan, view: View) -> str:
    from cocsync.report.github import plan_github

    return plan_github(plan, folder=view.folder)


def _plan_html(plan: Plan, _: View) -> str:
    from cocsync.report.html.plan import plan_html

    return plan_html(plan, tool_version=__version__)


def _apply_text(report: ApplyReport, view: View) -> str:
    from cocsync.report.text.apply import apply_text

    return apply_text(report, style=view.style, width=view.run.width, verbose=view.run.verbose)


def _apply_json(report: ApplyReport, _: View) -> str:
    from cocsync.report.json import apply_json

    return apply_json(report, tool_version=__version__)


def _apply_markdown(report: ApplyReport, view: View) -> str:
    from cocsync.report.markdown.apply import apply_markdown

    return apply_markdown(report, budget=view.budget)


def _drift_text(drift: Drift, view: View) -> str:
    from cocsync.report.text.drift import drift_text

    run = view.run
    return drift_text(drift, unmanaged=view.unmanaged, style=view.style, width=run.width, verbose=run.verbose)


def _drift_json(drift: Drift, view: View) -> str:
    from cocsync.report.json import drift_json

    return drift_json(drift, unmanaged=view.unmanaged, tool_version=__version__)


def _drift_markdown(drift: Drift, view: View) -> str:
    from cocsync.report.markdown.drift import drift_markdown

    return drift_markdown(drift, unmanaged=view.unmanaged, budget=view.budget)


def _drift_github(drift: Drift, view: View) -> str:
    from cocsync.report.github import drift_github

    return drift_github(drift, folder=view.folder)


def _drift_junit(drift: Drift, _: View) -> str:
    from cocsync.report.junit import drift_junit

    return drift_junit(drift)


def _drift_html(drift: Drift, view: View) -> str:
    from cocsync.report.html.drift import drift_html

    return drift_html(drift, unmanaged=view.unmanaged, tool_version=__version__)


def _validate_text(checked: Checked, view: View) -> str:
    from cocsync.report.text.diagnostics import diagnostics_text

    return diagnostics_text(checked.found, style=view.style, width=view.run.width, scripts=checked.scripts)


def _validate_json(checked: Checked, _: View) -> str:
    from cocsync.report.json import diagnostics_json

    return diagnostics_json(checked.found, tool_version=__version__, scripts=checked.scripts)


def _validate_sarif(checked: Checked, view: View) -> str:
    from cocsync.manifests.project import PROJECT_FILE
    from cocsync.report.sarif import diagnostics_sarif

    return diagnostics_sarif(checked.found, project_file=PROJECT_FILE, folder=view.folder, tool_version=__version__)


def _validate_junit(checked: Checked, _: View) -> str:
    from cocsync.manifests.project import PROJECT_FILE
    from cocsync.report.junit import diagnostics_junit

    return diagnostics_junit(checked.found, files=checked.files, project_file=PROJECT_FILE)


def _validate_github(checked: Checked, view: View) -> str:
    from cocsync.report.github import diagnostics_github

    return diagnostics_github(checked.found, folder=view.folder)


PLAN: dict[str, Callable[[Plan, View], str]] = {
    "text": _plan_text,
    "json": _plan_json,
    "markdown": _plan_markdown,
    "github": _plan_github,
    "html": _plan_html,
}
APPLY: dict[str, Callable[[ApplyReport, View], str]] = {
    "text": _apply_text,
    "json": _apply_json,
    "markdown": _apply_markdown,
}
DRIFT: dict[str, Callable[[Drift, View], str]] = {
    "text": _drift_text,
    "json": _drift_json,
    "markdown": _drift_markdown,
    "github": _drift_github,
    "junit": _drift_junit,
    "html": _drift_html,
}
VALIDATE: dict[str, Callable[[Checked, View], str]] = {
    "text": _validate_text,
    "json": _validate_json,
    "sarif": _validate_sarif,
    "junit": _validate_junit,
    "github": _validate_github,
}
