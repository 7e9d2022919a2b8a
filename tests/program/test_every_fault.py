"""Every request of a representative run, met by every kind of fault; then a clean run that makes COC equal.

Then schedules by chance: up to three faults, and up to three hands in COC, at any request. With COCSYNC_FAULT_PAIRS=1
also every pair of faults, and many more by chance (`make test-long`). The number of schedules is printed.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from cocsync.sim.faults import kinds
from tests.support.hands import by_chance, check_hands, handled
from tests.support.schedule import (
    check_converges,
    check_report,
    check_tenant,
    requests_of_a_clean_run,
    run,
    tenant,
    wanted,
)

STATUSES = ("401", "403", "404", "429=1", "500", "502", "503", "504", "502-after-commit", "504-after-commit")
HEAVY = {"gzip-bomb": "gzip-bomb=17", "huge": "huge=17"}
"""With a value that is just too much."""

KINDS = (*STATUSES, *sorted(HEAVY.get(kind, kind) for kind in kinds.KINDS))
SECONDS = ("lost-after-commit", "502-after-commit", "refused", "403", "truncated")


def check(*faults: str) -> None:
    """One schedule: the invariants hold after the faulty run, and a clean run converges."""
    with tenant() as coc:
        coc.inject(*faults)
        ended = run(coc, wanted())
        coc.clear_faults()
        check_tenant(coc)
        check_report(coc, ended, wanted())
        check_converges(coc)


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_run_converges_after_any_single_fault(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    requests = requests_of_a_clean_run()

    for at in range(1, requests + 1):
        check(f"k={at}:{kind}")

    record_property("schedules", requests)


@pytest.mark.skipif(not os.environ.get("COCSYNC_FAULT_PAIRS"), reason="pairs of faults run in `make test-long`")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", KINDS)
def test_a_clean_run_converges_after_any_pair_of_faults(
    first: str, record_property: Callable[[str, object], None]
) -> None:
    requests, schedules = requests_of_a_clean_run(), 0

    for at in range(1, requests + 1):
        for later in range(1, 6):
            for second in SECONDS:
                check(f"k={at}:{first}", f"k={at + later}:{second}")
                schedules += 1

    record_property("schedules", schedules)


LONG = bool(os.environ.get("COCSYNC_FAULT_PAIRS"))
BY_CHANCE = 100
"""Schedules of one test."""


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(30 if LONG else 1))
def test_no_hand_loses_anything_whatever_goes_wrong(part: int, record_property: Callable[[str, object], None]) -> None:
    """Faults and hands at any request of a run, and of the clean one after it."""
    for seed in range(part * BY_CHANCE, (part + 1) * BY_CHANCE):
        faults, acts = by_chance(seed, KINDS)
        with handled(acts) as coc:
            coc.inject(*faults)
            check_hands(coc, run(coc, wanted(), saved=seed % 2 == 0), wanted(), note=f"{seed}: {faults} {acts}")
            coc.clear_faults()
            check_hands(coc, run(coc, wanted()), wanted(), note=f"after {seed}: {faults} {acts}")

    record_property("schedules", BY_CHANCE)
