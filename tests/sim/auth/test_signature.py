"""The simulator's own verification of signatures, against the six published and recorded ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.sim import Request
from cocsync.sim.auth.signature import Claim, canonical_request, claim_of, derived_key, is_signed_by, signature

AK, SK = "EXAMPLEAK0000000000", "ExampleSk/+=0123456789"
COMMON = {"content-type": "application/json", "host": "coc.myhuaweicloud.com", "x-sdk-date": "20240102T030405Z"}
DOMAIN = {"x-domain-id": "0123456789abcdef0123456789abcdef"}


@dataclass(frozen=True, kw_only=True)
class Golden:
    """A request with the digest of its canonical form and its signature."""

    request: Request
    canonical: str
    signature: str
    access_key: str = AK
    secret_key: str = SK
    scope: str | None = None
    payload: str = field(default=hashlib.sha256(b"").hexdigest())

    @property
    def claim(self) -> Claim:
        return Claim(
            access_key=self.access_key,
            scope=self.scope,
            signed_headers=tuple(sorted(self.request.headers)),
            signature=self.signature,
        )


GOLDEN = {
    "V1": Golden(
        request=Request(
            method="GET",
            path="/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
            query=(("limit", "2"), ("marker", "13551d6b-755d-4757-b956-536f674975c0")),
            headers={
                "content-type": "application/json",
                "host": "service.region.example.com",
                "x-sdk-date": "20191115T033655Z",
            },
        ),
        access_key="QTWAOYTTINDUT2QVKYUC",
        secret_key="MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc",
        canonical="b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
        signature="7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
    ),
    "V2": Golden(
        request=Request(
            method="GET",
            path="/v1/job/scripts",
            query=(("limit", "100"), ("marker", "6228"), ("name_like", "a b/中~*")),
            headers=COMMON | DOMAIN,
        ),
        canonical="3700bf0d5bd8f08e7b03c90db1789e0efdbff87c1a0788c8edd6b51a5442f951",
        signature="0d9311a00e616ec535deacdb004a17b9edab6ccbc14bf7875f6130aabbd01257",
    ),
    "V3": Golden(
        request=Request(
            method="POST",
            path="/v1/job/scripts",
            headers=COMMON
            | DOMAIN
            | {"content-type": "application/json;charset=utf-8", "x-security-token": "STSTOKEN"},
            body=rb'{"name": "n", "content": "echo \u4e2d\n"}',
        ),
        payload="16b16d859484b3e90db9e4d21218252cbb2a8d7005d1f89c80aeda93a8a9c81e",
        canonical="506f09bf30d61d601079b3e0d844374bd2726624ddca96e7e17e5127501f87ae",
        signature="cb660be70169bab630a7c024d86a2e04ecf2abfd2c4669854a46bad2d58895a7",
    ),
    "V4": Golden(
        request=Request(
            method="PUT",
            path="/v1/job/scripts/SC2023110211155901a787af4",
            headers=COMMON,
            body='{"description":"中文"}'.encode(),
        ),
        payload="ae9625c7ec843a653b8d2924683d1f62936eda78c43c311a3004b4ed5faa05d3",
        canonical="c59fd938b30a820ab4c164b091c1037ebfb99eb6616c0a5f8da6d2faf687a509",
        signature="07fa7ef4d59cfec6d9571768f82fe2ee4b26a947861e27e37a86a252f0003645",
    ),
    "V5": Golden(
        request=Request(
            method="POST",
            path="/v1/script/coc:script/SC1/tags/update",
            headers=COMMON,
            body=b'{"tags":[]}',
        ),
        payload=hashlib.sha256(b'{"tags":[]}').hexdigest(),
        canonical="880db01453f27f60bb868e91d10504c4779c23c0459ed1781c1fcae345e9fb65",
        signature="48d24feffa445c69e40e499543ef66f96eb3d7ffa49e4a28efa4aaf33b2a3feb",
    ),
    "V6": Golden(
        request=Request(
            method="GET",
            path="/v1/job/scripts",
            query=(("limit", "1"),),
            headers={"host": "coc.example.org", "x-sdk-date": "20240102T030405Z"},
        ),
        scope="20240102/globe/COC",
        canonical="7bfd2e5c5effdcffa8ed99ad98e4ad77752af9d92c14601533104be1efa3b709",
        signature="978b07df95865552e0784c12401c9b5a4f0a0db0b4c5157af84af7a149b2e671",
    ),
}


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_a_golden_request_has_its_canonical_form_and_signature(golden: Golden) -> None:
    canonical = canonical_request(golden.request, golden.claim.signed_headers)

    assert canonical.rpartition("\n")[2] == golden.payload
    assert hashlib.sha256(canonical.encode()).hexdigest() == golden.canonical
    assert signature(golden.request, golden.claim, golden.secret_key) == golden.signature
    assert is_signed_by(golden.request, golden.claim, golden.secret_key)
    assert not is_signed_by(golden.request, golden.claim, golden.secret_key + "x")


def test_the_canonical_form_is_the_documented_text() -> None:
    request = GOLDEN["V2"].request

    assert canonical_request(request, ("host", "x-sdk-date")) == (
        "GET\n"
        "/v1/job/scripts/\n"
        "limit=100&marker=6228&name_like=a%20b%2F%E4%B8%AD~%2A\n"
        "host:coc.myhuaweicloud.com\n"
        "x-sdk-date:20240102T030405Z\n"
        "\n"
        "host;x-sdk-date\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


@given(
    change=st.sampled_from(
        [
            {"method": "PUT"},
            {"path": "/v1/job/script"},
            {"query": (("limit", "2"),)},
            {"query": ()},
            {"body": b" "},
            {"headers": {"host": "coc.example.net", "x-sdk-date": "20240102T030405Z"}},
            {"headers": {"host": "coc.example.org", "x-sdk-date": "20240102T030406Z"}},
            {"headers": {"x-sdk-date": "20240102T030405Z"}},
        ]
    )
)
def test_a_signature_fits_no_other_request(change: dict[str, object]) -> None:
    golden = GOLDEN["V6"]

    assert not is_signed_by(replace(golden.request, **change), golden.claim, SK)  # type: ignore[arg-type]


def test_a_path_signs_the_same_encoded_or_not() -> None:
    golden = GOLDEN["V5"]
    encoded = replace(golden.request, path="/v1/script/coc%3Ascript/SC1/tags/update/")

    assert is_signed_by(encoded, golden.claim, SK)


def test_the_order_of_the_query_does_not_matter_and_its_values_do() -> None:
    request = replace(GOLDEN["V6"].request, query=(("b", "2"), ("a", "9"), ("b", "10")))

    assert canonical_request(request, ("host",)).splitlines()[2] == "a=9&b=10&b=2"


def test_a_body_may_be_left_unsigned() -> None:
    headers = {**GOLDEN["V4"].request.headers, "x-sdk-content-sha256": "UNSIGNED-PAYLOAD"}
    request = replace(GOLDEN["V4"].request, headers=headers)

    assert canonical_request(request, ("host",)).endswith("\nUNSIGNED-PAYLOAD")
    assert canonical_request(replace(request, body=b""), ("host",)).endswith("b855")


def test_a_header_is_trimmed_before_it_is_signed() -> None:
    request = Request(method="GET", path="/", headers={"host": " h "})

    assert "\nhost:h\n" in canonical_request(request, ("host",))


def test_a_derived_key_belongs_to_a_day_a_region_and_a_service() -> None:
    keys = {derived_key(AK, SK, scope) for scope in ("20240102/globe/COC", "20240103/globe/COC", "20240102/x/COC")}

    assert {len(key) for key in keys} == {64}
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("header", "claim"),
    [
        (
            f"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature={'0f' * 32}",
            Claim(access_key="AK", scope=None, signed_headers=("host", "x-sdk-date"), signature="0f" * 32),
        ),
        (
            f"V11-HMAC-SHA256 Credential=AK/20240102/globe/COC, SignedHeaders=host, Signature={'0f' * 32}",
            Claim(access_key="AK", scope="20240102/globe/COC", signed_headers=("host",), signature="0f" * 32),
        ),
        (f"SDK-HMAC-SHA256, Access=AK, SignedHeaders=host, Signature={'0f' * 32}", None),
        (f"SDK-HMAC-SHA1 Access=AK, SignedHeaders=host, Signature={'0f' * 32}", None),
        ("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=0f", None),
        ("Bearer abc", None),
        ("", None),
    ],
)
def test_a_claim_is_read_from_its_header(header: str, claim: Claim | None) -> None:
    assert claim_of(header) == claim
