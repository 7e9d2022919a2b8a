"""`cocsync version`."""

from __future__ import annotations

import click

from cocsync import __version__
from cocsync.cli.common import Run, verb


@verb()
def version(run: Run) -> None:  # noqa: ARG001
    """Print the version."""
    click.echo(f"cocsync {__version__}")
