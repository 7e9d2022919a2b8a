"""What looks like a secret, found without ever being shown. Samples are put together, so that no scanner takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.policy import secrets
from cocsync.policy.rules import Finding
from tests.policy.samples import lines, reading, rules
from tests.support import builders

MIXED = "k3J9vQ2xR7tW1zB5nM8pL4sD6fG0hY"
"""Thirty characters in disorder."""

PATTERNS = [
    "-----BEGIN " + "RSA PRIVATE KEY-----",
    "-----BEGIN " + "PRIVATE KEY-----",
    "AK" + "IAQ3EGRIPZ5UDA7KX2",
    "gh" + "p_" + "Ab3d" * 9,
    "github_" + "pat_" + "Ab3d_" * 9,
    "gl" + "pat-" + "Ab3d" * 5,
    "xo" + "xb-123456789012-abcdef",
    "https://hooks." + "slack.com/services/T0AB1CD2E/B0AB1CD2E/abc",
    "AI" + "za" + "Ab3d_" * 7,
    "sk_" + "live_" + "Ab3d" * 5,
    "np" + "m_" + "Ab3d" * 9,
    "py" + "pi-" + "Ab3d_" * 12,
    "ey" + "JhbGciOiJI.ey" + "JzdWIiOiIx.c2lnbmF0dXJl",
    "https://oapi.example/robot/send?access_" + "token=" + "0a1b" * 8,
    "Authorization: Bearer " + "abcdefgh12345678",
    "postgres://app:" + "hunter22@db.example/x",
    "PASSWORD=" + "hunter22x",
    'db_password = "' + 'hunter22"',
    "export API_KEY='" + "hunter-22'",
    '{"secret": "' + 'hunter22"}',
    "mysql --password=" + "hunter22x -u root",
    "set ACCESS_KEY=" + "HUNTER22X",
    "token := " + "hunter22x",
]
HARMLESS = [
    "password=$1",
    'token="$(cat /run/secrets/token)"',
    "token=${4:-}",
    "password=changeme1",
    "password='example-1'",
    'secret="<your-secret1>"',
    "api_key=xxxxxxxx1",
    "token_file=/run/secrets/token1",
    "token=/run/secrets/token1",
    "secret=~/secrets/token1",
    "password=short1",
    "password=correcthorse",
    'die "token is empty or holds characters"',
    "password: must be eight characters",
    "password=11111111",
    "https://x.example/a:b@c",
    "https://$user:$password@x.example/",
    "Authorization: Bearer %s",
    "Authorization: Bearer $token",
    "-----BEGIN " + "CERTIFICATE-----",
    "git checkout 3b1f0c9a5d2e4e7f8a6b9c0d1e2f3a4b5c6d7e8f",
    "echo 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  x.tar.gz | sha256sum -c",
    "/usr/lib/x86_64-linux-gnu/libQt5Core5Compat.so.5.15",
    "HKEY_LOCAL_MACHINE/SOFTWARE/Microsoft/WindowsNT/CurrentVersion10",
    "getElementsByClassNameInDocument2024AndLater",
    "integrity=sha384-" + "Ab3dK9vQ2xR7tW1zB5nM8pL4sD6fG0hYk3J9vQ2x",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK3J9vQ2xR7tW1zB5nM8pL4sD6fG0hYk3J9vQ2xR7tW root@x",
    "-----BEGIN " + f"CERTIFICATE-----\n{MIXED}\n-----END CERTIFICATE-----",
    "",
]


@pytest.mark.parametrize("text", PATTERNS)
def test_a_pattern_is_found_and_not_shown(text: str) -> None:
    found = list(secrets.find(reading(f"echo\nx {text}")))
    assert (found[0].rule, found[0].line) == ("secret-pattern", 2)
    assert all(word not in finding.message for finding in found for word in text.split() if len(word) > 6)


@pytest.mark.parametrize("text", [MIXED, f"key {MIXED}==", f"'{MIXED}'", f"curl -H X-Auth:{MIXED}"])
def test_a_long_random_text_is_found_and_not_shown(text: str) -> None:
    (found,) = secrets.find(reading(text))
    assert found.rule == "secret-entropy"
    assert MIXED not in found.message


@pytest.mark.parametrize("text", HARMLESS)
def test_is_harmless(text: str) -> None:
    assert rules(secrets.find, text) == []
    assert not secrets.is_in(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password = hashlib.sha256", []),
        ("password = hunter22x", []),
        ("password = 'hunter22'", ["secret-pattern"]),
    ],
)
def test_in_python_only_what_stands_in_quotes_is_a_text(text: str, expected: list[str]) -> None:
    assert rules(secrets.find, text, "PYTHON") == expected


def test_once_a_line_with_the_pattern_first() -> None:
    assert rules(secrets.find, f"token={MIXED} {MIXED}") == ["secret-pattern"]
    assert lines(secrets.find, f"{MIXED}\n\n{MIXED}") == [1, 3]


def test_the_value_of_a_param_is_looked_at_too() -> None:
    params = (
        builders.param("unit", "nginx"),
        builders.param("db_password", "hunter22"),
        builders.secret("token", MIXED),
    )
    (found,) = secrets.find(reading("df", params=params))
    assert found == Finding(rule="secret-pattern", message=found.message, path=("params", 1, "value"))
    assert "db_password" in found.message
    assert "hunter22" not in found.message


@given(st.lists(st.sampled_from([*PATTERNS, MIXED, " ", "\n", "=", '"', "x"]) | st.text(max_size=5)).map("".join))
def test_no_text_makes_it_fail_or_speak(text: str) -> None:
    said = {finding.message for kind in ("SHELL", "PYTHON", "BAT") for finding in secrets.find(reading(text, kind))}
    assert all(word not in message for message in said for word in [MIXED, "hunter22", "Ab3d"])


@given(st.from_regex(r"[A-Za-z0-9_]{1,23}", fullmatch=True) | st.just("access_token"), st.text(max_size=7))
def test_a_param_value_of_fewer_than_eight_characters_matches_no_pattern(name: str, value: str) -> None:
    """So that most need no look. A longer name may look random itself, and is no value."""
    assert list(secrets.suspects(f'{name}="{value}"')) == []
