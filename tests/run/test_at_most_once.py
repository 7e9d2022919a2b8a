"""At most one POST for each ticket of a Run, whatever clients do and however they are killed, suspended and restarted.

The clients act by claims and todo alone, over refs that are moved by lease and a COC that may lose answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.run import claims
from cocsync.run.claimfile import dumped, loaded
from cocsync.run.claims import Claim, ClaimedTicket, NotAllowed, State, Who, may_begin
from cocsync.run.identity import claim_ref, run_id
from cocsync.run.pending import Todo, foreign, todo
from cocsync.system.refs import Refs
from tests.run.samples import NOW, TARGET, claim, run
from tests.support.remotes import Remote, git

TICKETS = 2
MINUTE = 60_000


@dataclass
class World:
    """The ref, what COC was sent, and the time."""

    now: int = NOW
    tip: tuple[int, Claim] | None = None
    posts: Counter[str] = field(default_factory=Counter)
    visible: set[str] = field(default_factory=set)
    continues: Counter[int] = field(default_factory=Counter)

    def move(self, lease: int | None, to: Claim) -> int | None:
        """The new commit; None where the move was lost."""
        if (self.tip[0] if self.tip else None) != lease:
            return None
        self.tip = ((lease or 0) + 1, loaded(dumped(to)))
        return self.tip[0]


def client(world: World, me: str, *, person: bool, lost: bool) -> Iterator[None]:
    """One `run --pending`; it may be suspended or killed at each `yield`. `lost`: answers to its POSTs are."""
    while True:
        yield
        tip = world.tip
        held, lease = (tip[1], tip[0]) if tip else (None, None)
        yield
        try:
            match todo(held, now=world.now):
                case Todo.CLAIM:
                    mine = claim(holder=me, at=world.now, claimed_at=world.now)
                    if won := world.move(lease, mine):
                        yield from posted(world, me, mine, won, 1, lost=lost)
                case Todo.CLAIM_AGAIN | Todo.CONFIRM if held and (held.state is State.REFUSED or person):
                    yield from claimed_again(world, me, held, lease, lost=lost)
                case Todo.LOOK_UP if held:
                    looked_up(world, held, lease, me)
                case Todo.FOLLOW if held:
                    yield from followed(world, me, held, lease, lost=lost)
                case Todo.NOTHING:
                    return
        except NotAllowed:
            continue


def claimed_again(world: World, me: str, held: Claim, lease: int | None, *, lost: bool) -> Iterator[None]:
    who = Who.NEXT if held.state is State.REFUSED else Who.PERSON
    mine = claims.again(held, who=who, holder=me, hosts=held.hosts, script_digest="x", now=world.now)
    if won := world.move(lease, mine):
        yield from posted(world, me, mine, won, 1, lost=lost)


def posted(world: World, me: str, held: Claim, lease: int | None, index: int, *, lost: bool) -> Iterator[None]:
    """Moves to posting from the record that was read, and sends the POST while the time lasts."""
    begun = world.now
    who = Who.HOLDER if held.state is State.CLAIMED else Who.ANYONE
    yield
    if who is Who.HOLDER and not may_begin(held.claimed_at, begun / 1000, now=world.now, tick=world.now / 1000):
        return
    mine = claims.posting(held, index, who=who, holder=me, now=world.now)
    won = world.move(lease, mine)
    if won is None:
        return
    yield
    if not may_begin(mine.claimed_at, begun / 1000, now=world.now, tick=world.now / 1000):
        return
    id_ = run_id(TARGET, "rotate", index)
    world.posts[id_] += 1
    yield
    world.visible.add(id_)
    if not lost:
        world.move(won, claims.found(mine, ticket(index), who=Who.HOLDER, now=world.now))


def ticket(index: int) -> ClaimedTicket:
    return ClaimedTicket(index=index, run_id=run_id(TARGET, "rotate", index), id=f"SCT{index}")


def looked_up(world: World, held: Claim, lease: int | None, me: str) -> None:
    if run_id(TARGET, "rotate", held.index) in world.visible:
        world.move(lease, claims.found(held, ticket(held.index), who=Who.FINDER, now=world.now))
    elif held.state is State.POSTING:
        world.move(lease, claims.unknown(held, "lost", who=Who.ANYONE, holder=me, now=world.now))


def followed(world: World, me: str, held: Claim, lease: int | None, *, lost: bool) -> Iterator[None]:
    if held.state is State.TICKET and held.index == 1:
        if world.move(lease, claims.continuing(held, 1, now=world.now)):
            world.continues[held.index] += 1
    elif held.index < TICKETS:
        yield from posted(world, me, held, lease, held.index + 1, lost=lost)
    else:
        world.move(lease, claims.ended(held, "ok", {"hosts": 2, "ok": 2}, "FINISHED", now=world.now))


_KINDS = st.sampled_from([*["step"] * 12, "kill", "sleep", "hour"])
_ACTIONS = st.lists(st.tuples(st.integers(0, 2), _KINDS), min_size=30, max_size=80)
_LOST = st.tuples(st.booleans(), st.booleans(), st.booleans())


@given(_ACTIONS, _LOST)
def test_no_ticket_is_posted_twice_in_any_order_of_clients(
    actions: list[tuple[int, str]], lost: tuple[bool, ...]
) -> None:
    world = World()
    living = [client(world, f"c{n}", person=False, lost=lost[n]) for n in range(3)]
    for count, (who, action) in enumerate(actions):
        if action == "kill":
            living[who] = client(world, f"c{who}-{count}", person=False, lost=lost[who])
        elif action == "step":
            next(living[who], None)
        else:
            world.now += 30_000 if action == "sleep" else 60 * MINUTE
        assert max(world.posts.values(), default=0) <= 1
        assert max(world.continues.values(), default=0) <= 1


def test_undisturbed_clients_finish_the_run() -> None:
    world = World()
    living = [client(world, f"c{n}", person=False, lost=False) for n in range(2)]
    for _ in range(100):
        for one in living:
            next(one, None)
    assert world.tip is not None
    assert world.tip[1].state is State.ENDED
    assert list(world.posts.values()) == [1, 1]


def test_a_lost_answer_is_found_by_the_next_client() -> None:
    world = World()
    first = client(world, "a", person=False, lost=True)
    for _ in range(30):
        next(first, None)
    assert sum(world.posts.values()) >= 1
    assert max(world.posts.values()) == 1


@pytest.mark.parametrize("killed_after", range(1, 8))
def test_a_client_that_is_killed_at_any_step_leaves_a_run_that_ends_or_waits_for_a_person(killed_after: int) -> None:
    world = World()
    first = client(world, "a", person=False, lost=False)
    for _ in range(killed_after):
        next(first, None)
    world.now += 60 * MINUTE
    second = client(world, "b", person=False, lost=False)
    for _ in range(60):
        next(second, None)

    assert world.tip is not None
    assert max(world.posts.values(), default=0) <= 1
    end = world.tip[1]
    assert end.state in (State.ENDED, State.CLAIMED, State.UNKNOWN)
    if end.state is not State.ENDED:
        assert not world.visible


def test_two_clones_over_real_git_claim_post_and_follow_once(tmp_path: Path) -> None:
    remote = Remote(tmp_path)
    one, two = (Refs(git(remote.clone(name)), remote.url, file="run.json") for name in ("one", "two"))
    ref = claim_ref("refs/cocsync/runs/", TARGET, "rotate")
    assert (one.read(ref), two.read(ref)) == (None, None)

    mine = claim(holder="one")
    won = one.move(ref, dumped(mine), lease=None, message="claimed")
    lost = two.move(ref, dumped(claim(holder="two")), lease=None, message="claimed")
    assert (won.won, lost.won) == (True, False)
    assert won.tip is not None
    assert lost.tip is not None
    held = loaded(lost.tip.data)
    assert held == mine
    assert (todo(held, now=NOW), foreign(held, run(), TARGET)) == (Todo.WAIT, "")

    posting = claims.posting(mine, 1, who=Who.HOLDER, holder="one", now=NOW + 1)
    moved = one.move(ref, dumped(posting), lease=won.tip.commit, message="posting 1")
    assert moved.won
    seen = two.read(ref)
    assert seen is not None
    assert todo(loaded(seen.data), now=NOW + 2) is Todo.LOOK_UP


def test_two_owners_and_two_targets_with_one_name_have_refs_of_their_own() -> None:
    others = (TARGET, replace(TARGET, owner="other"), replace(TARGET, domain_id="2"), replace(TARGET, endpoint="sim:"))
    assert len({claim_ref("refs/cocsync/runs/", target, "rotate") for target in others}) == 4
