"""`cocsync show`."""

from __future__ import annotations

from pathlib import Path

import click

from cocsync.cli.parts import reports
from cocsync.cli.parts.run import Run, verb
from cocsync.cli.plan import summary_option
from cocsync.engine import saved
from cocsync.plan.plan import Plan


@verb(Plan)
@click.argument("planfile", type=click.Path(path_type=Path))
@summary_option
def show(run: Run, *, planfile: Path, summary: bool) -> None:
    """Show a saved plan in any format of `plan`. Asks COC nothing."""
    reports.emit(run, saved.read(planfile).plan, summary=summary)
