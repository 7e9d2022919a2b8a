"""What refuses a run before anything started: each with the reason and the next step."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cocsync.plan.guards import GuardFinding
from cocsync.run.gates import Expected, choice_gates, host_gates, number_gates, ready, risk_gates
from cocsync.run.selection import Choice
from cocsync.run.strategy import Pause
from tests.run.samples import host, hosts


def codes(gates: Iterable[GuardFinding]) -> list[str]:
    return [gate.code for gate in gates]


def test_a_good_choice_passes() -> None:
    listed = hosts(3)
    assert codes(choice_gates(Choice(hosts=tuple(listed)))) == []
    assert codes(host_gates(listed, listed, "SHELL")) == []
    assert codes(number_gates(3, Expected(least=3, most=3), None, 10)) == []
    assert codes(risk_gates("HIGH", Pause.CANARY, params_given=False, digest_missing=False)) == []


def test_no_host_is_refused_and_never_ok() -> None:
    assert codes(choice_gates(Choice(hosts=()))) == ["no-hosts"]


def test_missing_and_ambiguous_names_are_said() -> None:
    found = list(choice_gates(Choice(hosts=(), missing=("a",), ambiguous=(("b", ("id-1", "id-2")),))))
    assert codes(found) == ["host-missing", "host-ambiguous"]
    assert "id-1, id-2" in found[1].message


def test_offline_hosts_are_refused_by_name_with_the_flag_that_leaves_them_out() -> None:
    listed = [host(1), host(2, agent="OFFLINE"), host(3, agent="UPGRADING")]
    (found,) = host_gates(listed, listed, "SHELL")
    assert (found.code, found.allowed_by) == ("host-offline", "--skip-offline")
    assert "2 of 3 hosts" in found.message
    assert "web-02 (OFFLINE), web-03 (UPGRADING)" in found.message


def test_skipping_leaves_the_offline_out() -> None:
    listed = [host(1), host(2, agent="OFFLINE")]
    left = ready(listed, listed, skip_offline=True)
    assert ([h.name for h in left.hosts], [h.name for h in left.skipped]) == (["web-01"], ["web-02"])
    assert ready(listed, listed, skip_offline=False).hosts == tuple(listed)


@pytest.mark.parametrize(
    ("script", "os", "refused"),
    [("SHELL", "Linux", False), ("PYTHON", "LINUX", False), ("BAT", "Windows", False), ("BAT", "Linux", True),
     ("SHELL", "Windows", True), ("SHELL", "", True), ("POWERSHELL", "Windows", True)],
)  # fmt: skip
def test_a_script_runs_on_its_own_os_alone(script: str, os: str, refused: bool) -> None:
    listed = [host(1, os=os)]
    assert codes(host_gates(listed, listed, script)) == (["host-os"] if refused else [])


def test_providers_do_not_mix_and_their_case_does_not_matter() -> None:
    listed = [host(1, provider="ECS", type="CLOUDSERVER"), host(2, provider="ecs", type="cloudserver")]
    assert codes(host_gates(listed, listed, "SHELL")) == []
    mixed = [*listed, host(3, provider="hcss", type="l-instance")]
    assert codes(host_gates(mixed, mixed, "SHELL")) == ["host-providers"]


@pytest.mark.parametrize(
    ("number", "expected", "allowed", "found"),
    [
        (10, None, None, []),
        (11, None, None, ["max-hosts"]),
        (11, None, 11, []),
        (12, None, 11, ["max-hosts"]),
        (3, Expected(least=4, most=4), None, ["hosts-unexpected"]),
        (3, Expected(least=1, most=2), None, ["hosts-unexpected"]),
        (3, Expected(least=1), None, []),
        (10_001, None, 99_999, ["max-hosts"]),
    ],
)
def test_the_number_is_the_one_that_was_looked_at(
    number: int, expected: Expected | None, allowed: int | None, found: list[str]
) -> None:
    assert codes(number_gates(number, expected, allowed, 10)) == found


def test_the_flag_that_allows_more_is_named_where_there_is_one() -> None:
    (one,) = number_gates(11, None, None, 10)
    (other,) = number_gates(10_001, None, 99_999, 10)
    assert (one.allowed_by, other.allowed_by) == ("--allow-hosts 11", None)


def test_high_risk_has_a_canary_the_manifests_values_and_a_digest() -> None:
    assert codes(risk_gates("HIGH", Pause.NONE, params_given=True, digest_missing=True)) == [
        "high-risk-canary",
        "high-risk-params",
        "high-risk-digest",
    ]
    assert codes(risk_gates("MEDIUM", Pause.NONE, params_given=True, digest_missing=True)) == []


def test_a_reason_names_no_more_hosts_than_a_person_reads() -> None:
    listed = hosts(50)
    (found,) = host_gates([host(n, agent="OFFLINE") for n in range(1, 51)], listed, "SHELL")
    assert "and 30 more" in found.message


@pytest.mark.parametrize(
    ("least", "most", "words"), [(2, 2, "2"), (1, 3, "1 to 3"), (None, 3, "0 to 3"), (1, None, "1 to any number")]
)
def test_what_is_expected_is_said_in_words(least: int | None, most: int | None, words: str) -> None:
    assert str(Expected(least=least, most=most)) == words
