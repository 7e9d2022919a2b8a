"""The table of the rules, what a project makes of them, and what a rule finds."""

from __future__ import annotations

from dataclasses import dataclass

from cocsync.diagnostics import Severity

VERSION_UNCHANGED = "version-unchanged"
"""Judged where a plan knows what COC has; see planning.versions."""

OFF = "off"
"""Stands in the project file where a severity would, for a rule that is not to be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`text` is what the rule says of a script that breaks it. `deep` rules take a program or a parser."""

    id: str
    severity: Severity
    text: str
    deep: bool = False


def _rules(severity: Severity, texts: dict[str, str], *, deep: bool = False) -> tuple[Rule, ...]:
    return tuple(Rule(id=id_, severity=severity, text=text, deep=deep) for id_, text in texts.items())


RULES: tuple[Rule, ...] = (
    *_rules(
        Severity.ERROR,
        {
            "delete-root": "Deletes a root or system folder with all below it, and the risk level is not HIGH.",
            "erase-disk": "Formats or overwrites a disk, and the risk level is not HIGH.",
            "pipe-to-shell": "Runs what it downloads, unseen, and the risk level is not HIGH.",
            "open-permissions": "Lets everybody write to a file or folder, and the risk level is not HIGH.",
            "fork-bomb": "Starts itself without end, and the risk level is not HIGH.",
            "not-a-script": "Is something else than a script: a pointer, an encrypted or an unfinished file.",
        },
    ),
    *_rules(
        Severity.WARNING,
        {
            "high-risk-unreviewed": "Has risk level HIGH and no reviewers.",
            "shebang-type": "Begins with a line that names another interpreter than the type's.",
            "shebang-crlf": "Begins with an interpreter line that ends in CRLF.",
            "bidi-character": "Holds a character that changes the direction in which text is shown.",
            "invisible-character": "Holds a character that is not shown.",
            "secret-pattern": "Holds what looks like a key, a token or a password.",
            "secret-entropy": "Holds a long random text, which may be a secret.",
            "param-unused": "Has a param that the content never uses.",
            "param-undeclared": "Uses a param that the manifest does not have.",
            VERSION_UNCHANGED: "Would change the content in COC under the same version.",
        },
    ),
    *_rules(
        Severity.WARNING,
        {
            "shell-syntax": "Is not a valid shell script according to `bash -n`.",
            "python-syntax": "Is not valid Python.",
            "shellcheck": "Has something that shellcheck warns about.",
        },
        deep=True,
    ),
)
RULE: dict[str, Rule] = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The project's `policy`: pairs of rule and severity (or `off`). A rule that has none there keeps its own."""

    severities: tuple[tuple[str, str], ...] = ()

    def severity(self, rule: str) -> Severity | None:
        """How much a finding of the rule weighs; None where the rule is off."""
        said = dict(self.severities).get(rule, RULE[rule].severity)
        return None if said == OFF else Severity(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule says of one script.

    It stands in the content at `line` and `column`, from 1; without a line in the manifest, at the key that `path`
    leads to. `message` holds nothing of the script that could be a secret; where `secret` says so, its line does, and
    is not to be shown.
    """

    rule: str
    message: str
    line: int | None = None
    column: int = 1
    path: tuple[str | int, ...] = ()
    secret: bool = False


def in_content(rule: str, message: str, content: str, offset: int) -> Finding:
    """A finding at that offset of the content."""
    line = content.count("\n", 0, offset) + 1
    column = offset - content.rfind("\n", 0, offset)
    return Finding(rule=rule, message=message, line=line, column=column)
