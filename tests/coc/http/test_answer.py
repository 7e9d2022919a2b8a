"""Whatever COC, a gateway or a proxy answers, every request ends as a record or as one of `coc.errors`."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cocsync.coc.http.answer import Answer, Reply, code_of, interpret
from cocsync.coc.http.errors import ApiError, OutcomeUnknown, Rejected
from cocsync.coc.scripts import NOT_FOUND, ScriptsApi, is_name_taken, is_not_found
from cocsync.model.secret import MASK
from cocsync.observe.reading import live_of
from cocsync.sim import Response
from tests.support import builders
from tests.support.canned import Canned

METHODS = ("GET", "POST", "PUT", "DELETE")

KEYS = """
    data total error_code error_msg errorCode errorMsg code message request_id id script_uuid name type content
    description status properties risk_level version reviewers protocol reviewer_name reviewer_id script_params
    param_name param_value param_order param_description sensitive gmt_created gmt_modified creator operator
    tomorrows_field
"""
keys = st.sampled_from(KEYS.split())
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(("APPROVED", "TOMORROWS_STATUS", "SHELL", "RUBY", "COC.00040603", "COC.00000000", "", MASK))
)
bodies = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=8))
scripts = st.dictionaries(keys, bodies, max_size=12)
pages = st.fixed_dictionaries({"total": bodies, "data": st.lists(scripts, max_size=3) | bodies})
documents = bodies | st.fixed_dictionaries({"data": pages | scripts | bodies})


def reply(status: int, body: bytes | None, **headers: str) -> Reply:
    return Reply(status=status, headers=headers, body=body)


@given(st.sampled_from(METHODS), st.integers(100, 599), documents)
def test_any_json_with_any_status_ends_as_one_thing(method: str, status: int, document: Any) -> None:
    answered = reply(status, json.dumps(document).encode())
    with suppress(Rejected, OutcomeUnknown):
        assert interpret(method, "/", answered).data is not None
    assert isinstance(code_of(answered), str)


@given(st.sampled_from(METHODS), st.integers(100, 599), st.none() | st.binary(max_size=60))
def test_any_bytes_with_any_status_end_as_one_thing(method: str, status: int, body: bytes | None) -> None:
    with suppress(Rejected, OutcomeUnknown):
        assert interpret(method, "/", reply(status, body)).data is not None


def api_of(document: Any) -> ScriptsApi:
    return Canned(lambda _: Response(status=200, body=json.dumps(document).encode())).api()


OPERATIONS: tuple[Callable[[ScriptsApi], Any], ...] = (
    lambda api: [row.name for row in api.page().rows],
    lambda api: [row.uuid for row in api.find("x")],
    lambda api: live_of(api.get("x")).script.name,
    lambda api: api.create(builders.script(), "d"),
    lambda api: api.modify("x", builders.script(), "d"),
    lambda api: api.delete("x"),
)


@given(documents)
def test_any_json_is_a_record_or_an_expected_failure(document: Any) -> None:
    for operation in OPERATIONS:
        with suppress(ApiError):
            operation(api_of(document))


@given(scripts)
def test_what_is_read_of_a_script_has_the_types_of_the_model(raw: dict[str, Any]) -> None:
    assume(not {"error_msg", "errorMsg", "message"} & raw.keys())
    script = api_of({"data": raw}).get("x").script
    texts = (script.name, script.type, script.content.text, script.description, script.risk_level, script.version)
    assert all(type(text) is str for text in texts)
    assert all(type(p.name) is str and type(p.value) is str and type(p.sensitive) is bool for p in script.params)
    assert all(type(r.name) is str and type(r.id) is str for r in script.reviewers)
    assert MASK not in [p.value for p in script.params if p.sensitive]


def test_fields_and_values_of_a_newer_api_are_kept_or_left_alone() -> None:
    raw = {"type": "RUBY", "status": "ON_HOLD", "properties": {"risk_level": "EXTREME", "colour": 1}, "code": "A.1"}
    detail = api_of({"data": raw, "meta": []}).get("x")
    assert (detail.script.type, detail.script.risk_level, detail.row.status) == ("RUBY", "EXTREME", "ON_HOLD")


class TestNotFound:
    """By COC's code alone: a gateway's 404 says that the address is wrong ("Errors" in docs/coc-api.md)."""

    @pytest.mark.parametrize("code", sorted(NOT_FOUND))
    @pytest.mark.parametrize("status", [400, 404, 500])
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_a_known_code_with_a_known_status(self, method: str, status: int, code: str) -> None:
        assert is_not_found(refused(method, status, code))

    @pytest.mark.parametrize(
        ("status", "code"), [(404, ""), (404, "APIGW.0101"), (400, "COC.00040050"), (403, min(NOT_FOUND))]
    )
    def test_nothing_else(self, status: int, code: str) -> None:
        assert not is_not_found(refused("GET", status, code))

    @pytest.mark.parametrize("text", ["Exist script with same name: x.", "EXIST SCRIPT WITH SAME NAME: x."])
    def test_the_overloaded_code_says_that_a_name_is_taken_only_by_its_text(self, text: str) -> None:
        assert is_name_taken(refused("POST", 400, "COC.00040601", text))
        assert not is_name_taken(refused("POST", 400, "COC.00040601", "invalid paramValue"))
        assert not is_name_taken(refused("POST", 400, "COC.00040050", text))


class TestSystemic:
    """What would meet every other request too."""

    @pytest.mark.parametrize(
        ("status", "code"), [(401, ""), (429, ""), (400, "APIGW.0308"), (200, "APIG.0308"), (500, ""), (503, "")]
    )
    def test_credentials_throttling_and_the_service(self, status: int, code: str) -> None:
        assert refused("GET", status, code, retry=True).is_systemic

    @pytest.mark.parametrize("status", [400, 403, 404, 409])
    def test_what_is_about_one_script_is_not(self, status: int) -> None:
        assert not refused("GET", status).is_systemic


def refused(method: str, status: int, code: str = "", text: str = "", *, retry: bool = False) -> Rejected:
    body = json.dumps({"error_code": code or "COC.X", "error_msg": text}).encode() if code or not retry else b"{}"
    with pytest.raises(Rejected) as caught:
        assert interpret(method, "/", reply(status, body), refusals=NOT_FOUND).data is not None
    return caught.value


def test_a_message_names_request_status_code_and_text() -> None:
    error = refused("PUT", 400, "COC.00040050", "version must not be empty")
    assert str(error) == "PUT /: COC answered 400 COC.00040050: version must not be empty"


def test_the_data_is_unwrapped() -> None:
    assert interpret("GET", "/", reply(200, b'{"data": {"a": 1}}')) == Answer(data={"a": 1}, headers={})


def test_a_name_that_the_model_does_not_allow_is_read_as_it_is() -> None:
    assert api_of({"data": {"name": "a-b/c"}}).get("x").script.name == "a-b/c"
