from __future__ import annotations

import pytest

from cocsync.model.target import Target, endpoint


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("sim:", "sim:"),
        ("sim:data/other.db", "sim:data/other.db"),
        ("cn", "https://coc.myhuaweicloud.com"),
        ("intl", "https://coc-intl.myhuaweicloud.com"),
        ("eu", "https://coc-eu-west-101-open-api.myhuaweicloud.eu"),
        ("https://COC.example.com/", "https://coc.example.com"),
        ("HTTPS://coc.example.com:443", "https://coc.example.com"),
        ("https://coc.example.com:8443", "https://coc.example.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.9.9.9:80/", "http://127.9.9.9"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_endpoint_has_one_form(text: str, plain: str) -> None:
    assert endpoint(text) == plain
    assert endpoint(plain) == plain


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "us",
            "coc.example.com",
            "ftp://coc.example.com",
            "https://",
            "https:///x",
            "//x",
            "https://[::1",
            "file:x",
        ),
        *("https://a:port", "https://a:99999", "https://a b", "https://a\nb", "https://grün.example.com", "https://*"),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid endpoint: give https://HOST"):
        endpoint(text)


@pytest.mark.parametrize(
    "text", ["https://a/v1", "https://a?x=1", "https://a#x", "https://user:pw@a", "http://127.0.0.1@a"]
)
def test_an_address_with_more_than_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="has more than scheme, host and port"):
        endpoint(text)


@pytest.mark.parametrize(
    "text", ["http://coc.example.com", "http://localhost.example.com", "http://10.0.0.1", "http://0x7f.1"]
)
def test_plain_http_stays_on_this_machine(text: str) -> None:
    with pytest.raises(ValueError, match="in the clear"):
        endpoint(text)


def test_its_owners_are_the_one_of_today_and_those_before() -> None:
    target = Target(name="t", endpoint="sim:", owner="new", previous_owners=("old", "older"))
    assert target.owners == {"new", "old", "older"}
