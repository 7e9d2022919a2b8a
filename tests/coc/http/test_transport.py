"""One attempt over HTTP: what is sent, and what each way of failing ends as."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cocsync.coc.http.answer import interpret
from cocsync.coc.http.errors import ApiError, NotSent, OutcomeUnknown, Rejected
from cocsync.coc.http.request import BODY_MAX
from cocsync.coc.http.transport import Transport
from cocsync.sim import ConnectionLost, ConnectionRefused, ReadTimeout, Request, Response, Simulator
from tests.support.canned import Canned, data, error


def failing(failure: Exception) -> Canned:
    def fail(_: Request) -> Response:
        raise failure

    return Canned(fail)


def answering(status: int = 200, body: bytes = b'{"data": 1}', headers: dict[str, str] | None = None) -> Canned:
    return Canned(lambda _: Response(status=status, headers=headers or {}, body=body))


class TestSent:
    def test_a_read_asks_for_json_and_has_no_body(self) -> None:
        server = answering()
        server.transport().send("GET", "/v1/x", query={"name_like": "a b&c"})
        (request,) = server.requests
        assert (request.method, request.path, request.body) == ("GET", "/v1/x", b"")
        assert request.query == (("name_like", "a b&c"),)
        assert request.headers["accept"] == "application/json"
        assert "content-type" not in request.headers

    def test_a_write_sends_json_in_ascii(self) -> None:
        """So that no text can be cut or taken for another encoding, half a surrogate pair included."""
        server = answering()
        server.transport().send("POST", "/v1/x", body={"text": "磁盘\ud800"})
        (request,) = server.requests
        assert request.body == b'{"text": "\\u78c1\\u76d8\\ud800"}'
        assert request.headers["content-type"] == "application/json"

    def test_header_names_of_a_reply_are_in_lower_case(self) -> None:
        reply = answering(headers={"X-Request-Id": "r"}).transport().send("GET", "/v1/x")
        assert reply.headers["x-request-id"] == "r"

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed(self, status: int) -> None:
        server = answering(status, headers={"location": "http://elsewhere.test/"})
        reply = server.transport().send("PUT", "/v1/x", body={})
        assert (reply.status, len(server.requests)) == (status, 1)


class TestFailure:
    @pytest.mark.parametrize(
        "failure",
        [
            httpx.ConnectError("refused"),
            httpx.ConnectTimeout("slow"),
            httpx.PoolTimeout("busy"),
            httpx.ProxyError("no"),
            ConnectionRefused("refused"),
        ],
        ids=lambda failure: type(failure).__name__,
    )
    def test_without_a_connection_nothing_was_sent(self, failure: Exception) -> None:
        with pytest.raises(NotSent, match="nothing was sent") as caught:
            failing(failure).transport().send("POST", "/v1/x", body={})
        assert "coc.test" in str(caught.value)
        assert caught.value.may_pass

    @pytest.mark.parametrize(
        "failure",
        [
            httpx.ReadTimeout("slow"),
            httpx.WriteTimeout("slow"),
            httpx.ReadError("reset"),
            httpx.WriteError("reset"),
            httpx.CloseError("reset"),
            httpx.RemoteProtocolError("cut"),
            ConnectionLost("cut"),
            ReadTimeout("slow", seconds=1),
        ],
        ids=lambda failure: f"{type(failure).__module__}.{type(failure).__name__}",
    )
    def test_a_lost_answer_leaves_the_outcome_unknown(self, failure: Exception) -> None:
        with pytest.raises(OutcomeUnknown, match="POST /v1/x: the answer was lost"):
            failing(failure).transport().send("POST", "/v1/x", body={})

    @pytest.mark.parametrize("by_cause", [True, False])
    def test_waiting_does_not_help_against_a_certificate_that_is_not_trusted(self, by_cause: bool) -> None:
        failure = httpx.ConnectError("x" if by_cause else "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")
        if by_cause:
            failure.__cause__ = ssl.SSLCertVerificationError("self-signed")
        with pytest.raises(NotSent) as caught:
            failing(failure).transport().send("GET", "/v1/x")
        assert not caught.value.may_pass

    def test_a_bug_in_the_simulator_is_not_taken_for_the_network(self) -> None:
        with pytest.raises(ZeroDivisionError):
            failing(ZeroDivisionError()).transport().send("GET", "/v1/x")


class TestBody:
    @pytest.mark.parametrize(("size", "read"), [(BODY_MAX, True), (BODY_MAX + 1, False)])
    def test_a_body_is_read_up_to_a_limit(self, size: int, read: bool) -> None:
        reply = answering(body=b" " * size).transport().send("GET", "/v1/x")
        assert (reply.body is not None) is read

    def test_a_compressed_body_is_read(self) -> None:
        server = answering(body=gzip.compress(b'{"data": 7}'), headers={"content-encoding": "gzip"})
        assert server.transport().send("GET", "/v1/x").body == b'{"data": 7}'

    def test_a_body_that_is_not_compressed_as_it_says_is_a_lost_answer(self) -> None:
        server = answering(body=b"plain", headers={"content-encoding": "gzip"})
        with pytest.raises(OutcomeUnknown, match="DecodingError"):
            server.transport().send("DELETE", "/v1/x")


def judged(method: str, response: Response) -> Any:
    """The data, or the kind of failure."""
    reply = Canned(lambda _: response).transport().send(method, "/v1/x")
    try:
        return interpret(method, "/v1/x", reply).data
    except ApiError as failure:
        return type(failure)


WRITES = ("POST", "PUT", "DELETE")


class TestJudgement:
    """What an answer means for the one who asked: done, refused, or nobody knows."""

    @pytest.mark.parametrize("method", ["GET", *WRITES])
    def test_data_in_a_2xx_is_a_success(self, method: str) -> None:
        assert judged(method, data({"a": 1})) == {"a": 1}

    @pytest.mark.parametrize("value", [[], {}, "", 0, False])
    def test_empty_data_is_data(self, value: Any) -> None:
        assert judged("GET", data(value)) == value

    @pytest.mark.parametrize(
        "body",
        [b"", b"null", b"[]", b"{}", b'{"data": null}', b"<html>", b"\xff", b"[" * 100_000, b"9" * 5000],
        ids=["empty", "null", "list", "object", "null data", "html", "no text", "deep", "endless number"],
    )
    @pytest.mark.parametrize("method", ["GET", *WRITES])
    def test_a_2xx_that_holds_no_data_is_unknown(self, method: str, body: bytes) -> None:
        assert judged(method, Response(status=200, body=body)) is OutcomeUnknown

    @pytest.mark.parametrize("method", WRITES)
    def test_a_204_is_unknown(self, method: str) -> None:
        assert judged(method, Response(status=204)) is OutcomeUnknown

    @pytest.mark.parametrize(
        "body",
        [
            b'{"error_code": "COC.1", "error_msg": "m"}',
            b'{"errorCode": "COC.1", "errorMsg": "m"}',
            b'{"code": "COC.1", "message": "m"}',
            b'{"error": {"code": "COC.1", "message": "m"}}',
            b'{"data": {"error_code": "COC.1", "error_msg": "m"}}',
        ],
    )
    @pytest.mark.parametrize("status", [200, 400])
    def test_an_error_code_in_any_shape_is_a_refusal(self, status: int, body: bytes) -> None:
        reply = answering(status, body).transport().send("POST", "/v1/x", body={})
        with pytest.raises(Rejected) as caught:
            interpret("POST", "/v1/x", reply)
        assert (caught.value.code, caught.value.text) == ("COC.1", "m")

    @pytest.mark.parametrize("code", ["COC.00000000", "GOM.00000000", ""])
    def test_a_code_that_says_success_is_none(self, code: str) -> None:
        assert judged("POST", Response(status=200, body=f'{{"error_code": "{code}", "data": 1}}'.encode())) == 1

    @pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 429])
    @pytest.mark.parametrize("method", ["GET", *WRITES])
    def test_a_4xx_did_nothing(self, method: str, status: int) -> None:
        assert judged(method, error(status)) is Rejected

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_5xx_to_a_write_is_unknown_and_to_a_read_a_refusal(self, status: int) -> None:
        assert judged("GET", error(status, "APIGW.0201")) is Rejected
        assert [judged(method, error(status, "APIGW.0201")) for method in WRITES] == [OutcomeUnknown] * 3

    @pytest.mark.parametrize("method", WRITES)
    def test_a_5xx_with_a_code_by_which_the_operation_says_no_did_nothing(self, method: str) -> None:
        reply = answering(500, b'{"error_code": "COC.1", "error_msg": "m"}').transport().send(method, "/v1/x")
        with pytest.raises(Rejected) as caught:
            interpret(method, "/v1/x", reply, refusals={"COC.1"})
        assert caught.value.is_final

    @pytest.mark.parametrize("inner", ["inner", None])
    def test_the_request_id_is_the_headers_else_the_bodys(self, inner: str | None) -> None:
        body = b'{"error_code": "APIGW.0101", "request_id": "body"}'
        headers = {} if inner else {"x-request-id": "header"}
        reply = answering(404, body, headers).transport().send("GET", "/v1/x")
        with pytest.raises(Rejected) as caught:
            interpret("GET", "/v1/x", reply)
        assert caught.value.request_id == ("body" if inner else "header")


def test_no_proxy_sees_what_goes_to_this_machine(
    serving: Callable[[Simulator], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over `http://` a proxy would read credentials in the clear."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    transport = Transport(serving(Simulator()))

    assert transport.send("GET", "/v1/job/scripts", query={"limit": "1"}).status == 200
    transport.close()
