"""The search for planted values that the whole suite runs under."""

from __future__ import annotations

import re
import sys
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import canary, children

ROOT = Path(__file__).parents[1]
VALUE = canary.planted("a b/c=")

LEAKS = f"""
import logging
from pathlib import Path

VALUE = "{canary.CANARY}-x"

def test_prints():
    print(VALUE)

def test_logs():
    logging.getLogger("x").warning("%s", VALUE)

def test_reads_what_it_printed(capsys):
    print(VALUE)
    capsys.readouterr()

def test_writes(tmp_path):
    (tmp_path / "report.json").write_text(VALUE)

def test_keeps_it_where_it_belongs(tmp_path):
    from tests.support import canary
    canary.plant(tmp_path / "token", VALUE)
    (tmp_path / "sim.db-wal").write_text(VALUE)
"""


@pytest.mark.parametrize("before", ["", "x", "xy"])
def test_a_value_is_found_in_every_form(before: str) -> None:
    raw = (before + VALUE).encode()
    for form in raw.decode(), raw, b64encode(raw), urlsafe_b64encode(raw), raw.hex(), raw.hex().upper(), quote(raw):
        assert canary.is_in(form)
    assert not canary.is_in(b64encode(b"CANARY in a coal mine").decode() + "(sensitive)")


def test_a_leak_fails_the_test_and_its_source_does_not(tmp_path: Path) -> None:
    tests = canary.plant(tmp_path / "test_leaks.py", LEAKS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml")]
    done = children.run(
        [*command, "-q", "-rA", "--show-capture=no", f"--basetemp={tmp_path / 'inner'}", "--color=no", str(tests)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    canary.sources.update(path for path in tmp_path.rglob("*") if path.is_file())

    ended = re.findall(r"^(?:FAILED|ERROR) \S*::(\w+)", done.stdout, re.MULTILINE)
    assert sorted(ended) == ["test_logs", "test_prints", "test_reads_what_it_printed", "test_writes"]
    assert "PASSED ::test_keeps_it_where_it_belongs" in done.stdout
