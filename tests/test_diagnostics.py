"""What cocsync says about a user's files."""

from __future__ import annotations

from dataclasses import replace

from cocsync.diagnostics import Diagnostic, Position, Severity, errors, faults, in_order


def said(code: str, at: Position | None = None, severity: Severity = Severity.ERROR) -> Diagnostic:
    return Diagnostic(severity=severity, code=code, message="m", at=at)


def test_errors_are_not_warnings_and_notes() -> None:
    found = [said(s, severity=Severity(s)) for s in ("error", "warning", "note")]
    assert errors(found) == (found[0],)
    assert [d.is_error for d in found] == [True, False, False]


def test_what_the_policy_calls_an_error_leaves_something_to_plan_from() -> None:
    fault, violation = said("a"), replace(said("b"), script="disk_report")
    assert errors([fault, violation]) == (fault, violation)
    assert faults([fault, violation]) == (fault,)


def test_order_is_by_place_then_code_and_those_without_a_file_come_last() -> None:
    late, early = Position(file="b", line=1), Position(file="a", line=9, column=2)
    first = Position(file="a", line=9)
    expected = (said("z", first), said("a", early), said("a", late), said("b", late), said("a"), said("b"))
    assert in_order(reversed(expected)) == expected


def test_what_is_said_twice_is_said_once() -> None:
    assert in_order([said("a"), said("b"), said("a")]) == (said("a"), said("b"))
