"""What a server can make a run hold in memory, whatever it sends: measured in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from cocsync.sim import Request, Response, Simulator
from tests.program import Program
from tests.repository import Repository

MIB = 1024 * 1024
MEASURED = """
import sys
from pathlib import Path
from cocsync.cli.main import main
from cocsync.coc import retry
retry.GIVE_UP_SECONDS = 0.0
try:
    main()
finally:
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    print("peak", peak.split()[1], file=sys.stderr)
"""
"""Not by `getrusage`, which begins with the peak of the process that started this one."""

DETAIL: dict[str, Any] = {
    "name": "x",
    "type": "SHELL",
    "status": "APPROVED",
    "description": "",
    "properties": {"risk_level": "LOW", "version": "1"},
}


def padded(text: str, size: int) -> bytes:
    """A detail that is valid JSON, with a content of so many bytes."""
    return json.dumps({"data": {**DETAIL, "content": text + "x" * size}}, ensure_ascii=False).encode()


BODIES = {
    "16 MiB of content": lambda: padded("", 16 * MIB),
    "16 MiB of space": lambda: b" " * (16 * MIB) + padded("", 0),
    "as much content as is read, wide": lambda: padded("\U0001f600", MIB - 1000),
    "as many lists as are read": lambda: b'{"data": [' + b"[]," * (MIB // 3 - 100) + b"0]}",
    "as many mappings as are read": lambda: b'{"data": [' + b'{"a":1},' * (MIB // 8 - 100) + b"0]}",
}


class Large(Simulator):
    """Answers every question for a script by one body."""

    body = b""

    def handle(self, request: Request) -> Response:
        if request.method == "GET" and request.path.startswith("/v1/job/scripts/"):
            return Response(status=200, body=self.body)
        return super().handle(request)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is in KiB on Linux alone")
@pytest.mark.parametrize("kind", BODIES)
def test_40_readers_stay_below_400_mib(
    cocsync: Program, repository: Repository, serving: Callable[[Simulator], str], kind: str
) -> None:
    with Large() as coc:
        for number in range(80):
            coc.create(name=f"s{number}")
        coc.body = BODIES[kind]()
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, "plan", "--parallelism", "40", "--endpoint", serving(coc)],
            cwd=repository.root,
            env=cocsync.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    peak = re.search(r"^peak (\d+)$", done.stderr, re.MULTILINE)
    assert peak, done.stderr
    assert "Traceback" not in done.stderr
    assert int(peak[1]) < 400 * 1024
