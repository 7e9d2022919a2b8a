"""`cocsync release`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cocsync.cli.parts.run import Run, say, verb

if TYPE_CHECKING:
    from cocsync.errors import ExitCode


@verb()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is written unless this is given.")
def release(run: Run, *, names: tuple[str, ...], yes: bool) -> ExitCode:
    """Take the mark off scripts of ours and let them go. Nothing else of them changes.

    Delete their manifests first: a manifest would meet its script as unmarked.
    """
    from cocsync.apply.backup import Backups, forget_old
    from cocsync.apply.changes import exit_code
    from cocsync.apply.lock import exclusive
    from cocsync.apply.release import Releaser
    from cocsync.cli.parts.asking import ask
    from cocsync.cli.parts.interrupt import Stop
    from cocsync.cli.parts.planning import READERS, owners
    from cocsync.engine.session import open_session
    from cocsync.model.mark import Keyring
    from cocsync.plan.outcome import ApplyReport, Result
    from cocsync.report.phrases import counted
    from cocsync.report.text.apply import apply_text

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
    code = exit_code(report)
    stop.written()
    forget_old(session.state, session.project.backups_kept)
    say(apply_text(report, run.view), nl=False)
    return code
