"""The simulator's switches: types, choices, text forms."""

from __future__ import annotations

import json

import pytest

from cocsync.sim import InvalidSetting, Settings
from cocsync.sim.settings import parse_change


def test_settings_survive_being_stored() -> None:
    settings = Settings(latency=0.5, ids_ascending=True, access_keys=(("AK", "SK"),), faults=("503*2",), api_user="ci")

    assert Settings.load(settings.dump()) == settings


def test_a_stored_setting_that_is_gone_is_dropped() -> None:
    assert Settings.load(json.dumps({"api_user": "ci", "retired": 1})) == Settings(api_user="ci")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("latency", "slow", "a number from 0"),
        ("latency", -1, "a number from 0"),
        ("latency", True, "a number from 0"),
        ("read_lag", -1, "a whole number from 0"),
        ("read_lag", 1.5, "a whole number from 0"),
        ("ids_ascending", 1, "true or false"),
        ("api_user", 7, "a text"),
        ("forbidden", "one", "a list"),
        ("forbidden", [1], "a list of texts"),
        ("access_keys", ["AK"], "a list of pairs"),
        ("auth", "kerberos", "auth must be one of none, token, aksk, any"),
        ("timeout_status", "ENDED", "timeout_status must be one of CANCELED, ABNORMAL"),
        ("faults", ["no-such-fault"], "there is no fault 'no-such-fault'"),
        ("misspelt", 1, "there is no setting 'misspelt'"),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_refused(name: str, value: object, reason: str) -> None:
    with pytest.raises(InvalidSetting, match=reason):
        Settings().changed({name: value})


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("ids_ascending=true", ("ids_ascending", True)),
        ("latency=0.05", ("latency", 0.05)),
        ("api_user=true", ("api_user", "true")),
        ("retry_after=Wed, 21 Oct 2015 07:28:00 GMT", ("retry_after", "Wed, 21 Oct 2015 07:28:00 GMT")),
        ("forbidden=one,two", ("forbidden", ("one", "two"))),
        ('access_keys=[["AK", "SK"]]', ("access_keys", [["AK", "SK"]])),
        ("read_lag=many", ("read_lag", "many")),
    ],
)
def test_a_change_is_written_as_name_and_value(text: str, change: tuple[str, object]) -> None:
    assert parse_change(text) == change


@pytest.mark.parametrize("text", ["latency", "misspelt=1"])
def test_a_change_that_names_no_setting_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match="is not a setting"):
        parse_change(text)


def test_secrets_are_not_in_a_printed_form() -> None:
    settings = Settings(
        access_keys=(("AK", "CANARY"),),
        security_tokens=(("AK", "CANARY"),),
        tokens=("CANARY",),
        users=(("alice", "CANARY"),),
    )

    assert "CANARY" not in repr(settings)
