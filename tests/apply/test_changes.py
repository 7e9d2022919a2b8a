"""A whole plan, applied: what may be, in which order it stops, and the exit code."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Condition, Event
from typing import Any, cast

import pytest

from cocsync.apply.changes import Watcher, apply, refuse_unless_applicable
from cocsync.apply.execute import Executor
from cocsync.diagnostics import Diagnostic, Severity
from cocsync.errors import ExitCode, Refused
from cocsync.model.desired import Manifest
from cocsync.plan.change import Action, Change
from cocsync.plan.outcome import ApplyReport, Outcome, Result, exit_code, not_attempted
from tests.support import builders
from tests.support.builders import ALICE, manifest, plan_of, secret
from tests.support.tenant import Tenant

NAMES = ("a", "b", "c", "d")


def manifests(**changes: Any) -> list[Manifest]:
    return [manifest(name, **changes) for name in NAMES]


def outcomes(report: ApplyReport) -> dict[str, str]:
    return {result.name: result.outcome.value for result in report.results}


class Crowd:
    """In place of an executor: each change is under way until the test lets it end.

    `seen` is, at the start of each, how many had ended and how many were under way.
    """

    def __init__(self, outcome: Outcome) -> None:
        self.seen: list[tuple[int, int]] = []
        self._outcome = outcome
        self._may_end = self._ended = self._under_way = 0
        self._moved = Condition()

    def run(self, change: Change, _stopped: Callable[[], bool]) -> Result:
        with self._moved:
            self._under_way += 1
            self.seen.append((self._ended, self._under_way))
            self._moved.notify_all()
            assert self._moved.wait_for(lambda: self._ended < self._may_end, timeout=60)
            self._ended += 1
            self._under_way -= 1
            self._moved.notify_all()
        return Result(change=change, outcome=self._outcome)

    def let_end(self, number: int, *, then_under_way: int) -> None:
        """Returns when so many in all have ended and so many are under way."""
        with self._moved:
            self._may_end = number
            self._moved.notify_all()
            assert self._moved.wait_for(lambda: (self._ended, self._under_way) == (number, then_under_way), timeout=60)


class TestRefuseUnlessApplicable:
    def test_a_plan_with_nothing_in_its_way_may_be_applied(self) -> None:
        refuse_unless_applicable(plan_of([manifest()], []))

    def test_every_guard_is_said(self) -> None:
        plan = plan_of([], [builders.written(manifest(name)) for name in NAMES], prune=True)
        with pytest.raises(Refused) as refused:
            refuse_unless_applicable(plan)
        assert "--dangerous-allow-empty" in str(refused.value)
        assert "--allow-deletes 4" in str(refused.value)

    def test_a_plan_from_files_with_errors_is_never_applied(self) -> None:
        plan = plan_of([manifest()], [])
        error = Diagnostic(severity=Severity.ERROR, code="x", message="x")
        refuse_unless_applicable(replace(plan, diagnostics=(replace(error, severity=Severity.WARNING),)))
        with pytest.raises(Refused, match="files with errors"):
            refuse_unless_applicable(replace(plan, diagnostics=(error,)))

    def test_conflicts_stop_it_only_where_that_is_asked(self) -> None:
        plan = plan_of([manifest()], [builders.foreign()])
        refuse_unless_applicable(plan)
        with pytest.raises(Refused, match="1 conflict"):
            refuse_unless_applicable(plan, fail_on_conflict=True)

    def test_a_missing_value_stops_only_a_plan_that_writes_it(self) -> None:
        missing = manifest(params=(secret(value=None), secret("other", None, ref="file:token")))
        with pytest.raises(Refused, match=r"not available here: env:APP_TOKEN, file:token"):
            refuse_unless_applicable(plan_of([missing], []))
        refuse_unless_applicable(plan_of([missing, manifest("a")], [builders.written(missing)]))


class TestApply:
    def test_results_stand_in_the_plans_order_and_each_is_told_as_it_comes(self, tenant: Tenant) -> None:
        wanted = manifests()
        told: list[Result] = []
        started: list[Change] = []
        plan = tenant.plan(*wanted)
        report = apply(
            plan,
            tenant.executor(*wanted),
            stop=Event(),
            parallelism=3,
            watcher=Watcher(started=started.append, ended=told.append),
        )
        assert sorted(started, key=lambda change: change.name) == list(plan.changes)
        assert list(outcomes(report)) == list(NAMES)
        assert set(outcomes(report).values()) == {"applied"}
        assert sorted(told, key=lambda result: result.name) == list(report.results)
        assert (report.interrupted, exit_code(report)) == (False, ExitCode.OK)

    def test_changes_are_carried_out_at_once(self, tenant: Tenant) -> None:
        """Each waits in COC for the others to come."""
        wanted = manifests()
        together = Barrier(len(wanted), timeout=20)
        for _ in wanted:
            tenant.before("POST", together.wait)
        report = apply(tenant.plan(*wanted), tenant.executor(*wanted), stop=Event(), parallelism=4)
        assert set(outcomes(report).values()) == {"applied"}

    @pytest.mark.parametrize(
        ("outcome", "parallelism", "under_way"),
        [
            (Outcome.APPLIED, None, {0: 8, 1: 9, 8: 16, 23: 31, 24: 32, 60: 32}),
            (Outcome.FAILED, None, {0: 8, 1: 8, 60: 8}),
            (Outcome.APPLIED, 3, {0: 3, 1: 3, 60: 3}),
            (Outcome.APPLIED, 40, {0: 40, 1: 40, 60: 40}),
        ],
    )
    def test_one_more_is_under_way_with_each_that_is_applied_unless_a_number_was_said(
        self, outcome: Outcome, parallelism: int | None, under_way: dict[int, int]
    ) -> None:
        """By how many have ended: so many are under way, and never one more."""
        plan = plan_of([manifest(f"x{number:03}") for number in range(100)], [])
        crowd = Crowd(outcome)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(apply, plan, cast(Executor, crowd), stop=Event(), parallelism=parallelism)
            for ended, number in under_way.items():
                crowd.let_end(ended, then_under_way=number)
            crowd.let_end(100, then_under_way=0)
        assert len(running.result().results) == 100
        assert all(number <= min(under_way[0] + ended, max(under_way.values())) for ended, number in crowd.seen)

    def test_independent_changes_go_on_when_one_fails(self, tenant: Tenant) -> None:
        wanted = manifests()
        plan = tenant.plan(*wanted)
        tenant.simulator.inject("k=2 POST *:400")
        report = tenant.apply(plan, *wanted)
        assert outcomes(report) == {"a": "applied", "b": "failed", "c": "applied", "d": "applied"}
        assert exit_code(report) is ExitCode.PARTIAL

    @pytest.mark.parametrize("fault", ["401", "429", "503", "refused"])
    def test_what_every_change_would_meet_leaves_the_rest_alone(self, tenant: Tenant, fault: str) -> None:
        tenant.write(*manifests())
        wanted = manifests(content="new\n")
        plan = tenant.plan(*wanted)
        tenant.simulator.inject(f"k=3 GET *:{fault}*")
        report = tenant.apply(plan, *wanted)
        assert outcomes(report) == {"a": "applied", "b": "failed", "c": "not_attempted", "d": "not_attempted"}
        assert exit_code(report) is ExitCode.PARTIAL

    def test_403_on_one_script_concerns_it_alone(self, tenant: Tenant) -> None:
        tenant.write(*manifests())
        wanted = manifests(content="new\n")
        plan = tenant.plan(*wanted)
        tenant.simulator.configure(forbidden=("b",))
        assert outcomes(tenant.apply(plan, *wanted)) == {"a": "applied", "b": "failed", "c": "applied", "d": "applied"}

    def test_fail_fast_begins_nothing_after_what_is_not_applied(self, tenant: Tenant) -> None:
        wanted = manifests()
        plan = tenant.plan(*wanted)
        tenant.simulator.inject("k=2 POST *:400")
        report = apply(plan, tenant.executor(*wanted), stop=Event(), parallelism=1, fail_fast=True)
        assert outcomes(report) == {"a": "applied", "b": "failed", "c": "not_attempted", "d": "not_attempted"}

    def test_stopped_before_it_begins_it_sends_nothing(self, tenant: Tenant) -> None:
        wanted = manifests()
        plan = tenant.plan(*wanted)
        tenant.simulator.requests.clear()
        stop = Event()
        stop.set()
        report = apply(plan, tenant.executor(*wanted), stop=stop)
        assert len(tenant.simulator.requests) == 0
        assert (report.interrupted, exit_code(report)) == (True, ExitCode.INTERRUPTED)

    @pytest.mark.parametrize(("method", "written"), [("GET", []), ("PUT", ["a"])])
    def test_stopped_on_the_way_a_change_ends_that_has_begun_to_write_and_no_other(
        self, tenant: Tenant, method: str, written: list[str]
    ) -> None:
        tenant.write(*manifests())
        wanted = manifests(content="new\n")
        plan = tenant.plan(*wanted)
        stop = Event()
        tenant.before(method, stop.set)
        report = apply(plan, tenant.executor(*wanted), stop=stop, parallelism=1)
        assert outcomes(report) == {name: "applied" if name in written else "not_attempted" for name in NAMES}
        assert [s.name for s in tenant.simulator.scripts() if s.content == "new\n"] == written
        assert exit_code(report) is (ExitCode.PARTIAL if written else ExitCode.INTERRUPTED)

    def test_stopped_within_a_replace_it_is_not_left_half_done(self, tenant: Tenant) -> None:
        tenant.write(manifest())
        wanted = manifest(type="PYTHON")
        plan = tenant.plan(wanted)
        stop = Event()
        tenant.before("DELETE", stop.set)
        report = apply(plan, tenant.executor(wanted), stop=stop)
        assert (outcomes(report), tenant.names) == ({"disk_report": "applied"}, ["disk_report"])
        assert exit_code(report) is ExitCode.OK

    def test_applied_twice_the_second_time_writes_nothing(self, tenant: Tenant) -> None:
        """So that a failed job can be run again."""
        tenant.write(
            manifest("a"), manifest("b"), manifest("old_name"), manifest("gone"), *(manifest(f"x{i}") for i in range(9))
        )
        wanted = [
            manifest("a", content="new\n"),
            manifest("b", type="PYTHON"),
            manifest("new"),
            manifest("new_name", previous_names=("old_name",)),
            *(manifest(f"x{i}") for i in range(9)),
        ]
        plan = tenant.plan(*wanted, prune=True)
        assert {change.action for change in plan.changes} == set(Action) - {Action.ADOPT}
        first = tenant.apply(plan, *wanted)
        again = tenant.apply(plan, *wanted)
        assert set(outcomes(first).values()) == set(outcomes(again).values()) == {"applied"}
        assert not any(result.already for result in first.results)
        assert all(result.already and not result.wrote for result in again.results)
        assert tenant.plan(*wanted).changes == ()

    def test_what_it_waits_for_is_told_at_the_end(self, tenant: Tenant) -> None:
        wanted = manifest(reviewers=(ALICE,))
        (result,) = tenant.apply(tenant.plan(wanted), wanted).results
        assert result.awaiting == (ALICE,)

    def test_conflicts_that_are_left_are_counted(self, tenant: Tenant) -> None:
        tenant.simulator.create(name="a")
        wanted = manifests()
        report = tenant.apply(tenant.plan(*wanted), *wanted)
        assert (report.conflicts_left, report.count(Outcome.APPLIED)) == (1, 3)
        assert exit_code(report) is ExitCode.PARTIAL


def test_a_run_that_was_refused_attempted_nothing() -> None:
    report = not_attempted(plan_of([manifest("a"), manifest("b")], [builders.foreign("b")]))
    assert (outcomes(report), report.conflicts_left) == ({"a": "not_attempted"}, 1)


class TestExitCode:
    """The first of the contract's rules that fits."""

    @staticmethod
    def report(
        *pairs: tuple[Outcome, bool], conflicts: int = 0, interrupted: bool = False, status: str = "APPROVED"
    ) -> ApplyReport:
        change = Change(action=Action.CREATE, name="x", reason="")
        return ApplyReport(
            target=builders.TARGET,
            owner=builders.OWNER,
            results=tuple(Result(change=change, outcome=o, wrote=wrote, status=status) for o, wrote in pairs),
            conflicts_left=conflicts,
            interrupted=interrupted,
        )

    @pytest.mark.parametrize(
        ("pairs", "more", "code"),
        [
            ([], {}, 0),
            ([(Outcome.APPLIED, True)], {}, 0),
            ([(Outcome.APPLIED, False)], {}, 0),
            ([], {"conflicts": 1}, 3),
            ([(Outcome.APPLIED, False)], {"conflicts": 1}, 3),
            ([(Outcome.APPLIED, True)], {"conflicts": 1}, 4),
            ([(Outcome.APPLIED, True), (Outcome.FAILED, False)], {}, 4),
            ([(Outcome.APPLIED, True), (Outcome.STALE, False)], {}, 4),
            ([(Outcome.APPLIED, True), (Outcome.BLOCKED, False)], {}, 4),
            ([(Outcome.APPLIED, True), (Outcome.NOT_ATTEMPTED, False)], {}, 4),
            ([(Outcome.UNKNOWN, True)], {}, 4),
            ([(Outcome.FAILED, True)], {}, 4),
            ([(Outcome.FAILED, False)], {}, 1),
            ([(Outcome.APPLIED, False), (Outcome.FAILED, False)], {}, 1),
            ([(Outcome.FAILED, False), (Outcome.STALE, False)], {"conflicts": 1}, 1),
            ([(Outcome.STALE, False)], {}, 3),
            ([(Outcome.BLOCKED, False)], {}, 3),
            ([(Outcome.NOT_ATTEMPTED, False)], {}, 3),
            ([(Outcome.NOT_ATTEMPTED, False)], {"interrupted": True}, 130),
            ([(Outcome.APPLIED, True), (Outcome.NOT_ATTEMPTED, False)], {"interrupted": True}, 4),
            ([(Outcome.APPLIED, True)], {"interrupted": True}, 0),
            ([(Outcome.APPLIED, True)], {"status": "REJECTED"}, 5),
            ([(Outcome.APPLIED, False)], {"status": "REJECTED"}, 0),
            ([(Outcome.APPLIED, True)], {"status": "REJECTED", "conflicts": 1}, 4),
            ([(Outcome.APPLIED, True)], {"status": "PENDING_APPROVE"}, 0),
        ],
    )
    def test_table(self, pairs: list[tuple[Outcome, bool]], more: dict[str, Any], code: int) -> None:
        assert exit_code(self.report(*pairs, **more)) == code

    def test_holds_for_every_mixture(self) -> None:
        """0 exactly where everything is applied, 4 exactly where something was written and something is left."""
        kinds = [*itertools.product(Outcome, (True, False))]
        for count in range(3):
            for pairs in itertools.product(kinds, repeat=count):
                for conflicts, interrupted in itertools.product((0, 1), (True, False)):
                    code = exit_code(self.report(*pairs, conflicts=conflicts, interrupted=interrupted))
                    left = bool(conflicts) or any(outcome is not Outcome.APPLIED for outcome, _ in pairs)
                    wrote = any(wrote for _, wrote in pairs)
                    assert (code == ExitCode.OK) == (not left)
                    assert (code == ExitCode.PARTIAL) == (left and wrote)
