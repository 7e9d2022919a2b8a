"""Two pipelines, one COC, no lock between them: the second one runs while the first waits for an answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cocsync.model.content import Content
from cocsync.model.desired import Manifest
from cocsync.sim import Simulator
from tests.support.program import Program
from tests.support.repository import Repository
from tests.support.schedule import (
    check_converges,
    check_report,
    check_tenant,
    requests_of_a_clean_run,
    run,
    tenant,
    wanted,
)


def other() -> tuple[Manifest, ...]:
    """The same scripts as another commit has them."""
    return tuple(
        m if m.name == "kept" else replace(m, script=replace(m.script, content=Content("another commit's\n")))
        for m in wanted()
    )


@dataclass
class Meeting:
    """Somebody who acts once, while the `at`-th request of another is on its way."""

    at: int
    act: Callable[[], object] = lambda: None
    seen: int = 0

    def __call__(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            self.act()


def meet(at: int, second: tuple[Manifest, ...]) -> Simulator:
    """COC after a run in which the second one met the `at`-th request of the first."""
    meeting = Meeting(at=0)
    coc = tenant(before_each=meeting)
    meeting.seen, meeting.at, meeting.act = 0, at, lambda: run(coc, second)
    first = run(coc, wanted())
    assert meeting.seen > at
    check_tenant(coc)
    if second == wanted():
        check_report(coc, first, wanted())
    return coc


def test_whenever_a_second_run_comes_nothing_is_doubled_or_lost_and_a_clean_run_converges(
    record_property: Callable[[str, object], None],
) -> None:
    requests = requests_of_a_clean_run()
    for at in range(1, requests + 1):
        with meet(at, wanted()) as coc:
            check_converges(coc)
    record_property("schedules", requests)


def test_nor_where_it_is_of_another_commit(record_property: Callable[[str, object], None]) -> None:
    """A rename whose new script the other one changed deletes the old script a run later, once the new one is equal."""
    requests = requests_of_a_clean_run()
    for at in range(1, requests + 1):
        with meet(at, other()) as coc:
            check_converges(coc, runs=2)
    record_property("schedules", requests)


def test_two_programs_in_two_folders_at_once(
    cocsync: Program, repository: Repository, serving: Callable[[Simulator], str], tmp_path: Path
) -> None:
    """As it comes: what either of them could not write, the other one wrote."""
    for number in range(6):
        repository.manifest(f"scripts/{number}.yaml", name=f"s{number}")
    clone = shutil.copytree(repository.root, tmp_path / "clone")
    with Simulator() as coc:
        apply = ("apply", "--yes", "--endpoint", serving(coc))
        with cocsync.running(*apply) as one, cocsync.running(*apply, "-C", str(clone)) as two:
            codes = {one.wait().code, two.wait().code}
        assert codes <= {0}
        assert sorted(script.name for script in coc.scripts()) == [f"s{number}" for number in range(6)]
        assert cocsync.here("plan", "--detailed-exitcode", *apply[2:]).code == 0
