"""Claims: exactly the moves of the table, and no two POSTs of one ticket whatever the order of clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.run import claims
from cocsync.run.claimfile import ForeignClaim, dumped, loaded
from cocsync.run.claims import Claim, ClaimedTicket, NotAllowed, State, Who, may_begin
from cocsync.run.identity import run_id
from cocsync.run.pending import Todo, due, edited, foreign, todo
from tests.run.samples import DAY, NOW, TARGET, claim, run

MINUTE = 60_000
TICKET = ClaimedTicket(index=1, run_id=run_id(TARGET, "rotate", 1), id="SCT2026112820000001", status="PROCESSING")

POSTING = claim(state=State.POSTING)
FOUND = claim(state=State.TICKET, tickets=(TICKET,))
CONTINUING = replace(FOUND, state=State.CONTINUING, pause=1)
STARTS = {
    State.CLAIMED: claim(),
    State.REFUSED: claim(state=State.REFUSED),
    State.POSTING: POSTING,
    State.TICKET: FOUND,
    State.CONTINUING: CONTINUING,
    State.UNKNOWN: claim(state=State.UNKNOWN),
    State.ENDED: replace(FOUND, state=State.ENDED),
}
LATER = NOW + 11 * MINUTE


def again(start: Claim, who: Who, now: int = LATER) -> Claim:
    return claims.again(start, who=who, holder="you", hosts=("id-9",), script_digest="x", now=now)


MOVES: dict[str, Callable[[Claim], Claim]] = {
    "posting by holder": lambda c: claims.posting(c, 1, who=Who.HOLDER, holder="me", now=NOW + 1),
    "posting 2": lambda c: claims.posting(c, 2, who=Who.ANYONE, holder="you", now=NOW + 1),
    "refused": lambda c: claims.refused(c, "40702", holder="me", now=NOW + 1),
    "unknown by holder": lambda c: claims.unknown(c, "lost", who=Who.HOLDER, holder="me", now=NOW + 1),
    "unknown by anyone": lambda c: claims.unknown(c, "lost", who=Who.ANYONE, holder="you", now=LATER),
    "found by holder": lambda c: claims.found(c, TICKET, who=Who.HOLDER, now=NOW + 1),
    "found by its id": lambda c: claims.found(c, TICKET, who=Who.FINDER, now=NOW + 1),
    "continuing": lambda c: claims.continuing(c, 2, now=NOW + 1),
    "ended": lambda c: claims.ended(c, "ok", {"hosts": 2}, "FINISHED", now=NOW + 1),
    "again by the next": lambda c: again(c, Who.NEXT),
    "again by a person": lambda c: again(c, Who.PERSON),
}
TABLE = {
    State.CLAIMED: {"posting by holder", "refused", "again by a person"},
    State.REFUSED: {"again by the next"},
    State.POSTING: {"refused", "unknown by holder", "unknown by anyone", "found by holder", "found by its id"},
    State.TICKET: {"continuing", "posting 2", "ended"},
    State.CONTINUING: {"continuing", "posting 2", "ended"},
    State.UNKNOWN: {"found by its id", "again by a person"},
    State.ENDED: set[str](),
}


@pytest.mark.parametrize("start", STARTS)
def test_a_state_has_exactly_the_moves_of_the_table(start: State) -> None:
    allowed = set()
    for name, move in MOVES.items():
        try:
            moved = move(STARTS[start])
        except NotAllowed:
            continue
        allowed.add(name)
        assert moved.at > NOW
    assert allowed == TABLE[start]


def test_a_post_is_sent_by_the_holder_and_nobody_else() -> None:
    with pytest.raises(NotAllowed, match="another process holds the claim"):
        claims.posting(claim(), 1, who=Who.HOLDER, holder="you", now=NOW)
    with pytest.raises(NotAllowed, match="another process holds the claim"):
        claims.refused(POSTING, "x", holder="you", now=NOW)


@pytest.mark.parametrize("index", [0, 2, 3])
def test_only_the_next_ticket_is_posted(index: int) -> None:
    with pytest.raises(NotAllowed, match="is not the next one, which is 1"):
        claims.posting(claim(), index, who=Who.HOLDER, holder="me", now=NOW)


def test_a_ticket_of_another_index_is_not_taken() -> None:
    with pytest.raises(NotAllowed, match="ticket 2 is not the one that is awaited"):
        claims.found(POSTING, replace(TICKET, index=2), who=Who.FINDER, now=NOW)


@pytest.mark.parametrize(
    ("wall", "steady", "may"),
    [(0, 0, True), (59_999, 59.9, True), (60_000, 1, False), (1, 60.0, False), (-1, 1, False), (-600_000, 30, False)],
)
def test_a_holder_begins_within_a_minute_of_both_clocks(wall: int, steady: float, may: bool) -> None:
    """A suspended process shows on the wall clock, a clock that was set back on the steady one, or the other way."""
    assert may_begin(NOW, 100.0, now=NOW + wall, tick=100.0 + steady) is may


def test_a_person_confirms_only_when_the_holder_has_given_up() -> None:
    with pytest.raises(NotAllowed, match="only 10 minutes later"):
        again(claim(), Who.PERSON, NOW + 9 * MINUTE)
    confirmed = again(claim(), Who.PERSON)
    assert (confirmed.attempt, confirmed.holder, confirmed.claimed_at, confirmed.hosts) == (2, "you", LATER, ("id-9",))


def test_a_post_whose_client_is_gone_becomes_unknown_only_when_it_has_been_quiet() -> None:
    with pytest.raises(NotAllowed, match="only 10 minutes later"):
        claims.unknown(POSTING, "lost", who=Who.ANYONE, holder="you", now=NOW + MINUTE)


class TestContinue:
    def test_of_the_same_pause_is_not_repeated_at_once(self) -> None:
        with pytest.raises(NotAllowed, match="is being continued by somebody"):
            claims.continuing(CONTINUING, 1, now=NOW + 59_000)
        assert claims.continuing(CONTINUING, 1, now=NOW + MINUTE).pause == 1

    def test_of_the_next_pause_is_free(self) -> None:
        assert claims.continuing(CONTINUING, 2, now=NOW + 1).pause == 2

    def test_of_a_pause_that_is_over_is_refused(self) -> None:
        with pytest.raises(NotAllowed, match="is over"):
            claims.continuing(replace(CONTINUING, pause=2), 1, now=LATER)


def test_a_second_ticket_has_its_own_time_and_no_pause() -> None:
    moved = claims.posting(CONTINUING, 2, who=Who.ANYONE, holder="you", now=LATER)
    assert (moved.index, moved.pause, moved.holder, moved.claimed_at) == (2, 0, "you", LATER)
    assert moved.ticket is None
    assert FOUND.ticket == TICKET


def test_an_ended_claim_is_the_audit_trail() -> None:
    done = claims.ended(FOUND, "failed", {"hosts": 2, "ok": 1, "failed": 1}, "FINISHED", now=LATER)
    assert (done.outcome, done.summary) == ("failed", {"hosts": 2, "ok": 1, "failed": 1})
    assert done.tickets == (replace(TICKET, status="FINISHED"),)


def test_a_refused_execution_is_tried_again_with_the_same_ticket() -> None:
    posting = claims.posting(claim(), 1, who=Who.HOLDER, holder="me", now=NOW + 1)
    refused = claims.refused(posting, "COC.00040702", holder="me", now=NOW + 2)
    assert todo(refused, now=NOW + 2) is Todo.CLAIM_AGAIN
    next_try = again(refused, Who.NEXT, NOW + 3)
    assert (next_try.attempt, next_try.reason) == (2, "")
    assert claims.posting(next_try, 1, who=Who.HOLDER, holder="you", now=NOW + 4).index == 1


class TestTodo:
    @pytest.mark.parametrize(
        ("found", "expected"),
        [
            (None, Todo.CLAIM),
            (STARTS[State.REFUSED], Todo.CLAIM_AGAIN),
            (POSTING, Todo.LOOK_UP),
            (FOUND, Todo.FOLLOW),
            (CONTINUING, Todo.FOLLOW),
            (STARTS[State.UNKNOWN], Todo.LOOK_UP),
            (STARTS[State.ENDED], Todo.NOTHING),
        ],
    )
    def test_a_client_that_was_killed_at_any_step_is_followed_and_never_repeated(
        self, found: Claim | None, expected: Todo
    ) -> None:
        assert todo(found, now=LATER) is expected

    def test_a_fresh_claim_is_waited_for_and_an_old_one_needs_a_person(self) -> None:
        assert todo(claim(), now=NOW + 59_000) is Todo.WAIT
        assert todo(claim(), now=NOW + MINUTE) is Todo.CONFIRM

    def test_only_what_is_due_runs_and_in_order(self) -> None:
        late = run(name="late", not_before=NOW - 5)
        first, second = run(name="b", not_before=NOW - 9), run(name="c", not_before=NOW - 9)
        others = [run(name="future", not_before=NOW + 1), run(name="gone", expires=NOW)]
        assert due([late, second, *others, first], now=NOW) == (first, second, late)

    def test_an_edited_run_is_an_error_until_it_ends_or_expires(self) -> None:
        changed = run(digest="e" * 20)
        assert "add a new one with another name" in edited(FOUND, changed, now=NOW)
        assert edited(FOUND, run(), now=NOW) == ""
        assert edited(STARTS[State.ENDED], changed, now=NOW) == ""
        assert edited(FOUND, changed, now=NOW + DAY) == ""


class TestForeign:
    def test_our_own_is_not(self) -> None:
        assert foreign(FOUND, run(), TARGET) == ""

    @pytest.mark.parametrize("key", ["run", "owner", "scope"])
    def test_a_copy_of_another_claim_is(self, key: str) -> None:
        wrong: dict[str, Any] = {key: "other"}
        assert f"names another {key}" in foreign(claim(**wrong), run(), TARGET)

    def test_a_claim_that_points_to_a_foreign_ticket_is(self) -> None:
        wrong = claim(state=State.TICKET, tickets=(replace(TICKET, run_id="a" * 20),))
        assert "SCT2026112820000001, which is not of this run" in foreign(wrong, run(), TARGET)


@pytest.mark.parametrize("start", STARTS.values())
def test_a_claim_is_read_back_as_it_was_written(start: Claim) -> None:
    assert loaded(dumped(start)) == start


def test_a_claim_is_readable_json_with_a_format() -> None:
    text = dumped(replace(FOUND, summary={"ok": 1}, state=State.ENDED))
    assert json.loads(text)["format"] == "cocsync-claim/1"
    assert loaded(text).summary == {"ok": 1}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(json.loads(dumped(FOUND)))), _JSON)
def test_whatever_stands_in_a_claim_is_a_claim_or_refused(key: str, value: Any) -> None:
    record = {**json.loads(dumped(FOUND)), key: value}
    try:
        found = loaded(json.dumps(record).encode())
    except ForeignClaim:
        return
    assert loaded(dumped(found)) == found


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"format": "cocsync-claim/2"}',
        b"[" * 100_000,
        b'{"format": "cocsync-claim/1"}',
    ],
)
def test_what_is_no_claim_is_refused(data: bytes | None) -> None:
    with pytest.raises(ForeignClaim):
        loaded(data)


def test_a_ticket_id_that_is_a_path_is_refused() -> None:
    with pytest.raises(ForeignClaim):
        loaded(dumped(replace(FOUND, tickets=(replace(TICKET, id="../../x"),))))
