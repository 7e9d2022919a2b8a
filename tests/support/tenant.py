"""A simulated tenant with the engine's hand on it: plan and apply in process, without waiting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any, Self

from cocsync.apply.backup import Backups
from cocsync.apply.changes import apply
from cocsync.apply.execute import Executor
from cocsync.coc.http.client import Client, TimeSource
from cocsync.coc.http.transport import Transport
from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.simulated import Simulated
from cocsync.model.desired import Desired, Manifest
from cocsync.model.live import Live
from cocsync.model.source import Source
from cocsync.observe.reading import Extent, live_of, observe
from cocsync.observe.recall import CacheEntry, entry_of, recognised
from cocsync.plan.change import Change
from cocsync.plan.outcome import ApplyReport, Outcome, Result
from cocsync.plan.plan import Plan
from cocsync.plan.planner import make_plan
from cocsync.sim import Settings, Simulator
from tests.support import builders
from tests.support.engine import Clock


class Tenant:
    """`settings` are the simulator's; backups go below `folder`. A context manager, which closes.

    `waited` are the seconds that the engine would have waited; `while_waiting` runs in their place.
    """

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.simulator = Simulator(settings=Settings(latency=1.0, **settings), sleep=self._meet)
        self.client = self._client()
        self.api = ScriptsApi(self.client)
        self.backups = folder / "backups"
        self.remembered: dict[str, CacheEntry] = {}
        self.sent: list[str] = []
        """Methods of the requests of the last change that was run."""
        self.waited: list[float] = []
        self.while_waiting: Callable[[], None] = lambda: None
        self._meetings: list[tuple[str, Callable[[], object]]] = []

    def _client(self) -> Client:
        clock = Clock()
        around = TimeSource(clock=clock.now, now=clock.now, sleep=clock.sleep, jitter=lambda: 0.5)
        return Client(
            Transport("http://simulator", handler=Simulated(self.simulator)), writable=True, surroundings=around
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def before(self, method: str, act: Callable[[], object]) -> None:
        """Somebody acts in COC right before it carries out the next request of this method."""
        self._meetings.append((method, act))

    def plan(self, *manifests: Manifest, **scope: Any) -> Plan:
        """From a fresh look; `scope` is that of `builders.scope`."""
        asked = builders.scope(**scope)
        forms = asked.intent.normalisation
        desired = Desired(manifests=tuple(sorted(manifests, key=lambda m: m.name))).under(forms)
        seen = observe(
            self.api,
            parallelism=2,
            extent=Extent(trimmed=lambda live: recognised(live.under(forms), self._entry(live))),
        )
        return make_plan(desired, seen, asked, target=builders.TARGET, source=Source())

    def forget(self) -> None:
        """As with another machine's cache."""
        self.remembered.clear()

    def _entry(self, live: Live) -> CacheEntry | None:
        return self.remembered.get(live.uuid)

    def _remember(self, live: Live) -> None:
        if entry := entry_of(live):
            self.remembered[live.uuid] = entry

    def change(self, *manifests: Manifest, **scope: Any) -> Change:
        """The only change of the plan."""
        (change,) = self.plan(*manifests, **scope).changes
        return change

    def executor(self, *manifests: Manifest, enterprise_project_id: str | None = None, **scope: Any) -> Executor:
        return Executor(
            api=self.api,
            manifests={manifest.name: manifest for manifest in manifests},
            intent=builders.scope(**scope).intent,
            backups=Backups(self.backups),
            wait=self._wait,
            enterprise_project_id=enterprise_project_id,
            remember=self._remember,
        )

    def run(self, change: Change, *manifests: Manifest, **scope: Any) -> Result:
        """What becomes of one change; its requests are in `sent`."""
        self.simulator.requests.clear()
        result = self.executor(*manifests, **scope).run(change)
        self.sent = [method for method, _ in self.simulator.requests]
        return result

    def apply(self, plan: Plan, *manifests: Manifest, **scope: Any) -> ApplyReport:
        """One change after the other."""
        return apply(plan, self.executor(*manifests, **scope), stop=Event(), parallelism=1)

    def write(self, *manifests: Manifest, **scope: Any) -> None:
        """Makes the tenant match the manifests."""
        report = self.apply(self.plan(*manifests, **scope), *manifests, **scope)
        assert all(result.outcome is Outcome.APPLIED for result in report.results), report

    def live(self, name: str) -> Live:
        """A script as COC shows it."""
        return live_of(self.api.get(self.simulator.script(name).uuid))

    @property
    def names(self) -> list[str]:
        return sorted(script.name for script in self.simulator.scripts())

    def saved(self) -> list[str]:
        """Names of the scripts that were copied before a write."""
        return sorted(path.parent.name for path in self.backups.glob("*/script.yaml"))

    def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.while_waiting()

    def _meet(self, _latency: float) -> None:
        method = list(self.simulator.requests)[-1][0]
        for meeting in self._meetings:
            if meeting[0] == method:
                self._meetings.remove(meeting)
                meeting[1]()
                return
