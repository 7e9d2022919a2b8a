"""Tokens and signatures: who may ask, and what a refusal looks like."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cocsync.sim import Request, Response
from cocsync.sim.auth.signature import Claim, signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sim.conftest import Tenant

SCRIPTS = "/v1/job/scripts"
TOKENS = "/v3/auth/tokens"
PAGE = Request(method="GET", path=SCRIPTS, query=(("limit", "1"),))


def with_headers(**headers: str) -> Request:
    return replace(PAGE, headers={name.replace("_", "-"): value for name, value in headers.items()})


def signed(
    now: float, access_key: str = "AK", secret_key: str = "SK", scope: str | None = None, **more: str
) -> Request:
    """A request signed at a moment, with more headers under the signature."""
    headers = {"host": "sim", "x-sdk-date": datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")}
    request = replace(PAGE, headers=headers | {name.replace("_", "-"): value for name, value in more.items()})
    claim = Claim(access_key=access_key, scope=scope, signed_headers=tuple(sorted(request.headers)), signature="")
    names, value = ";".join(claim.signed_headers), signature(request, claim, secret_key)
    owner = f"V11-HMAC-SHA256 Credential={access_key}/{scope}" if scope else f"SDK-HMAC-SHA256 Access={access_key}"
    return replace(
        request, headers={**request.headers, "authorization": f"{owner}, SignedHeaders={names}, Signature={value}"}
    )


def identity(name: str = "alice", password: str = "pass", **changes: Any) -> dict[str, Any]:
    user = {"name": name, "password": password, "domain": {"name": "acme"}}
    return {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "cn-north-4"}},
        }
        | changes
    }


def code_of(response: Response) -> tuple[int, str]:
    return response.status, json.loads(response.body)["error_code"]


def test_without_authentication_the_caller_may_name_a_user(tenant: Tenant) -> None:
    script = {"name": "a", "type": "BAT", "content": "x", "description": "d"}
    body = json.dumps(script | {"properties": {"risk_level": "LOW", "version": "1"}}).encode()
    tenant.simulator.handle(Request(method="POST", path=SCRIPTS, headers={"x-sim-user": "carol"}, body=body))

    assert tenant.simulator.scripts()[0].creator == "carol"


@pytest.mark.parametrize("auth", ["token", "aksk", "any"])
def test_a_request_without_credentials_is_refused(make_tenant: Callable[..., Tenant], auth: str) -> None:
    tenant = make_tenant(auth=auth)

    assert code_of(tenant.simulator.handle(with_headers(x_sim_user="eve"))) == (401, "APIGW.0301")


def test_a_token_of_the_settings_is_valid_for_ever(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(auth="token", tokens=("T",))
    tenant.now += 10**9

    assert tenant.simulator.handle(with_headers(x_auth_token="T")).status == 200
    assert code_of(tenant.simulator.handle(with_headers(x_auth_token="U"))) == (401, "APIGW.0301")


def test_a_token_from_iam_is_valid_until_it_expires_and_names_its_user(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(auth="any", token_lifetime=60)
    issued = tenant.send("POST", TOKENS, identity())
    token = issued.headers["x-subject-token"]
    uuid = tenant.simulator.create()
    change = json.dumps({"description": "d", "content": "c"}).encode()
    put = Request(method="PUT", path=f"{SCRIPTS}/{uuid}", headers={"x-auth-token": token}, body=change)

    assert issued.status == 201
    assert json.loads(issued.body)["token"]["expires_at"] == "2023-11-14T22:14:20.000000Z"
    assert tenant.simulator.handle(put).status == 200
    assert tenant.simulator.scripts()[0].operator == "alice"
    tenant.now += 60
    assert code_of(tenant.simulator.handle(put)) == (401, "APIGW.0301")


def test_known_users_need_their_password(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(users=(("alice", "pass"),))

    assert tenant.send("POST", TOKENS, identity()).status == 201
    for user in (identity(password="wrong"), identity(name="eve"), identity(password="")):
        response = tenant.send("POST", TOKENS, user)
        assert (response.status, json.loads(response.body)["error"]["code"]) == (401, 401)


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"auth": []},
        identity(scope={}),
        identity(scope={"project": {"name": 7}}),
        identity(identity={"methods": ["token"]}),
        identity(identity={"methods": ["password"], "password": {}}),
    ],
)
def test_a_request_for_a_token_that_lacks_something_is_a_bad_request(tenant: Tenant, body: object) -> None:
    response = tenant.send("POST", TOKENS, body)

    assert (response.status, json.loads(response.body)["error"]["title"]) == (400, "Bad Request")


def test_tokens_can_be_withdrawn(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(auth="token")
    token = tenant.send("POST", TOKENS, identity()).headers["x-subject-token"]
    tenant.simulator.inject("expire-tokens")

    assert tenant.simulator.handle(with_headers(x_auth_token=token)).status == 401
    assert tenant.simulator.handle(with_headers(x_auth_token=token)).status == 401


@pytest.mark.parametrize("scope", [None, "20231114/globe/COC"])
@pytest.mark.parametrize("auth", ["aksk", "any"])
def test_a_signed_request_passes(make_tenant: Callable[..., Tenant], auth: str, scope: str | None) -> None:
    tenant = make_tenant(auth=auth, access_keys=(("AK", "SK"),))

    assert tenant.simulator.handle(signed(tenant.now, scope=scope)).status == 200


def unfit(now: float) -> dict[str, Request]:
    """Requests whose signature does not fit, by what is wrong with it."""
    good = signed(now)
    headers = dict(good.headers)
    undated = f"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature={'0' * 64}"
    return {
        "unknown key": signed(now, access_key="OTHER"),
        "wrong secret": signed(now, secret_key="OTHER"),
        "other query": replace(good, query=(("limit", "2"),)),
        "other body": replace(good, body=b"x"),
        "other header": replace(good, headers=headers | {"host": "other"}),
        "no signature": replace(good, headers=headers | {"authorization": "Bearer x"}),
        "no date": replace(good, headers=headers | {"x-sdk-date": "yesterday"}),
        "date not signed": replace(good, headers=headers | {"authorization": undated}),
    }


@pytest.mark.parametrize("wrong", unfit(0))
def test_a_signature_that_does_not_fit_is_refused(make_tenant: Callable[..., Tenant], wrong: str) -> None:
    tenant = make_tenant(auth="aksk", access_keys=(("AK", "SK"),))

    assert code_of(tenant.simulator.handle(unfit(tenant.now)[wrong])) == (401, "APIGW.0301")


@pytest.mark.parametrize(("skew", "passes"), [(900, True), (-900, True), (901, False), (-901, False), (3600, False)])
def test_a_signature_is_valid_for_15_minutes_either_way(
    make_tenant: Callable[..., Tenant], skew: int, passes: bool
) -> None:
    tenant = make_tenant(auth="aksk", access_keys=(("AK", "SK"),))
    response = tenant.simulator.handle(signed(tenant.now + skew))

    if passes:
        assert response.status == 200
    else:
        assert code_of(response) == (401, "APIGW.0303")


def test_a_temporary_key_needs_its_security_token(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(auth="aksk", access_keys=(("AK", "SK"),), security_tokens=(("AK", "STS"),))

    assert code_of(tenant.simulator.handle(signed(tenant.now))) == (401, "APIGW.0301")
    assert code_of(tenant.simulator.handle(signed(tenant.now, x_security_token="OTHER"))) == (401, "APIGW.0301")
    assert tenant.simulator.handle(signed(tenant.now, x_security_token="STS")).status == 200
    added_later = signed(tenant.now)
    added_later = replace(added_later, headers={**added_later.headers, "x-security-token": "STS"})
    assert tenant.simulator.handle(added_later).status == 200
