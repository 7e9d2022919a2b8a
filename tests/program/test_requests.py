"""What is asked of COC: no more than needed, and by a run that reads, nothing but GET."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from cocsync.sim import Simulator
from tests.support.program import Program
from tests.support.repository import Repository

LIST = "/v1/job/scripts"


@pytest.fixture
def coc() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def run(
    cocsync: Program, repository: Repository, coc: Simulator, serving: Callable[[Simulator], str]
) -> Callable[..., Counter[str]]:
    """Runs a verb against `coc`, which has the repository's five scripts, and counts its requests by method."""
    url = serving(coc)
    for name in ("a", "b", "c", "d", "e"):
        repository.manifest(f"scripts/{name}.yaml", name=name)

    def count(*verb: str, code: int = 0) -> Counter[str]:
        coc.requests.clear()
        done = cocsync.here(*verb, "--endpoint", url)
        assert done.code == code, done
        return Counter(method for method, _ in coc.requests)

    assert count("apply", "--yes") == {"GET": 1 + 5, "POST": 5}
    return count


def test_a_plan_without_changes_reads_the_list_once_and_each_script_at_most_once(
    run: Callable[..., Counter[str]], coc: Simulator
) -> None:
    requests = run("plan")
    assert set(requests) == {"GET"}
    assert coc.requests.count("GET", LIST) == 1
    assert requests["GET"] <= 1 + 5


def test_a_change_is_a_look_a_write_and_a_look(
    run: Callable[..., Counter[str]], repository: Repository, coc: Simulator
) -> None:
    repository.manifest("scripts/a.yaml", name="a", content="new\n")
    planned = run("plan")
    applied = run("apply", "--yes")
    assert applied - planned == {"GET": 2, "PUT": 1}
    assert [method for method, path in coc.requests if path != LIST][-3:] == ["GET", "PUT", "GET"]


def test_a_delete_is_a_look_a_write_and_a_look(
    run: Callable[..., Counter[str]], repository: Repository, coc: Simulator
) -> None:
    (repository.root / "scripts" / "a.yaml").unlink()
    planned = run("plan", "--prune")
    assert run("apply", "--yes", "--prune") - planned == {"GET": 2, "DELETE": 1}
    assert {script.name for script in coc.scripts()} == {"b", "c", "d", "e"}


def test_a_refused_apply_has_only_looked(run: Callable[..., Counter[str]], repository: Repository) -> None:
    repository.manifest("scripts/a.yaml", name="a", content="new\n")
    assert set(run("apply", code=3)) == {"GET"}


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        (("plan", "--adopt-all", "--prune", "--prune-edited", "--rewrite", "a", "--renew-marks"), 3),
        (("plan", "b"), 0),
        (("drift",), 2),
        (("drift", "--unmanaged"), 2),
    ],
)
def test_a_run_that_reads_writes_nothing_whatever_it_finds(
    run: Callable[..., Counter[str]], repository: Repository, coc: Simulator, verb: tuple[str, ...], code: int
) -> None:
    """Not even to a COC that would fail on it."""
    (repository.root / "scripts" / "e.yaml").unlink()
    repository.manifest("scripts/a.yaml", name="a", content="new\n")
    repository.manifest("scripts/b.yaml", name="b", type="PYTHON")
    coc.edit("c", content="by hand\n")
    coc.edit("d", description="retyped")
    before = coc.scripts()
    coc.inject("POST *:500*", "PUT *:500*", "DELETE *:500*")
    assert set(run(*verb, code=code)) == {"GET"}
    assert coc.scripts() == before


def test_validating_asks_nothing(run: Callable[..., Counter[str]]) -> None:
    assert run("validate") == {}


def test_a_list_of_several_pages_is_read_to_its_end(
    run: Callable[..., Counter[str]], coc: Simulator, repository: Repository
) -> None:
    """What stands on the last page is not planned to be created."""
    coc.seed(250, prefix="seed_")
    assert run("plan", "--detailed-exitcode")["GET"] >= 3
    repository.manifest("scripts/a.yaml", name="a", content="new\n")
    assert run("plan", "--detailed-exitcode", code=2)
    coc.configure(ids_ascending=True)
    assert run("plan", "--detailed-exitcode", code=2)
