"""`cocsync validate`."""

from __future__ import annotations

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.run import Run, verb
from cocsync.diagnostics import Checked, errors
from cocsync.engine.checking import check
from cocsync.engine.feedback import Feedback
from cocsync.engine.requests import ValidateRequest
from cocsync.errors import ExitCode


@verb(Checked)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--deep", is_flag=True, help="Also check syntax, and run shellcheck where it is installed.")
def validate(run: Run, paths: tuple[str, ...], *, deep: bool) -> ExitCode:
    """Check the project file and the manifests, offline. With PATH, report only what stands in these files or folders.

    Every target is checked unless --target names one. Exits with 1 where there is an error.
    """
    request = ValidateRequest(paths=paths, deep=deep)
    checked = check(run.place, request, run.environ, Feedback(note=run.note))
    reports.emit(run, checked)
    return ExitCode.ERROR if errors(checked.found) else ExitCode.OK
