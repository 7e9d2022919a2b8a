"""What the programs and parsers that judge a script's text have in common."""

from __future__ import annotations

import pytest

from cocsync.policy.programs import tools


@pytest.mark.parametrize(("line", "column", "place"), [(2, 3, (2, 3)), (9, 1, (2, 1)), (0, 0, (1, 1))])
def test_a_finding_stands_in_the_text(line: int, column: int, place: tuple[int, int]) -> None:
    found = tools.finding("shellcheck", "m", "a\nb\n\n", line, column)
    assert (found.line, found.column) == place
