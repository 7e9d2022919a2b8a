"""`cocsync version` and `--version`."""

from __future__ import annotations

from cocsync import __version__
from tests.support.program import Program


def test_both_spellings_print_name_and_version(cocsync: Program) -> None:
    for arguments in ("version",), ("--version",):
        done = cocsync(*arguments)
        assert (done.code, done.out, done.err) == (0, f"cocsync {__version__}\n", "")
