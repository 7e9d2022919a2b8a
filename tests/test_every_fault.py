"""Every request of a representative run, met by every kind of fault; then a clean run that makes COC equal.

With COCSYNC_FAULT_PAIRS=1 also pairs of faults (`make test-long`). The number of schedules is printed.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from cocsync.sim import kinds
from tests.schedule import check_converges, check_report, check_tenant, requests_of_a_clean_run, run, tenant, wanted

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
