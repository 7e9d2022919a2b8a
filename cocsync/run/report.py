"""The record of a run: what was to be done, to which hosts, and what became of each. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from cocsync.diagnostics import Diagnostic
from cocsync.errors import ExitCode
from cocsync.model.source import Source
from cocsync.plan.guards import GuardFinding
from cocsync.plan.plan import TargetId
from cocsync.run.hosts import Host
from cocsync.run.judge import HostResult, Outcome
from cocsync.run.layout import TicketPlan
from cocsync.run.strategy import Strategy

FORMAT_VERSION = "1.0"


class RunOutcome(StrEnum):
    """What became of a run as a whole."""

    PLANNED = "planned"
    OK = "ok"
    FAILED = "failed"
    HALTED = "halted"
    DETACHED = "detached"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScript:
    """The script as it was read before the POST; `digest_after` as it was read last, None where it was not again."""

    name: str
    uuid: str | None
    version: str
    risk_level: str
    digest: str
    digest_after: str | None = None
    reviewers: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether the same text was there before and after."""
        return self.digest_after in (None, self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParam:
    """A param as it is sent; the value of a sensitive one never stands here."""

    name: str
    value: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTicket:
    """A ticket of the run, as it was last read. Times are epoch milliseconds."""

    id: str
    status: str
    created_at: int | None = None
    finished_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHead:
    """What is the same before and after: which run of which script, where, and how."""

    run_id: str
    run: str | None
    target: TargetId
    owner: str
    source: Source
    script: RunScript
    params: tuple[RunParam, ...]
    strategy: Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a run would do. `hosts` are all of its hosts, `states` whether this COC shows states of agents.

    `gates` are why it would be refused. `open_tickets` are tickets of the script that are still open. `claimed` is
    false where nothing prevents that two clients run it twice.
    """

    head: RunHead
    tickets: tuple[TicketPlan, ...]
    skipped: tuple[Host, ...] = ()
    states: bool = True
    gates: tuple[GuardFinding, ...] = ()
    open_tickets: tuple[str, ...] = ()
    claimed: bool = True
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def hosts(self) -> tuple[Host, ...]:
        return tuple(host for ticket in self.tickets for host in ticket.hosts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What became of a run. `asked_to_detach`: `--detach`, and not a signal. `reason` says why it did not end ok.

    `next_steps` are commands by which a person goes on.
    """

    head: RunHead
    outcome: RunOutcome
    tickets: tuple[RunTicket, ...] = ()
    hosts: tuple[HostResult, ...] = ()
    asked_to_detach: bool = False
    reason: str = ""
    next_steps: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def count(self, outcome: Outcome) -> int:
        return Counter(host.outcome for host in self.hosts)[outcome]


def settled(hosts: tuple[HostResult, ...], *, halted: bool) -> RunOutcome:
    """The outcome of a run of which every ticket is closed."""
    if halted:
        return RunOutcome.HALTED
    return RunOutcome.OK if all(host.outcome in (Outcome.OK, Outcome.SKIPPED) for host in hosts) else RunOutcome.FAILED


def summary(hosts: tuple[HostResult, ...]) -> dict[str, int]:
    """How many hosts there are, and how many of each outcome: those add up."""
    counts = Counter(host.outcome for host in hosts)
    order = (Outcome.OK, Outcome.FAILED, Outcome.CANCELLED, Outcome.NOT_STARTED, Outcome.UNKNOWN, Outcome.SKIPPED)
    return {"hosts": len(hosts), **{outcome.value: counts[outcome] for outcome in order}}


def exit_code(report: RunReport) -> ExitCode:
    """What the process returns for the run. A ticket that exists, or may, and is not all well outweighs the rest."""
    match report.outcome:
        case RunOutcome.OK | RunOutcome.PLANNED:
            return ExitCode.OK
        case RunOutcome.DETACHED:
            return ExitCode.OK if report.asked_to_detach else ExitCode.PARTIAL
        case RunOutcome.WAITING:
            return ExitCode.REVIEW
        case RunOutcome.REFUSED | RunOutcome.ERROR if not report.tickets:
            return ExitCode.REFUSED if report.outcome is RunOutcome.REFUSED else ExitCode.ERROR
        case _:
            return ExitCode.PARTIAL


def log_path(folder: str, ticket: str, host: str) -> str:
    """Where a host's log is kept. Names are COC's text: only letters, digits, `.`, `_` and `-` of them are used."""
    return f"{folder}/{_safe(ticket)}/{_safe(host)}.log"


def _safe(name: str) -> str:
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in name)[:100]
    return kept if kept.strip(".") else f"_{kept}"
