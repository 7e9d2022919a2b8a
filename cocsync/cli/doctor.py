"""`cocsync doctor`."""

from __future__ import annotations

from cocsync import __version__
from cocsync.cli.parts.run import Run, verb
from cocsync.doctor.checkup import Checkup
from cocsync.engine.examining import examine
from cocsync.errors import ExitCode
from cocsync.report.json import checkup_json
from cocsync.report.text.doctor import checkup_text


@verb("text", "json")
def doctor(run: Run) -> ExitCode:
    """Check project, endpoint, credentials, clock, network and permissions; say how to fix what is wrong. Reads only.

    Exits with 1 where a check fails.
    """
    checkup = Checkup(checks=tuple(examine(run.place, run.environ)))
    run.emit(
        {
            "text": lambda style: checkup_text(checkup, style=style, width=run.width),
            "json": lambda _: checkup_json(checkup, tool_version=__version__),
        }
    )
    return ExitCode.ERROR if checkup.failed else ExitCode.OK
