"""What the policy costs: `python benchmarks/policy.py` judges 10,000 scripts of about 2 KB, none of which it remembers.

They are the example scripts with their params, each time under another name, and cut or filled up to 2 KB.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from cocsync.manifests import manifest, project
from cocsync.model.script import Script
from cocsync.policy.check import evaluate
from cocsync.policy.rules import Policy

ROOT = Path(__file__).parents[1] / "examples"
COUNT, SIZE = 10_000, 2048


def examples() -> list[tuple[Script, str]]:
    its, _ = project.load(ROOT)
    assert its is not None
    found = [one.with_text().script for one in manifest.load(its, ROOT, its.targets[0].name, {}).manifests]
    return [(script, script.content.text) for script in found]


def sized(text: str, number: int) -> str:
    """Its lines again and again, and a comment by which no two are alike."""
    first, _, rest = text.partition("\n")
    while len(rest) < SIZE:
        rest += rest
    return f"{first}\n# number {number}\n{rest[: rest.rindex(chr(10), 0, SIZE) + 1]}"


def main() -> None:
    scripts = examples()
    prepared = [(script, sized(text, n)) for n in range(COUNT // len(scripts)) for script, text in scripts]
    start = time.process_time()
    found = sum(len(list(evaluate(script, text, Policy(), waived={}))) for script, text in prepared)
    seconds = time.process_time() - start
    size = sum(len(text) for _, text in prepared) / len(prepared)
    print(
        f"{len(prepared)} scripts of {size:.0f} characters: {seconds:.2f} s of CPU, {found} findings", file=sys.stdout
    )


if __name__ == "__main__":
    main()
