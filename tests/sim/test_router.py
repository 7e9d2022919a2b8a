"""Routes: which operation a request means, and which requests ask for a page."""

from __future__ import annotations

import pytest

from cocsync.sim import Request, Settings
from cocsync.sim.router import ANY, Call, Route, Router
from cocsync.sim.wire import Refusal, Rejection, Response, data

ONE = f"/v1/things/{ANY}"


def refuse(_: Call) -> Response:
    raise Refusal("COC.1", "no")


ROUTER = Router(
    (
        Route(method="GET", path="/v1/things", answer=lambda _: data("all"), is_page=True),
        Route(method="GET", path=ONE, answer=lambda call: data(list(call.segments))),
        Route(method="GET", path=f"{ONE}/parts/{ANY}", answer=lambda call: data([*call.segments, call.user])),
        Route(method="POST", path=ONE, answer=refuse),
    )
)


def ask(method: str, path: str) -> Response:
    return ROUTER.answer(Request(method=method, path=path), "alice", Settings())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/things", b'{"data":"all"}'),
        ("/v1/things/a%2Fb%20c", b'{"data":["a/b c"]}'),
        ("/v1/things/1/parts/2", b'{"data":["1","2","alice"]}'),
    ],
)
def test_a_path_means_its_operation_with_decoded_segments(path: str, body: bytes) -> None:
    assert ask("GET", path).body == body


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/things/"),
        ("GET", "/v1/things/1/parts"),
        ("GET", "/v1/things/1/parts/"),
        ("GET", "/v1/thingsandmore"),
        ("PUT", "/v1/things"),
        ("GET", ""),
    ],
)
def test_any_other_is_unknown_to_the_gateway(method: str, path: str) -> None:
    with pytest.raises(Rejection) as caught:
        ask(method, path)
    assert (caught.value.status, caught.value.code) == (404, "APIGW.0101")


def test_a_refusal_has_the_shape_of_coc() -> None:
    assert ask("POST", "/v1/things/1").body == b'{"error_code":"COC.1","error_msg":"no"}'


def test_a_page_is_told_from_what_is_none() -> None:
    pages = [ROUTER.is_page(Request(method="GET", path=path)) for path in ("/v1/things", "/v1/things/1", "/v1/else")]
    assert pages == [True, False, False]
