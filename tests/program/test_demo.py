"""The demo of the README."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STORY = Path(__file__).parents[2] / "demo" / "story.py"


def test_every_step_does_what_it_shows() -> None:
    done = subprocess.run([sys.executable, str(STORY)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
