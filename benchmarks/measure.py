"""Whole processes, measured from outside: wall time, CPU time, peak memory, and the requests that reached COC."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
COCSYNC = BIN / "cocsync"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Medians over several runs: seconds, MiB at the peak, and the seconds of CPU that the server needed meanwhile."""

    wall: float
    cpu: float
    memory: float
    requests: int
    server: float


class Server:
    """`cocsync sim serve` in a process of its own, with its control API."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        folder.mkdir(parents=True, exist_ok=True)
        project = 'apiVersion: cocsync/v1\nkind: Project\nowner: bench\ntargets: {local: {endpoint: "sim:"}}\n'
        (folder / "cocsync.yaml").write_text(project, encoding="utf-8")
        self._process = subprocess.Popen(
            [COCSYNC, "-C", folder, "sim", "serve", "--control", "--port", str(port)], stdout=subprocess.DEVNULL
        )
        self._wait()

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """One request to the control API."""
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.url}/_sim/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def requests(self) -> int:
        """How many requests came since the last time."""
        asked = self.ask("GET", "requests")
        self.ask("DELETE", "requests")
        held = asked.get("data", asked) if isinstance(asked, dict) else asked
        return len(held)

    def cpu(self) -> float:
        """Seconds of CPU since it began."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                self.ask("GET", "settings")
            except OSError:
                time.sleep(0.05)
            else:
                return
        sys.exit("the simulator did not start")


def measure(
    command: list[str | Path],
    *,
    folder: Path,
    environ: dict[str, str],
    server: Server | None = None,
    runs: int = 5,
    before: Callable[[], None] = lambda: None,
) -> Measured:
    """Runs the command so many times, after one run that is not counted unless it may only run once."""
    found = [_once(command, folder, environ, server, before) for _ in range(runs + (runs > 1))][runs > 1 :]
    return Measured(
        wall=statistics.median(m.wall for m in found),
        cpu=statistics.median(m.cpu for m in found),
        memory=max(m.memory for m in found),
        requests=round(statistics.median(m.requests for m in found)),
        server=statistics.median(m.server for m in found),
    )


def _once(
    command: list[str | Path],
    folder: Path,
    environ: dict[str, str],
    server: Server | None,
    before: Callable[[], None],
) -> Measured:
    before()
    if server:
        server.requests()
    busy = server.cpu() if server else 0.0
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=os.environ | environ, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 2):
        sys.exit(f"{command} ended with {process.returncode}")
    busy = server.cpu() - busy if server else 0.0
    return Measured(
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        memory=used.ru_maxrss / 1024,
        requests=server.requests() if server else 0,
        server=busy,
    )
