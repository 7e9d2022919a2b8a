"""Findings as JUnit XML, the form in which pipelines show test results. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from cocsync.diagnostics import Checked, Diagnostic, errors
from cocsync.plan.change import FieldChange
from cocsync.plan.conflict import Conflict
from cocsync.plan.drift import Drift, Drifted
from cocsync.report.phrases import INCOMPLETE, conflict_meaning, conflict_remedy, is_words_only, remarks, shown, touched
from cocsync.report.terminal import escaped
from cocsync.report.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What was looked at. `failure` is a short word on what is wrong, `said` the lines about it."""

    name: str
    group: str
    file: str | None = None
    failure: str = ""
    said: Sequence[str] = ()


def diagnostics_junit(checked: Checked, view: View) -> str:
    """A test case for each file that was looked at, failed where it has an error.

    A finding without a place is the project file's.
    """
    by_file: dict[str, list[Diagnostic]] = defaultdict(list)
    for diagnostic in checked.found:
        by_file[diagnostic.at.file if diagnostic.at else view.project_file].append(diagnostic)
    files = sorted({*checked.files, *by_file})
    return _document("cocsync validate", [_file(file, by_file[file]) for file in files])


def drift_junit(drift: Drift, _view: View) -> str:
    """A test case for each script that has a manifest, failed where COC differs from it.

    One more fails where not everything could be compared.
    """
    cases = [*map(_drifted, drift.drifted), *map(_conflict, drift.conflicts)]
    cases += [_Case(name=name, group="script") for name in drift.matching]
    cases.sort(key=lambda case: case.name)
    if not drift.complete:
        cases.append(_Case(name="the run", group="run", failure=INCOMPLETE, said=list(map(_line, drift.diagnostics))))
    return _document(f"cocsync drift of {drift.target.name}", cases)


def _file(file: str, found: Sequence[Diagnostic]) -> _Case:
    wrong = errors(found)
    failure = f"{wrong[0].code}: {wrong[0].message}" if wrong else ""
    return _Case(name=file, group="manifest", file=file, failure=failure, said=[_line(one) for one in found])


def _line(found: Diagnostic) -> str:
    at = f"{found.at.file}:{found.at.line}:{found.at.column}: " if found.at else ""
    return f"{at}{found.severity}: {found.message} [{found.code}]"


def _drifted(drifted: Drifted) -> _Case:
    said = [line for field in drifted.fields for line in _field(field)]
    return _script(drifted, failure=f"{drifted.kind}: {drifted.reason}", said=said)


def _conflict(conflict: Conflict) -> _Case:
    return _script(conflict, failure=f"conflict: {conflict_meaning(conflict)}", said=[conflict_remedy(conflict)])


def _script(one: Drifted | Conflict, *, failure: str, said: Sequence[str]) -> _Case:
    hand = touched(one.operator, one.modified_at)
    who = [f"last touched in COC by {hand}"] if hand else []
    return _Case(name=one.name, group="script", file=one.file, failure=failure, said=[*who, *said])


def _field(field: FieldChange) -> Iterator[str]:
    if field.diff:
        yield f"{field.path} (- in COC, + in the manifest):"
        yield from field.diff.split("\n")
    elif not is_words_only(field):
        yield f"{field.path}: {shown(field.before, field)} in COC; {shown(field.after, field)} in the manifest"
    if remark := remarks(field):
        yield f"{field.path}: {remark}"


def _document(title: str, cases: Sequence[_Case]) -> str:
    counts = {"tests": str(len(cases)), "failures": str(sum(bool(case.failure) for case in cases)), "errors": "0"}
    root = Element("testsuites", {"name": escaped(title), **counts})
    suite = SubElement(root, "testsuite", {"name": escaped(title), **counts, "skipped": "0", "time": "0"})
    for case in cases:
        _write(suite, case)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _write(suite: Element, case: _Case) -> None:
    place = {} if case.file is None else {"file": escaped(case.file)}
    element = SubElement(suite, "testcase", {"name": escaped(case.name), "classname": case.group, **place, "time": "0"})
    said = "\n".join(map(escaped, case.said))
    if case.failure:
        failure = SubElement(element, "failure", {"message": escaped(case.failure), "type": case.group})
        failure.text = said
    elif said:
        SubElement(element, "system-out").text = said
