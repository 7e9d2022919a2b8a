"""Credentials and sensitive values under every fault, in every report, with everything told: none shows anywhere.

Every one of them is planted, so the suite's own search (tests/conftest.py, tests/support/program.py) finds it in what
is printed and in every file that a run leaves behind. Over a socket, with authentication on.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest

from cocsync.apply import write as writing
from cocsync.coc.http import retry
from cocsync.sim import Request, Response, Settings, Simulator
from cocsync.sim.faults import kinds
from cocsync.sim.wire import answer
from tests.support import canary
from tests.support.program import Program
from tests.support.repository import Repository

VALUE, FINGERPRINT = canary.planted("value"), canary.planted("fingerprint-key")
AK, SK, STS = canary.planted("AK"), canary.planted("SK/+="), canary.planted("security-token")
READY, PASSWORD = canary.planted("ready-token"), canary.planted("password")
SETTINGS = Settings(
    auth="any", access_keys=((AK, SK),), security_tokens=((AK, STS),), tokens=(READY,), users=(("alice", PASSWORD),)
)
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "keys": {"HUAWEICLOUD_SDK_AK": AK, "HUAWEICLOUD_SDK_SK": SK, "HUAWEICLOUD_SDK_SECURITY_TOKEN": STS},
    "token": {"COCSYNC_AUTH_TOKEN": READY},
    "login": {
        "HW_USER_NAME": "alice",
        "HW_USER_PASSWORD": PASSWORD,
        "HW_DOMAIN_NAME": "acme",
        "HW_PROJECT_NAME": "cn-north-4",
    },
}
QUICK = {"hang": "hang=0", "hang-after-commit": "hang-after-commit=0", "drip": "drip=0", "slow": "slow=0"}
QUICK |= {"gzip-bomb": "gzip-bomb=17", "huge": "huge=17"}
FAULTS = ("401", "403", "404", "429=0", "500", "502", "503", "504", "502-after-commit", *kinds.KINDS)
TOKEN: dict[str, Any] = {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries and looks follow each other at once, and IAM's tokens are planted too."""
    monkeypatch.setattr(retry, "_FIRST_DELAY", 0.01)
    monkeypatch.setattr(retry, "GIVE_UP_SECONDS", 0.2)
    monkeypatch.setattr(retry, "CONNECT_GIVE_UP_SECONDS", 0.2)
    monkeypatch.setattr(writing, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(writing, "APPEAR_SECONDS", 0.02)
    numbers = count()
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: canary.planted(f"issued-{next(numbers)}"))


class Echo(Simulator):
    """Once `status` is set, says so, and with it everything that it was sent, as a gateway does that helps too much."""

    status = 0
    methods: tuple[str, ...] = ()

    def handle(self, request: Request) -> Response:
        if not self.status or request.method not in self.methods or request.path.startswith("/v3"):
            return super().handle(request)
        said = f"{request.query} {dict(request.headers)} {request.body.decode()}"
        return answer({"error_code": "APIGW.0301", "error_msg": said}, self.status)


@pytest.fixture
def coc() -> Iterator[Echo]:
    with Echo(settings=SETTINGS) as coc:
        yield coc


@pytest.fixture
def cocsync(
    cocsync: Program, repository: Repository, coc: Echo, serving: Callable[[Simulator], str], tmp_path: Path
) -> Iterator[Program]:
    """A hand edit to save and heal, a script to create and one to delete; two of them with values."""
    url = serving(coc)
    cocsync.environ |= {"COCSYNC_ENDPOINT": url, "HW_IAM_ENDPOINT": url}
    cocsync.environ |= {"APP_TOKEN": VALUE, "COCSYNC_FINGERPRINT_KEY": FINGERPRINT}
    repository.manifest("scripts/a.yaml", name="a", params=[TOKEN])
    repository.manifest("scripts/gone.yaml", name="gone")
    with_credentials(cocsync, "token")
    assert cocsync.here("apply", "--yes").code == 0
    coc.edit("a", content="echo by hand\n")
    (repository.root / "scripts/gone.yaml").unlink()
    repository.manifest("scripts/b.yaml", name="b", params=[TOKEN])
    yield cocsync
    canary.sources.update((tmp_path / "home" / ".cache").rglob("*"))


def formats(cocsync: Program, verb: str) -> list[str]:
    """Every report that the verb can write, each to a file of its own."""
    listed = re.search("the format is one of (.*)", cocsync.here(verb, "-o", "?").err)
    assert listed
    return [word for name in listed[1].split(", ") for word in ("-o", f"{name}={verb}.{name}")]


def with_credentials(cocsync: Program, source: str) -> None:
    others = {name for credentials in CREDENTIALS.values() for name in credentials}
    kept = {name: value for name, value in cocsync.environ.items() if name not in others}
    cocsync.environ = {**kept, **CREDENTIALS[source]}


def run_all(cocsync: Program) -> set[int]:
    """A plan and an apply with everything told, and the codes that they end with."""
    told = ("-v", "--prune", "--log-file", "log.jsonl")
    plan = cocsync.here("plan", *told, *formats(cocsync, "plan"))
    apply = cocsync.here("apply", "--yes", *told, *formats(cocsync, "apply"))
    assert (cocsync.folder / "log.jsonl").stat().st_size
    return {plan.code, apply.code}


@pytest.mark.parametrize(("fault", "source"), tuple(zip(FAULTS, cycle(CREDENTIALS), strict=False)))
def test_nothing_shows_under_any_fault(cocsync: Program, coc: Echo, fault: str, source: str) -> None:
    kind = QUICK.get(fault, fault)
    coc.inject(f"k=2 GET:{kind}", *(f"{method} /v1/*:{kind}" for method in ("POST", "PUT", "DELETE")))
    with_credentials(cocsync, source)
    assert run_all(cocsync) <= {0, 1, 3, 4}


@pytest.mark.parametrize("source", CREDENTIALS)
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 429, 500])
def test_nothing_shows_of_what_a_server_says_back(cocsync: Program, coc: Echo, status: int, source: str) -> None:
    with_credentials(cocsync, source)
    coc.status, coc.methods = status, ("POST", "PUT", "DELETE")
    assert run_all(cocsync) <= {0, 1, 4}
    coc.methods = ("GET",)
    assert run_all(cocsync) == {1}
    assert cocsync.here("doctor", "-o", "json=doctor.json", "-o", "text", "-v").code in {0, 1}


@pytest.mark.parametrize("source", ["keys", "login"])
def test_nothing_shows_where_the_credentials_are_wrong(cocsync: Program, coc: Echo, source: str) -> None:
    coc.configure(access_keys=(), users=(("alice", "another"),))
    with_credentials(cocsync, source)
    assert run_all(cocsync) == {1}
