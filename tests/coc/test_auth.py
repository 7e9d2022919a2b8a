"""What may be repeated of a gateway's words about a request that it refused."""

from __future__ import annotations

from cocsync.coc.auth import without_proofs


def test_a_gateway_that_repeats_the_signed_headers_tells_no_secret() -> None:
    sent = {"x-security-token": "STS", "x-auth-token": "TOKEN", "authorization": "SDK-HMAC", "x-sdk-date": "D", "a": ""}
    text = "verify aksk signature fail: GET|/|x-sdk-date:D|x-security-token:STS|TOKEN SDK-HMAC"

    assert without_proofs(text, sent) == (
        "verify aksk signature fail: GET|/|x-sdk-date:D|x-security-token:(sensitive)|(sensitive) (sensitive)"
    )
    assert without_proofs(text, {}) == text
