"""Our signatures against the published vectors, the official SDK's signer and the simulator's own verification."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import pytest
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer as SdkSigner
from hypothesis import given
from hypothesis import strategies as st

from cocsync.coc.auth.signing import Signer, authorization, canonical_query, canonical_request
from cocsync.coc.http.outgoing import Outgoing
from cocsync.coc.http.transport import Transport
from cocsync.model.secret import Secret
from cocsync.sim import Settings, Simulator
from tests.support import canary

AK, SK = "EXAMPLEAK0000000000", "ExampleSk/+=0123456789"
JSON = {"content-type": "application/json"}
DATE = {"x-sdk-date": "20240102T030405Z"}
DOMAIN = {"x-domain-id": "0123456789abcdef0123456789abcdef"}
NOW = 1_704_164_645.0
"""DATE in epoch seconds."""


def outgoing(**changes: object) -> Outgoing:
    request = {
        "method": "GET",
        "host": "coc.myhuaweicloud.com",
        "path": "/v1/job/scripts",
        "query": "",
        "headers": JSON | DATE,
        "body": b"",
    }
    return Outgoing(**request | changes)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Golden:
    """A request, the digest of its canonical form, and its signature ("Signing" in docs/coc-api.md)."""

    request: Outgoing
    canonical: str
    signature: str
    key: tuple[str, str] = field(default=(AK, SK), repr=False)


# V6, in the simulator's tests, is derived signing, which COC does not use.
GOLDEN = {
    "V1": Golden(
        request=outgoing(
            host="service.region.example.com",
            path="/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
            query="limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
            headers=JSON | {"x-sdk-date": "20191115T033655Z"},
        ),
        key=("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"),
        canonical="b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
        signature="7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
    ),
    "V2": Golden(
        request=outgoing(
            query="name_like=a%20b%2F%E4%B8%AD~%2A&marker=6228&limit=100",
            headers=JSON | DATE | DOMAIN,
        ),
        canonical="3700bf0d5bd8f08e7b03c90db1789e0efdbff87c1a0788c8edd6b51a5442f951",
        signature="0d9311a00e616ec535deacdb004a17b9edab6ccbc14bf7875f6130aabbd01257",
    ),
    "V3": Golden(
        request=outgoing(
            method="POST",
            headers=DATE | DOMAIN | {"content-type": "application/json;charset=utf-8", "x-security-token": "STSTOKEN"},
            body=rb'{"name": "n", "content": "echo \u4e2d\n"}',
        ),
        canonical="506f09bf30d61d601079b3e0d844374bd2726624ddca96e7e17e5127501f87ae",
        signature="cb660be70169bab630a7c024d86a2e04ecf2abfd2c4669854a46bad2d58895a7",
    ),
    "V4": Golden(
        request=outgoing(
            method="PUT",
            path="/v1/job/scripts/SC2023110211155901a787af4",
            body='{"description":"中文"}'.encode(),
        ),
        canonical="c59fd938b30a820ab4c164b091c1037ebfb99eb6616c0a5f8da6d2faf687a509",
        signature="07fa7ef4d59cfec6d9571768f82fe2ee4b26a947861e27e37a86a252f0003645",
    ),
    "V5": Golden(
        request=outgoing(method="POST", path="/v1/script/coc:script/SC1/tags/update", body=b'{"tags":[]}'),
        canonical="880db01453f27f60bb868e91d10504c4779c23c0459ed1781c1fcae345e9fb65",
        signature="48d24feffa445c69e40e499543ef66f96eb3d7ffa49e4a28efa4aaf33b2a3feb",
    ),
}


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_a_golden_request_has_its_canonical_form_and_signature(golden: Golden) -> None:
    header = authorization(golden.request, golden.key[0], Secret(golden.key[1]))

    assert hashlib.sha256(canonical_request(golden.request).encode()).hexdigest() == golden.canonical
    assert header.startswith(f"SDK-HMAC-SHA256 Access={golden.key[0]}, SignedHeaders=content-type;host;x-")
    assert header.endswith(f", Signature={golden.signature}")


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
header_names = st.from_regex(r"x-[a-z0-9_-]{1,12}", fullmatch=True).filter(lambda name: name != "x-sdk-content-sha256")


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    segments=st.lists(text, max_size=4),
    pairs=st.lists(st.tuples(text, text), max_size=4),
    headers=st.dictionaries(header_names, values, max_size=4),
    body=st.binary(max_size=40),
    secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    json_type=st.sampled_from([{}, JSON, {"content-type": "application/json; charset=utf-8"}]),
)
def test_the_official_signer_makes_the_same_header(
    method: str,
    segments: list[str],
    pairs: list[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
    secret: str,
    json_type: dict[str, str],
) -> None:
    path = "".join(f"/{quote(segment, safe=':')}" for segment in segments) or "/"
    query = urlencode(pairs, quote_via=quote)
    signed = headers | json_type | DATE
    sdk = SdkRequest(
        method=method,
        host="coc.example.com",
        resource_path=path,
        query_params=list(pairs),
        header_params=dict(signed),
        body=body,
    )
    SdkSigner(SimpleNamespace(ak="AK", sk=secret)).sign(sdk)

    ours = outgoing(method=method, host="coc.example.com", path=path, query=query, headers=signed, body=body)
    assert authorization(ours, "AK", Secret(secret)) == sdk.header_params["Authorization"]
    assert canonical_query(query) == sdk.uri.partition("?")[2]


def test_a_query_that_writes_spaces_as_plus_means_the_same() -> None:
    assert canonical_query("b=c+d&a=%2B&a") == "a=&a=%2B&b=c%20d"


def test_each_attempt_has_a_date_of_its_own_and_a_signature_over_it() -> None:
    times = iter([NOW, NOW + 60])
    signer = Signer(access_key=AK, secret_key=Secret(SK), clock=lambda: next(times))
    first = signer.headers(outgoing(headers=JSON))
    second = signer.headers(outgoing(headers={**JSON, **first}))

    assert [first["x-sdk-date"], second["x-sdk-date"]] == ["20240102T030405Z", "20240102T030505Z"]
    assert second["authorization"] == authorization(
        outgoing(headers={**JSON, "x-sdk-date": "20240102T030505Z"}), AK, Secret(SK)
    )


def test_scope_and_security_token_go_along_and_are_signed() -> None:
    signer = Signer(
        access_key=AK,
        secret_key=Secret(SK),
        security_token=Secret("STS"),
        project_id="p1",
        domain_id="d1",
        clock=lambda: NOW,
    )
    headers = signer.headers(outgoing(headers={**JSON, "user-agent": "x", "accept": "y"}))

    assert (headers["x-project-id"], headers["x-domain-id"], headers["x-security-token"]) == ("p1", "d1", "STS")
    assert (
        "SignedHeaders=content-type;host;x-domain-id;x-project-id;x-sdk-date;x-security-token,"
        in (headers["authorization"])
    )


def test_nothing_more_is_sent_than_is_given() -> None:
    headers = Signer(access_key=AK, secret_key=Secret(SK), clock=lambda: NOW).headers(outgoing(headers=JSON))

    assert sorted(headers) == ["authorization", "x-sdk-date"]


@pytest.mark.parametrize(
    ("code", "token", "advice"),
    [
        ("APIGW.0303", None, "set the clock of this machine"),
        ("APIGW.0301", None, "check that access key and secret key belong together and"),
        ("APIGW.0301", Secret("STS"), "that the security token is theirs and still valid"),
    ],
)
def test_a_refused_signature_is_not_repeated_and_says_what_to_do(code: str, token: Secret | None, advice: str) -> None:
    signer = Signer(access_key=AK, secret_key=Secret(SK), security_token=token, clock=lambda: NOW)
    sent = signer.headers(outgoing())
    signer.accepted(sent)

    assert not signer.renew(sent)
    assert advice in signer.advice(code)


def test_a_signer_shows_neither_of_its_keys() -> None:
    signer = Signer(access_key=canary.planted("ak"), secret_key=Secret(canary.planted("sk")), clock=lambda: NOW)

    assert not canary.is_in(repr(signer))


KEYS: Mapping[str, object] = {
    "auth": "aksk",
    "access_keys": ((AK, SK), ("TEMP", "S")),
    "security_tokens": (("TEMP", "STS"),),
}
QUERY = {"limit": "1", "name_like": "a b+/中~*"}


def status_of(url: str, signer: Signer, method: str = "GET", **request: object) -> int:
    transport = Transport(url, authenticator=signer)
    try:
        return transport.send(method, "/v1/job/scripts", **request).status  # type: ignore[arg-type]
    finally:
        transport.close()


@pytest.mark.parametrize(("skew", "status"), [(0, 200), (890, 200), (-890, 200), (910, 401), (-910, 401)])
def test_the_gateway_takes_a_signature_of_the_last_or_next_15_minutes(
    serving: Callable[[Simulator], str], skew: int, status: int
) -> None:
    with Simulator(settings=Settings(**KEYS), clock=lambda: NOW) as simulator:  # type: ignore[arg-type]
        signer = Signer(access_key=AK, secret_key=Secret(SK), clock=lambda: NOW + skew)

        assert status_of(serving(simulator), signer, query=QUERY) == status


def test_what_is_signed_is_what_is_sent(serving: Callable[[Simulator], str]) -> None:
    """With a body, a scope and a temporary key; a wrong secret is refused."""
    body = {"name": "脚本", "type": "SHELL", "content": "echo 'é'\n", "description": "d"}
    body |= {"properties": {"risk_level": "LOW", "version": "1"}}  # type: ignore[dict-item]
    with Simulator(settings=Settings(**KEYS), clock=lambda: NOW) as simulator:  # type: ignore[arg-type]
        url = serving(simulator)
        temporary = {"access_key": "TEMP", "security_token": Secret("STS"), "project_id": "p", "clock": lambda: NOW}

        def signed_with(secret: str) -> Signer:
            return Signer(secret_key=Secret(secret), **temporary)  # type: ignore[arg-type]

        assert status_of(url, signed_with("wrong"), "POST", body=body) == 401
        assert status_of(url, signed_with("S"), "POST", body=body) == 200
        assert [script.name for script in simulator.scripts()] == ["脚本"]
