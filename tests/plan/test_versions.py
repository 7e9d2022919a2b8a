"""Changed content under the version of the old one: judged where there is a plan."""

from __future__ import annotations

from typing import Any

import pytest

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.plan.change import Action
from cocsync.plan.plan import Plan
from cocsync.policy.rules import Policy
from tests.support.builders import edited, foreign, manifest, plan_of, written

OLD = manifest()
ERROR = Policy(severities=(("version-unchanged", "error"),))


def said(new: Manifest, live: Live, **scope: Any) -> list[Diagnostic]:
    return [d for d in plan_of([new], [live], **scope).diagnostics if d.code == "version-unchanged"]


def changed(**changes: Any) -> Manifest:
    return manifest(**{"content": "df -hi\n", **changes})


def test_is_a_warning_at_the_manifest() -> None:
    (found,) = said(changed(), written(OLD))
    assert found.severity is Severity.WARNING
    assert found.at == Position(file="scripts/disk_report/script.yaml", line=3)
    assert found.script == "disk_report"


@pytest.mark.parametrize(
    ("new", "live"),
    [
        (changed(version="1.0.1"), written(OLD)),
        (manifest(description="Other"), written(OLD)),
        (manifest(), written(OLD)),
        (manifest(), edited(written(OLD), content="rm x\n")),
        (changed(adopt=True), foreign()),
        (changed(waived=frozenset({"version-unchanged"})), written(OLD)),
        (changed(ignore=frozenset({"content"})), written(OLD)),
    ],
    ids=["raised", "no content", "nothing", "by hand", "adopted", "waived", "ignored"],
)
def test_is_not_said_where_the_repository_changes_no_content_under_an_old_version(new: Manifest, live: Live) -> None:
    assert said(new, live) == []


def test_a_replace_is_a_change_of_the_repository_too() -> None:
    assert len(said(changed(type="PYTHON"), written(OLD))) == 1


def test_the_project_may_turn_it_off() -> None:
    assert said(changed(), written(OLD), policy=Policy(severities=(("version-unchanged", "off"),))) == []


class TestAsAnError:
    def plan(self, **scope: Any) -> Plan:
        return plan_of([changed(), manifest("other")], [written(OLD)], policy=ERROR, **scope)

    def test_refuses_the_run_and_leaves_the_plan_whole(self) -> None:
        plan = self.plan()
        assert [guard.code for guard in plan.guards] == ["policy"]
        assert plan.guards[0].allowed_by is None
        assert "version-unchanged" in plan.guards[0].message
        assert plan.complete
        assert [change.action for change in plan.changes] == [Action.UPDATE, Action.CREATE]

    def test_of_a_script_that_the_run_does_not_look_at_refuses_nothing(self) -> None:
        assert self.plan(names=("other",)).guards == ()
        assert self.plan(exclude=("disk_*",)).guards == ()
