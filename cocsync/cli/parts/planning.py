"""The options that shape a plan, and making one: shared by plan, apply and drift."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cocsync.cli.parts.run import say
from cocsync.diagnostics import Diagnostic, Severity, faults
from cocsync.engine.session import Session
from cocsync.errors import CocsyncError, LocalFailure, ManifestsInvalid, Refused
from cocsync.model.desired import Desired
from cocsync.model.history import History
from cocsync.model.source import Source
from cocsync.plan.guards import Allowances
from cocsync.plan.plan import Plan, TargetId
from cocsync.plan.planner import Scope, make_plan
from cocsync.plan.selection import Selection
from cocsync.system import git

if TYPE_CHECKING:
    from cocsync.cli.parts.progress import StatusLine
    from cocsync.cli.parts.run import Run
    from cocsync.coc.scripts import ScriptsApi
    from cocsync.engine.look import Listing
    from cocsync.plan.ownership import Owners
    from cocsync.plan.verdict import Intent

READERS = 40
"""Details read at once, where nobody says otherwise: with fewer the latency counts, with more the HTTP pool."""

_SELECTION = (
    click.option("--include", multiple=True, metavar="GLOB", help="Only scripts whose name matches; repeatable."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="No script whose name matches; repeatable."),
)
_SHAPE = (
    click.option("--prune", is_flag=True, default=None, help="Delete our scripts that no manifest names."),
    click.option("--prune-edited", is_flag=True, help="With --prune: also those edited by hand since."),
    click.option("--adopt", multiple=True, metavar="NAME", help="Take an unmarked script of this name; repeatable."),
    click.option("--adopt-all", is_flag=True, help="Take every unmarked script that has a manifest."),
    click.option("--rewrite", multiple=True, metavar="NAME", help="Write this script again as it is; repeatable."),
    click.option("--renew-marks", is_flag=True, help="Write again where only the mark is out of date."),
    click.option("--allow-deletes", type=click.IntRange(min=0), metavar="N", help="Allow N deletes and replaces."),
    click.option("--allow-reviews", type=click.IntRange(min=0), metavar="N", help="Allow N scripts back to review."),
    click.option(
        "--dangerous-take-over", "take_over", multiple=True, metavar="NAME", help="Take another owner's script."
    ),
    click.option(
        "--allow-unknown-history",
        "unknown_history",
        is_flag=True,
        help="Prune although git cannot say which scripts this repository ever had.",
    ),
    click.option("--dangerous-allow-empty", "allow_empty", is_flag=True, help="Go on without any manifest."),
)
_PARALLELISM = click.option(
    "--parallelism",
    type=click.IntRange(1, 64),
    metavar="N",
    help=f"Requests at once; {READERS} reads and 8 writes otherwise.",
)

_RATE = click.option(
    "--max-rps", type=click.FloatRange(min=0, min_open=True), metavar="N", help="At most N requests a second."
)

_NO_CACHE = click.option("--no-cache", is_flag=True, help="Neither use nor write what is remembered of COC.")

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _refresh(default: str) -> Decorator:
    return click.option(
        "--refresh",
        type=click.Choice(["auto", "full", "named"]),
        default=default,
        show_default=True,
        help="Read again what seems changed, everything, or only what a manifest names.",
    )


def _with(options: tuple[Decorator, ...]) -> Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


selection_options = _with((*_SELECTION, _refresh("full"), _NO_CACHE, _PARALLELISM, _RATE))
plan_options = _with((*_SHAPE, *_SELECTION, _refresh("auto"), _NO_CACHE, _PARALLELISM, _RATE))


def intent(session: Session, options: dict[str, Any]) -> Intent:
    """What the run asks for of scripts; options that a command does not have are off."""
    from cocsync.model.mark import Keyring
    from cocsync.plan.verdict import Intent

    return Intent(
        owners=owners(session),
        keys=Keyring.parse(session.run.environ.get("COCSYNC_FINGERPRINT_KEY", "")),
        adopt=frozenset(options.get("adopt", ())),
        adopt_all=options.get("adopt_all", False),
        take_over=frozenset(options.get("take_over", ())),
        rewrite=frozenset(options.get("rewrite", ())),
        renew_marks=options.get("renew_marks", False),
        pending_shows_previous=session.target.pending_shows_previous,
        normalisation=session.target.normalisation,
    )


def scope(session: Session, desired: Desired, options: dict[str, Any]) -> Scope:
    """How far the run goes; options that a command does not have are off.

    Git's history is read only where something could be deleted that no manifest names by its name.
    """
    names = options.get("names", ())
    said = options.get("prune")
    prune = session.project.prune if said is None and "prune" in options else bool(said)
    asks = prune or any(manifest.previous_names for manifest in desired.manifests)
    return Scope(
        intent=intent(session, options),
        guards=session.project.guards,
        allowances=allowances(options),
        selection=Selection(names=tuple(names), include=options["include"], exclude=options["exclude"]),
        prune=prune,
        prune_edited=options.get("prune_edited", False),
        policy=session.project.policy,
        history=session.history() if asks else History(),
    )


def owners(session: Session) -> Owners:
    """Whose scripts are ours at this target."""
    from cocsync.plan.ownership import Owners

    return Owners(current=session.target.owner, previous=frozenset(session.target.previous_owners))


def allowances(options: dict[str, Any]) -> Allowances:
    """What the command line allows beyond the guards."""
    return Allowances(
        deletes=options.get("allow_deletes"),
        reviews=options.get("allow_reviews"),
        empty=options.get("allow_empty", False),
        take_over=frozenset(options.get("take_over", ())),
        unknown_history=options.get("unknown_history", False),
    )


def read_desired(session: Session) -> Desired:
    """The manifests, all of them valid.

    Raises `Refused` for a source folder that is not there, `ManifestsInvalid` for every other error but the policy's.
    """
    desired = session.desired()
    found = faults(desired.diagnostics)
    if found and all(d.code == "source-missing" for d in found):
        raise Refused("; ".join(d.message for d in found))
    if found:
        raise ManifestsInvalid(desired.diagnostics)
    return desired


def plan_only(session: Session, options: dict[str, Any]) -> Plan:
    """The plan of a run that writes nothing. COC is listed while manifests are read, whose faults are told first."""
    from cocsync.cli.parts.progress import status_line

    with status_line(session.run) as line, ExitStack() as stack:
        try:
            api = stack.enter_context(session.api(writable=False, max_rate=options["max_rps"]))
        except CocsyncError:
            read_desired(session)
            raise
        listing = _listing(session, api, options, line)
        return _plan(session, api, read_desired(session), options, listing, line)


def plan_against(session: Session, api: ScriptsApi, desired: Desired, options: dict[str, Any]) -> Plan:
    """The plan, from a look at what the target holds now."""
    from cocsync.cli.parts.progress import status_line

    with status_line(session.run) as line:
        return _plan(session, api, desired, options, _listing(session, api, options, line), line)


def _listing(session: Session, api: ScriptsApi, options: dict[str, Any], line: StatusLine) -> Listing:
    from cocsync.engine.look import Listing

    return Listing(api, None if options["no_cache"] else session.cache(), progress=line)


def _plan(
    session: Session, api: ScriptsApi, desired: Desired, options: dict[str, Any], listing: Listing, line: StatusLine
) -> Plan:
    from cocsync.engine.look import Refresh, survey

    normalisation = session.target.normalisation
    desired = desired.under(normalisation)
    asked, source = scope(session, desired, options), git.source(session.root)
    return survey(
        api,
        lambda observed: make_plan(desired, observed, asked, target=session.target_id(), source=source),
        {manifest.name: manifest for manifest in desired.manifests},
        listing=listing,
        refresh=Refresh(options["refresh"]),
        parallelism=options["parallelism"] or READERS,
        progress=line,
        normalisation=normalisation,
    )


class Progress:
    """How far a run has come: its session and its plan, once there are any."""

    session: Session | None = None
    plan: Plan | None = None


@contextmanager
def reporting_failure(run: Run, emit: Callable[[Run, Plan], object]) -> Iterator[Progress]:
    """Sees to it that a run that fails still writes every report that it was asked for: of its plan, or of why not.

    Without a plan the text for the terminal is on stderr only.
    """
    reached = Progress()
    try:
        yield reached
    except (CocsyncError, KeyboardInterrupt) as error:
        try:
            _report_failure(run, reached, error, emit)
        except LocalFailure as unwritten:
            say(f"Error: {unwritten}", err=True)
        raise


def _report_failure(
    run: Run, reached: Progress, error: CocsyncError | KeyboardInterrupt, emit: Callable[[Run, Plan], object]
) -> None:
    if reached.plan is not None:
        emit(run, replace(reached.plan, diagnostics=(*reached.plan.diagnostics, _reason("refused", error))))
        return
    machine = tuple((name, path) for name, path in run.outputs if name != "text" or path is not None)
    emit(replace(run, outputs=machine), _no_plan(run, reached.session, error))


def _reason(code: str, error: CocsyncError | KeyboardInterrupt) -> Diagnostic:
    """Why the run ended, for reports that nobody reads stderr beside."""
    return Diagnostic(severity=Severity.ERROR, code=code, message=str(error) or "interrupted")


def _no_plan(run: Run, session: Session | None, error: CocsyncError | KeyboardInterrupt) -> Plan:
    found = error.diagnostics if isinstance(error, ManifestsInvalid) else (_reason("no-plan", error),)
    if session is None:
        target, owner, source = TargetId(name=run.target or "", endpoint=""), "", Source()
    else:
        target, owner, source = session.target_id(), session.target.owner, git.source(session.root)
    return Plan(target=target, owner=owner, source=source, complete=False, diagnostics=found)
