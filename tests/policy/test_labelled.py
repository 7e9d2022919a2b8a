"""The rules on scripts as people write them: everything that is labelled is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocsync.manifests import manifest, project
from cocsync.policy.rules import RULES
from tests.policy import labelled
from tests.policy.labelled import Labelled

SCRIPTS = tuple(labelled.scripts())
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.type}-{script.name}")
def test_exactly_what_is_labelled_is_found(script: Labelled) -> None:
    assert script.found() == script.expected


def test_there_are_scripts_for_each_rule_that_judges_a_content() -> None:
    assert len(SCRIPTS) > 200
    labels = {rule for script in SCRIPTS for _, rule in script.expected}
    judged_elsewhere = {
        "high-risk-unreviewed", "shebang-type", "shebang-crlf", "bidi-character", "invisible-character",
        "version-unchanged",
    }  # fmt: skip
    assert labels == {rule.id for rule in RULES if not rule.deep} - judged_elsewhere


def test_nothing_is_wrong_with_the_example_scripts() -> None:
    its, _ = project.load(EXAMPLES)
    assert its is not None
    desired = manifest.load(its, EXAMPLES, its.targets[0].name, {})
    assert desired.manifests
    rules = {rule.id for rule in RULES}
    assert [diagnostic for diagnostic in desired.diagnostics if diagnostic.code in rules] == []
