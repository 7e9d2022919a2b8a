"""What `validate` found as SARIF 2.1.0 (OASIS), for code scanning. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from cocsync.diagnostics import Checked, Diagnostic, Position
from cocsync.policy.rules import RULE
from cocsync.report.terminal import escaped
from cocsync.report.view import View

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "primaryLocationLineHash"
"""The key by which GitHub knows a result again."""


def diagnostics_sarif(checked: Checked, view: View) -> str:
    """One result for each finding; a finding without a place stands at the start of the project file.

    A result is known again while its rule, its file and the text of its line stay the same, wherever the line moves.
    """
    rules = sorted({diagnostic.code for diagnostic in checked.found})
    seen: Counter[str] = Counter()
    nowhere = Position(file=view.project_file)
    results = [_result(one, rules, one.at or nowhere, view.folder, seen) for one in checked.found]
    driver = {"name": "cocsync", "version": view.tool_version, "rules": [_rule(code) for code in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    text = RULE[code].text if code in RULE else code.replace("-", " ").capitalize()
    return {"id": code, "shortDescription": {"text": text}}


def _result(found: Diagnostic, rules: Sequence[str], at: Position, folder: str, seen: Counter[str]) -> dict[str, Any]:
    path = folder + at.file
    same = hashlib.sha256(json.dumps([found.code, path, found.excerpt or found.message]).encode()).hexdigest()[:16]
    seen[same] += 1
    location = {
        "artifactLocation": {"uri": quote(path.encode("utf-8", "surrogatepass")), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": at.line, "startColumn": at.column},
    }
    return {
        "ruleId": found.code,
        "ruleIndex": rules.index(found.code),
        "level": found.severity.value,
        "message": {"text": escaped(found.message)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {_FINGERPRINT: f"{same}:{seen[same]}"},
    }
