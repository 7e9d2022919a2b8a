"""`cocsync release`."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from cocsync.cli.common import Run, say, verb
from cocsync.errors import ExitCode, LocalFailure

if TYPE_CHECKING:
    from cocsync.outcome import ApplyReport


@verb()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is written unless this is given.")
def release(run: Run, *, names: tuple[str, ...], yes: bool) -> ExitCode:
    """Take the mark off scripts of ours and let them go. Nothing else of them changes.

    Delete their manifests first: a manifest would meet its script as unmarked.
    """
    from cocsync.applying.apply import exit_code
    from cocsync.applying.backup import Backups, forget_old
    from cocsync.applying.lock import exclusive
    from cocsync.applying.release import Releaser
    from cocsync.cli.asking import ask
    from cocsync.cli.interrupt import Stop
    from cocsync.cli.planning import READERS, owners
    from cocsync.cli.session import open_session
    from cocsync.mark import Keyring
    from cocsync.outcome import ApplyReport, Result
    from cocsync.report.words import counted

    session = open_session(run)
    manifests = {manifest.name: manifest for manifest in session.desired().manifests}
    with exclusive(session.state / "lock"), session.api(writable=True) as api:
        releaser = Releaser(
            api=api,
            owners=owners(session),
            keys=Keyring.parse(run.environ.get("COCSYNC_FINGERPRINT_KEY", "")),
            manifests=manifests,
            backups=Backups.of_run(session.state, datetime.now(UTC)),
            wait=time.sleep,
        )
        changes = releaser.plan(session.observe(api, parallelism=READERS).scripts, names)
        for change in changes:
            again = ", goes to review again" if change.restarts_review else ""
            left = "; it still has a manifest here" if change.name in manifests else ""
            run.note(f"{change.name}: {change.reason}{again}{left}")
        ask(f"Let {counted(len(changes), 'script')} go at {session.target.name} ({session.target.endpoint})", yes=yes)
        results: list[Result] = []
        stop = Stop(run)
        for change in changes:
            stop.writing()
            results.append(releaser.run(change, lambda: stop.is_set() or any(r.systemic for r in results)))
    report = ApplyReport(
        target=session.target_id(),
        owner=session.target.owner,
        results=tuple(results),
        interrupted=stop.is_set(),
    )
    stop.code = code = exit_code(report)
    stop.written()
    forget_old(session.state, session.project.backups_kept)
    return ExitCode.first(code, _shown(run, report))


def _shown(run: Run, report: ApplyReport) -> ExitCode:
    """Prints the report; where that cannot be, says what was written all the same."""
    from cocsync.report.text import apply_text
    from cocsync.report.words import counted

    try:
        text = partial(apply_text, report, width=run.width, verbose=run.verbose)
        replace(run, outputs=(("text", None),)).emit({"text": lambda style: text(style=style)})
    except LocalFailure as error:
        wrote = sum(result.wrote for result in report.results)
        done = f"; {counted(wrote, 'script')} had the mark taken off" if wrote else ""
        say(f"Error: {error}{done}", err=True)
        return ExitCode.PARTIAL if wrote else ExitCode.ERROR
    return ExitCode.OK
