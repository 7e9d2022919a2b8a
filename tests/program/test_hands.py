"""Somebody edits in COC while an apply is at work: what they wrote is there afterwards, or there is a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cocsync.sim import Settings, Simulator
from tests.support.program import Done, Program
from tests.support.repository import Repository

BY_HAND = "echo by hand\n"


class Meeting:
    """A COC in which somebody acts right before it carries out the next request of a method."""

    def __init__(self) -> None:
        self.simulator = Simulator(settings=Settings(latency=1.0), sleep=self._meet)
        self.method = ""
        self.act: Callable[[], object] = lambda: None

    def before(self, method: str, act: Callable[[], object]) -> None:
        self.method, self.act = method, act

    def _meet(self, _latency: float) -> None:
        if list(self.simulator.requests)[-1][0] == self.method:
            self.method = ""
            self.act()


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    meeting = Meeting()
    with meeting.simulator:
        yield meeting


@pytest.fixture
def coc(meeting: Meeting, serving: Callable[[Simulator], str]) -> str:
    """Its address."""
    return serving(meeting.simulator)


@pytest.fixture
def ours(cocsync: Program, repository: Repository, coc: str) -> Repository:
    """Scripts `a` and `b` of ours in COC."""
    for name in ("a", "b"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    assert cocsync.here("apply", "--yes", "--endpoint", coc).code == 0
    return repository


def change(repository: Repository, kind: str) -> tuple[str, ...]:
    """Changes the manifests so that the next apply writes over `a` or deletes it; the options for that."""
    path = repository.root / "scripts/a.yaml"
    if kind == "update":
        repository.manifest("scripts/a.yaml", name="a", version="1.1.0")
    elif kind == "replace":
        repository.manifest("scripts/a.yaml", name="a", type="PYTHON", content="print()\n")
    elif kind == "rename":
        path.unlink()
        repository.manifest("scripts/new.yaml", name="new", previous_names=["a"])
    else:
        path.unlink()
        return ("--prune",)
    return ()


def apply(cocsync: Program, coc: str, *options: str) -> Done:
    return cocsync("apply", "--yes", "--endpoint", coc, *options)


@pytest.mark.parametrize("fault", ["429=0", "lost-before-commit"])
@pytest.mark.parametrize("kind", ["update", "replace", "rename", "prune"])
def test_a_write_that_is_sent_again_leaves_what_somebody_wrote_meanwhile(
    cocsync: Program, ours: Repository, meeting: Meeting, coc: str, kind: str, fault: str
) -> None:
    options = change(ours, kind)
    method = "PUT" if kind == "update" else "DELETE"
    meeting.simulator.inject(f"{method} *:{fault}")
    meeting.before(method, lambda: meeting.simulator.edit("a", user="mallory", content=BY_HAND))

    done = apply(cocsync, coc, *options)

    assert meeting.simulator.script("a").content == BY_HAND
    assert done.code == (3 if fault == "429=0" and kind != "rename" else 4)
    assert ("1 unknown" if (kind, fault) == ("update", "lost-before-commit") else "1 stale") in done.last_line
    assert meeting.simulator.requests.count(method) == 1


def test_a_roll_back_by_hand_is_kept_before_it_is_overwritten(
    cocsync: Program, ours: Repository, meeting: Meeting, coc: str
) -> None:
    """It brings the old mark back, so that nothing tells it from what cocsync wrote."""
    old = meeting.simulator.script("a")
    ours.manifest("scripts/a.yaml", name="a", content="echo new\n")
    assert apply(cocsync, coc).code == 0
    meeting.simulator.edit("a", user="mallory", content=old.content, description=old.description)

    assert apply(cocsync, coc).code == 0

    newest = max((ours.root / ".cocsync" / "backups").iterdir())
    assert (newest / "a" / "a.sh").read_text("utf-8") == old.content
    assert meeting.simulator.script("a").content == "echo new\n"


def test_of_the_copies_of_a_script_as_many_stay_as_the_project_says(
    cocsync: Program, ours: Repository, coc: str
) -> None:
    ours.project(backups={"keep": 2})
    for number in range(4):
        ours.manifest("scripts/a.yaml", name="a", content=f"echo {number}\n")
        assert apply(cocsync, coc).code == 0

    copies = sorted(ours.root.glob(".cocsync/backups/*/a/a.sh"))
    assert [copy.read_text("utf-8") for copy in copies] == ["echo 1\n", "echo 2\n"]
    assert len(list((ours.root / ".cocsync" / "backups").iterdir())) == 2


def test_a_release_keeps_a_copy(cocsync: Program, ours: Repository, coc: str) -> None:
    assert cocsync("release", "a", "--yes", "--endpoint", coc).code == 0
    (copy,) = ours.root.glob(".cocsync/backups/*/a/script.yaml")
    assert "name: a\n" in copy.read_text("utf-8")


def test_an_edit_right_after_the_write_is_named(
    cocsync: Program, repository: Repository, meeting: Meeting, coc: str
) -> None:
    repository.manifest("scripts/a.yaml", name="a")

    def edit() -> None:
        meeting.before("GET", lambda: meeting.simulator.edit("a", user="mallory", content=BY_HAND))

    meeting.before("POST", edit)
    done = apply(cocsync, coc)
    assert "mallory changed it right after cocsync wrote it" in done.out
    assert meeting.simulator.script("a").content == BY_HAND
