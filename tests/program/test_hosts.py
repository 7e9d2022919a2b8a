"""Where credentials may go: a pull request writes the project file, so what it says of an endpoint allows nothing."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import pytest

from cocsync.coc.http import retry
from tests.support import canary
from tests.support.program import Program
from tests.support.repository import Repository

HOST = "coc.attacker.example"
KEYS: Mapping[str, Any] = {"HUAWEICLOUD_SDK_AK": canary.planted("AK"), "HUAWEICLOUD_SDK_SK": canary.planted("SK")}
TOKENS: Mapping[str, Mapping[str, Any]] = {
    "ready": {"COCSYNC_AUTH_TOKEN": canary.planted("token")},
    "temporary": {**KEYS, "HUAWEICLOUD_SDK_SECURITY_TOKEN": canary.planted("security-token")},
    "login": {
        "HW_USER_NAME": "alice",
        "HW_USER_PASSWORD": canary.planted("password"),
        "HW_DOMAIN_NAME": "acme",
        "HW_PROJECT_NAME": "cn-north-4",
        "HW_IAM_ENDPOINT": "https://iam.myhuaweicloud.com",
    },
}
VERBS = (["plan"], ["apply", "--yes"], ["drift"], ["status"], ["import", "--all"], ["release", "disk_report"])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts whose address a run asked for; none of them has one."""
    hosts: list[str] = []

    def refuse(host: str, *_: object, **__: object) -> Any:
        hosts.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(retry, "CONNECT_GIVE_UP_SECONDS", 0.0)
    return hosts


@pytest.fixture
def hostile(cocsync: Program, repository: Repository) -> Program:
    """The program on a checkout whose project file names somebody else's host."""
    repository.manifest()
    repository.project(targets={"local": {"endpoint": f"https://{HOST}"}})
    return cocsync


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_no_token_goes_to_a_host_that_only_the_checkout_names(
    hostile: Program, asked: list[str], verb: list[str], kind: str
) -> None:
    done = hostile.here(*verb, **TOKENS[kind])

    assert (done.code, asked) == (3, [])
    assert f"is not sent to {HOST}" in done.err
    assert f"COCSYNC_ALLOWED_HOSTS={HOST}" in done.err


def test_the_flag_allows_no_host(cocsync: Program, repository: Repository, asked: list[str]) -> None:
    repository.manifest()
    done = cocsync.here("plan", "--endpoint", f"https://{HOST}", **TOKENS["ready"])

    assert (done.code, asked) == (3, [])


@pytest.mark.parametrize(
    "named",
    [
        {"COCSYNC_ALLOWED_HOSTS": HOST},
        {"COCSYNC_ALLOWED_HOSTS": f" a.example, {HOST.upper()} ,"},
        {"COCSYNC_ENDPOINT": f"https://{HOST}"},
    ],
)
@pytest.mark.parametrize("kind", TOKENS)
def test_a_host_that_the_environment_names_is_asked(
    hostile: Program, asked: list[str], named: dict[str, Any], kind: str
) -> None:
    done = hostile.here("plan", **TOKENS[kind], **named)

    assert (done.code, bool(asked)) == (1, True)
    assert "is not sent" not in done.err


@pytest.mark.parametrize("hosts", [f"x{HOST}", f"*.{HOST}", f"https://{HOST}", "attacker.example", f"{HOST}:443"])
def test_a_host_is_named_exactly(hostile: Program, asked: list[str], hosts: str) -> None:
    done = hostile.here("plan", COCSYNC_ALLOWED_HOSTS=hosts, **TOKENS["ready"])

    assert (done.code in (1, 3), asked) == (True, [])
    assert "COCSYNC_ALLOWED_HOSTS" in done.err


@pytest.mark.parametrize(
    "host", ["coc.myhuaweicloud.com.attacker.example", "xcoc.myhuaweicloud.com", "evil.myhuaweicloud.com"]
)
def test_a_host_that_looks_like_one_of_cocs_is_another(
    cocsync: Program, repository: Repository, asked: list[str], host: str
) -> None:
    repository.project(targets={"local": {"endpoint": f"https://{host}"}})
    repository.manifest()

    assert (cocsync.here("plan", **TOKENS["ready"]).code, asked) == (3, [])


@pytest.mark.parametrize("site", ["cn", "intl", "eu"])
def test_a_public_host_of_cocs_needs_no_word_of_the_environment(
    cocsync: Program, repository: Repository, asked: list[str], site: str
) -> None:
    repository.project(targets={"local": {"endpoint": site}})
    repository.manifest()

    assert (cocsync.here("plan", **TOKENS["ready"]).code, bool(asked)) == (1, True)


@pytest.mark.parametrize("flags", [[], ["-q"]])
def test_a_signature_for_another_host_is_warned_of_by_its_name(
    hostile: Program, asked: list[str], flags: list[str]
) -> None:
    done = hostile.here("plan", *flags, **KEYS)

    assert (done.code, bool(asked)) == (1, True)
    assert f"go to {HOST}, which is neither a public host of COC's" in done.err
    assert "go to" not in hostile.here("plan", COCSYNC_ALLOWED_HOSTS=HOST, **KEYS).err


@pytest.mark.usefixtures("asked")
def test_doctor_says_which_host_gets_no_token(hostile: Program) -> None:
    done = hostile.here("doctor", "-o", "json", **TOKENS["ready"])

    (check,) = (check for check in done.json()["checks"] if check["name"] == "credentials")
    assert (done.code, check["state"]) == (1, "failed")
    assert check["finding"].startswith(f"the token in COCSYNC_AUTH_TOKEN is not sent to {HOST}")
    assert f"COCSYNC_ALLOWED_HOSTS={HOST}" in check["fix"]


PASSWORD = canary.planted("pass")
WITH_PASSWORD = (
    f"https://alice:{PASSWORD}@coc.example.com",
    f"https://alice:{PASSWORD}",
    f"https://coc.example.com/?token={PASSWORD}",
    f"https://coc.example.com#{PASSWORD}",
    f"ftp://{PASSWORD}@coc.example.com",
)


@pytest.mark.parametrize("endpoint", WITH_PASSWORD)
class TestUserAndPassword:
    """The suite's own search fails a run that prints the password."""

    @pytest.mark.parametrize(
        "verb", [["validate"], ["validate", "-o", "sarif"], ["plan"], ["plan", "-o", "json"], ["doctor"]]
    )
    def test_one_in_the_project_file_is_refused_and_not_repeated(
        self, cocsync: Program, repository: Repository, endpoint: str, verb: list[str]
    ) -> None:
        repository.manifest()
        canary.sources.add(repository.root / "cocsync.yaml")
        repository.project(targets={"local": {"endpoint": endpoint}}, nonsense=True)
        assert cocsync.here(*verb).code == 1
        repository.project(targets={"local": {"endpoint": endpoint}})
        done = cocsync.here(*verb)

        assert (done.code, "endpoint" in done.out + done.err) == (1, True)

    def test_one_beside_another_fault_of_its_line_is_not_shown_with_it(
        self, cocsync: Program, repository: Repository, endpoint: str
    ) -> None:
        canary.sources.add(repository.root / "cocsync.yaml")
        repository.project(targets=None)
        with (repository.root / "cocsync.yaml").open("a") as file:
            file.write(f'targets: {{local: {{endpoint: "{endpoint}", endpont: x}}}}\n')

        assert cocsync.here("validate").code == 1

    @pytest.mark.parametrize("verb", ["plan", "doctor"])
    def test_one_in_a_flag_or_a_variable_is_refused_and_not_repeated(
        self, cocsync: Program, repository: Repository, endpoint: str, verb: str
    ) -> None:
        repository.manifest()
        by_flag = cocsync.here(verb, "--endpoint", endpoint)
        by_variable = cocsync.here(verb, COCSYNC_ENDPOINT=endpoint)

        assert {by_flag.code, by_variable.code} <= {1, 64}
        assert ("--endpoint" in str(by_flag), "COCSYNC_ENDPOINT" in str(by_variable)) == (True, True)
