"""One representative run, and what must be true whatever goes wrong in it.

It holds an action of every kind, a hand edit, a script to adopt and a foreign one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TypeVar

from cocsync.apply.backup import Backups
from cocsync.apply.changes import apply, exit_code
from cocsync.apply.execute import Executor
from cocsync.coc.http.outgoing import Authenticator
from cocsync.engine import planfile
from cocsync.errors import CocsyncError, ExitCode
from cocsync.model.desired import Desired, Manifest
from cocsync.model.live import Live
from cocsync.model.mark import split
from cocsync.model.source import Source
from cocsync.observe.reading import observe
from cocsync.plan.change import Action
from cocsync.plan.guards import Allowances
from cocsync.plan.outcome import ApplyReport, Outcome
from cocsync.plan.plan import Plan
from cocsync.plan.planner import make_plan
from cocsync.sim import Settings, Simulator
from tests.support import builders, canary
from tests.support.engine import Clock, api_for

Coc = TypeVar("Coc", bound=Simulator)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SCOPE = builders.scope(prune=True, prune_edited=True, allowances=Allowances(deletes=9, reviews=9))


def before() -> tuple[Manifest, ...]:
    """What an earlier run had written."""
    return (
        builders.manifest("kept"),
        builders.manifest("changed", content="one\n"),
        builders.manifest("gone"),
        builders.manifest("retyped"),
        builders.manifest("old_name"),
    )


def wanted() -> tuple[Manifest, ...]:
    """An action of every kind: create, update, delete (`gone`), replace, adopt and rename."""
    return (
        builders.manifest("kept"),
        builders.manifest("fresh", params=(builders.secret(value=canary.planted()),)),
        builders.manifest("changed", content="two\n", reviewers=(builders.ALICE,)),
        builders.manifest("retyped", type="PYTHON"),
        builders.manifest("taken", adopt=True),
        builders.manifest("new_name", previous_names=("old_name",)),
    )


@dataclass(frozen=True, slots=True)
class Copies(Backups):
    """Copies in memory: thousands of schedules need no files."""

    kept: list[Live] = field(default_factory=list)

    def save(self, live: Live, secrets: frozenset[str] = frozenset()) -> Path:  # noqa: ARG002
        self.kept.append(live)
        return self.folder


@dataclass(frozen=True)
class Ended:
    """One run: its plan and its report, None where it ended before them, and the copies that it took."""

    plan: Plan | None
    report: ApplyReport | None
    copies: Copies = field(default_factory=lambda: Copies(Path()))


def run(
    coc: Simulator,
    manifests: tuple[Manifest, ...],
    authenticator: Authenticator | None = None,
    *,
    saved: bool = False,
) -> Ended:
    """Plan and apply, one request after the other; `saved`: with the plan in a file between the two."""
    copies = Copies(Path())
    with api_for(coc, writable=True, clock=(clock := Clock()), authenticator=authenticator) as api:
        try:
            desired = Desired(manifests=tuple(sorted(manifests, key=lambda m: m.name)))
            plan = make_plan(desired, observe(api, parallelism=1), SCOPE, target=builders.TARGET, source=Source())
        except CocsyncError:
            return Ended(plan=None, report=None)
        if saved:
            plan = planfile.load(planfile.dump(plan, tool_version="0.1.0", generated_at=NOW), "it.plan").plan
            planfile.refuse_unless_current(plan, {m.name: m for m in manifests})
        executor = Executor(
            api=api,
            manifests={m.name: m for m in manifests},
            intent=SCOPE.intent,
            backups=copies,
            wait=clock.sleep,
        )
        return Ended(plan=plan, report=apply(plan, executor, stop=Event(), parallelism=1), copies=copies)


def tenant(before_each: Callable[[], object] = lambda: None) -> Simulator:
    """COC before the run: what was written earlier, one of them edited by hand, one foreign, one to adopt.

    `before_each` is called with each request, before it is done.
    """

    def wait(_latency: float) -> None:
        before_each()

    return furnished(Simulator(settings=Settings(ids_ascending=True, latency=1.0), sleep=wait))


def furnished(coc: Coc) -> Coc:
    """The simulator, with that in it."""
    report = run(coc, before()).report
    assert report is not None
    coc.create(name="foreign", user="somebody", content="echo mine", description="not yours")
    coc.create(name="taken", user="somebody", content="echo old", description="written by hand")
    coc.edit("changed", user="mallory", content="three\n")
    coc.requests.clear()
    return coc


def requests_of_a_clean_run() -> int:
    """How many there are, of a run that is known to hold every action and to apply each."""
    with tenant() as coc:
        ended = run(coc, wanted())
        assert ended.report is not None
        assert {r.action for r in ended.report.results} == set(Action)
        assert exit_code(ended.report) is ExitCode.OK
        return len(coc.requests)


def check_tenant(coc: Simulator) -> None:
    """Whatever happened: no duplicate, no lost script, nothing foreign touched."""
    names = Counter(script.name for script in coc.scripts())
    assert max(names.values()) == 1, "a name has one script"
    assert (coc.script("foreign").content, coc.script("foreign").operator) == ("echo mine", None)
    assert {"kept", "changed", "taken"} <= names.keys(), "no script is lost"
    assert {"old_name", "new_name"} & names.keys(), "a rename never leaves neither"


def check_report(coc: Simulator, ended: Ended, manifests: tuple[Manifest, ...]) -> None:
    """Each planned change ends as exactly one thing, what is called applied is so, and the exit code is right."""
    if ended.plan is None or ended.report is None:
        return
    assert [r.change for r in ended.report.results] == list(ended.plan.changes)
    live = {script.name: script for script in coc.scripts()}
    desired = {m.name: m for m in manifests}
    for result in ended.report.results:
        if result.outcome is not Outcome.APPLIED:
            continue
        if result.action is Action.DELETE:
            assert result.name not in live
        else:
            assert live[result.name].content == desired[result.name].script.content.text
            assert split(live[result.name].description)[1] is not None
    assert exit_code(ended.report) is expected_code(ended.report)


def expected_code(report: ApplyReport) -> ExitCode:
    outcomes = {r.outcome for r in report.results}
    if outcomes <= {Outcome.APPLIED} and not report.conflicts_left:
        return ExitCode.OK
    if any(r.wrote for r in report.results):
        return ExitCode.PARTIAL
    return ExitCode.ERROR if outcomes & {Outcome.FAILED, Outcome.UNKNOWN} else ExitCode.REFUSED


def check_converges(coc: Simulator, runs: int = 1) -> None:
    """Clean runs make COC equal to what is wanted, and the one after them finds nothing to do."""
    for _ in range(runs):
        clean = run(coc, wanted())
        assert clean.report is not None
        assert {r.outcome for r in clean.report.results} <= {Outcome.APPLIED}
    third = run(coc, wanted())
    assert third.plan is not None
    assert (third.plan.changes, third.plan.conflicts, third.plan.prunable) == ((), (), ())
    assert {s.name for s in coc.scripts()} == {m.name for m in wanted()} | {"foreign"}
