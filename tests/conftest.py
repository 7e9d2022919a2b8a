"""Options, fixtures and checks that the whole suite shares."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from cocsync.sim import Simulator
from cocsync.sim.http.server import Server, serve
from tests.support import canary
from tests.support.golden import Golden
from tests.support.program import Program
from tests.support.repository import Repository
from tests.support.tenant import Tenant

EXAMPLES = Path(__file__).parents[1] / "examples"

settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=2_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew instead of comparing")


def pytest_configure(config: pytest.Config) -> None:
    """`ci` unless --hypothesis-profile names another: the same examples in every run."""
    if not config.getoption("--hypothesis-profile", default=None):
        settings.load_profile("ci")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many schedules of faults were played: a count that silently shrank would prove less."""
    passed = terminalreporter.getreports("passed")
    schedules = sum(int(str(n)) for report in passed for key, n in report.user_properties if key == "schedules")
    if schedules:
        terminalreporter.write_line(f"{schedules} schedules of faults and hands, each followed by a clean run")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fails a test that printed or logged a planted value."""
    report = yield
    leaking = [title for title, text in report.sections if title.endswith(report.when) and canary.is_in(text)]
    if leaking and report.outcome != "failed":
        report.outcome = "failed"
        report.longrepr = f"a sensitive value is in: {', '.join(leaking)}"
    return report


@pytest.fixture(autouse=True, scope="session")
def _children_can_be_interrupted() -> Iterator[None]:
    """A shell runs `make test &` with SIGINT ignored, which programs inherit, and which no shell script can undo.

    A handler does not outlive the start of another program: that has the default.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True, scope="session")
def _no_value_in_captured_output() -> Iterator[None]:
    """What a test takes out of `capsys` and its like is in no section of its report."""
    read = pytest.CaptureFixture.readouterr

    def searched(self: pytest.CaptureFixture[Any]) -> Any:
        result = read(self)
        assert not canary.is_in(result.out), "a sensitive value is on stdout"
        assert not canary.is_in(result.err), "a sensitive value is on stderr"
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pytest.CaptureFixture, "readouterr", searched)
        yield


@pytest.fixture(autouse=True)
def _no_value_in_files(request: pytest.FixtureRequest) -> Iterator[None]:
    """Of tests with a `tmp_path`."""
    folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    canary.sources.clear()
    yield
    if folder is not None:
        assert canary.leaks_below(folder) == []


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(update=request.config.getoption("--update-golden"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository without manifests."""
    return Repository(tmp_path / "repository")


@pytest.fixture
def cocsync(repository: Repository, tmp_path: Path) -> Program:
    """The installed program, to be run in `repository`."""
    (tmp_path / "home").mkdir()
    return Program(repository.root, tmp_path / "home")


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A copy of the example repository."""
    return shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns(".cocsync"))


@pytest.fixture
def simulator(repository: Repository) -> Iterator[Simulator]:
    """The embedded simulator of `repository`, for hand edits: the program's own runs open the same file."""
    with Simulator(repository.root / ".cocsync" / "sim.db") as simulator:
        yield simulator


@pytest.fixture
def make_tenant(tmp_path: Path) -> Iterator[Callable[..., Tenant]]:
    """Makes tenants with some settings of the simulator changed."""
    made: list[Tenant] = []

    def make(**settings: Any) -> Tenant:
        made.append(Tenant(tmp_path, **settings))
        return made[-1]

    yield make
    for tenant in made:
        tenant.client.close()


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    """A tenant with the simulator's default settings."""
    return make_tenant()


@pytest.fixture
def serving() -> Iterator[Callable[[Simulator], str]]:
    """Puts simulators behind sockets and returns their addresses."""
    servers: list[Server] = []

    def start(simulator: Simulator) -> str:
        servers.append(serve(simulator))
        return servers[-1].url

    yield start
    for server in servers:
        server.close()
