"""What stands in the way of a run on these hosts: each reason with the next step. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cocsync.model.script import RiskLevel
from cocsync.plan.guards import GuardFinding
from cocsync.run.hosts import Host, agent_shown, online, shows_agents
from cocsync.run.limits import MAX_RUN_HOSTS, SYSTEMS
from cocsync.run.selection import Choice
from cocsync.run.strategy import Pause

NAMES_SHOWN = 20
"""Hosts that one reason names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How many hosts the person, the pipeline or the Run expects; None where nothing is."""

    least: int | None = None
    most: int | None = None

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least or 0} to {self.most or 'any number'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The hosts that can run the script, and those that `--skip-offline` leaves out."""

    hosts: tuple[Host, ...]
    skipped: tuple[Host, ...] = ()


def ready(hosts: Sequence[Host], inventory: Sequence[Host], *, skip_offline: bool) -> Ready:
    """Without `skip_offline` every host is taken, and `host_gates` refuses those that cannot run."""
    states = shows_agents(inventory)
    can = tuple(host for host in hosts if not skip_offline or online(host, states=states))
    return Ready(hosts=can, skipped=tuple(host for host in hosts if host not in can))


def choice_gates(choice: Choice) -> Iterator[GuardFinding]:
    """Of what was chosen: names of no host, names of several, and nothing at all."""
    if choice.missing:
        message = (
            f"not in COC's inventory: {_shown(choice.missing)}. Correct the name, or let COC synchronise its hosts"
        )
        yield GuardFinding(code="host-missing", message=message)
    for name, ids in choice.ambiguous:
        message = f"several hosts are called {name}: name the one that is meant by its id, {', '.join(ids)}"
        yield GuardFinding(code="host-ambiguous", message=message)
    if not choice.hosts and not choice.missing and not choice.ambiguous:
        message = "no host fits the selection: `cocsync hosts` with the same selection shows what there is"
        yield GuardFinding(code="no-hosts", message=message)


def host_gates(hosts: Sequence[Host], inventory: Sequence[Host], script_type: str) -> Iterator[GuardFinding]:
    """Of the hosts themselves: agents that are not online, another OS than the script's, different providers."""
    states = shows_agents(inventory)
    off = [f"{h.name} ({agent_shown(h, states=states)})" for h in hosts if not online(h, states=states)]
    if off:
        message = f"{len(off)} of {len(hosts)} hosts cannot run a script, their agent is not online: {_shown(off)}"
        yield GuardFinding(
            code="host-offline", message=f"{message}. --skip-offline leaves them out", allowed_by="--skip-offline"
        )
    system = SYSTEMS.get(script_type, "")
    others = [f"{h.name} ({h.os or 'OS not shown'})" for h in hosts if h.os.casefold() != system]
    if others:
        message = (
            f"a {script_type} script runs on {system or 'no known OS'}, and these hosts are others: {_shown(others)}"
        )
        yield GuardFinding(code="host-os", message=f"{message}. Leave them out with --exclude-host")
    kinds = sorted({f"{provider}/{kind}" for provider, kind in (host.kind for host in hosts)})
    if len(kinds) > 1:
        message = f"hosts of {' and '.join(kinds)} cannot be in one run: run once for each"
        yield GuardFinding(code="host-providers", message=message)


def number_gates(number: int, expected: Expected | None, allowed: int | None, most: int) -> Iterator[GuardFinding]:
    """How many hosts there are. `most` is what the guards allow, `allowed` what the command line does."""
    if expected is not None and not (expected.least or 0) <= number <= (expected.most or number):
        message = f"{number} hosts are chosen, and {expected} expected: look at them, and correct the number"
        yield GuardFinding(code="hosts-unexpected", message=message)
    limit = most if allowed is None else allowed
    if number > min(limit, MAX_RUN_HOSTS):
        flag = f"--allow-hosts {number}" if number <= MAX_RUN_HOSTS else None
        why = f"{number} hosts are more than {min(limit, MAX_RUN_HOSTS)}"
        message = f"{why}: look at them and pass {flag}" if flag else f"{why}, the most in one run: run in parts"
        yield GuardFinding(code="max-hosts", message=message, allowed_by=flag)


def risk_gates(
    risk_level: str, pause_after: Pause, *, params_given: bool, digest_missing: bool
) -> Iterator[GuardFinding]:
    """Of a script of high risk: it has a canary, runs with the manifest's values, and a Run names its digest."""
    if risk_level != RiskLevel.HIGH:
        return
    if pause_after is Pause.NONE:
        message = "a script of HIGH risk always pauses after the first batch: leave `pause_after: none` out"
        yield GuardFinding(code="high-risk-canary", message=message)
    if params_given:
        message = "a script of HIGH risk takes no --param: change the manifest, and have it reviewed"
        yield GuardFinding(code="high-risk-params", message=message)
    if digest_missing:
        message = "a Run of a script of HIGH risk names the script's `digest`: the preview prints it"
        yield GuardFinding(code="high-risk-digest", message=message)


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"{', '.join(names[:NAMES_SHOWN])}{more}"
