"""What is remembered of a script stands for reading it only where reading could tell nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.engine.look import to_read
from cocsync.model.desired import Manifest
from cocsync.model.live import ListedScript, Live
from cocsync.model.normalise import EXACT, Normalisation
from cocsync.observe.recall import entry_of, recall, recognised
from tests.support import builders
from tests.support.strategies import lives, manifests


def row_of(live: Live) -> ListedScript:
    script = live.script
    row = builders.row(live)
    return replace(row, risk_level=script.risk_level, version=script.version, reviewers=script.reviewers)


@given(manifest=manifests(), protocol=st.booleans())
def test_a_script_as_its_manifest_says_is_recalled_as_it_is(manifest: Manifest, protocol: bool) -> None:
    live = builders.written(manifest, protocol=protocol)

    recalled = recall(row_of(live), entry_of(live), manifest.script, manifest.ignore)

    assert recalled is not None
    plans = [builders.plan_of([manifest], [each]) for each in (live, recalled)]
    assert plans[0] == plans[1]


@given(manifest=manifests(), live=lives())
def test_a_script_that_differs_anywhere_is_read(manifest: Manifest, live: Live) -> None:
    live = replace(live, script=replace(live.script, name=manifest.name))
    recalled = recall(row_of(live), entry_of(live), manifest.script, manifest.ignore)

    if recalled is not None:
        plans = [builders.plan_of([manifest], [each]) for each in (live, recalled)]
        assert [(c.action, c.fields) for c in plans[0].changes] == [(c.action, c.fields) for c in plans[1].changes]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "x"},
        {"type": "BAT"},
        {"status": "REJECTED"},
        {"created_at": 1},
        {"modified_at": 2},
        {"creator": "x"},
        {"operator": "x"},
        {"risk_level": "HIGH"},
        {"version": "9"},
        {"reviewers": (builders.BOB,)},
    ],
)
def test_a_row_that_moved_in_anything_is_read(change: dict[str, object]) -> None:
    live = builders.foreign()
    row = row_of(live)

    assert recall(row, entry_of(live), None) is not None
    assert recall(replace(row, **change), entry_of(live), None) is None  # type: ignore[arg-type]


def test_an_id_that_moved_changes_nothing() -> None:
    live = builders.foreign()

    assert recall(replace(row_of(live), id=77), entry_of(live), None) is not None


def test_what_is_not_remembered_is_read() -> None:
    assert recall(row_of(builders.foreign()), None, None) is None


def test_without_a_manifest_the_row_and_the_mark_are_enough() -> None:
    live = builders.written(builders.manifest(reviewers=(builders.ALICE,)))

    recalled = recall(row_of(live), entry_of(live), None)

    assert recalled is not None
    assert (recalled.mark, recalled.script.reviewers) == (live.mark, (builders.ALICE,))


def test_an_ignored_field_may_differ() -> None:
    manifest = builders.manifest(reviewers=(builders.ALICE,), ignore=frozenset({"reviewers", "protocol"}))
    before = builders.written(manifest, answered_at=builders.MODIFIED + 60_000)
    live = builders.edited(before, reviewers=(builders.BOB,), protocol="SMS")

    assert recall(row_of(live), entry_of(live), manifest.script, manifest.ignore) is not None


def test_another_protocol_is_read() -> None:
    manifest = builders.manifest(protocol="EMAIL")
    live = builders.edited(builders.written(manifest, answered_at=builders.MODIFIED + 60_000), protocol="SMS")

    assert recall(row_of(live), entry_of(live), manifest.script, manifest.ignore) is None


@pytest.mark.parametrize(
    ("modified", "answered", "kept"),
    [
        (None, None, True),
        (1_700_000_000_123, 1_700_000_000_200, True),
        (1_700_000_000_000, 1_700_000_001_999, False),
        (1_700_000_000_000, 1_700_000_002_000, False),
        (1_700_000_000_000, 1_700_000_002_001, True),
        (1_700_000_000_000, None, False),
    ],
)
def test_a_time_of_whole_seconds_just_now_is_not_trusted(
    modified: int | None, answered: int | None, kept: bool
) -> None:
    live = builders.foreign(modified_at=modified, answered_at=answered)

    assert (entry_of(live) is not None) is kept


class TestKeptAs:
    LAST = Normalisation.of(["final_newline"])
    MANIFEST = builders.manifest()
    SHOWN = builders.edited(builders.written(MANIFEST), content="df -h")

    def test_what_coc_made_of_a_text_is_recognised_where_mark_and_script_are_still_that(self) -> None:
        entry = entry_of(replace(self.SHOWN, kept_as=self.LAST))
        assert recognised(self.SHOWN, entry).kept_as == self.LAST
        other = builders.edited(self.SHOWN, content="df -h\r\n")
        renewed = replace(self.SHOWN, mark=builders.written(self.MANIFEST, owner="other").mark)
        assert [recognised(live, entry).kept_as for live in (other, renewed)] == [EXACT, EXACT]
        assert recognised(self.SHOWN, None) == recognised(self.SHOWN, entry_of(self.SHOWN)) == self.SHOWN

    def test_it_is_kept_also_where_no_row_may_stand_for_the_script(self) -> None:
        live = replace(self.SHOWN, kept_as=self.LAST, modified_at=1_700_000_000_000, answered_at=1_700_000_000_001)
        entry = entry_of(live)
        assert recall(row_of(live), entry, None) is None
        assert recognised(replace(live, kept_as=EXACT), entry) == live


def test_a_mark_that_is_not_the_entrys_own_is_not_believed() -> None:
    """A bit of the file may have turned: of a script that nothing touches, no plan reads the true mark."""
    manifest = builders.manifest(params=(builders.secret(),))
    live = builders.written(manifest, keys=builders.KEYS)
    entry, other = entry_of(live), entry_of(builders.written(manifest, keys=builders.OTHER_KEYS))
    assert entry is not None
    assert other is not None

    assert recall(row_of(live), entry, manifest.script, manifest.ignore) is not None
    assert recall(row_of(live), replace(entry, mark=other.mark), manifest.script, manifest.ignore) is None


def test_no_name_content_or_value_is_in_an_entry() -> None:
    manifest = builders.manifest("a_telling_name", content="telling content\n", description="telling words")
    entry = entry_of(builders.written(manifest, uuid="SC1"))

    assert "telling" not in repr(entry)


def test_what_a_plan_touches_or_tells_of_is_to_be_read() -> None:
    kept, drifted, gone = (builders.written(builders.manifest(name)) for name in ("kept", "drifted", "gone"))
    other = builders.foreign("other")
    manifest = builders.manifest
    plan = builders.plan_of(
        [manifest("kept"), manifest("drifted", content="new\n"), manifest("other")], [kept, drifted, gone, other]
    )

    everything = frozenset(live.uuid for live in (kept, drifted, gone, other))
    assert to_read(plan, everything) == {drifted.uuid, gone.uuid, other.uuid}
    assert to_read(plan, frozenset({kept.uuid})) == frozenset()
