"""The demo of the README."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support import children

STORY = Path(__file__).parents[2] / "demo" / "story.py"


def test_every_step_does_what_it_shows() -> None:
    done = children.run([sys.executable, str(STORY)], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
