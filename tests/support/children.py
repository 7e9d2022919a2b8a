"""Processes and threads that tests start: each ends within `SECONDS`, whatever it waits for."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from threading import Thread
from typing import Any

SECONDS = 60.0
"""How long a test waits for anything: far more than any of it takes on a busy machine."""


def run(
    arguments: Sequence[str | os.PathLike[str]],
    *,
    input: str | bytes | None = None,  # noqa: A002 - as `subprocess.run` calls it
    check: bool = False,
    capture_output: bool = False,
    timeout: float = SECONDS,
    **options: Any,
) -> subprocess.CompletedProcess[Any]:
    """Runs a program as `subprocess.run` does, in a session of its own that is killed when the time is up.

    `subprocess.run` kills the child alone and then waits for ever where a grandchild holds the pipe.
    Raises subprocess.TimeoutExpired, and subprocess.CalledProcessError where `check` asks for it.
    """
    if input is not None:
        options["stdin"] = subprocess.PIPE
    if capture_output:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(arguments, start_new_session=True, **options) as process:
        try:
            out, err = process.communicate(input, timeout=timeout)
        finally:
            end(process)
    done = subprocess.CompletedProcess(arguments, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


def end(process: subprocess.Popen[Any]) -> None:
    """Kills a process that leads a session of its own, and all that it started, unless it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def join(*threads: Thread) -> None:
    """Waits for threads, which tests make daemons so that one that hangs does not keep the test run.

    Raises AssertionError where one has not ended in time.
    """
    for thread in threads:
        thread.join(SECONDS)
        assert not thread.is_alive(), f"the thread {thread.name} has not ended"
