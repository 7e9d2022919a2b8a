"""What COC was seen to hold."""

from __future__ import annotations

from dataclasses import replace

from tests.support.builders import CREATED, MODIFIED, foreign


def test_the_creator_touched_a_script_last_until_somebody_edits_it() -> None:
    """COC leaves operator and time of modification empty until then."""
    live = foreign(creator="ci")
    assert (live.last_user, live.last_touched) == ("ci", CREATED)
    edited = replace(live, operator="mallory", modified_at=MODIFIED)
    assert (edited.last_user, edited.last_touched) == ("mallory", MODIFIED)


def test_a_modification_at_the_epoch_is_one() -> None:
    assert replace(foreign(), modified_at=0).last_touched == 0
