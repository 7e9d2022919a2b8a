"""Where credentials are found, which of several win, and what is said of those that are not whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocsync.coc.auth.authenticator import FixedToken, InvalidCredentials
from cocsync.coc.auth.credentials import AccessKey, Credentials, NoCredentials, ReadyToken, User, authenticator, find
from cocsync.coc.auth.iam import IamToken
from cocsync.coc.auth.signing import Signer
from cocsync.coc.http.answer import Reply
from cocsync.coc.http.outgoing import Outgoing
from cocsync.model.secret import Secret
from tests.support import canary

SDK = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK"}
TERRAFORM = {"HW_ACCESS_KEY": "HWAK", "HW_SECRET_KEY": "HWSK"}
TOKEN = {"COCSYNC_AUTH_TOKEN": "T"}
USER = {
    "HW_USER_NAME": "alice",
    "HW_USER_PASSWORD": "p w",
    "HW_DOMAIN_NAME": "acme",
    "HW_PROJECT_NAME": "cn-north-4",
}
REQUEST = Outgoing(method="GET", host="h", path="/", query="", headers={}, body=b"")
CN = "https://coc.myhuaweicloud.com"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def profile(home: Path) -> Callable[..., Path]:
    """Writes the credentials file."""

    def write(text: str, mode: int = 0o600) -> Path:
        path = home / ".huaweicloud" / "credentials"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
        path.chmod(mode)
        return path

    return write


def key(found: Credentials) -> AccessKey:
    assert isinstance(found.proof, AccessKey)
    return found.proof


def refusal(environ: dict[str, str], home: Path) -> str:
    with pytest.raises(InvalidCredentials) as refused:
        find(environ, home)
    return str(refused.value)


def test_an_access_key_in_the_variables_of_the_sdk(home: Path) -> None:
    more = {
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": "STS",
        "HUAWEICLOUD_SDK_PROJECT_ID": "p",
        "HUAWEICLOUD_SDK_DOMAIN_ID": "d",
    }
    found = find(SDK | more, home)

    assert found.source == "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"
    assert found.proof == AccessKey(
        access_key="AK", secret_key=Secret("SK"), security_token=Secret("STS"), project_id="p", domain_id="d"
    )
    assert found.warnings == ()


def test_an_access_key_in_the_variables_of_terraform(home: Path) -> None:
    found = find(TERRAFORM | {"HW_SECURITY_TOKEN": "STS", "HW_PROJECT_ID": "p", "HW_DOMAIN_ID": "d"}, home)

    assert found.source == "HW_ACCESS_KEY and HW_SECRET_KEY"
    assert found.proof == AccessKey(
        access_key="HWAK", secret_key=Secret("HWSK"), security_token=Secret("STS"), project_id="p", domain_id="d"
    )


def test_a_ready_token(home: Path) -> None:
    assert find(TOKEN, home) == Credentials(proof=ReadyToken(token=Secret("T")), source="COCSYNC_AUTH_TOKEN")


def test_a_user_and_a_password(home: Path) -> None:
    found = find(USER | {"HW_IAM_ENDPOINT": "https://IAM.example.com/"}, home)

    assert found.source == "HW_USER_NAME, HW_USER_PASSWORD, HW_DOMAIN_NAME and HW_PROJECT_NAME"
    assert found.proof == User(
        name="alice",
        password=Secret("p w"),
        domain="acme",
        project="cn-north-4",
        iam_endpoint="https://iam.example.com",
    )


@pytest.mark.parametrize("section", ["global", "basic"])
def test_an_access_key_in_the_credentials_file(home: Path, profile: Callable[..., Path], section: str) -> None:
    path = profile(
        f"[other]\nak = no\n[{section}]\nak = AK\nsk = S%K\nsecurity_token = STS\nproject_id = p\ndomain_id = d\n"
    )
    found = find({}, home)

    assert found.source == f"section [{section}] of {path}"
    assert found.proof == AccessKey(
        access_key="AK", secret_key=Secret("S%K"), security_token=Secret("STS"), project_id="p", domain_id="d"
    )


def test_of_two_sections_with_keys_the_global_one_is_used(home: Path, profile: Callable[..., Path]) -> None:
    profile("[basic]\nak = B\nsk = B\n[global]\nak = G\nsk = G\n")
    assert key(find({}, home)).access_key == "G"
    profile("[global]\ndomain_id = d\n[basic]\nak = B\nsk = B\n")
    assert key(find({}, home)).access_key == "B"


def test_a_variable_names_another_credentials_file(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("\ufeff[global]\nak = AK\nsk = SK\n", encoding="utf-8")
    found = find({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(tmp_path / "elsewhere")}, home)

    assert found.source == f"section [global] of {tmp_path / 'elsewhere'}"


@pytest.mark.parametrize(
    ("environ", "source"),
    [
        (SDK | TERRAFORM | TOKEN | USER, "HUAWEICLOUD_SDK_AK"),
        (TERRAFORM | TOKEN | USER, "HW_ACCESS_KEY"),
        (TOKEN | USER, "COCSYNC_AUTH_TOKEN"),
        (USER, "HW_USER_NAME"),
        ({}, "section [global]"),
        (dict.fromkeys(SDK | TERRAFORM | TOKEN | USER, ""), "section [global]"),
    ],
)
def test_the_first_source_in_the_documented_order_wins(
    home: Path, profile: Callable[..., Path], environ: dict[str, str], source: str
) -> None:
    """An empty variable counts as unset."""
    profile("[global]\nak = AK\nsk = SK\n")

    assert find(environ, home).source.startswith(source)


def test_a_source_is_used_whole(home: Path) -> None:
    found = key(find(SDK | {"HW_SECURITY_TOKEN": "STS", "HW_PROJECT_ID": "p", "HW_DOMAIN_ID": "d"}, home))

    assert (found.security_token, found.project_id, found.domain_id) == (None, None, None)


def test_the_targets_ids_beat_those_of_the_source(home: Path) -> None:
    environ = SDK | {"HUAWEICLOUD_SDK_PROJECT_ID": "p", "HUAWEICLOUD_SDK_DOMAIN_ID": "d"}
    found = key(find(environ, home, project_id="target-p"))
    assert (found.project_id, found.domain_id) == ("target-p", "d")
    found = key(find(environ, home, domain_id="target-d"))
    assert (found.project_id, found.domain_id) == ("p", "target-d")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"HUAWEICLOUD_SDK_AK": "AK"}, "HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not"),
        ({"HUAWEICLOUD_SDK_SK": "SK"}, "HUAWEICLOUD_SDK_SK is set and HUAWEICLOUD_SDK_AK is not"),
        ({"HUAWEICLOUD_SDK_AK": "AK"} | TERRAFORM, "HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not"),
        ({"HW_ACCESS_KEY": "AK", "HUAWEICLOUD_SDK_SK": ""}, "HW_ACCESS_KEY is set and HW_SECRET_KEY is not"),
        (
            {"HW_USER_NAME": "alice"},
            "HW_USER_NAME set without HW_USER_PASSWORD, HW_DOMAIN_NAME, HW_PROJECT_NAME: set all four",
        ),
        (USER | {"HW_USER_NAME": ""}, "HW_USER_PASSWORD, HW_DOMAIN_NAME, HW_PROJECT_NAME set without HW_USER_NAME"),
    ],
)
def test_half_a_source_says_what_is_missing(home: Path, environ: dict[str, str], message: str) -> None:
    assert message in refusal(environ, home)


@pytest.mark.parametrize("bad", ["a b", "a\n", " a", "é", "a\x00"])
@pytest.mark.parametrize(
    "name",
    ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "HUAWEICLOUD_SDK_DOMAIN_ID"],
)
def test_a_value_that_cannot_be_one_is_refused_unseen(home: Path, name: str, bad: str) -> None:
    message = refusal(SDK | {name: canary.planted(bad)}, home)

    assert message.startswith(f"{name} has a space, a line end or a character outside ASCII")
    assert not canary.is_in(message)


def test_a_token_with_a_line_end_is_refused(home: Path) -> None:
    assert refusal({"COCSYNC_AUTH_TOKEN": "T\n"}, home).startswith("COCSYNC_AUTH_TOKEN has a space, a line end")


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("http://iam.example.com", "HW_IAM_ENDPOINT would send credentials in the clear"),
        ("https://alice:CANARY7f3a@iam.example.com", "HW_IAM_ENDPOINT has more than scheme, host and port"),
        ("https://iam.example.com/v3", "HW_IAM_ENDPOINT has more than scheme, host and port"),
        ("ftp://iam.example.com", "HW_IAM_ENDPOINT is not a valid endpoint: give an address such as https://iam."),
    ],
)
def test_an_iam_endpoint_that_cannot_be_trusted_is_refused(home: Path, endpoint: str, message: str) -> None:
    refused = refusal(USER | {"HW_IAM_ENDPOINT": endpoint}, home)

    assert refused.startswith(message)
    assert not canary.is_in(refused)


@pytest.mark.parametrize(
    ("given", "iam"),
    [
        ("http://127.0.0.1:8642", "http://127.0.0.1:8642"),
        ("iam.example.com", "https://iam.example.com"),
        ("", None),
    ],
)
def test_iam_may_be_on_this_machine_and_its_scheme_left_out(home: Path, given: str, iam: str | None) -> None:
    found = find(USER | {"HW_IAM_ENDPOINT": given}, home).proof

    assert isinstance(found, User)
    assert found.iam_endpoint == iam


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ak = CANARY7f3a\n", ":1 is not an INI file: write `[global]`"),
        ("[global]\nak CANARY7f3a\n", ":2 is not an INI file"),
        ("[global]\nak = a\nak = CANARY7f3a\n", ":3 is not an INI file"),
        ("[global]\n[global]\n", ":2 is not an INI file"),
        ("", " holds no key: write `[global]`"),
        ("[default]\nak = CANARY7f3a\nsk = s\n", " holds no key"),
        ("[global]\nak = CANARY7f3a\n", "ak is set in section [global] of "),
        ("[basic]\nsk = CANARY7f3a\nak =\n", "sk is set in section [basic] of "),
        ("[basic]\nsk = CANARY7f3a x\nak = a\n", "sk in section [basic] of "),
    ],
)
def test_a_credentials_file_that_is_none_is_an_error_that_repeats_nothing_of_it(
    home: Path, profile: Callable[..., Path], text: str, message: str
) -> None:
    canary.sources.add(profile(text))
    refused = refusal({}, home)

    assert message in refused
    assert not canary.is_in(refused)


def test_a_credentials_file_that_cannot_be_read_is_an_error(home: Path) -> None:
    (home / ".huaweicloud" / "credentials").mkdir(parents=True)
    assert refusal({}, home).endswith("cannot be read (Is a directory): fix the file, or remove it")

    environ = {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(home / "nowhere")}
    assert refusal(environ, home).endswith(
        "nowhere cannot be read (No such file or directory): fix the file, or unset HUAWEICLOUD_SDK_CREDENTIALS_FILE"
    )


def test_a_credentials_file_that_is_not_utf8_is_an_error(home: Path, profile: Callable[..., Path]) -> None:
    profile("").write_bytes(b"[global]\nak = \xff\n")

    assert "is not an INI file" in refusal({}, home)


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True), (0o400, False)])
def test_a_credentials_file_that_others_can_read_is_used_with_a_warning(
    home: Path, profile: Callable[..., Path], mode: int, warned: bool
) -> None:
    path = profile("[global]\nak = AK\nsk = SK\n", mode)
    expected = (f"others can read the credentials file: chmod 600 {path}",) if warned else ()

    assert find({}, home).warnings == expected


def test_without_credentials_the_ways_to_give_some_are_listed(home: Path) -> None:
    with pytest.raises(NoCredentials) as refused:
        find({"HUAWEICLOUD_SDK_AK": "", "HW_PROJECT_ID": "p", "HW_DOMAIN_NAME": "acme"}, home / "file" / "home")

    assert str(refused.value) == (
        "no credentials: set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or HW_ACCESS_KEY and HW_SECRET_KEY; "
        "or a token in COCSYNC_AUTH_TOKEN; or HW_USER_NAME, HW_USER_PASSWORD, HW_DOMAIN_NAME, HW_PROJECT_NAME and "
        f"HW_IAM_ENDPOINT for a token from IAM; or put ak and sk into {home}/file/home/.huaweicloud/credentials"
    )


def test_a_home_that_is_no_folder_holds_no_file(home: Path) -> None:
    (home / "file").touch()
    with pytest.raises(NoCredentials):
        find({}, home / "file")


def test_no_secret_shows_in_what_was_found(home: Path, profile: Callable[..., Path]) -> None:
    secret = canary.planted("secret")
    canary.sources.add(profile(f"[global]\nak = {secret}\nsk = {secret}\n"))
    sources: list[dict[str, str]] = [
        dict.fromkeys(SDK, secret),
        dict.fromkeys(TERRAFORM | {"HW_SECURITY_TOKEN": ""}, secret),
        {"COCSYNC_AUTH_TOKEN": secret},
        USER | {"HW_USER_PASSWORD": secret},
        {},
    ]
    for environ in sources:
        assert not canary.is_in(repr(find(environ, home)))


def made(environ: dict[str, str], home: Path, endpoint: str = CN) -> Any:
    def post(url: str, body: object) -> Reply:
        raise AssertionError(f"{url} asked for {body}")

    found = find(environ, home)
    return authenticator(found, endpoint=endpoint, post=post, clock=lambda: 0.0, cache_folder=home / "cache")


def test_an_access_key_signs(home: Path) -> None:
    signer = made(SDK | {"HUAWEICLOUD_SDK_SECURITY_TOKEN": "STS"}, home)

    assert isinstance(signer, Signer)
    assert (signer.access_key, signer.secret_key, signer.security_token) == ("AK", Secret("SK"), Secret("STS"))


def test_a_ready_token_is_sent_as_it_is_and_never_renewed(home: Path) -> None:
    token = made(TOKEN, home)
    headers = token.headers(REQUEST)
    token.accepted(headers)

    assert isinstance(token, FixedToken)
    assert headers == {"x-auth-token": "T"}
    assert not token.renew(headers)
    assert token.advice("APIGW.0301").startswith("put a new token into COCSYNC_AUTH_TOKEN")


@pytest.mark.parametrize("endpoint", [CN, "https://coc-intl.myhuaweicloud.com"])
def test_the_sites_that_share_an_iam_need_not_name_it(home: Path, endpoint: str) -> None:
    assert isinstance(made(USER, home, endpoint), IamToken)


def test_a_password_is_never_sent_to_a_guessed_iam(home: Path) -> None:
    with pytest.raises(InvalidCredentials, match=r"no IAM is known for https://coc\.example\.com: set HW_IAM_ENDPOINT"):
        made(USER, home, "https://coc.example.com")
    assert isinstance(made(USER | {"HW_IAM_ENDPOINT": "https://iam.example.com"}, home, "https://x.example"), IamToken)
