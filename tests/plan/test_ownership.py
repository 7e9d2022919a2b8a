"""Whose a live script is, by its mark."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cocsync.model.content import Content
from cocsync.model.live import Live
from cocsync.model.mark import Mark
from cocsync.plan.ownership import Claim, Owners
from tests.support.builders import OWNER, foreign, manifest, written

OWNERS = Owners(current=OWNER, previous=frozenset({"old_name"}))
COPY = replace(written(manifest("original")), uuid="SC_copy", script=written(manifest("copy")).script)


@pytest.mark.parametrize(
    ("live", "claim"),
    [
        (written(manifest()), Claim.OURS),
        (written(manifest(), owner="old_name"), Claim.PREVIOUS_OWNER),
        (foreign(), Claim.UNMARKED),
        (written(manifest(), owner="net"), Claim.OTHER_OWNER),
        (COPY, Claim.COPIED),
        (replace(COPY, mark=written(manifest("original"), owner="net").mark), Claim.COPIED),
        (replace(foreign(), mark=Mark(owner=OWNER, format=2)), Claim.NEWER_FORMAT),
        (replace(foreign(), mark=Mark(owner="old_name", format=9)), Claim.PREVIOUS_OWNER),
        (replace(foreign(), mark=Mark(owner="net", format=2)), Claim.OTHER_OWNER),
    ],
    ids=[
        *("ours", "previous owner", "unmarked", "another owner", "copied", "copied from another owner"),
        *("newer format", "newer format of a previous owner", "newer format of another owner"),
    ],
)
def test_a_mark_makes_a_script(live: Live, claim: Claim) -> None:
    assert OWNERS.claim(live) is claim
    assert OWNERS.mark_of_ours(live) == (live.mark if claim is Claim.OURS else None)


def test_a_protected_or_edited_script_is_ours_all_the_same() -> None:
    live = written(manifest(protected=True))
    assert OWNERS.claim(replace(live, script=replace(live.script, content=Content("edited")))) is Claim.OURS
