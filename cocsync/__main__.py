"""The command `cocsync`, also as `python -m cocsync`."""

from __future__ import annotations

from cocsync.cli.parts.interrupt import leave_on_signals
from cocsync.errors import ExitCode


def main() -> None:
    """Runs the command line. A signal while it is still being loaded ends with an exit code of ours, too."""
    leave_on_signals(ExitCode.INTERRUPTED)
    from cocsync.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
