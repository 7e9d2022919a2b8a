"""The example repository: every script is sound, and the harmless ones do what their description says."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
import yaml

from tests.support import children

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
MANIFESTS = {
    path.parent.name: yaml.safe_load(path.read_text("utf-8")) for path in EXAMPLES.glob("scripts/*/script.yaml")
}
CONTENTS = {name: EXAMPLES / "scripts" / name / manifest["content_file"] for name, manifest in MANIFESTS.items()}
SHELL = sorted(name for name, path in CONTENTS.items() if path.suffix == ".sh")

# The values that COC takes for a parameter, both where it is defined (API reference 4.2.1) and where it is run.
PARAM_VALUE = re.compile(r"((?!\.{2,})[a-zA-Z0-9_\-/.\x20?:\",=+@\\\[{\]}])*")

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the scripts are for Linux hosts")


def needs(*tools: str) -> pytest.MarkDecorator:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not on this machine: {', '.join(missing)}")


class Runner:
    """Runs an example as COC does: `sh FILE VALUE...`, with commands that a test puts before the real ones."""

    def __init__(self, folder: Path) -> None:
        self._bin = folder / "bin"
        self._bin.mkdir()

    def stub(self, command: str, body: str) -> None:
        path = self._bin / command
        path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        path.chmod(0o755)

    def __call__(self, name: str, *values: str) -> subprocess.CompletedProcess[str]:
        interpreter = sys.executable if CONTENTS[name].suffix == ".py" else "sh"
        environment = os.environ | {"PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C"}
        return children.run(
            [interpreter, str(CONTENTS[name]), *values],
            capture_output=True,
            text=True,
            timeout=100,
            env=environment,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "with space"
    path.mkdir(parents=True)
    return path


class Recorder(BaseHTTPRequestHandler):
    """Answers a path `/CODE` with that status, and keeps what was sent."""

    requests: ClassVar[list[tuple[str, str, bytes]]] = []

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.requests.append((self.path, self.headers.get("Authorization", ""), body))
        self.send_response(int(self.path.strip("/") or 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: the test looks at the requests."""


@pytest.fixture
def server() -> Iterator[str]:
    Recorder.requests.clear()
    with HTTPServer(("127.0.0.1", 0), Recorder) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        children.join(thread)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is bound, so that nobody else takes it, and on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def aged(path: Path, days: float, size: int = 10) -> Path:
    path.write_bytes(b"x" * size)
    then = time.time() - days * 86400
    os.utime(path, (then, then))
    return path


# What stands in the repository


def test_there_is_a_python_a_bat_and_at_least_twelve_shell_scripts() -> None:
    suffixes = [path.suffix for path in CONTENTS.values()]

    assert len(SHELL) >= 12
    assert {".sh", ".py", ".bat"} == set(suffixes)


@pytest.mark.parametrize("name", sorted(MANIFESTS))
class TestManifest:
    def test_is_valid_and_named_like_its_folder(self, name: str) -> None:
        schema = json.loads((ROOT / "schemas" / "manifest.schema.json").read_text("utf-8"))

        jsonschema.Draft202012Validator(schema).validate(MANIFESTS[name])

        assert name == MANIFESTS[name]["name"]

    def test_begins_with_a_modeline_that_leads_to_the_schema(self, name: str) -> None:
        path = EXAMPLES / "scripts" / name / "script.yaml"
        first = path.read_text("utf-8").splitlines()[0]

        prefix, schema = first.split("=")

        assert prefix == "# yaml-language-server: $schema"
        assert (path.parent / schema).resolve() == ROOT / "schemas" / "manifest.schema.json"

    def test_has_reviewers_if_it_can_do_harm(self, name: str) -> None:
        manifest = MANIFESTS[name]

        assert (manifest["risk_level"] != "LOW") == bool(manifest.get("reviewers"))

    def test_names_values_that_coc_takes_and_describes_each(self, name: str) -> None:
        for param in MANIFESTS[name]["params"]:
            assert PARAM_VALUE.fullmatch(param.get("value", ""))
            assert param["description"]

    def test_content_keeps_the_limit_of_coc(self, name: str) -> None:
        assert len(CONTENTS[name].read_bytes().decode("utf-8")) <= 4096


def test_the_project_file_is_valid_and_knows_every_reviewer() -> None:
    project = yaml.safe_load((EXAMPLES / "cocsync.yaml").read_text("utf-8"))
    schema = json.loads((ROOT / "schemas" / "project.schema.json").read_text("utf-8"))

    jsonschema.Draft202012Validator(schema).validate(project)

    assert {who for manifest in MANIFESTS.values() for who in manifest.get("reviewers", [])} <= set(project["people"])


def test_cocsync_finds_nothing_to_say_about_the_repository(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "copy", ignore=shutil.ignore_patterns(".cocsync"))

    done = children.run(
        [sys.executable, "-m", "cocsync", "-C", str(tmp_path / "copy"), "validate"],
        capture_output=True,
        text=True,
        env=os.environ | {"APP_TOKEN": "token-1"},
    )

    assert done.returncode == 0
    assert "No problems found in 17 scripts." in done.stdout


def test_one_param_is_sensitive_and_no_value_of_it_is_in_the_repository() -> None:
    sensitive = [param for manifest in MANIFESTS.values() for param in manifest["params"] if param.get("sensitive")]

    assert [(p["name"], p["value_from"], p.get("value")) for p in sensitive] == [("token", {"env": "APP_TOKEN"}, None)]


# The contents


@pytest.mark.parametrize("name", SHELL)
class TestShellScript:
    def test_passes_shellcheck(self, name: str) -> None:
        done = children.run(
            ["shellcheck", str(CONTENTS[name])],
            capture_output=True,
            text=True,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        )

        assert done.returncode == 0, done.stdout

    @needs("bash")
    def test_parses(self, name: str) -> None:
        done = children.run(["bash", "-n", str(CONTENTS[name])], capture_output=True, text=True)

        assert (done.returncode, done.stderr) == (0, "")

    def test_is_strict_and_reads_every_parameter_by_its_position(self, name: str) -> None:
        text = CONTENTS[name].read_text("utf-8")

        assert "\nset -euo pipefail\n" in text
        for position, param in enumerate(MANIFESTS[name]["params"], start=1):
            assert f"\n{param['name']}=${{{position}:-" in text

    def test_has_unix_line_ends(self, name: str) -> None:
        assert b"\r" not in CONTENTS[name].read_bytes()


def test_the_python_script_compiles_and_imports_the_standard_library_only() -> None:
    text = CONTENTS["endpoint_check"].read_text("utf-8")

    compile(text, "endpoint_check.py", "exec")

    imported = set(re.findall(r"^import (\w+)", text, re.MULTILINE))
    assert imported <= set(sys.stdlib_module_names)


def test_the_bat_script_is_ascii_with_windows_line_ends_and_known_exit_codes() -> None:
    content = CONTENTS["windows_service_disk"].read_bytes()
    lines = content.decode("ascii").split("\r\n")

    assert content.count(b"\n") == content.count(b"\r\n") == len(lines) - 1
    assert lines[0] == "@echo off"
    assert lines[-2].startswith("exit /b")
    assert all(f'"%~{position}"' in content.decode().replace("=%~", '="%~') for position in (1, 2, 3))


# Every script that runs on Linux says what is wrong with a wrong value


@linux_only
@needs("bash")
@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("alert_silence", ["http://alerts.example.com/", "api", "30", "t"], "https://"),
        ("alert_silence", ["https://alerts.example.com/", "api", "999", "t"], "minutes"),
        ("alert_silence", ["https://alerts.example.com/", "api", "30", ""], "token"),
        ("backup_freshness", ["relative"], "absolute"),
        ("certificate_expiry", [""], "targets"),
        ("disk_inode_report", ["101"], "threshold_percent"),
        ("disk_inode_report", ["85", "/no/such/place"], "mount_point"),
        ("endpoint_check", [""], "endpoints"),
        ("endpoint_check", ["ftp://127.0.0.1/"], "neither"),
        ("endpoint_check", ["tcp://127.0.0.1:http"], "neither"),
        ("endpoint_check", ["tcp://127.0.0.1:1", "61"], "timeout_seconds"),
        ("endpoint_check", ["tcp://127.0.0.1:1", "5", "all"], "expected_status"),
        ("host_reboot", ["no", "0"], "delay_minutes"),
        ("log_cleanup", ["var/log"], "absolute"),
        ("log_cleanup", ["/etc"], "no logs"),
        ("log_cleanup", ["/tmp/../usr/share"], "no logs"),
        ("log_cleanup", ["/tmp"], "too close"),
        ("log_cleanup", ["/tmp", "*"], "name_part"),
        ("log_cleanup", ["/tmp", ".log", "0"], "max_age_days"),
        ("log_cleanup", ["/tmp", ".log", "14", "no"], "dry_run"),
        ("log_rotation", ["/no/such/file"], "regular file"),
        ("login_audit", ["201"], "count"),
        ("memory_oom_report", ["0"], "min_available_percent"),
        ("memory_oom_report", ["10", "721"], "hours"),
        ("nginx_reload", ["ftp://x"], "health_url"),
        ("package_kernel_report", ["--all"], "packages"),
        ("port_diagnosis", ["65536"], "port"),
        ("process_diagnosis", ["a b"], "process_name"),
        ("process_diagnosis", ["", "51"], "count"),
        ("service_restart", ["--now"], "unit name"),
        ("service_restart", ["api", "", "0"], "timeout_seconds"),
        ("time_sync_check", ["-5"], "max_offset_ms"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_a_wrong_value_ends_with_2_and_its_name(run: Runner, name: str, values: list[str], says: str) -> None:
    done = run(name, *values)

    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert says in done.stderr


# The harmless ones are run


@linux_only
@needs("bash", "df", "du")
class TestDiskInodeReport:
    def test_reports_the_file_system_of_a_path(self, run: Runner, folder: Path) -> None:
        done = run("disk_inode_report", "100", str(folder))

        assert "== disk usage" in done.stdout
        assert "== inode usage" in done.stdout

    def test_names_the_full_file_system(self, run: Runner) -> None:
        run.stub("df", 'echo "Filesystem Blocks Used Free Use% Mounted on"; echo "/dev/vdb 10 9 1 91% /data one"')
        run.stub("du", 'echo "9M /data one/logs"')

        done = run("disk_inode_report", "90", "")

        assert done.returncode == 1
        assert "FULL: disk of /data one is at or above 90 %" in done.stdout
        assert "9M /data one/logs" in done.stdout
        assert "FULL: inodes of /data one" in done.stdout

    def test_a_default_run_ends_well_or_with_a_finding(self, run: Runner) -> None:
        done = run("disk_inode_report", "85", "")

        assert done.returncode in (0, 1)
        assert ("FULL" in done.stdout) == (done.returncode == 1)


@linux_only
@needs("bash", "find")
class TestLogCleanup:
    def test_a_dry_run_lists_and_deletes_nothing(self, run: Runner, folder: Path) -> None:
        old = aged(folder / "app.log.1", days=20)

        done = run("log_cleanup", str(folder), ".log.", "14", "true")

        assert done.returncode == 0
        assert str(old) in done.stdout
        assert "1 files" in done.stdout
        assert "nothing deleted" in done.stdout
        assert old.exists()

    def test_it_is_a_dry_run_unless_told_otherwise(self, run: Runner, folder: Path) -> None:
        old = aged(folder / "app.log.1", days=20)

        run("log_cleanup", str(folder), "", "", "")

        assert old.exists()

    def test_deletes_only_what_is_old_and_matches(self, run: Runner, folder: Path) -> None:
        old = aged(folder / "app.log.1", days=20)
        kept = [
            aged(folder / "app.log.2", days=13),
            aged(folder / "app.log", days=20),
            aged(folder / "data.db", days=99),
        ]

        done = run("log_cleanup", str(folder), ".log.", "14", "false")

        assert done.returncode == 0
        assert not old.exists()
        assert all(path.exists() for path in kept)

    def test_does_not_follow_a_link_out_of_the_folder(self, run: Runner, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        outside = aged(tmp_path / "elsewhere" / "app.log.1", days=20)
        (folder / "link").symlink_to(outside.parent)

        done = run("log_cleanup", str(folder), ".log.", "14", "false")

        assert done.stdout.startswith("Nothing below")
        assert outside.exists()

    def test_refuses_a_link_to_a_system_folder(self, run: Runner, folder: Path) -> None:
        (folder / "link").symlink_to("/usr/share")

        done = run("log_cleanup", str(folder / "link"), ".log.", "14", "false")

        assert done.returncode == 2
        assert "'/usr/share' holds no logs" in done.stderr


@linux_only
@needs("bash", "flock", "truncate")
class TestLogRotation:
    def test_a_dry_run_changes_nothing(self, run: Runner, folder: Path) -> None:
        log = aged(folder / "app.log", days=0, size=100)

        done = run("log_rotation", str(log), "7", "0", "true")

        assert "would rotate" in done.stdout
        assert [log] == list(folder.iterdir())

    def test_rotates_shifts_and_keeps_the_newest_in_place(self, run: Runner, folder: Path) -> None:
        log = folder / "app.log"
        inode = None
        for day in ("first", "second", "third"):
            log.write_text(day, "utf-8")
            inode = inode or log.stat().st_ino
            assert run("log_rotation", str(log), "2", "0", "false").returncode == 0

        copies = {path.name: gzip.decompress(path.read_bytes()) for path in folder.glob("*.gz")}
        assert copies == {"app.log.1.gz": b"third", "app.log.2.gz": b"second"}
        assert (log.stat().st_size, log.stat().st_ino) == (0, inode)

    def test_the_copy_of_a_run_that_was_cut_is_kept(self, run: Runner, folder: Path) -> None:
        log = folder / "app.log"
        log.write_text("new", "utf-8")
        (folder / "app.log.1").write_text("cut", "utf-8")

        run("log_rotation", str(log), "7", "0", "false")

        assert gzip.decompress((folder / "app.log.2.gz").read_bytes()) == b"cut"

    def test_leaves_a_small_file_alone(self, run: Runner, folder: Path) -> None:
        log = aged(folder / "app.log", days=0, size=100)

        done = run("log_rotation", str(log), "7", "100", "false")

        assert done.stdout.startswith("Nothing to do")
        assert log.stat().st_size == 100


@linux_only
@needs("bash", "curl")
class TestServiceRestart:
    SYSTEMD = """echo "$*" >> "$(dirname "$0")/calls"
case "$1" in show) echo MainPID=42;; is-active) exit {active};; restart) exit {restart};; esac"""

    def test_waits_for_the_health_address(self, run: Runner, server: str, tmp_path: Path) -> None:
        run.stub("systemctl", self.SYSTEMD.format(active=0, restart=0))

        done = run("service_restart", "payments_api", f"{server}/204", "5")

        assert done.returncode == 0
        assert "OK: payments_api is healthy (main process 42)" in done.stdout
        assert "restart payments_api" in (tmp_path / "bin" / "calls").read_text("utf-8")

    def test_explains_a_service_that_does_not_become_healthy(self, run: Runner, server: str) -> None:
        run.stub("systemctl", self.SYSTEMD.format(active=0, restart=0))
        run.stub("journalctl", 'echo "last words"')

        done = run("service_restart", "payments_api", f"{server}/503", "1")

        assert done.returncode == 1
        assert "not healthy after 1 s" in done.stderr
        assert "last words" in done.stdout

    def test_explains_a_restart_that_fails(self, run: Runner) -> None:
        run.stub("systemctl", self.SYSTEMD.format(active=3, restart=1))

        done = run("service_restart", "payments_api", "", "1")

        assert done.returncode == 1
        assert "could not restart" in done.stderr


@pytest.fixture
def certificate(folder: Path) -> Callable[[int], Path]:
    def make(days: int) -> Path:
        path = folder.parent / f"{days}.pem"
        children.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
                "/CN=pay.example",
                "-days",
                str(days),
                "-keyout",
                f"{path}.key",
                "-out",
                str(path),
            ],
            check=True,
            capture_output=True,
        )
        return path

    return make


@linux_only
@needs("bash", "openssl")
class TestCertificateExpiry:
    def test_says_how_long_each_file_lasts(self, run: Runner, certificate: Callable[[int], Path]) -> None:
        long, short = certificate(90), certificate(10)

        done = run("certificate_expiry", f"{long}, {short}", "30")

        assert done.returncode == 1
        assert re.search(rf"^OK +{re.escape(str(long))}: (89|90) days left, .*pay\.example", done.stdout, re.MULTILINE)
        assert re.search(rf"^EXPIRES +{re.escape(str(short))}: (9|10) days left", done.stdout, re.MULTILINE)

    def test_is_content_where_all_last(self, run: Runner, certificate: Callable[[int], Path]) -> None:
        assert run("certificate_expiry", str(certificate(90)), "30").returncode == 0

    def test_a_server_that_does_not_answer_is_a_finding(self, run: Runner, closed_port: int) -> None:
        done = run("certificate_expiry", f"127.0.0.1:{closed_port}", "30")

        assert done.returncode == 1
        assert done.stdout.startswith("UNREADABLE  127.0.0.1")


@linux_only
@needs("bash")
class TestTimeSyncCheck:
    CHRONY = "echo A9FEA97B,169.254.169.123,3,1700000000.0,{offset},0.0001,0.0002,1.2,0,0.01,0.003,0.002,64.2,{leap}"

    @pytest.mark.parametrize(
        ("offset", "leap", "code", "says"),
        [
            ("-0.000250000", "Normal", 0, "OK: the clock is -0.250 ms from 169.254.169.123 (chrony, stratum 3)"),
            ("-0.250000000", "Normal", 1, "OFF: the clock is -250.000 ms"),
            ("0.0", "Not synchronised", 1, "NOT SYNCHRONISED: chrony has no source"),
        ],
    )
    def test_reads_chrony(self, run: Runner, offset: str, leap: str, code: int, says: str) -> None:
        run.stub("chronyc", self.CHRONY.format(offset=offset, leap=f'"{leap}"'))

        done = run("time_sync_check", "100")

        assert done.returncode == code
        assert says in done.stdout

    def test_reads_ntpd(self, run: Runner) -> None:
        run.stub("chronyc", "exit 1")
        run.stub(
            "ntpq", 'echo "+10.0.0.8 .GPS. 1 u 3 64 377 0.1 9.9 0.1"; echo "*10.0.0.9 .GPS. 1 u 3 64 377 0.1 1.5 0.1"'
        )

        done = run("time_sync_check", "100")

        assert "OK: the clock is 1.5 ms from 10.0.0.9 (ntpd)" in done.stdout

    def test_reads_timedatectl(self, run: Runner) -> None:
        run.stub("chronyc", "exit 1")
        run.stub("ntpq", "exit 1")
        run.stub("timedatectl", 'echo "System clock synchronized: no"')

        assert run("time_sync_check", "100").returncode == 1


@linux_only
@needs("bash", "ps")
class TestProcessDiagnosis:
    def test_lists_and_looks_at_one_process(self, run: Runner) -> None:
        with subprocess.Popen(["sleep", "60"]) as process:
            done = run("process_diagnosis", "sleep", "5")
            process.kill()

        assert done.returncode == 0
        assert "== by CPU" in done.stdout
        assert f"pid {process.pid}: started" in done.stdout

    def test_says_that_no_process_has_the_name(self, run: Runner) -> None:
        done = run("process_diagnosis", "no_such_name", "5")

        assert done.returncode == 1
        assert "no process has the command name 'no_such_name'" in done.stdout


@linux_only
@needs("bash", "ss")
class TestPortDiagnosis:
    def test_a_listener_that_accepts(self, run: Runner, server: str) -> None:
        port = server.rpartition(":")[2]

        done = run("port_diagnosis", port)

        assert done.returncode == 0
        assert f"OK: 127.0.0.1 port {port} accepts connections" in done.stdout

    def test_nobody_listens(self, run: Runner, closed_port: int) -> None:
        done = run("port_diagnosis", str(closed_port))

        assert done.returncode == 1
        assert f"CLOSED: nobody listens on port {closed_port}" in done.stdout

    def test_a_full_accept_queue_is_a_finding(self, run: Runner) -> None:
        run.stub("ss", 'echo State Recv-Q; case "$1" in -tlnp) echo "LISTEN 129 128 0.0.0.0:8080 0.0.0.0:*";; esac')

        done = run("port_diagnosis", "8080")

        assert done.returncode == 1
        assert "STUCK: the accept queue of 0.0.0.0:8080 is full" in done.stdout


@linux_only
@needs("bash")
class TestMemoryOomReport:
    def test_reports_available_memory_and_the_largest_users(self, run: Runner) -> None:
        run.stub("journalctl", "true")

        done = run("memory_oom_report", "1", "24")

        assert done.returncode == 0
        assert re.search(r"^== memory: \d+ of \d+ MiB available \(\d+ %\)$", done.stdout, re.MULTILINE)
        assert re.search(r"^ +\d+ MiB +\d+  \S+", done.stdout, re.MULTILINE)

    def test_a_kill_is_a_finding(self, run: Runner) -> None:
        run.stub("journalctl", 'echo "kernel: Out of memory: Killed process 7 (java)"')

        done = run("memory_oom_report", "1", "24")

        assert done.returncode == 1
        assert "Killed process 7 (java)" in done.stdout


@linux_only
@needs("bash", "getent")
class TestLoginAudit:
    def test_lists_accounts_and_never_a_hash(self, run: Runner) -> None:
        done = run("login_audit", "5")

        assert done.returncode in (0, 1)
        assert re.search(r"^root +0  /", done.stdout, re.MULTILINE)
        assert not re.search(r"\$(1|5|6|y|2[aby])\$", done.stdout)

    def test_a_second_uid_0_is_a_finding(self, run: Runner) -> None:
        run.stub(
            "getent", 'case "$1" in passwd) echo root:x:0:0::/:/bin/sh; echo toor:x:0:0::/:/bin/sh;; *) exit 2;; esac'
        )

        done = run("login_audit", "5")

        assert done.returncode == 1
        assert "FINDING: uid 0 besides root: toor" in done.stdout


@linux_only
@needs("bash")
class TestPackageKernelReport:
    @pytest.mark.skipif(
        shutil.which("dpkg-query") is None and shutil.which("rpm") is None, reason="neither dpkg nor rpm is here"
    )
    def test_reports_versions(self, run: Runner) -> None:
        done = run("package_kernel_report", "bash,no-such-package")

        assert done.returncode in (0, 1)
        assert re.search(r"^bash +\S+ installed$", done.stdout, re.MULTILINE)
        assert re.search(r"^no-such-package +not installed$", done.stdout, re.MULTILINE)


class TestEndpointCheck:
    def test_tells_good_from_bad(self, run: Runner, server: str, closed_port: int) -> None:
        good = [server.replace("http:", "tcp:"), f"{server}/200"]
        bad = [f"{server}/500", f"tcp://127.0.0.1:{closed_port}", f"http://127.0.0.1:{closed_port}/"]

        done = run("endpoint_check", ",".join(good + bad), "5", "200-399")

        assert done.returncode == 1
        assert [line.split()[0] for line in done.stdout.splitlines()[:-1]] == ["OK", "OK", "FAIL", "FAIL", "FAIL"]
        assert "status 500" in done.stdout
        assert done.stdout.endswith("2 of 5 endpoints are as expected\n")

    def test_an_expected_status_is_good(self, run: Runner, server: str) -> None:
        assert run("endpoint_check", f"{server}/404", "", "404").returncode == 0


@linux_only
@needs("bash", "curl")
class TestAlertSilence:
    def test_sends_the_window_with_the_token(self, run: Runner, server: str) -> None:
        done = run("alert_silence", f"{server}/201", "payments_api", "30", "token-1")

        assert done.returncode == 0
        [(_, authorization, body)] = Recorder.requests
        assert authorization == "Bearer token-1"
        assert json.loads(body)["service"] == "payments_api"
        assert "token-1" not in done.stdout + done.stderr

    def test_says_that_the_alerts_are_not_silenced(self, run: Runner, server: str) -> None:
        done = run("alert_silence", f"{server}/403", "payments_api", "30", "token-1")

        assert done.returncode == 1
        assert "NOT silenced" in done.stderr
        assert "token-1" not in done.stdout + done.stderr

    def test_the_token_is_no_argument_of_another_program(self, run: Runner) -> None:
        run.stub("curl", 'echo "$*"; cat')

        done = run("alert_silence", "https://alerts.example.com/", "payments_api", "30", "token-1")

        arguments, configuration = done.stdout.splitlines()[:2]
        assert "token-1" not in arguments
        assert configuration == 'header = "Authorization: Bearer token-1"'


@linux_only
@needs("bash", "find", "gzip")
class TestBackupFreshness:
    def backup(self, folder: Path, name: str, size: int, days: float = 0.0) -> Path:
        path = folder / name
        path.write_bytes(gzip.compress(os.urandom(size)))
        then = time.time() - days * 86400
        os.utime(path, (then, then))
        return path

    def test_a_young_readable_backup_is_fine(self, run: Runner, folder: Path) -> None:
        self.backup(folder, "yesterday.gz", 2000, days=1)
        self.backup(folder, "today.gz", 2000)

        done = run("backup_freshness", str(folder), ".gz", "26", "0")

        assert done.returncode == 0
        assert f"Newest of 2 backups: {folder}/today.gz" in done.stdout

    def test_old_small_and_shrunken_are_findings(self, run: Runner, folder: Path) -> None:
        self.backup(folder, "before.gz", 9000, days=3)
        self.backup(folder, "newest.gz", 1000, days=2)

        done = run("backup_freshness", str(folder), ".gz", "26", "1")

        assert done.returncode == 1
        assert re.findall(r"^FINDING: (older than|smaller than|less than half)", done.stdout, re.MULTILINE) == [
            "older than",
            "smaller than",
            "less than half",
        ]

    def test_a_backup_that_was_cut_is_a_finding(self, run: Runner, folder: Path) -> None:
        path = self.backup(folder, "today.gz", 2000)
        path.write_bytes(path.read_bytes()[:-20])

        done = run("backup_freshness", str(folder), ".gz", "26", "0")

        assert "FINDING: gzip cannot read it" in done.stdout

    def test_no_backup_is_a_finding(self, run: Runner, folder: Path) -> None:
        done = run("backup_freshness", str(folder), ".gz", "26", "0")

        assert (done.returncode, done.stdout.split(":")[0]) == (1, "MISSING")


@linux_only
@needs("bash", "curl")
class TestNginxReload:
    NGINX = 'echo "$*" >> "$(dirname "$0")/calls"; case "$1" in -t) exit {valid};; esac'

    def calls(self, tmp_path: Path) -> list[str]:
        return (tmp_path / "bin" / "calls").read_text("utf-8").splitlines()

    def test_tests_only_unless_told_otherwise(self, run: Runner, tmp_path: Path) -> None:
        run.stub("nginx", self.NGINX.format(valid=0))

        assert run("nginx_reload", "", "").returncode == 0
        assert self.calls(tmp_path) == ["-t"]

    def test_does_not_reload_an_invalid_configuration(self, run: Runner, tmp_path: Path) -> None:
        run.stub("nginx", self.NGINX.format(valid=1))

        assert run("nginx_reload", "", "false").returncode == 1
        assert self.calls(tmp_path) == ["-t"]

    @pytest.mark.parametrize(("status", "code"), [("404", 0), ("502", 1)])
    def test_reloads_and_asks_for_an_answer(
        self, run: Runner, server: str, tmp_path: Path, status: str, code: int
    ) -> None:
        run.stub("nginx", self.NGINX.format(valid=0))
        run.stub("systemctl", "exit 3")
        run.stub("curl", f"printf {status}")

        done = run("nginx_reload", f"{server}/{status}", "false")

        assert done.returncode == code
        assert self.calls(tmp_path) == ["-t", "-s reload"]


@linux_only
@needs("bash")
class TestHostReboot:
    @pytest.fixture(autouse=True)
    def harmless(self, run: Runner) -> None:
        run.stub("shutdown", 'echo "shutdown $*"')
        run.stub("logger", "true")
        run.stub("findmnt", "true")
        run.stub("pgrep", "exit 1")

    @pytest.mark.parametrize("confirm", ["", "no", "YES", "true"])
    def test_only_checks_unless_confirmed_with_yes(self, run: Runner, confirm: str) -> None:
        done = run("host_reboot", confirm, "2", "")

        assert done.returncode == 0
        assert "Check only" in done.stdout
        assert "shutdown -r" not in done.stdout

    def test_schedules_the_reboot(self, run: Runner) -> None:
        done = run("host_reboot", "yes", "2", "kernel update")

        assert "shutdown -r +2 kernel update" in done.stdout

    def test_does_not_reboot_under_a_package_manager(self, run: Runner) -> None:
        run.stub("pgrep", '[ "$2" = dpkg ]')

        done = run("host_reboot", "yes", "2", "")

        assert done.returncode == 1
        assert "FORBIDDEN: dpkg is running" in done.stdout
        assert "shutdown -r" not in done.stdout
