"""Claims in the refs of a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocsync.engine.claimstore import ClaimStore
from cocsync.errors import Refused
from cocsync.run import claims
from cocsync.run.claims import Who
from cocsync.run.identity import claim_ref
from cocsync.system.refs import Refs
from tests.run.samples import NOW, TARGET, claim
from tests.support.remotes import Remote, git

REF = claim_ref("refs/cocsync/runs/", TARGET, "rotate")


def test_a_claim_moves_with_the_commit_that_it_was_read_from(tmp_path: Path) -> None:
    remote = Remote(tmp_path)
    one, two = (ClaimStore(Refs(git(remote.clone(name)), remote.url, file="run.json")) for name in ("one", "two"))
    assert one.read(REF) is None

    won, mine = one.move(REF, None, claim())
    lost, theirs = two.move(REF, None, claim(holder="two"))

    assert (won, lost) == (True, False)
    assert mine == theirs == two.read(REF)
    assert mine is not None
    assert mine.claim == claim()

    posting = claims.posting(mine.claim, 1, who=Who.HOLDER, holder="me", now=NOW + 1)
    won, after = one.move(REF, mine, posting)
    stale, now = two.move(REF, theirs, posting)
    assert (won, stale) == (True, False)
    assert after == now
    assert two.read_all("refs/cocsync/runs/ops/*") == {REF: after}


def test_a_record_that_is_not_a_claim_is_refused_and_names_the_commit(tmp_path: Path) -> None:
    remote = Remote(tmp_path)
    refs = Refs(git(remote.clone("one")), remote.url, file="run.json")
    tip = refs.move(REF, b"{}", lease=None, message="x").tip
    assert tip is not None

    with pytest.raises(Refused, match=f"is not of the format .*: look who pushed {tip.commit[:12]}"):
        ClaimStore(refs).read(REF)
