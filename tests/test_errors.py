"""Expected failures, and the exit codes they become."""

from __future__ import annotations

from itertools import combinations

import pytest

from cocsync.coc.http.errors import ApiError, NotSent, OutcomeUnknown, Refusal, Rejected
from cocsync.coc.scripts import is_name_taken
from cocsync.diagnostics import Diagnostic, Severity
from cocsync.errors import (
    CocsyncError,
    ExitCode,
    ListingUnproven,
    LocalFailure,
    ManifestsInvalid,
    Refused,
    UsageError,
)

PRECEDENCE = [130, 64, 4, 1, 3, 5, 2, 0]


class TestExitCode:
    def test_the_first_that_fits_wins(self) -> None:
        assert sorted(ExitCode) == sorted(PRECEDENCE)
        for winner, loser in combinations(PRECEDENCE, 2):
            assert ExitCode.first(ExitCode(loser), ExitCode(winner)) == winner

    def test_none_is_ok(self) -> None:
        assert ExitCode.first() is ExitCode.OK

    @pytest.mark.parametrize(
        ("failure", "code"),
        [
            (CocsyncError("x"), 1),
            (UsageError("x"), 64),
            (ManifestsInvalid(()), 1),
            (Refused("x"), 3),
            (ListingUnproven("x"), 1),
            (LocalFailure("x"), 1),
            (ApiError("x"), 1),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_each_failure_has_one(self, failure: CocsyncError, code: int) -> None:
        assert failure.exit_code == code

    def test_errors_of_the_manifests_say_what_to_run_and_carry_every_finding(self) -> None:
        found = (Diagnostic(severity=Severity.ERROR, code="a", message="b"),)
        assert ManifestsInvalid(found).diagnostics == found
        assert "cocsync validate" in str(ManifestsInvalid(found))


def rejected(status: int, code: str = "", text: str = "") -> Rejected:
    return Rejected("GET /x", Refusal(status=status, code=code, text=text), request_id="r")


class TestApiErrors:
    def test_a_rejection_says_what_was_asked_and_answered(self) -> None:
        assert str(rejected(400, "COC.1", "no")) == "GET /x: COC answered 400 COC.1: no"
        assert str(rejected(502)) == "GET /x: COC answered 502 without a code: no text"
        assert rejected(502).request_id == "r"

    @pytest.mark.parametrize(
        ("error", "systemic"),
        [
            (rejected(400), False),
            (rejected(401), True),
            (rejected(403), False),
            (rejected(404), False),
            (rejected(429), True),
            (rejected(500), True),
            (rejected(503), True),
            (NotSent("x"), True),
            (OutcomeUnknown("x"), False),
        ],
        ids=str,
    )
    def test_what_will_meet_the_next_request_too_is_systemic(self, error: ApiError, systemic: bool) -> None:
        """Credentials, throttling, the service, the network; a 403 concerns one script."""
        assert error.is_systemic is systemic

    def test_a_403_is_forbidden(self) -> None:
        assert rejected(403).is_forbidden
        assert not rejected(401).is_forbidden

    @pytest.mark.parametrize(
        ("error", "taken"),
        [
            (rejected(400, "COC.00040601", "Exist script with SAME NAME: x."), True),
            (rejected(400, "COC.00040601", "invalid paramValue"), False),
            (rejected(400, "COC.00040701", "same name"), False),
        ],
        ids=str,
    )
    def test_a_name_is_taken_by_code_and_text(self, error: Rejected, taken: bool) -> None:
        """The code has other meanings."""
        assert is_name_taken(error) is taken
