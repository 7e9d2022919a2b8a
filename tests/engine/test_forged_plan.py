"""A saved plan that somebody forged, checksum and id made anew: it does what manifests ask for, or nothing.

Every field of every record is given every kind of value: junk, and what stands elsewhere in the plan or in COC.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.apply.changes import apply
from cocsync.apply.execute import Executor
from cocsync.engine.planfile import (
    _build,
    _checksum,
    dump,
    load,
    refuse_uncalled_for,
    refuse_unless_current,
    with_needs,
)
from cocsync.errors import CocsyncError, LocalFailure, Refused
from cocsync.model import mark as marks
from cocsync.model.desired import Desired
from cocsync.model.source import Source
from cocsync.observe.reading import observe, read
from cocsync.plan.guards import Guards
from cocsync.plan.plan import Plan
from cocsync.plan.planner import make_plan
from cocsync.plan.writing import precondition
from cocsync.sim import Simulator
from tests.support import builders
from tests.support.engine import Clock, api_for
from tests.support.program import Program
from tests.support.repository import Repository
from tests.support.schedule import SCOPE, Copies, tenant, wanted

MANIFESTS = {manifest.name: manifest for manifest in wanted()}
JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, float("nan"), "", "x", "\ud800", "\x1b[2J", "9999-99-99", "0001-01-01"),
    *([], [[]], [None], {}, {"a": 1}, {"before": {"a": []}}, [{}], "x" * 1000),
)

Path_ = tuple[str | int, ...]


def nodes(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Everything in a document, with where it stands."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from nodes(item, (*path, key))


def put(document: Any, path: Path_, value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


def sealed(document: dict[str, Any]) -> str:
    """With the id and the checksum that belong to it, as far as it has any."""
    body = {key: value for key, value in document.items() if key != "checksum"}
    with suppress(Exception):
        body["plan_id"] = _build(Plan, body).plan_id
    return json.dumps(body | {"checksum": _checksum(body)})


def planned(coc: Simulator) -> dict[str, Any]:
    with api_for(coc, writable=False) as api:
        desired = Desired(manifests=tuple(sorted(wanted(), key=lambda m: m.name)))
        plan = make_plan(desired, observe(api, parallelism=1), SCOPE, target=builders.TARGET, source=Source())
    document: dict[str, Any] = json.loads(dump(plan, tool_version="0.1.0", generated_at=datetime.now(UTC)))
    return document


def applied(coc: Simulator, text: str) -> None:
    """What `cocsync apply PLANFILE` does with the file, up to its report."""
    saved = load(text, "it.plan").plan
    refuse_unless_current(saved, MANIFESTS)
    desired = Desired(manifests=wanted())
    refuse_uncalled_for(saved, desired, Guards(max_delete=9))
    plan = with_needs(saved, MANIFESTS)
    clock = Clock()
    with api_for(coc, writable=True, clock=clock) as api:
        executor = Executor(api=api, manifests=MANIFESTS, intent=SCOPE.intent, backups=Copies(Path()), wait=clock.sleep)
        apply(plan, executor, stop=Event(), parallelism=1)


def check(coc: Simulator, before: dict[str, Any]) -> None:
    """Each script is as it was, or as its manifest says; only what is ours and has no manifest can be gone."""
    now = {script.uuid: script for script in coc.scripts()}
    for uuid, script in before.items():
        if script.name in ("foreign", "kept"):
            assert now.get(uuid) == script
        if script.name == "old_name" and uuid not in now:
            assert "new_name" in {other.name for other in now.values()}
        if uuid not in now:
            assert script.name in ("gone", "old_name", "retyped")
    for script in now.values():
        if script != before.get(script.uuid):
            manifest = MANIFESTS[script.name]
            assert (script.content, script.type) == (manifest.script.content.text, manifest.script.type)
            assert marks.split(script.description)[1] is not None


@given(data=st.data())
def test_whatever_is_forged_nothing_is_done_that_no_manifest_asks_for(data: st.DataObject) -> None:
    with tenant() as coc:
        document = planned(coc)
        before = {script.uuid: script for script in coc.scripts()}
        found = list(nodes(document))
        others = st.sampled_from([value for _, value in found]) | st.sampled_from(
            [value for script in before.values() for value in (script.uuid, script.name)]
        )
        for _ in range(data.draw(st.integers(1, 3))):
            path = data.draw(st.sampled_from([path for path, _ in found if path]))
            value = data.draw(st.sampled_from(JUNK) | others)
            with suppress(KeyError, IndexError, TypeError):
                put(document, path, copy.deepcopy(value))
        with suppress(CocsyncError):
            applied(coc, sealed(document))
        check(coc, before)


@given(junk=st.sampled_from(JUNK), data=st.data())
def test_junk_in_any_field_is_refused(junk: Any, data: st.DataObject) -> None:
    """Or it is what a plan might hold there: then it comes back as it stands."""
    with tenant() as coc:
        document = planned(coc)
    path = data.draw(st.sampled_from([path for path, _ in nodes(document) if path and path != ("checksum",)]))
    put(document, path, junk)
    text = sealed(document)
    try:
        saved = load(text, "it.plan")
    except (Refused, LocalFailure):
        return
    again = dump(saved.plan, tool_version=json.loads(text)["tool_version"], generated_at=saved.generated_at)
    assert json.loads(again)["changes"] == json.loads(text)["changes"]


@pytest.mark.parametrize("key", ["unknown", "plan_id", "summary"])
def test_a_key_that_no_plan_has_or_a_count_that_is_not_its_own_is_refused(key: str) -> None:
    with tenant() as coc:
        document = planned(coc)
    document[key] = {"create": 7} if key == "summary" else "sha256:" + "0" * 64
    body = {name: value for name, value in document.items() if name != "checksum"}
    with pytest.raises(Refused, match="altered"):
        load(json.dumps(body | {"checksum": _checksum(body)}), "it.plan")


class TestTheProgram:
    """`cocsync apply PLANFILE --yes` with a forged file."""

    @pytest.fixture
    def plan(self, repository: Repository, cocsync: Program) -> dict[str, Any]:
        """Of an update of `a`; `b` is in COC as its manifest says, `lost` is ours and has no manifest any more."""
        for name in ("a", "b", "lost"):
            repository.manifest(f"scripts/{name}.yaml", name=name)
        assert cocsync.here("apply", "--yes").code == 0
        (repository.root / "scripts/lost.yaml").unlink()
        repository.manifest("scripts/a.yaml", name="a", version="1.1.0")
        assert cocsync.here("plan", "--out", "it.plan").code == 0
        document: dict[str, Any] = json.loads((repository.root / "it.plan").read_text("utf-8"))
        return document

    def forged(self, repository: Repository, cocsync: Program, plan: dict[str, Any], *arguments: str) -> Any:
        repository.write("it.plan", sealed(plan))
        return cocsync.here("apply", "it.plan", "--yes", *arguments)

    def test_a_script_whose_type_is_equal_is_not_replaced(
        self, repository: Repository, cocsync: Program, simulator: Simulator, plan: dict[str, Any]
    ) -> None:
        state = simulator.scripts()
        plan["changes"][0]["action"] = "replace"
        plan["summary"] |= {"update": 0, "replace": 1}
        done = self.forged(repository, cocsync, plan)
        assert (done.code, simulator.scripts()) == (3, state)
        assert "its type is the manifest's, so nothing asks for a replace" in done.out

    @pytest.mark.parametrize("name", ["a", "b", "lost", "foreign"])
    def test_a_delete_that_no_manifest_calls_for_is_refused(
        self, repository: Repository, cocsync: Program, simulator: Simulator, plan: dict[str, Any], name: str
    ) -> None:
        """A manifest is there, it is one's previous name, or the script was never ours."""
        simulator.create(name="foreign", user="somebody")
        repository.manifest("scripts/b.yaml", name="b", previous_names=["lost"])
        state = simulator.scripts()
        with api_for(simulator, writable=False) as api:
            live = read(api, simulator.script(name).uuid)
            assert live is not None
            seen = precondition(live, None)
        (change,) = plan["changes"]
        change |= {"action": "delete", "name": name, "uuid": live.uuid, "desired": None, "fields": []}
        change["precondition"] |= {"uuid": live.uuid, "digest": seen.digest}
        plan["summary"] |= {"update": 0, "delete": 1}
        done = self.forged(repository, cocsync, plan)
        assert (done.code, simulator.scripts()) == (3, state)

    @pytest.mark.parametrize("junk", [7, None, [], {"a": [1]}, "\ud800", 10**30])
    @pytest.mark.parametrize("key", ["changes", "conflicts", "target", "allowances", "diagnostics", "source"])
    def test_junk_is_refused_without_a_traceback(
        self, repository: Repository, cocsync: Program, simulator: Simulator, plan: dict[str, Any], key: str, junk: Any
    ) -> None:
        state = simulator.scripts()
        done = self.forged(repository, cocsync, plan | {key: junk})
        if (key, junk) in (("conflicts", []), ("diagnostics", [])):
            return
        assert (done.code, simulator.scripts()) == (3, state)

    def test_a_change_of_a_script_against_the_policy_is_refused(
        self, repository: Repository, cocsync: Program, simulator: Simulator
    ) -> None:
        """A plan says by its guards that the policy refuses it; a forged one keeps silent."""
        state = simulator.scripts()
        repository.manifest("scripts/a.yaml", name="a", content="rm -rf /\n")
        assert cocsync.here("plan", "--out", "it.plan").code == 3
        whole = json.loads((repository.root / "it.plan").read_text("utf-8"))
        done = self.forged(repository, cocsync, whole | {"guards": [], "diagnostics": []})
        assert (done.code, simulator.scripts()) == (3, state)
        assert "policy" in done.err
