"""The cache from the command line: `cache info` and `clear`, `--no-cache`, and what `--refresh` reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from cocsync.sim import Settings, Simulator
from tests.support.program import Program
from tests.support.repository import Repository

Count = Callable[..., int]


@pytest.fixture
def coc() -> Iterator[Simulator]:
    with Simulator(settings=Settings()) as simulator:
        yield simulator


@pytest.fixture
def five(repository: Repository) -> Repository:
    for name in ("a", "b", "c", "d", "e"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    return repository


@pytest.fixture
def details(
    cocsync: Program, five: Repository, coc: Simulator, serving: Callable[[Simulator], str]
) -> Callable[..., int]:
    """Runs a verb against a COC that has the five scripts as their manifests say; how many of them it read."""
    url = serving(coc)

    def count(*verb: str, code: int = 0) -> int:
        coc.requests.clear()
        done = cocsync.here(*verb, "--endpoint", url)
        assert done.code == code, done
        methods = Counter(method for method, path in coc.requests if path != "/v1/job/scripts")
        assert set(methods) <= {"GET"} or verb[0] == "apply"
        return methods["GET"]

    assert count("apply", "--yes", "--no-cache") == 5
    assert not (cocsync.memory() / "cache.db").exists()
    assert not (five.root / ".cocsync" / "cache.db").exists()
    return count


class TestRefresh:
    @pytest.mark.parametrize("verb", [("plan",), ("drift", "--refresh", "auto"), ("status",)])
    def test_auto_reads_only_what_the_list_shows_as_changed(
        self, details: Count, coc: Simulator, verb: tuple[str, ...]
    ) -> None:
        assert [details(*verb), details(*verb)] == [5, 0]
        coc.edit("c", content="df -i\n")
        assert details(*verb, code=2 if verb[0] == "drift" else 0) == 1

    def test_full_reads_everything_and_is_what_drift_does(self, details: Count) -> None:
        details("plan")
        assert details("drift") == details("plan", "--refresh", "full") == 5

    def test_named_reads_what_a_manifest_names(self, details: Count, coc: Simulator) -> None:
        coc.seed(20, prefix="other_")
        assert details("plan", "--refresh", "named") == 5
        assert details("plan", "--refresh", "named", "--prune", code=3) == 0

    def test_what_an_apply_wrote_is_not_read_again(self, details: Count, five: Repository) -> None:
        details("plan")
        five.manifest("scripts/a.yaml", name="a", content="new\n")
        assert details("apply", "--yes") == 3
        assert details("plan", "--detailed-exitcode") == 0

    @pytest.mark.parametrize("verb", ["plan", "apply", "drift"])
    def test_takes_nothing_else(self, cocsync: Program, repository: Repository, verb: str) -> None:
        done = cocsync.here(verb, "--refresh", "some", folder=repository.root)
        assert done.code == 64
        assert "'auto', 'full', 'named'" in done.err

    def test_is_not_taken_by_status(self, cocsync: Program, repository: Repository) -> None:
        assert cocsync.here("status", "--refresh", "full", folder=repository.root).code == 64


class TestNoCache:
    @pytest.mark.parametrize("verb", ["plan", "drift"])
    def test_neither_uses_nor_writes_it(self, details: Count, cocsync: Program, verb: str) -> None:
        assert [details(verb, "--no-cache"), details(verb, "--no-cache")] == [5, 5]
        assert not (cocsync.memory() / "cache.db").exists()

    def test_leaves_alone_what_is_there(self, details: Count, cocsync: Program, five: Repository) -> None:
        details("plan")
        before = (cocsync.memory() / "cache.db").read_bytes()
        five.manifest("scripts/a.yaml", name="a", content="new\n")
        assert details("apply", "--yes", "--no-cache") == 7
        assert (cocsync.memory() / "cache.db").read_bytes() == before


class TestInfo:
    def test_of_none(self, cocsync: Program, repository: Repository) -> None:
        done = cocsync("cache", "info", folder=repository.root)
        assert (done.code, done.err) == (0, "")
        assert done.out == f"{cocsync.memory()}/cache.db: 0 bytes; target local: 0 scripts, 0 cuts\n"

    def test_of_each_target_and_owner_its_own(self, cocsync: Program, five: Repository) -> None:
        cocsync.here("apply", "--yes")
        assert "target local: 5 scripts" in cocsync.here("cache", "info").out
        assert "target prod: 0 scripts" in cocsync.here("cache", "info", "--target", "prod").out
        five.project(owner="net")
        assert "target local: 0 scripts" in cocsync.here("cache", "info").out

    @pytest.mark.usefixtures("five")
    @pytest.mark.parametrize("data", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 4096])
    def test_of_a_file_that_is_none(self, cocsync: Program, data: bytes) -> None:
        cocsync.memory().mkdir(parents=True)
        (cocsync.memory() / "cache.db").write_bytes(data)
        done = cocsync.here("cache", "info")
        assert (done.code, f"{len(data)} bytes; target local: 0 scripts" in done.out) == (0, True)
        assert cocsync.here("apply", "--yes").code == 0
        assert "5 scripts" in cocsync.here("cache", "info").out


class TestClear:
    @pytest.mark.usefixtures("five")
    def test_removes_it_for_every_target(self, cocsync: Program) -> None:
        for target in "local", "prod":
            cocsync.here("apply", "--yes", "--target", target)
        done = cocsync("cache", "clear")
        assert (done.code, done.out, done.err) == (0, "The cache is removed.\n", "")
        assert list(cocsync.memory().glob("cache.db*")) == []
        assert cocsync.here("plan", "--detailed-exitcode").code == 0

    def test_of_none_is_no_failure(self, cocsync: Program, repository: Repository) -> None:
        assert cocsync.here("cache", "clear", folder=repository.root).code == 0

    def test_of_what_cannot_be_removed_is_an_error(self, cocsync: Program) -> None:
        (cocsync.memory() / "cache.db").mkdir(parents=True)
        done = cocsync.here("cache", "clear")
        assert (done.code, done.out) == (1, "")
        assert "cache.db cannot be removed: " in done.err


@pytest.mark.parametrize("arguments", [("drop",), ("info", "all"), ("clear", "-o", "json"), ("info", "--target", "x")])
def test_what_it_does_not_take_is_a_usage_error(
    cocsync: Program, repository: Repository, arguments: tuple[str, ...]
) -> None:
    assert cocsync.here("cache", *arguments, folder=repository.root).code == 64


def test_no_content_name_or_value_is_in_what_a_pipeline_would_keep(cocsync: Program, repository: Repository) -> None:
    repository.manifest(name="a_telling_name", content="a telling content\n", description="a telling description")
    cocsync.here("apply", "--yes")
    cocsync.here("plan")
    kept = list(cocsync.memory().glob("cache.db*"))
    assert kept
    assert not any(b"telling" in path.read_bytes() for path in kept)
