"""What a doctor makes of an answer's date and of the environment's proxies."""

from __future__ import annotations

import pytest

from cocsync.coc.http.answer import Reply
from cocsync.doctor.checkup import Check, State
from cocsync.doctor.probing import clock, proxy_of

NOON = 1_704_196_800.0
"""2 January 2024, 12:00 UTC."""


def seen(date: str | None, now: float = NOON) -> Check:
    headers = {} if date is None else {"date": date}
    return clock(Reply(status=200, headers=headers, body=b""), now, signs=True)


@pytest.mark.parametrize("date", [None, "", "noon", "Tue, 99 Jan 2024 12:00:00 GMT"])
def test_without_a_usable_date_clocks_cannot_be_compared(date: str | None) -> None:
    assert seen(date).state is State.SKIPPED


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000"])
@pytest.mark.parametrize(
    ("off", "state"),
    [(0, State.OK), (60, State.OK), (-61, State.WARNING), (900, State.WARNING), (-901, State.FAILED)],
)
def test_clocks_are_compared_whatever_the_zone_is_called(zone: str, off: int, state: State) -> None:
    assert seen(f"Tue, 02 Jan 2024 12:00:00 {zone}", NOON + off).state is state


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": ""}, ""),
        ({"HTTPS_PROXY": "http://proxy:3128/"}, "proxy:3128"),
        ({"https_proxy": "proxy:3128"}, "proxy:3128"),
        ({"ALL_PROXY": "http://alice:p@ss@proxy:3128"}, "proxy:3128"),
        ({"HTTP_PROXY": "http://proxy:3128"}, ""),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "example.com"}, ""),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "example.org"}, "proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, ""),
    ],
)
def test_the_proxy_is_the_environments(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], proxy: str) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert proxy_of("https://coc.example.com:8443") == proxy
