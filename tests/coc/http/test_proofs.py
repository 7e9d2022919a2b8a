"""What may be repeated of a gateway's words about a request that it refused."""

from __future__ import annotations

from cocsync.coc.http.echo import HIDDEN
from cocsync.coc.http.proofs import screen_of_proofs, without_proofs


def test_a_gateway_that_repeats_the_signed_headers_tells_no_secret() -> None:
    sent = {"x-security-token": "STS", "x-auth-token": "TOKEN", "authorization": "SDK-HMAC", "x-sdk-date": "D", "a": ""}
    text = "verify aksk signature fail: GET|/|x-sdk-date:D|x-security-token:STS|TOKEN SDK-HMAC"

    assert without_proofs(text, sent) == (
        "verify aksk signature fail: GET|/|x-sdk-date:D|x-security-token:(sensitive)|(sensitive) (sensitive)"
    )
    assert without_proofs(text, {}) == text


def test_proofs_that_a_gateway_repeats_in_another_form_are_found() -> None:
    token = "MIITtoken-0123456789-abcdefghij-ABCDEFGHIJ"
    signature = (
        "SDK-HMAC-SHA256 Access=EXAMPLEAK, SignedHeaders=host;x-sdk-date, Signature=0badc0ffee0badc0ffee0badc0ffee"
    )
    screen = screen_of_proofs({"x-auth-token": token, "authorization": signature})

    for repeated in (token.upper(), token.encode().hex(), token[:30], "0badc0ffee0badc0ffee", "exampleak"):
        assert screen.text(f"refused: {repeated}") == HIDDEN
    harmless = "verify aksk signature fail, canonicalRequest:GET|/|host:a|SDK-HMAC-SHA256 SignedHeaders=host;x-sdk-date"
    assert screen.text(harmless) == harmless
