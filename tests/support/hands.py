"""A COC in which somebody edits by hand while cocsync is at work, and what must be true of that in the end.

What a hand writes is there, or a later hand wrote over it, or there is a copy of it. One moment is excepted, since
nothing can close it: between cocsync's last look and its write, where the very request replaces what a hand wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from cocsync.errors import ExitCode
from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.model.mark import split
from cocsync.plan.change import Action
from cocsync.plan.outcome import Outcome, exit_code
from cocsync.report import ndjson
from cocsync.report.json import apply_json
from cocsync.report.markdown.apply import apply_markdown
from cocsync.report.text.apply import apply_text
from cocsync.report.view import View
from cocsync.sim import Request, Response, Settings, Simulator, StoredScript
from tests.support import canary
from tests.support.schedule import Ended, expected_code, furnished, run, wanted

NAMES = ("changed", "gone", "retyped", "old_name", "new_name", "taken", "fresh", "kept")
KINDS = ("content", "description", "unmark", "roll-back", "delete", "foreign")
ASKED = "*"
"""The script that the request is about, if it is about one."""


@dataclass(frozen=True)
class Act:
    """What somebody does to which script, right before COC carries out its request number `at`."""

    at: int
    kind: str
    name: str


@dataclass
class Version:
    """What a hand has left of a script. `replaced_at_once`: by the very request that it came before."""

    script: StoredScript
    foreign: bool
    superseded: bool = False
    replaced_at_once: bool = False

    @property
    def text(self) -> tuple[str, str]:
        return self.script.content, split(self.script.description)[0]


class Handled(Simulator):
    """A simulator in which `acts` happen. `committed` counts the requests of cocsync that changed something."""

    def __init__(self) -> None:
        super().__init__(settings=Settings(ids_ascending=True, latency=1.0), sleep=lambda _: self._meet())
        self.acts: list[Act] = []
        self.versions: list[Version] = []
        self.copies: list[Live] = []
        self.committed = 0
        self.acted_on: set[str] = set()
        self._fresh: list[Version] = []
        self._number = 0
        self._before: tuple[StoredScript, ...] = ()
        self._first: dict[str, StoredScript] = {}

    def begin(self, acts: list[Act]) -> None:
        """From here on requests are counted, and these acts happen."""
        self.acts, self._number = acts, 0

    def handle(self, request: Request) -> Response:
        self._fresh = []
        self._before = self.scripts()
        try:
            return super().handle(request)
        finally:
            now = self.scripts()
            self.committed += now != self._before
            for script in now:
                if script.operator in (None, "cocsync"):
                    self._first.setdefault(script.uuid, script)
            for version in self._fresh:
                version.replaced_at_once = request.method in ("PUT", "DELETE") and not self.shows(version)

    def shows(self, version: Version) -> bool:
        return any(
            script.uuid == version.script.uuid
            and (script.content, script.description) == (version.script.content, version.script.description)
            for script in self.scripts()
        )

    def _meet(self) -> None:
        self._number += 1
        for act in self.acts:
            if act.at == self._number:
                self._do(act.kind, self._asked() if act.name == ASKED else act.name, number=self._number)
        self._before = self.scripts()

    def _asked(self) -> str:
        uuid = list(self.requests)[-1][1].rpartition("/")[2]
        return next((s.name for s in self.scripts() if s.uuid == uuid and s.name in NAMES), "")

    def _do(self, kind: str, name: str, *, number: int) -> None:
        there = next((script for script in self.scripts() if script.name == name), None)
        text = f"by hand before request {number}"
        if there is None:
            if kind == "foreign" and name:
                self._create(name, text)
            return
        self.acted_on.add(name)
        for version in self.versions:
            version.superseded = version.superseded or version.script.uuid == there.uuid
        fields: dict[str, Any] = {
            "content": {"content": f"echo {text}\n"},
            "description": {"description": there.description.replace("Disk usage", text)},
            "unmark": {"description": text},
            "roll-back": self._roll_back(there),
        }.get(kind, {})
        if fields:
            self.edit(there.uuid, user="mallory", **fields)
            script = self.script(there.uuid)
            self._note(Version(script=script, foreign=split(script.description)[1] is None))
        if kind in ("delete", "foreign"):
            self.delete(there.uuid)
        if kind == "foreign":
            self._create(name, text)

    def _roll_back(self, script: StoredScript) -> dict[str, str]:
        """To what cocsync wrote at first, with the mark of that."""
        old = self._first.get(script.uuid)
        return {"content": old.content, "description": old.description} if old else {}

    def _create(self, name: str, text: str) -> None:
        self.acted_on.add(name)
        uuid = self.create(name=name, user="mallory", content=f"echo {text}\n", description=text)
        self._note(Version(script=self.script(uuid), foreign=True))

    def _note(self, version: Version) -> None:
        self.versions.append(version)
        self._fresh.append(version)


def handled(acts: list[Act]) -> Handled:
    """The tenant of `tests.support.schedule`, in which hands act from the next request on."""
    coc = furnished(Handled())
    coc.committed = 0
    coc.begin(acts)
    return coc


def by_chance(seed: int, fault_kinds: Sequence[str]) -> tuple[list[str], list[Act]]:
    """Up to three faults, of these kinds, and up to three hands; both more often at writes, and at the same requests.

    Equal seeds give equal schedules.
    """
    chance = Random(seed)
    methods = _methods_of_a_clean_run()
    writes = [number for number, method in enumerate(methods, start=1) if method != "GET"]

    def moment() -> int:
        return chance.choice(writes) if chance.random() < 0.5 else chance.randint(1, len(methods) + 9)

    struck = [moment() for _ in range(chance.randint(0, 3))]
    faults = [f"k={at}:{chance.choice(fault_kinds)}" for at in struck]
    acts = [
        Act(
            at=chance.choice(struck) if struck and chance.random() < 0.5 else moment(),
            kind=chance.choice(KINDS),
            name=ASKED if chance.random() < 0.5 else chance.choice(NAMES),
        )
        for _ in range(chance.randint(0, 3))
    ]
    return faults, acts


@cache
def _methods_of_a_clean_run() -> tuple[str, ...]:
    with handled([]) as coc:
        coc.requests.clear()
        run(coc, wanted())
        return tuple(method for method, _ in coc.requests)


def check_hands(coc: Handled, ended: Ended, manifests: tuple[Manifest, ...], *, note: str) -> None:
    """After a run: nothing of a hand is gone, nothing foreign was touched, and the report says what is so."""
    coc.copies += ended.copies.kept
    copied = {(live.script.content.text, live.script.description) for live in coc.copies}
    for version in coc.versions:
        safe = version.superseded or version.replaced_at_once or coc.shows(version)
        assert safe or version.text in copied, f"{note}: {version} is gone"
        if version.foreign and version.script.name != "taken":
            assert safe, f"{note}: {version} was foreign"
    foreign = coc.script("foreign")
    assert (foreign.content, foreign.operator) == ("echo mine", None), note
    _check_report(coc, ended, manifests, note)


def _check_report(coc: Handled, ended: Ended, manifests: tuple[Manifest, ...], note: str) -> None:
    committed, coc.committed = coc.committed, 0
    acted_on, coc.acted_on = coc.acted_on, set()
    report = ended.report
    if report is None:
        assert committed == 0, note
        return
    code = exit_code(report)
    assert code is expected_code(report), note
    if committed:
        assert any(result.wrote for result in report.results), note
        assert code in (ExitCode.OK, ExitCode.PARTIAL), note
    shown = [
        apply_json(report, View(tool_version="1")),
        apply_text(report, View(width=80)),
        apply_markdown(report, View()),
    ]
    shown += [ndjson.line(ndjson.ended(result), at=0) for result in report.results]
    assert not any(map(canary.is_in, shown)), note
    desired = {manifest.name: manifest.script for manifest in manifests}
    live = {script.name: script for script in coc.scripts()}
    for result in report.results:
        if result.outcome is not Outcome.APPLIED or result.name in acted_on:
            continue
        if result.action is Action.DELETE:
            assert result.name not in live, note
        else:
            assert live[result.name].content == desired[result.name].content.text, note
