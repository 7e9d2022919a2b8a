"""Whatever people do to manifests and to COC, and whatever goes wrong on the way: an apply makes the two equal.

The simulator is COC; every rule is something that somebody does. After each apply that nothing disturbed, the second
plan is empty, a name has one script, nothing foreign was touched, and a plan wrote nothing.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cocsync.apply.backup import Backups
from cocsync.apply.changes import apply
from cocsync.apply.execute import Executor
from cocsync.coc.http.errors import ApiError
from cocsync.coc.scripts import ScriptsApi
from cocsync.model.desired import Desired, Manifest
from cocsync.model.mark import split
from cocsync.model.normalise import Normalisation
from cocsync.model.secret import Secret
from cocsync.model.source import Source
from cocsync.observe.reading import Extent, observe
from cocsync.plan.change import Action
from cocsync.plan.guards import Allowances
from cocsync.plan.outcome import ApplyReport, Outcome
from cocsync.plan.plan import Plan
from cocsync.plan.planner import Scope, make_plan
from cocsync.sim import Settings, Simulator
from tests.support import builders
from tests.support.engine import api_for
from tests.support.strategies import manifests

NAMES = ("alpha", "beta", "gamma", "delta")
FOREIGN = "somebodys_own"
FAULTS = (
    "lost-before-commit",
    "lost-after-commit",
    "refused",
    "502",
    "502-after-commit",
    "429=0",
    "truncated",
    "garbage",
    "login-page",
)

behaviours = st.builds(
    Settings,
    ids_ascending=st.booleans(),
    modified_null_until_edit=st.booleans(),
    shows_protocol=st.booleans(),
    put_clears_omitted=st.booleans(),
    sorts_reviewers=st.booleans(),
    omits_empty=st.booleans(),
    returns_crlf=st.booleans(),
    stores_nfc=st.booleans(),
    drops_last_newline=st.booleans(),
    not_found_status=st.sampled_from((400, 404, 500)),
)
texts = st.text("abc é\n#", min_size=1, max_size=8).filter(str.strip)
values = st.text("abc./-", max_size=6).filter(lambda text: ".." not in text)


@st.composite
def wanted(draw: st.DrawFn) -> Manifest:
    """A manifest that COC accepts, of a type that never changes (a replace has its own rule)."""
    drawn = draw(manifests(texts, name=draw(st.sampled_from(NAMES)), type="SHELL"))
    params = tuple(replace(p, value="" if p.sensitive else draw(values)) for p in drawn.script.params)
    available = tuple(p for p in params if not p.sensitive or (p.source and p.source.value is not None))
    clean = tuple(
        replace(p, source=replace(p.source, value=_legal(p.source.value))) if p.source else p for p in available
    )
    return replace(drawn, protected=False, script=replace(drawn.script, params=clean))


def _legal(value: Any) -> Any:
    return type(value)("".join(c for c in value.reveal() if c.isascii() and c.isalnum()) or "x") if value else value


class Reconciling(RuleBasedStateMachine):
    """People and pipelines around one COC."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.desired: dict[str, Manifest] = {}
        self.runs = 0

    @initialize(behaviour=behaviours)
    def begin(self, behaviour: Settings) -> None:
        self.coc = Simulator(settings=behaviour)
        declared = {
            "line_ends": behaviour.returns_crlf,
            "unicode": behaviour.stores_nfc,
            "final_newline": behaviour.drops_last_newline,
        }
        self.forms = Normalisation.of(name for name, holds in declared.items() if holds)
        self.coc.create(name=FOREIGN, user="somebody", content="echo mine", description="not yours")

    def teardown(self) -> None:
        self.coc.close()
        self.folder.cleanup()

    # What people do.

    @rule(manifest=wanted())
    def write_manifest(self, manifest: Manifest) -> None:
        self.desired[manifest.name] = manifest

    @rule(name=st.sampled_from(NAMES))
    def delete_manifest(self, name: str) -> None:
        self.desired.pop(name, None)

    @rule(name=st.sampled_from(NAMES), text=texts, edit=st.sampled_from(("content", "description", "around", "risk")))
    def edit_by_hand(self, name: str, text: str, edit: str) -> None:
        if not self.exists(name):
            return
        before = self.coc.script(name)
        change: dict[str, str] = {
            "content": {"content": text},
            "description": {"description": text},
            "around": {"description": f"{before.description} {text}"[:256]},
            "risk": {"risk_level": "HIGH"},
        }[edit]
        self.coc.edit(name, user="mallory", **change)

    @rule(name=st.sampled_from(NAMES))
    def delete_by_hand(self, name: str) -> None:
        if self.exists(name):
            self.coc.delete(name)

    @rule(name=st.sampled_from(NAMES))
    def create_by_hand(self, name: str) -> None:
        if not self.exists(name):
            self.coc.create(name=name, user="somebody", content="echo by hand", description="by hand")

    @rule(name=st.sampled_from(NAMES), approve=st.booleans())
    def review(self, name: str, approve: bool) -> None:
        if self.exists(name) and self.coc.script(name).status == "PENDING_APPROVE":
            self.coc.review(name, approve=approve)

    # What pipelines do.

    @rule(fault=st.sampled_from(FAULTS), at=st.integers(1, 12), prune=st.booleans(), adopt=st.booleans())
    def apply_under_fault(self, fault: str, at: int, prune: bool, adopt: bool) -> None:
        self.coc.inject(f"k={at}:{fault}")
        foreign = self.foreign(adopt=adopt)
        report = None
        with suppress(ApiError):
            report = self.run(prune=prune, adopt=adopt)[1]
        self.coc.clear_faults()

        self.assert_untouched(foreign)
        for result in report.results if report else ():
            if result.outcome is Outcome.APPLIED and result.action is not Action.DELETE:
                assert self.stored(result.name) == self.content(result.name)

    @precondition(lambda self: self.desired)
    @rule(prune=st.booleans())
    def apply_and_converge(self, prune: bool) -> None:
        foreign = self.foreign(adopt=True)
        _, report = self.run(prune=prune, adopt=True)

        assert [r.outcome for r in report.results] == [Outcome.APPLIED] * len(report.results)
        after = self.plan(prune=prune, adopt=True)
        assert (after.changes, after.conflicts) == ((), ())
        assert prune is False or after.prunable == ()
        self.assert_untouched(foreign)
        for name, manifest in self.desired.items():
            assert self.stored(name) == self.content(name)
            for param in manifest.script.sensitive_params:
                sent = param.source.value if param.source else None
                stored = {p.name: p.value for p in self.coc.script(name).params}
                assert sent == Secret(stored[param.name])

    @rule(prune=st.booleans(), adopt=st.booleans())
    def plan_twice(self, prune: bool, adopt: bool) -> None:
        state = self.coc.scripts()
        self.coc.requests.clear()

        assert self.plan(prune=prune, adopt=adopt) == self.plan(prune=prune, adopt=adopt)

        assert {method for method, _ in self.coc.requests} <= {"GET"}
        assert self.coc.scripts() == state

    @invariant()
    def one_script_a_name(self) -> None:
        if hasattr(self, "coc"):
            assert max(Counter(script.name for script in self.coc.scripts()).values()) == 1

    # The machinery.

    def exists(self, name: str) -> bool:
        return any(script.name == name for script in self.coc.scripts())

    def foreign(self, *, adopt: bool) -> dict[str, object]:
        """What must not change: scripts without our mark, but for those that an adoption may take."""
        return {
            script.uuid: script
            for script in self.coc.scripts()
            if split(script.description)[1] is None and not (adopt and script.name in self.desired)
        }

    def assert_untouched(self, foreign: dict[str, object]) -> None:
        now = {script.uuid: script for script in self.coc.scripts()}
        assert foreign == {uuid: now.get(uuid) for uuid in foreign}

    def content(self, name: str) -> str:
        return self.forms.content_text(self.desired[name].script.content.text)

    def stored(self, name: str) -> str:
        return self.forms.content_text(self.coc.script(name).content)

    def scope(self, *, prune: bool, adopt: bool) -> Scope:
        everything = Allowances(deletes=99, reviews=99, empty=True)
        return builders.scope(
            prune=prune, prune_edited=True, adopt_all=adopt, allowances=everything, normalisation=self.forms
        )

    def plan(self, **options: bool) -> Plan:
        with api_for(self.coc, writable=False) as api:
            return self.plan_with(api, **options)

    def plan_with(self, api: ScriptsApi, **options: bool) -> Plan:
        desired = Desired(manifests=tuple(sorted(self.desired.values(), key=lambda m: m.name)))
        desired = desired.under(self.forms)
        observed = observe(api, parallelism=1, extent=Extent(trimmed=lambda live: live.under(self.forms)))
        return make_plan(desired, observed, self.scope(**options), target=builders.TARGET, source=Source())

    def run(self, **options: bool) -> tuple[Plan, ApplyReport]:
        self.runs += 1
        with api_for(self.coc, writable=True) as api:
            plan = self.plan_with(api, **options)
            executor = Executor(
                api=api,
                manifests=self.desired,
                intent=self.scope(**options).intent,
                backups=Backups(Path(self.folder.name) / str(self.runs)),
                wait=lambda _: None,
            )
            plan = replace(plan, changes=tuple(change for change in plan.changes if not change.needs))
            return plan, apply(plan, executor, stop=Event(), parallelism=1)


# 60 examples, and 1,200 in `make test-long`.
Reconciling.TestCase.settings = settings(max_examples=settings().max_examples * 3 // 5, stateful_step_count=25)
TestReconciling = Reconciling.TestCase
