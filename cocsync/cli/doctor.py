"""`cocsync doctor`."""

from __future__ import annotations

from cocsync.cli.parts import reports
from cocsync.cli.parts.run import Run, verb
from cocsync.doctor.checkup import Checkup
from cocsync.engine.examining import examine
from cocsync.errors import ExitCode


@verb(Checkup)
def doctor(run: Run) -> ExitCode:
    """Check project, endpoint, credentials, clock, network and permissions; say how to fix what is wrong. Reads only.

    Exits with 1 where a check fails.
    """
    checkup = Checkup(checks=tuple(examine(run.place, run.environ)))
    reports.emit(run, checkup)
    return ExitCode.ERROR if checkup.failed else ExitCode.OK
