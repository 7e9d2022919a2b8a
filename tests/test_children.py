"""What tests start can be interrupted, and ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import children

INTERRUPTED = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"


def test_a_program_that_waits_is_killed_together_with_what_it_started() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        children.run(["sh", "-c", "sleep 1000 & wait"], capture_output=True, timeout=0.1)


def test_a_program_has_the_default_of_sigint() -> None:
    done = children.run([sys.executable, "-c", INTERRUPTED], capture_output=True)
    assert done.stderr.endswith(b"KeyboardInterrupt\n")


def test_so_it_has_where_the_tests_run_in_the_background_of_a_shell() -> None:
    this = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", "default_of_sigint"]
    done = children.run(["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *this], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
