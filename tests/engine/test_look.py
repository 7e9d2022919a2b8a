"""A plan with a cache is the plan without one, and costs list pages only where nothing changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.apply.backup import Backups
from cocsync.apply.execute import Executor
from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.look import Listing, Look, observe_with, remember
from cocsync.engine.requests import Reading, Refresh
from cocsync.model.content import Content
from cocsync.model.desired import Desired, Manifest
from cocsync.model.live import Live, Observed
from cocsync.model.source import Source
from cocsync.observe.cache import Cache
from cocsync.observe.reading import observe
from cocsync.observe.recall import entry_of
from cocsync.plan.plan import Plan
from cocsync.plan.planner import make_plan
from cocsync.sim import Settings, Simulator
from tests.support import builders
from tests.support.engine import api_for
from tests.support.strategies import lives
from tests.support.tenant import Tenant

PAGE = 100


def planner(manifests: list[Manifest], **scope: Any) -> Callable[[Observed], Plan]:
    desired = Desired(manifests=tuple(sorted(manifests, key=lambda m: m.name)))
    asked = builders.scope(**scope)
    return lambda seen: make_plan(desired, seen, asked, target=builders.TARGET, source=Source())


def look(
    coc: Simulator, manifests: list[Manifest], cache: Cache | None, refresh: Refresh = Refresh.AUTO, **scope: Any
) -> tuple[Plan, int]:
    """The plan, and the number of requests that it took."""
    coc.requests.clear()
    with api_for(coc, writable=False) as api:
        named = {manifest.name: manifest for manifest in manifests}
        looking = Look(api=api, manifests=named, reading=Reading(refresh=refresh, parallelism=4))
        plan = looking.plan(planner(manifests, **scope), Listing(api, cache))
    return plan, len(coc.requests)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache.db", "scope")


@pytest.fixture
def many(tmp_path: Path) -> tuple[Simulator, list[Manifest]]:
    """450 scripts as their manifests say, of one type and risk level, and the cache of the first look."""
    manifests = [builders.manifest(f"script_{n:03}") for n in range(450)]
    with Tenant(tmp_path) as tenant:
        tenant.apply(tenant.plan(*manifests), *manifests)
        coc = Simulator(tmp_path / "coc.db")
        for script in tenant.simulator.scripts():
            coc.create(name=script.name, content=script.content, description=script.description)
    return coc, manifests


@pytest.mark.parametrize("null_times", [True, False])
def test_requests_stay_within_their_budget(
    many: tuple[Simulator, list[Manifest]], cache: Cache, null_times: bool
) -> None:
    """Cold: pages and details; warm: pages; one change: one detail more. At most 12 beside them."""
    coc, manifests = many
    coc.configure(modified_null_until_edit=null_times)
    pages = -(-len(manifests) // PAGE)

    cold, requests = look(coc, manifests, cache)
    assert requests <= pages + len(manifests) + 12
    warm, again = look(coc, manifests, cache)
    assert again <= pages + 12
    assert warm == cold
    coc.edit("script_007", content="df -i\n")
    changed, once_more = look(coc, manifests, cache)
    assert once_more <= pages + 12 + 1
    assert [change.name for change in changed.changes] == ["script_007"]


@pytest.mark.parametrize(
    "cuts", ["[-5, -7]", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", str(list(range(1, 450))), "[" * 100_000]
)
def test_cuts_of_another_list_cost_no_more_than_the_budget(
    many: tuple[Simulator, list[Manifest]], cache: Cache, cuts: str
) -> None:
    coc, manifests = many
    plan, _ = look(coc, manifests, cache)
    with closing(sqlite3.connect(cache.path)) as connection, connection:
        connection.execute("UPDATE cuts SET ids = ?", (cuts,))

    again, requests = look(coc, manifests, cache)

    assert again == plan
    assert requests <= -(-len(manifests) // PAGE) + 12


def test_drift_reads_everything(many: tuple[Simulator, list[Manifest]], cache: Cache) -> None:
    coc, manifests = many
    look(coc, manifests, cache)

    assert look(coc, manifests, cache, Refresh.FULL)[1] >= len(manifests)


def test_what_only_a_full_reading_sees_is_seen_by_one(tmp_path: Path, cache: Cache) -> None:
    """An edit that moves nothing in the row."""
    manifest = builders.manifest()
    with Tenant(tmp_path) as tenant:
        tenant.apply(tenant.plan(manifest), manifest)
        coc = tenant.simulator
        coc.configure(modified_null_until_edit=True)
        look(coc, [manifest], cache)
        before = next(iter(cache.load()[0].values()))
        coc.edit("disk_report", content="df -i\n")
        with api_for(coc, writable=False) as api:
            remember(cache, map(entry_of, observe(api, parallelism=1).scripts))
        moved = next(iter(cache.load()[0].values()))
        cache.store([replace(before, row=moved.row)])

        hidden, _ = look(coc, [manifest], cache)
        seen, _ = look(coc, [manifest], cache, Refresh.FULL)

    assert hidden.changes == ()
    assert [change.name for change in seen.changes] == ["disk_report"]


def test_only_what_a_manifest_names_is_read_when_asked() -> None:
    manifest = builders.manifest(previous_names=("old",))
    coc = Simulator()
    for name in ("disk_report", "old", "other", "another"):
        coc.create(name=name, content="echo", description="by hand")

    plan, requests = look(coc, [manifest], None, Refresh.NAMED)

    assert requests == 1 + 2
    assert plan.complete is False
    assert plan.unmanaged == () or {u.name for u in plan.unmanaged} == {"old"}


def test_prune_and_a_named_look_do_not_go_together() -> None:
    coc = Simulator()
    coc.create(name="other", content="echo", description="by hand")

    plan, _ = look(coc, [builders.manifest()], None, Refresh.NAMED, prune=True)

    assert [guard.code for guard in plan.guards] == ["prune-incomplete"]


def test_states_are_told_from_rows_and_marks(many: tuple[Simulator, list[Manifest]], cache: Cache) -> None:
    coc, manifests = many
    look(coc, manifests, cache)
    coc.requests.clear()

    with api_for(coc, writable=False) as api:
        seen = observe_with(api, cache, parallelism=4)

    assert len(coc.requests) <= 5 + 12
    assert all(builders.OWNERS.mark_of_ours(live) for live in seen.scripts)


edits = st.lists(
    st.tuples(
        st.sampled_from(("edit", "delete", "create", "wipe", "manifest", "drop")),
        st.sampled_from(("alpha", "beta", "gamma")),
    ),
    max_size=6,
)


def _truncated(cache: Cache, at: int) -> None:
    cache.path.write_bytes(cache.path.read_bytes()[:at])


def _flipped(cache: Cache, at: int) -> None:
    data = bytearray(cache.path.read_bytes())
    data[at % len(data)] ^= 1 << at % 8
    cache.path.write_bytes(data)


def _foreign(cache: Cache, at: int) -> None:
    cache.path.write_bytes(b"SQLite format 3\0" * (at % 99))


def _older(cache: Cache, _: int) -> None:
    """As format 1 had it: without a digest of the whole."""
    entries, _cuts = cache.load()
    cache.clear()
    with closing(sqlite3.connect(cache.path)) as connection, connection:
        connection.execute("CREATE TABLE entry (scope TEXT, uuid TEXT, row TEXT, mark TEXT, fields TEXT)")
        rows = [(cache.scope, e.uuid, e.row, e.mark, e.fields) for e in entries.values()]
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", rows)


def _mixed(cache: Cache, at: int) -> None:
    """Each entry under the uuid of another, or with another's mark."""
    entries = list(cache.load()[0].values())
    others = entries[1:] + entries[:1]
    swapped = ("uuid", "mark", "row", "whole", "fields")[at % 5]
    cache.store(replace(e, **{swapped: getattr(o, swapped)}) for e, o in zip(entries, others, strict=True))


HARMS = (lambda _cache, _at: None, _truncated, _flipped, _foreign, _older, _mixed)


@given(
    before=edits,
    after=edits,
    harm=st.sampled_from(HARMS),
    at=st.integers(0, 30_000),
    prune=st.booleans(),
    settings=st.booleans(),
)
def test_any_cache_gives_the_plan_that_no_cache_gives(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, str]],
    after: list[tuple[str, str]],
    harm: Callable[[Cache, int], None],
    at: int,
    prune: bool,
    settings: bool,
) -> None:
    """One written before anything happened, and one that is truncated, corrupt, foreign, older or mixed."""
    folder = tmp_path_factory.mktemp("cache")
    cache = Cache(folder / "cache.db", "scope")
    scope: dict[str, Any] = {"prune": prune, "adopt_all": True}
    with Tenant(folder, shows_protocol=settings, ids_ascending=settings) as tenant:
        manifests = {name: builders.manifest(name, params=(builders.secret(),)) for name in ("alpha", "beta")}
        tenant.apply(tenant.plan(*manifests.values()), *manifests.values())
        _play(before, tenant.simulator, manifests)
        look(tenant.simulator, list(manifests.values()), cache, **scope)
        _play(after, tenant.simulator, manifests)
        if cache.path.is_file():
            harm(cache, at)

        with_cache, _ = look(tenant.simulator, list(manifests.values()), cache, **scope)
        without, _ = look(tenant.simulator, list(manifests.values()), None, **scope)

    assert with_cache == without


@given(told=st.lists(lives(), min_size=2, max_size=2), before=edits, ours=st.booleans())
def test_a_forged_entry_never_causes_a_write(
    tmp_path_factory: pytest.TempPathFactory, told: list[Live], before: list[tuple[str, str]], ours: bool
) -> None:
    """It says of a script as it stands in the list whatever it likes. It can hide a change, and add none."""
    folder = tmp_path_factory.mktemp("forged")
    cache = Cache(folder / "cache.db", "scope")
    scope: dict[str, Any] = {"prune": True, "prune_edited": True, "adopt_all": True, "renew_marks": True}
    with Tenant(folder) as tenant:
        manifests = {name: builders.manifest(name, params=(builders.secret(),)) for name in ("alpha", "beta")}
        tenant.apply(tenant.plan(*manifests.values()), *manifests.values())
        _play(before, tenant.simulator, manifests)
        honest, _ = look(tenant.simulator, list(manifests.values()), None, **scope)
        with api_for(tenant.simulator, writable=False) as api:
            seen = observe(api, parallelism=1).scripts
        cache.store(filter(None, map(entry_of, (_forged(s, t, ours=ours) for s, t in zip(seen, told, strict=False)))))

        misled, _ = look(tenant.simulator, list(manifests.values()), cache, **scope)

    assert set(map(repr, misled.changes)) <= set(map(repr, honest.changes))


def _forged(seen: Live, told: Live, *, ours: bool) -> Live:
    """The row of the one, and everything that a row does not hold of the other."""
    hidden = {key: getattr(told.script, key) for key in ("description", "content", "protocol", "params")}
    mark = builders.written(builders.manifest(seen.name, **hidden)).mark if ours else told.mark
    return replace(seen, script=replace(seen.script, **hidden), mark=mark, answered_at=None)


def _play(events: list[tuple[str, str]], coc: Simulator, manifests: dict[str, Manifest]) -> None:
    for number, (event, name) in enumerate(events):
        there = name in {script.name for script in coc.scripts()}
        match event:
            case "edit" if there:
                coc.edit(name, content=f"echo {number}\n")
            case "wipe" if there:
                coc.edit(name, description="retyped")
            case "delete" if there:
                coc.delete(name)
            case "create" if not there:
                coc.create(name=name, content="echo\n", description="by hand")
            case "manifest":
                manifests[name] = builders.manifest(name, content=f"df {number}\n")
            case "drop":
                manifests.pop(name, None)
            case _:
                pass


def test_a_second_look_after_an_apply_reads_no_detail(tmp_path: Path, cache: Cache) -> None:
    manifest = builders.manifest(reviewers=(builders.ALICE,))
    coc = Simulator(settings=Settings())
    with api_for(coc, writable=True) as api:
        plan, _ = look(coc, [manifest], cache)
        lives: list[Live] = []
        executor = Executor(
            api=api,
            manifests={manifest.name: manifest},
            intent=builders.scope().intent,
            backups=Backups(tmp_path),
            wait=lambda _: None,
            remember=lives.append,
        )
        executor.run(plan.changes[0])
        remember(cache, map(entry_of, lives))

    again, requests = look(coc, [manifest], cache)

    assert again.changes == ()
    assert requests == 1


def test_a_remembered_script_that_may_not_be_read_any_more_is_told_as_without_a_cache(
    tmp_path: Path, cache: Cache
) -> None:
    with Tenant(tmp_path) as tenant:
        before = [builders.manifest("gone"), builders.manifest("same")]
        tenant.apply(tenant.plan(*before), *before)
        coc, manifests = tenant.simulator, before[1:]
        look(coc, before, cache)
        coc.configure(forbidden=("gone",))

        with_cache, _ = look(coc, manifests, cache)
        without, _ = look(coc, manifests, None)

    assert with_cache == without
    assert [script.name for script in with_cache.unmanaged] == ["gone"]


class TestContents:
    """What is kept in memory of the contents that a look reads."""

    def test_one_that_the_manifest_has_too_is_not_kept_twice(self, tmp_path: Path) -> None:
        same, changed = builders.manifest("same"), builders.manifest("changed", content="df -i\n")
        with Tenant(tmp_path) as tenant:
            tenant.apply(tenant.plan(same, changed), same, changed)
            tenant.simulator.edit("changed", content="by hand\n")
            kept = {live.name: live.script.content for live in self.seen(tenant.api, same, changed).scripts}
        assert kept["same"] is same.script.content
        assert kept["changed"].text == "by hand\n"

    def test_of_one_of_nobodys_the_digest_is_kept(self) -> None:
        coc = Simulator()
        coc.create(name="other", content="echo\n", description="by hand")
        with api_for(coc, writable=False) as api:
            (live,) = self.seen(api).scripts
            coc.requests.clear()
            with pytest.raises(AssertionError, match="no plan looks at"):
                _ = live.script.content.text
        assert live.script.content == Content("echo\n")
        assert len(coc.requests) == 0

    @staticmethod
    def seen(api: ScriptsApi, *manifests: Manifest) -> Observed:
        observed: list[Observed] = []
        make = planner(list(manifests))

        def note(seen: Observed) -> Plan:
            observed.append(seen)
            return make(seen)

        named = {manifest.name: manifest for manifest in manifests}
        looking = Look(api=api, manifests=named, reading=Reading(refresh=Refresh.FULL, parallelism=2))
        looking.plan(note, Listing(api, None))
        return observed[0]
