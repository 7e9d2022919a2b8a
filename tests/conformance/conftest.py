"""Facts about COC's API, tried on the simulator always, and on a real account where COCSYNC_CONFORMANCE=1 asks for it.

A real account is the one of COCSYNC_ENDPOINT (`cn`, `intl`, `eu` or an address) and of the credentials that cocsync
itself would use. Scripts are made and deleted there, all under names that begin with `cocsync_conformance_`; no other
is touched. COCSYNC_CONFORMANCE_REVIEWER=NAME:ID names an IAM user who may be asked for reviews. Only where
COCSYNC_CONFORMANCE_HOST names a host, scripts that print a word are executed on it, and on no other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cocsync.sim import Settings
from tests.conformance.account import ACCOUNTS, Account, real, simulated


@pytest.fixture(params=ACCOUNTS)
def coc(request: pytest.FixtureRequest) -> Iterator[Account]:
    with real() if request.param == "real" else simulated(Settings()) as account:
        yield account


@pytest.fixture
def reviewer(request: pytest.FixtureRequest) -> dict[str, str]:
    """A user who may review, as the wire has it."""
    name, _, id_ = os.environ.get("COCSYNC_CONFORMANCE_REVIEWER", "").partition(":")
    if not name and "real" in request.node.name:
        pytest.skip("COCSYNC_CONFORMANCE_REVIEWER=NAME:ID names nobody")
    return {"reviewer_name": name or "alice", "reviewer_id": id_ or "7a8513cd87b7448283a1d5190eb91234"}
