"""A gate keeps nothing back that a rule would find."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cocsync.policy import dangerous, gates, passwords, secrets
from cocsync.policy.reading import Reading
from cocsync.policy.rules import Finding
from tests.policy import labelled
from tests.policy.test_dangerous import BAT, HARMLESS, PYTHON, SHELL
from tests.support import builders

LINES = {
    kind: [line for script in labelled.scripts() if script.type == kind for line in script.content.split("\n")]
    for kind in ("SHELL", "PYTHON", "BAT")
}
PIECES = {
    "SHELL": [*LINES["SHELL"], *HARMLESS, *(content for _, content in SHELL)],
    "PYTHON": [*LINES["PYTHON"], *(content for _, content in PYTHON)],
    "BAT": [*LINES["BAT"], *(content for _, content in BAT)],
}
SPLICES = ["", "", "", '""', "''", "\\", "\\\n"]


def spliced(piece: str, cut: int, splice: str) -> str:
    cut %= max(1, len(piece))
    return piece[:cut] + splice + piece[cut:]


def both(kind: str, text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Finding], list[Finding]]:
    script = builders.script(type=kind, content=text)
    gated = [*dangerous.find(Reading(script)), *secrets.find(Reading(script))]
    with monkeypatch.context() as open_gates:
        open_gates.setattr(dangerous, "is_suspicious", lambda _: True)
        open_gates.setattr(passwords, "may_give", lambda _: True)
        return gated, [*dangerous.find(Reading(script)), *secrets.find(Reading(script))]


@pytest.mark.parametrize("script", labelled.scripts(), ids=lambda script: f"{script.type}-{script.name}")
def test_labelled_scripts_pass(script: labelled.Labelled, monkeypatch: pytest.MonkeyPatch) -> None:
    gated, judged = both(script.type, script.content, monkeypatch)
    assert gated == judged


@pytest.mark.parametrize("kind", ["SHELL", "PYTHON", "BAT"])
def test_what_is_put_together_of_lines_passes(kind: str) -> None:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(PIECES[kind]), st.integers(0, 60), st.sampled_from(SPLICES), st.sampled_from("\n;")
            ),
            max_size=5,
        )
    )
    @example([("rm -rf /", 1, "\\", "\n")])
    def agree(parts: list[tuple[str, int, str, str]]) -> None:
        text = "".join(spliced(piece, cut, splice) + end for piece, cut, splice, end in parts)
        with pytest.MonkeyPatch.context() as monkeypatch:
            gated, judged = both(kind, text, monkeypatch)
        assert gated == judged

    agree()


def test_most_scripts_need_no_second_look() -> None:
    text = "#!/bin/bash\n# rm -rf /\nfor d in /srv/*; do\n  du -sh $d | sort\ndone\ncurl -fsS http://x/ > /dev/null\n"
    assert not gates.is_suspicious(Reading(builders.script(content=text)))
