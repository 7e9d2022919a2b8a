"""`doctor`: each thing that can be wrong is named, with the fix, and no value of a credential."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from jsonschema import Draft202012Validator

from cocsync.manifests import schema
from cocsync.sim import Settings, Simulator
from cocsync.sim.http.server import serve
from tests.support import canary, children
from tests.support.program import Done, Program
from tests.support.repository import Repository

CHECKS = ["project", "endpoint", "credentials", "reachability", "clock", "authentication", "list", "get"]
AK, SK = canary.planted("ak"), canary.planted("sk")
KEYS = {"HUAWEICLOUD_SDK_AK": AK, "HUAWEICLOUD_SDK_SK": SK}
USER = {
    "HW_USER_NAME": "alice",
    "HW_USER_PASSWORD": canary.planted("password"),
    "HW_DOMAIN_NAME": "acme",
    "HW_PROJECT_NAME": "cn-north-4",
}


@pytest.fixture
def coc(serving: Callable[[Simulator], str]) -> Iterator[Callable[..., tuple[Simulator, str]]]:
    """Serves a COC that wants signatures or tokens, and its address."""
    made: list[Simulator] = []

    def start(*, ahead: float = 0.0, **settings: Any) -> tuple[Simulator, str]:
        given = {"auth": "any", "access_keys": ((AK, SK),), **settings}
        made.append(Simulator(settings=Settings(**given), clock=lambda: time.time() + ahead))
        return made[-1], serving(made[-1])

    yield start
    for simulator in made:
        simulator.close()


def examined(cocsync: Program, url: str | None = None, /, *arguments: str, **environ: str) -> Done:
    """A run in this process, with the JSON report."""
    endpoint = ("--endpoint", url) if url else ()
    return cocsync.here("doctor", "-o", "json", *endpoint, *arguments, folder=None, **environ)


def states(done: Done) -> dict[str, str]:
    """How each check ended. The report is valid, and tells of every check."""
    document = done.json()
    Draft202012Validator(json.loads(schema.text("doctor"))).validate(document)
    assert [check["name"] for check in document["checks"]] == CHECKS
    found = {check["name"]: check["state"] for check in document["checks"]}
    assert document["summary"] == {s: list(found.values()).count(s) for s in ("ok", "warning", "failed", "skipped")}
    assert done.code == (1 if "failed" in found.values() else 0)
    return found


def only_failure(done: Done) -> tuple[str, str, str]:
    """Name, finding and fix of the check that failed; those after it are skipped."""
    ended = states(done)
    (failure,) = (check for check in done.json()["checks"] if check["state"] == "failed")
    later = CHECKS[CHECKS.index(failure["name"]) + 1 :]
    assert {ended[name] for name in later} <= {"skipped"}
    return failure["name"], failure["finding"], failure["fix"]


def finding(done: Done, name: str) -> tuple[str, str, str]:
    (check,) = (check for check in done.json()["checks"] if check["name"] == name)
    return check["state"], check["finding"], check["fix"]


def test_everything_is_well(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    simulator, url = coc()
    simulator.create(name="disk_report")
    done = examined(cocsync, url, **KEYS)

    assert set(states(done).values()) == {"ok"}
    assert finding(done, "project")[1].startswith("target local of ")
    assert finding(done, "endpoint")[1] == f"{url}, from --endpoint"
    assert finding(done, "credentials")[1] == "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"
    assert finding(done, "list")[1] == "scripts can be listed, 1 in all"
    assert all(method == "GET" for method, _ in simulator.requests)


def test_the_report_for_people_says_the_same(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    _, url = coc()
    done = cocsync("doctor", COCSYNC_ENDPOINT=url, HUAWEICLOUD_SDK_AK=AK, HUAWEICLOUD_SDK_SK="wrong")

    assert done.code == 1
    assert f"ok       endpoint        {url}, from COCSYNC_ENDPOINT\n" in done.out
    assert "failed   authentication  COC does not accept the credentials (401 APIGW.0301)\n" in done.out
    assert "Fix: check that access key and secret key belong together" in done.out
    assert done.last_line == "Checks: 5 ok, 0 warning, 1 failed, 2 skipped."


def test_the_embedded_simulator_needs_no_credentials(cocsync: Program) -> None:
    done = examined(cocsync, None, HUAWEICLOUD_SDK_AK="half")

    assert states(done) | {"credentials": "", "get": ""} == dict.fromkeys(CHECKS, "ok") | {"credentials": "", "get": ""}
    assert finding(done, "endpoint")[1] == "sim:, from target local"
    assert finding(done, "get")[:2] == ("skipped", "COC holds no script that could be read")


def test_a_project_file_with_errors(cocsync: Program, repository: Repository) -> None:
    repository.project(owner="NO", colour="red")

    name, what, fix = only_failure(examined(cocsync))
    assert (name, fix) == ("project", "fix what `cocsync validate` shows")
    assert "`owner`" in what
    assert what.endswith(", and 1 more")


def test_a_target_that_does_not_exist(cocsync: Program) -> None:
    name, what, fix = only_failure(examined(cocsync, None, "--target", "test"))

    assert (name, fix) == ("project", "name a target with --target, or as `default_target`")
    assert what.startswith("no target `test`")


@pytest.mark.parametrize("source", ["--endpoint", "COCSYNC_ENDPOINT"])
def test_an_endpoint_that_is_none(cocsync: Program, source: str) -> None:
    flag = "http://coc.example.com" if source == "--endpoint" else None
    done = examined(cocsync, flag, COCSYNC_ENDPOINT="http://coc.example.com")

    name, what, fix = only_failure(done)
    assert name == "endpoint"
    assert what.startswith(f"{source} http://coc.example.com would send credentials in the clear")
    assert fix == f"give {source} an address, or leave it out to use the target's"


def no_such_host(*_: object, **__: object) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_no_credentials_and_a_name_that_is_not_known(cocsync: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    done = examined(cocsync, "intl")

    states(done)
    state, what, fix = finding(done, "credentials")
    assert (state, what) == ("failed", "no credentials")
    for way in (
        "HUAWEICLOUD_SDK_AK",
        "HW_ACCESS_KEY",
        "COCSYNC_AUTH_TOKEN",
        "HW_USER_NAME",
        ".huaweicloud/credentials",
    ):
        assert way in fix
    state, what, fix = finding(done, "reachability")
    assert (state, what.partition(" (")[0]) == (
        "failed",
        "no connection to coc-intl.myhuaweicloud.com: its name is not known",
    )
    assert fix.startswith("check the endpoint's spelling, and the DNS of this machine")


def test_without_credentials_it_is_still_known_whether_coc_is_reached(
    cocsync: Program, coc: Callable[..., tuple[Simulator, str]]
) -> None:
    _, url = coc()
    done = examined(cocsync, url, HW_ACCESS_KEY=AK)

    name, what, fix = only_failure(replaced(done, reachability="skipped", clock="skipped"))
    assert (name, what) == ("credentials", "HW_ACCESS_KEY is set and HW_SECRET_KEY is not")
    assert fix == "set both, or neither"
    assert [finding(done, name)[0] for name in ("reachability", "clock", "authentication")] == ["ok", "ok", "skipped"]


def replaced(done: Done, **ended: str) -> Done:
    """The same run with other states of checks."""
    document = done.json()
    for check in document["checks"]:
        check["state"] = ended.get(check["name"], check["state"])
    for state in document["summary"]:
        document["summary"][state] = [check["state"] for check in document["checks"]].count(state)
    return Done(code=done.code, out=json.dumps(document), err=done.err)


def test_no_credentials_on_this_machine_may_be_enough_or_not(
    cocsync: Program, coc: Callable[..., tuple[Simulator, str]]
) -> None:
    _, url = coc(auth="none")
    done = examined(cocsync, url)
    assert states(done)["authentication"] == "ok"
    assert finding(done, "credentials")[:2] == ("skipped", "none, and a simulator on this machine may ask for none")

    _, url = coc()
    name, what, fix = only_failure(examined(cocsync, url))
    assert (name, what) == ("authentication", "COC does not accept the credentials (401 APIGW.0301)")
    assert fix.startswith("set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK")


def test_a_credentials_file_that_others_can_read(
    cocsync: Program, coc: Callable[..., tuple[Simulator, str]], tmp_path: Path
) -> None:
    file = canary.plant(tmp_path / "credentials", f"[global]\nak = {AK}\nsk = {SK}\n")
    file.chmod(0o644)
    _, url = coc()
    done = examined(cocsync, url, HUAWEICLOUD_SDK_CREDENTIALS_FILE=str(file))

    assert states(done)["authentication"] == "ok"
    assert finding(done, "credentials") == (
        "warning",
        f"section [global] of {file}",
        f"others can read the credentials file: chmod 600 {file}",
    )


@pytest.mark.parametrize(("ahead", "what"), [(3600, "1 h behind"), (-5000, "1 h 23 min ahead of")])
def test_a_clock_that_is_off(
    cocsync: Program, coc: Callable[..., tuple[Simulator, str]], ahead: int, what: str
) -> None:
    _, url = coc(ahead=ahead)
    done = examined(cocsync, url, **KEYS)

    assert only_failure(done) == (
        "clock",
        f"the clock here is {what} COC's, and signatures are refused from 15 minutes on",
        "set the clock of this machine, best by NTP",
    )


def test_a_clock_that_is_off_is_a_warning_where_nothing_is_signed(
    cocsync: Program, coc: Callable[..., tuple[Simulator, str]]
) -> None:
    _, url = coc(ahead=3600, tokens=("T",))
    done = examined(cocsync, url, COCSYNC_AUTH_TOKEN="T")

    assert (states(done)["clock"], states(done)["list"]) == ("warning", "ok")


def test_a_clock_that_is_a_little_off_is_a_warning(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    _, url = coc(ahead=-300)
    done = examined(cocsync, url, **KEYS)

    assert states(done)["list"] == "ok"
    assert finding(done, "clock")[1].startswith("the clock here is 5 min")


def test_an_expired_token(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    _, url = coc()
    done = examined(cocsync, url, COCSYNC_AUTH_TOKEN=canary.planted())

    name, _, fix = only_failure(done)
    assert name == "authentication"
    assert fix.startswith("put a new token into COCSYNC_AUTH_TOKEN")


def test_a_user_and_a_password(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    """The one request that is no GET is for a token."""
    simulator, url = coc()
    done = examined(cocsync, url, **USER, HW_IAM_ENDPOINT=url)

    assert states(done)["list"] == "ok"
    assert [request for request in simulator.requests if request[0] != "GET"] == [("POST", "/v3/auth/tokens")]


def test_a_wrong_password(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    _, url = coc(users=(("alice", "right"),))
    done = examined(cocsync, url, **USER, HW_IAM_ENDPOINT=url)

    name, what, fix = only_failure(done)
    assert name == "authentication"
    assert what == f"no token from IAM at {url}, which refuses the user (401 The username or password is wrong.)"
    assert fix.startswith("check HW_USER_NAME, HW_USER_PASSWORD and HW_DOMAIN_NAME")


def test_a_user_without_a_known_iam(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    _, url = coc()
    done = examined(cocsync, url, **USER)

    assert states(done)["authentication"] == "skipped"
    assert finding(done, "credentials") == ("failed", f"no IAM is known for {url}", "set HW_IAM_ENDPOINT")


def test_no_permission_to_list(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    simulator, url = coc()
    simulator.inject("GET /v1/job/scripts:403*")
    done = examined(cocsync, url, **KEYS)

    name, what, fix = only_failure(done)
    assert (name, what.partition(" (")[0]) == ("list", "COC forbids it")
    assert fix == "allow this user or agency the action coc:document:list in IAM"


def test_no_permission_to_read(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    simulator, url = coc(forbidden=("disk_report",))
    simulator.create(name="disk_report")
    done = examined(cocsync, url, **KEYS)

    name, _, fix = only_failure(done)
    assert (name, fix) == ("get", "allow this user or agency the action coc:document:get in IAM")


@pytest.mark.parametrize(
    ("fault", "name", "what", "fix"),
    [
        (
            "login-page",
            "reachability",
            "200 with text/html, which is not how COC answers",
            "check the endpoint; where it",
        ),
        ("empty", "reachability", "200 with", "check the endpoint; where it"),
        ("404", "reachability", "404 with", "check the endpoint; where it"),
        ("503", "reachability", "503: it is unavailable right now", "run again later"),
        ("lost-before-commit", "reachability", "and does not answer: GET", "check the proxy or firewall"),
        ("k=2:503", "list", "503", "run again later"),
        ("k=2:login-page", "list", "in a form that COC does not use", "check the endpoint and the proxy"),
        ("k=2:lost-before-commit", "authentication", "the answer was lost", "run again later"),
        ("k=3:500", "get", "500", "run again later; where it stays, give Huawei Cloud's support the request id"),
        ("k=3:lost-before-commit", "get", "the answer was lost", "run again later"),
    ],
)
def test_answers_that_do_not_help(
    cocsync: Program, coc: Callable[..., tuple[Simulator, str]], fault: str, name: str, what: str, fix: str
) -> None:
    simulator, url = coc(auth="none")
    simulator.create(name="disk_report")
    simulator.inject(fault)
    failed = only_failure(examined(cocsync, url))

    assert failed[0] == name
    assert what in failed[1]
    assert fix in failed[2]


def test_a_script_that_goes_while_it_is_read(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    simulator, url = coc(auth="none")
    simulator.create(name="disk_report")
    simulator.inject("GET /v1/job/scripts/*:400=COC.00040603")
    done = examined(cocsync, url)

    assert states(done)["get"] == "warning"


def test_a_busy_coc_is_no_fault_of_ours(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    simulator, url = coc()
    simulator.inject("k=2:429")
    done = examined(cocsync, url, **KEYS)

    assert [finding(done, name)[0] for name in ("authentication", "list", "get")] == ["warning", "skipped", "skipped"]
    assert done.code == 0


def test_nothing_listens(cocsync: Program) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        name, what, fix = only_failure(examined(cocsync, url))

    assert name == "reachability"
    assert "nothing listens there" in what
    assert fix.startswith("check the endpoint's spelling")


def test_a_connection_that_takes_too_long(cocsync: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object, **__: object) -> Any:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", slow)
    name, what, fix = only_failure(examined(cocsync, "http://127.0.0.1:9"))

    assert (name, what) == ("reachability", "no connection to 127.0.0.1:9: timed out")
    assert fix.startswith("check the network and firewall")


@contextlib.contextmanager
def over_tls(server: trustme.LeafCert, *faults: str) -> Iterator[str]:
    """The address of a COC with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.configure_cert(context)
    with Simulator() as simulator, serve(simulator, tls=context) as running:
        simulator.inject(*faults)
        yield running.url


def test_a_certificate_that_is_not_trusted(cocsync: Program, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with over_tls(authority.issue_cert("127.0.0.1")) as url:
        done = examined(cocsync, url, **KEYS)
        name, what, fix = only_failure(done)
        assert (name, fix.partition(" to ")[0]) == ("reachability", "set SSL_CERT_FILE")
        assert "its certificate is not trusted (" in what

        trusting = examined(cocsync, url, **KEYS, SSL_CERT_FILE=str(tmp_path / "ca.pem"))
        assert states(trusting)["list"] == "ok"


def test_a_certificate_for_another_host(cocsync: Program, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with over_tls(authority.issue_cert("coc.example.com")) as url:
        done = examined(cocsync, url, **KEYS, SSL_CERT_FILE=str(tmp_path / "ca.pem"))

    assert only_failure(done)[2] == "check the endpoint: the certificate is for another host"


def test_a_server_that_speaks_no_tls(cocsync: Program, coc: Callable[..., tuple[Simulator, str]]) -> None:
    _, url = coc()
    done = examined(cocsync, url.replace("http:", "https:"), **KEYS)

    name, what, fix = only_failure(done)
    assert name == "reachability"
    assert "it does not speak TLS" in what
    assert fix.startswith("check the endpoint")


def test_a_proxy_is_named_without_its_password(cocsync: Program) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        proxy = f"127.0.0.1:{free.getsockname()[1]}"
        environ = {"HTTPS_PROXY": f"http://alice:{canary.planted()}@{proxy}/", **KEYS}
        done = examined(cocsync, "cn", **environ)

    name, what, fix = only_failure(done)
    assert name == "reachability"
    assert what.startswith(f"no connection to coc.myhuaweicloud.com through the proxy {proxy}: ")
    assert fix.startswith("check HTTPS_PROXY and its user and password")


class Tunnel(socketserver.BaseRequestHandler):
    """A proxy that connects to wherever it is asked to."""

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.request.recv(1)
        host, _, port = head.split()[1].decode().partition(":")
        with socket.create_connection((host, int(port))) as there:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=self._pass_on, args=(there, self.request), daemon=True)
            back.start()
            self._pass_on(self.request, there)
            children.join(back)

    @staticmethod
    def _pass_on(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def through_a_proxy(folder: Path, *faults: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The addresses of a COC and of a proxy, and what to set to use both."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    with (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel) as proxy,
        over_tls(authority.issue_cert("127.0.0.1"), *faults) as url,
    ):
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        address = f"127.0.0.1:{proxy.server_address[1]}"
        yield url, address, KEYS | {"HTTPS_PROXY": f"http://{address}", "SSL_CERT_FILE": str(folder / "ca.pem")}
        proxy.shutdown()


def test_a_proxy_works(cocsync: Program, tmp_path: Path) -> None:
    with through_a_proxy(tmp_path) as (url, address, environ):
        done = examined(cocsync, url, **environ)

    assert states(done)["list"] == "ok"
    assert finding(done, "reachability")[1] == f"{url.removeprefix('https://')} answers through the proxy {address}"


def test_a_proxy_that_answers_with_a_page_of_its_own(cocsync: Program, tmp_path: Path) -> None:
    with through_a_proxy(tmp_path, "login-page") as (url, address, environ):
        name, what, fix = only_failure(examined(cocsync, url, **environ))

    assert name == "reachability"
    assert f" answers through the proxy {address} 200 with text/html" in what
    assert fix.endswith("name the host in NO_PROXY")


def test_a_user_without_a_home_works_without_files(
    cocsync: Program, coc: Callable[..., tuple[Simulator, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)
    simulator, url = coc()

    for _ in range(2):
        assert states(examined(cocsync, url, **USER, HW_IAM_ENDPOINT=url))["list"] == "ok"
    assert [request for request in simulator.requests if request[0] == "POST"] == [("POST", "/v3/auth/tokens")] * 2
    name, _, fix = only_failure(examined(cocsync, url))
    assert name == "authentication"
    assert fix.endswith("/.huaweicloud/credentials")
