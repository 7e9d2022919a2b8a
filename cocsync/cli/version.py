"""`cocsync version`."""

from __future__ import annotations

from cocsync import __version__
from cocsync.cli.parts.run import Run, say, verb


@verb()
def version(run: Run) -> None:  # noqa: ARG001
    """Print the version."""
    say(f"cocsync {__version__}")
