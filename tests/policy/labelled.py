"""Scripts as people write them, each line with the rules that must find something there: `corpus/*.txt`.

A script begins with `=== TYPE NAME: PARAMS`. Behind the arrow at the end of a line stand the rules that find something
in it; behind the one of the first line, those that find something in the manifest. `@NAME@` stands for what a scanner
of secrets would take for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cocsync.policy.check import evaluate
from cocsync.policy.rules import Policy
from tests.support import builders

FOLDER = Path(__file__).parent / "corpus"
_HEADER = re.compile(r"=== (?P<type>\w+) (?P<name>\w+)(?:: (?P<params>[\w ]+?))?(?: ⟵ (?P<rules>[\w,-]+))?")
_SAMPLES = {
    "@MIXED40@": "q7Zr2Lk9Xw4Bn6Tc1Vp8Yd3H" + "s5Jm0Fg2Qe7Ru9Ka",
    "@AWS@": "AK" + "IAQ3EGRIPZ5UDA7KX2",
    "@KEY@": "-----BEGIN " + "RSA PRIVATE KEY-----",
}

Place = tuple[int | None, str]
"""Line (None in the manifest) and rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """`expected` are the findings that are right, and all of them."""

    type: str
    name: str
    params: tuple[str, ...]
    content: str
    expected: frozenset[Place]

    def found(self) -> frozenset[Place]:
        params = tuple(builders.param(name) for name in self.params)
        script = builders.script(type=self.type, content=self.content, params=params)
        return frozenset((one.line, one.rule) for _, one in evaluate(script, self.content, Policy(), waived={}))


def scripts() -> tuple[Labelled, ...]:
    texts = [file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.txt"))]
    sections = (section for text in texts for section in re.split(r"^(?==== )", text, flags=re.MULTILINE)[1:])
    return tuple(map(_labelled, sections))


def _labelled(section: str) -> Labelled:
    first, *lines = section.rstrip("\n").split("\n")
    header = _HEADER.fullmatch(first)
    assert header is not None, first
    expected: set[Place] = {(None, rule) for rule in (header["rules"] or "").split(",") if rule}
    content = []
    for number, line in enumerate(lines, 1):
        code, _, rules = line.partition(" ⟵ ")
        expected |= {(number, rule) for rule in rules.split(",") if rule}
        content.append(re.sub(r"@[A-Z0-9]+@", lambda match: _SAMPLES[match[0]], code))
    return Labelled(
        type=header["type"],
        name=header["name"],
        params=tuple((header["params"] or "").split()),
        # A single line without line end is what a link looks like that was checked out as text.
        content="\n".join(content) + ("\n" if len(content) > 1 else ""),
        expected=frozenset(expected),
    )
