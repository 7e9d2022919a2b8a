"""Every request of a representative run, met by every kind of fault; then a clean run that makes COC equal.

With COCSYNC_FAULT_PAIRS=1 also pairs of faults (`make test-long`). The number of schedules is printed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event

import pytest

from cocsync.apply import apply, exit_code
from cocsync.backup import Backups
from cocsync.change import Action
from cocsync.desired import Desired, Manifest
from cocsync.errors import CocsyncError, ExitCode
from cocsync.execute import Executor
from cocsync.guards import Allowances
from cocsync.mark import split
from cocsync.observe import observe
from cocsync.outcome import ApplyReport, Outcome
from cocsync.plan import Plan, Source
from cocsync.planner import Scope, make_plan
from cocsync.sim import Settings, Simulator, kinds
from tests import builders
from tests.engine import Clock, api_for

STATUSES = ("401", "403", "404", "429=1", "500", "502", "503", "504", "502-after-commit", "504-after-commit")
HEAVY = {"gzip-bomb": "gzip-bomb=20", "huge": "huge=17"}
"""With a value that is just too much."""

KINDS = (*STATUSES, *sorted(HEAVY.get(kind, kind) for kind in kinds.KINDS))


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
        builders.manifest("fresh", params=(builders.secret(value="CANARY7f3a"),)),
        builders.manifest("changed", content="two\n", reviewers=(builders.ALICE,)),
        builders.manifest("retyped", type="PYTHON"),
        builders.manifest("taken", adopt=True),
        builders.manifest("new_name", previous_names=("old_name",)),
    )


SCOPE = builders.scope(prune=True, prune_edited=True, allowances=Allowances(deletes=9, reviews=9))


@dataclass(frozen=True)
class Ended:
    """One run: its plan and its report, None where it ended before them."""

    plan: Plan | None
    report: ApplyReport | None


def run(coc: Simulator, manifests: tuple[Manifest, ...], folder: Path, scope: Scope = SCOPE) -> Ended:
    plan = None
    with api_for(coc, writable=True, clock=(clock := Clock())) as api:
        try:
            desired = Desired(manifests=tuple(sorted(manifests, key=lambda m: m.name)))
            plan = make_plan(desired, observe(api, parallelism=1), scope, target=builders.TARGET, source=Source())
        except CocsyncError:
            return Ended(plan=None, report=None)
        executor = Executor(
            api=api,
            manifests={m.name: m for m in manifests},
            intent=scope.intent,
            backups=Backups(folder),
            wait=clock.sleep,
        )
        return Ended(plan=plan, report=apply(plan, executor, stop=Event(), parallelism=1))


def tenant(folder: Path) -> Simulator:
    """COC before the run: what was written earlier, one of them edited by hand, one foreign, one to adopt."""
    coc = Simulator(settings=Settings(ids_ascending=True), sleep=lambda _: None)
    report = run(coc, before(), folder).report
    assert report is not None
    coc.create(name="foreign", user="somebody", content="echo mine", description="not yours")
    coc.create(name="taken", user="somebody", content="echo old", description="written by hand")
    coc.edit("changed", user="mallory", content="three\n")
    coc.requests.clear()
    return coc


@cache
def requests_of_a_clean_run(folder: Path) -> int:
    with tenant(folder) as coc:
        ended = run(coc, wanted(), folder)
        assert ended.report is not None
        assert {r.action for r in ended.report.results} == set(Action)
        assert exit_code(ended.report) is ExitCode.OK
        return len(coc.requests)


def check(faults: tuple[str, ...], folder: Path) -> None:
    """One schedule: the invariants hold after the faulty run, and a clean run converges."""
    with tenant(folder) as coc:
        foreign = coc.script("foreign")
        coc.inject(*faults)
        ended = run(coc, wanted(), folder)
        coc.clear_faults()

        names = Counter(script.name for script in coc.scripts())
        assert max(names.values()) == 1, "a name has one script"
        assert coc.script("foreign") == foreign, "nothing foreign is touched"
        assert {"kept", "changed", "taken"} <= names.keys(), "no script is lost"
        assert {"old_name", "new_name"} & names.keys(), "a rename never leaves neither"
        if ended.plan and ended.report:
            check_report(coc, ended.plan, ended.report)

        clean = run(coc, wanted(), folder)
        assert clean.report is not None
        assert {r.outcome for r in clean.report.results} <= {Outcome.APPLIED}
        third = run(coc, wanted(), folder)
        assert third.plan is not None
        assert (third.plan.changes, third.plan.conflicts, third.plan.prunable) == ((), (), ())
        assert {s.name for s in coc.scripts()} == {m.name for m in wanted()} | {"foreign"}


def check_report(coc: Simulator, plan: Plan, report: ApplyReport) -> None:
    """Each planned change ends as exactly one thing, and what is called applied is so."""
    assert [r.change for r in report.results] == list(plan.changes)
    live = {script.name: script for script in coc.scripts()}
    manifests = {m.name: m for m in wanted()}
    for result in report.results:
        if result.outcome is not Outcome.APPLIED:
            continue
        if result.action is Action.DELETE:
            assert result.name not in live
        else:
            assert live[result.name].content == manifests[result.name].script.content
            assert split(live[result.name].description)[1] is not None
    assert exit_code(report) is expected_code(report)


def expected_code(report: ApplyReport) -> ExitCode:
    outcomes = {r.outcome for r in report.results}
    if outcomes <= {Outcome.APPLIED} and not report.conflicts_left:
        return ExitCode.OK
    if any(r.wrote for r in report.results):
        return ExitCode.PARTIAL
    return ExitCode.ERROR if outcomes & {Outcome.FAILED, Outcome.UNKNOWN} else ExitCode.REFUSED


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_run_converges_after_any_single_fault(
    kind: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    requests = requests_of_a_clean_run(tmp_path)

    for at in range(1, requests + 1):
        check((f"k={at}:{kind}",), tmp_path / str(at))

    record_property("schedules", requests)


@pytest.mark.skipif(not os.environ.get("COCSYNC_FAULT_PAIRS"), reason="pairs of faults run in `make test-long`")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", KINDS)
def test_a_clean_run_converges_after_any_pair_of_faults(
    first: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    requests, schedules = requests_of_a_clean_run(tmp_path), 0
    seconds = ("lost-after-commit", "502-after-commit", "refused", "403", "truncated")

    for at in range(1, requests + 1):
        for later in range(1, 6):
            for second in seconds:
                check((f"k={at}:{first}", f"k={at + later}:{second}"), tmp_path / f"{at}-{later}-{second}")
                schedules += 1

    record_property("schedules", schedules)
