"""One representative run, and what must be true whatever goes wrong in it.

It holds an action of every kind, a hand edit, a script to adopt and a foreign one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event
from typing import TypeVar
from weakref import WeakKeyDictionary, finalize

from cocsync.apply.backup import Backups
from cocsync.coc.http.outgoing import Authenticator
from cocsync.engine import planfile
from cocsync.engine.feedback import Feedback
from cocsync.engine.reconcile import Applying, Planning
from cocsync.engine.requests import ApplyRequest, PlanRequest, Reading, Refresh
from cocsync.engine.workspace import FINGERPRINT_KEY, Workspace
from cocsync.errors import CocsyncError, ExitCode
from cocsync.manifests import project
from cocsync.model.desired import Desired, Manifest
from cocsync.model.history import History
from cocsync.model.live import Live
from cocsync.model.mark import split
from cocsync.model.source import Source
from cocsync.plan.change import Action, Change
from cocsync.plan.guards import Allowances
from cocsync.plan.outcome import ApplyReport, Outcome, Result, exit_code
from cocsync.plan.plan import Plan
from cocsync.sim import Settings, Simulator
from tests.support import builders, canary
from tests.support.engine import Clock, api_for

Coc = TypeVar("Coc", bound=Simulator)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SCOPE = builders.scope(prune=True, prune_edited=True, allowances=Allowances(deletes=9, reviews=9))
REQUEST = ApplyRequest(
    plan=PlanRequest(
        reading=Reading(refresh=Refresh.AUTO, parallelism=1),
        prune=True,
        prune_edited=True,
        allowances=Allowances(deletes=9, reviews=9),
    )
)


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
    copies, workspace = Copies(Path()), Rehearsal.of(coc)
    desired = Desired(manifests=tuple(sorted(manifests, key=lambda m: m.name)))
    with api_for(coc, writable=True, clock=(clock := Clock()), authenticator=authenticator) as api:
        planning = Planning(workspace=workspace, api=api, request=REQUEST.plan, feedback=Feedback())
        try:
            plan = planning.run(desired, planning.listing())
        except CocsyncError:
            return Ended(plan=None, report=None)
        if saved:
            plan = planfile.load(planfile.dump(plan, tool_version="0.1.0", generated_at=NOW), "it.plan").plan
            planfile.refuse_unless_current(plan, {m.name: m for m in manifests})
        applying = Applying(
            workspace=workspace,
            api=api,
            request=REQUEST,
            feedback=Feedback(),
            backups=copies,
            wait=clock.sleep,
        )
        return Ended(plan=plan, report=applying.run(plan, desired, Unattended()), copies=copies)


class Unattended:
    """A desk at which nobody sits, and everything is confirmed."""

    def has_plan(self, plan: Plan) -> None:
        pass

    def planned(self, plan: Plan) -> None:
        pass

    def confirm(self, plan: Plan) -> Event:  # noqa: ARG002 - whatever it is
        return Event()

    def started(self, change: Change) -> None:
        pass

    def ended(self, result: Result) -> None:
        pass


_PROJECT = f"""\
apiVersion: cocsync/v1
kind: Project
owner: {builders.OWNER}
targets: {{local: {{endpoint: "sim:"}}}}
"""
_FOLDERS: WeakKeyDictionary[Simulator, Path] = WeakKeyDictionary()
"""Of each simulator: its folder, so that what is remembered of it lasts as long as it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal(Workspace):
    """A workspace without Git: every name is proven, and what is remembered lies beside the project file."""

    @classmethod
    def of(cls, coc: Simulator) -> Rehearsal:
        if coc not in _FOLDERS:
            _FOLDERS[coc] = folder = Path(mkdtemp())
            finalize(coc, rmtree, folder, ignore_errors=True)
            (folder / "cocsync.yaml").write_text(_PROJECT, encoding="utf-8")
        root = _FOLDERS[coc]
        loaded, _ = project.load(root)
        assert loaded is not None
        keys = {FINGERPRINT_KEY: "an-example-fingerprint-key"}
        return cls(root=root, project=loaded, target=loaded.target(None), environ=keys)

    @property
    def memory(self) -> Path:
        return self.root / "memory"

    def source(self) -> Source:
        return Source()

    def history(self) -> History:
        return builders.PROVEN


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
