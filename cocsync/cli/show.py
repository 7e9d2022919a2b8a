"""`cocsync show`."""

from __future__ import annotations

from pathlib import Path

import click

from cocsync.cli import reports
from cocsync.cli.common import Run, verb
from cocsync.cli.plan import summary_option


@verb(*reports.PLAN)
@click.argument("planfile", type=click.Path(path_type=Path))
@summary_option
def show(run: Run, *, planfile: Path, summary: bool) -> None:
    """Show a saved plan in any format of `plan`. Asks COC nothing."""
    from cocsync.cli.plan import emit
    from cocsync.cli.saved import read

    emit(run, read(planfile).plan, summary=summary)
