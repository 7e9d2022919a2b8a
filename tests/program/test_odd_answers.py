"""Answers of COC's with one part of them made absurd, through every verb and report: an error or a report, no bug."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocsync.apply import write as writing
from cocsync.coc.auth.iam import LIFE_SECONDS, Login, LoginFailed, request_token
from cocsync.coc.http import retry
from cocsync.coc.http.answer import Reply
from cocsync.model.secret import Secret
from cocsync.sim import Request, Response, Simulator
from tests.support.program import Program
from tests.support.repository import Repository

ABSURD_NUMBERS = st.sampled_from(
    (
        0,
        -1,
        True,
        1.5,
        float("nan"),
        float("inf"),
        10**18,
        -(10**18),
        2**63,
        2**64,
        10**400,
        253_402_300_800_000,
        -62_135_596_800_001,
    )
)
ABSURD_TEXTS = st.sampled_from(
    (
        *("", "\ud800", "a\udfffb", "\0", "\x1b[31m", "../..", "a/b?c#d", "x" * 70_000, "\u202e", "9999999999999"),
        *("[cocsync:a/9zzz]", "[cocsync:payments_ops/1]", " [cocsync:payments_ops/1!!]", "[cocsync:", "0000-00-00"),
    )
)
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    ABSURD_NUMBERS,
    ABSURD_TEXTS,
    st.sampled_from(
        ([], {}, [[]], [None], [{}], [1], {"a": 1}, {"data": []}, [{"param_name": 1}], [{"reviewer_name": []}])
    ),
    st.text(max_size=5),
)
LISTS: dict[str, Callable[[list[Any]], Any]] = {
    "twice": lambda items: items + items,
    "reversed": lambda items: items[::-1],
    "nested": lambda items: [items],
}
DATES = st.sampled_from(
    (
        "",
        "x",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 99 Foo 99999 00:00:00 GMT",
        "\xff",
    )
)
VERBS: dict[str, tuple[str, ...]] = {
    "plan": ("text", "json", "markdown", "github", "html"),
    "drift": ("text", "json", "markdown", "github", "junit", "html"),
    "status": ("text", "json"),
    "import": ("text", "json"),
    "doctor": ("text", "json"),
    "apply": ("text", "json", "ndjson", "markdown"),
}
FLAGS = {"import": ["--all", "--overwrite"], "apply": ["--yes", "--adopt-all"], "plan": ["--prune", "--no-cache"]}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a document."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield from places(item, (*path, step))


def changed(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    step, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[step] = changed(value[step], tuple(rest), change)
    return copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """What becomes of the `nth` successful answer to a request of this method: one part of it changes."""

    method: str
    nth: int
    place: int
    kind: str
    value: Any
    date: str

    def of(self, answer: Response) -> Response:
        document = json.loads(answer.body)
        found = list(places(document))
        again = LISTS.get(self.kind)
        body = changed(
            document,
            found[self.place % len(found)],
            lambda old: again(old) if again and isinstance(old, list) else self.value,
        )
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "date"}
        return replace(answer, body=json.dumps(body).encode(), headers={**headers, "Date": self.date})


def oddities(*methods: str) -> st.SearchStrategy[Oddity]:
    return st.builds(
        Oddity,
        method=st.sampled_from(methods),
        nth=st.integers(0, 6),
        place=st.integers(0, 199),
        kind=st.sampled_from(("value", "value", *LISTS)),
        value=ODD,
        date=DATES,
    )


class Odd(Simulator):
    """Answers one request of a run oddly."""

    oddity: Oddity | None = None
    seen = 0

    def handle(self, request: Request) -> Response:
        answer = super().handle(request)
        if self.oddity is None or request.method != self.oddity.method:
            return answer
        self.seen += 1
        return self.oddity.of(answer) if self.seen == self.oddity.nth + 1 else answer


@pytest.fixture
def cocsync(
    cocsync: Program, repository: Repository, serving: Callable[[Simulator], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Program, Odd]]:
    """A tenant with a script of each kind: changed, new, foreign, unmanaged, prunable; no wait is waited."""
    for limit in ("GIVE_UP_SECONDS", "CONNECT_GIVE_UP_SECONDS"):
        monkeypatch.setattr(retry, limit, 0.0)
    monkeypatch.setattr(writing, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(writing, "APPEAR_SECONDS", 0.002)
    with Odd() as coc:
        cocsync.environ["COCSYNC_ENDPOINT"] = serving(coc)
        repository.manifest("scripts/a.yaml", name="a", reviewers=["alice"], params=[{"name": "p", "value": "1"}])
        repository.manifest("scripts/gone.yaml", name="gone")
        assert cocsync.here("apply", "--yes").code == 0
        (repository.root / "scripts/gone.yaml").unlink()
        coc.edit("a", content="echo by hand\n")
        coc.create(name="foreign")
        coc.create(name="unmanaged")
        repository.manifest("scripts/foreign.yaml", name="foreign")
        repository.manifest("scripts/new.yaml", name="new")
        yield cocsync, coc


def run(program: Program, coc: Odd, verb: str, oddity: Oddity) -> int:
    reports = [word for name in VERBS[verb] for word in ("-o", f"{name}=out/report.{name}")]
    coc.oddity, coc.seen = oddity, 0
    try:
        return program.here(verb, *FLAGS.get(verb, []), *reports).code
    finally:
        coc.oddity = None


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "apply"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(oddity=oddities("GET"))
def test_whatever_an_answer_holds_a_reading_verb_ends_with_a_report_or_an_error(
    cocsync: tuple[Program, Odd], verb: str, oddity: Oddity
) -> None:
    assert run(*cocsync, verb, oddity) in {0, 1, 2, 3}


@pytest.mark.parametrize(
    "value", ["\ud800", "../..", 10**18, 10**400, [{}]], ids=["surrogate", "path", "big", "huge", "list"]
)
@pytest.mark.parametrize("nth", [0, 1], ids=["page", "detail"])
def test_whatever_one_part_of_a_page_or_a_detail_is_a_plan_ends_with_a_report_or_an_error(
    cocsync: tuple[Program, Odd], nth: int, value: Any
) -> None:
    for place in range(45):
        oddity = Oddity(method="GET", nth=nth, place=place, kind="value", value=value, date="")
        assert run(*cocsync, "plan", oddity) in {0, 1, 3}, place


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(oddity=oddities("GET", "POST", "PUT"), content=st.integers(0, 9))
def test_whatever_an_answer_holds_an_apply_ends_with_a_report(
    cocsync: tuple[Program, Odd], oddity: Oddity, content: int
) -> None:
    program, coc = cocsync
    coc.edit("a", content=f"echo {content}\n")
    assert run(program, coc, "apply", oddity) in {0, 1, 3, 4}


LOGIN = Login(user="u", password=Secret("p"), domain="d", project="p", endpoint="https://i.example", audience="a")
JSON = st.recursive(
    ODD | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
TIMES = ODD | st.sampled_from(
    ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00", "2026-01-01T00:00:00Z")
)
TOKENS = st.fixed_dictionaries({"token": st.fixed_dictionaries({"issued_at": TIMES, "expires_at": TIMES})}) | JSON


@given(
    status=st.sampled_from((200, 201, 204, 301, 400, 401, 403, 429, 500, 599)),
    document=TOKENS,
    token=st.none() | st.text(max_size=5) | st.just("MIIT"),
)
def test_whatever_iam_answers_there_is_a_token_or_an_error(status: int, document: Any, token: str | None) -> None:
    headers = {} if token is None else {"x-subject-token": token}
    reply = Reply(status=status, headers=headers, body=json.dumps(document).encode())
    try:
        found = request_token(LOGIN, lambda *_: reply, 0.0)
    except LoginFailed:
        return
    assert found.value.reveal().isascii()
    assert 0 < found.renew_at <= found.expires_at
    assert found.expires_at <= 10_000 * 366 * LIFE_SECONDS
