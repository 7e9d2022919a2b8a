"""The pace of a run: unlimited until COC says 429, then close to what COC allows with few refusals, then free again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import formatdate
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from cocsync.coc.http.answer import Reply
from cocsync.coc.http.client import Client, TimeSource
from cocsync.coc.http.throttle import DEPTH, FIRST_RATE, FIRST_SECONDS, LEVEL, SECONDS, Throttle
from cocsync.coc.http.transport import Transport
from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.simulated import Simulated
from cocsync.sim import Settings, Simulator
from cocsync.sim.gateway import Throttle as Bucket
from tests.support.engine import Clock
from tests.support.virtual import Crowd


def throttle(clock: Clock, max_rate: float | None = None) -> Throttle:
    return Throttle(clock=clock.now, sleep=clock.sleep, max_rate=max_rate)


def gaps(of: Throttle, clock: Clock, count: int) -> list[Any]:
    """Seconds between turns of one who always waits for the next."""
    moments = []
    for _ in range(count + 1):
        of.acquire()
        moments.append(clock.now())
    return [pytest.approx(after - before, abs=1e-6) for before, after in pairwise(moments)]


class TestPace:
    def test_nobody_waits_before_the_first_429(self) -> None:
        assert gaps(throttle(clock := Clock()), clock, 100) == [0.0] * 100

    @pytest.mark.parametrize("rate", [0.5, 4.0, 1000.0])
    def test_a_limit_of_the_users_holds_from_the_first_request_on(self, rate: float) -> None:
        assert gaps(throttle(clock := Clock(), rate), clock, 10) == [1 / rate] * 10

    def test_no_turn_is_saved_up_for_later(self) -> None:
        of = throttle(clock := Clock(), 4.0)
        of.acquire()
        clock.sleep(60)
        assert gaps(of, clock, 3) == [0.25] * 3

    def test_everybody_waits_as_long_as_a_429_asks(self) -> None:
        of, start = throttle(clock := Clock()), clock.now()
        of.refused(of.acquire(), 7.0)
        of.acquire()
        assert clock.now() - start == 7.0

    def test_of_two_pauses_the_longer_one_holds(self) -> None:
        of, start = throttle(clock := Clock()), clock.now()
        epoch = of.acquire()
        of.refused(epoch, 7.0)
        of.refused(epoch, 3.0)
        of.acquire()
        assert clock.now() - start == 7.0

    def test_those_who_wait_for_their_turn_are_sent_back_by_a_429_and_keep_their_order(self) -> None:
        crowd = Crowd()
        of = Throttle(clock=crowd.now, sleep=crowd.sleep, max_rate=2.0)
        went: list[tuple[int, float]] = []

        def worker(number: int) -> None:
            of.acquire()
            went.append((number, crowd.now() - start))

        def refuse() -> None:
            of.refused(of.acquire(), 10.0)

        start = crowd.now()
        crowd.run(refuse, *[lambda number=number: worker(number) for number in range(4)])
        assert [number for number, _ in went] == [0, 1, 2, 3]
        assert [when for _, when in went] == pytest.approx([10.0, 10.5, 11.0, 11.5])


class TestTwoTurns:
    """A look and the write behind it: nobody else comes between, and the pace is what it is."""

    def test_the_second_is_right_behind_the_first_however_many_wait(self) -> None:
        of, start = throttle(clock := Clock(), 2.0), clock.now()
        _, kept = of.acquire_two()
        for _ in range(10):
            of._reserve(1)
        assert of.take(kept) is not None
        assert clock.now() - start == 0.5

    def test_together_they_cost_two(self) -> None:
        of = throttle(clock := Clock(), 2.0)
        of.acquire_two()
        assert gaps(of, clock, 1) == [0.5]
        of.acquire_two()
        start = clock.now()
        of.acquire()
        assert clock.now() - start == 1.0

    def test_a_429_that_comes_between_makes_the_second_void(self) -> None:
        of = throttle(Clock(), 2.0)
        epoch, kept = of.acquire_two()
        of.refused(epoch, 0.0)
        assert of.take(kept) is None

    def test_so_does_a_pause_of_the_same_wave(self) -> None:
        of = throttle(Clock(), 2.0)
        first = of.acquire()
        of.refused(first, 0.0)
        _, kept = of.acquire_two()
        of.refused(first, 7.0)
        assert of.take(kept) is None


class TestCurve:
    """`_curve` is the rate at a time, without the user's limit."""

    def refused(self, clock: Clock, times: int, max_rate: float | None = None) -> Throttle:
        of = throttle(clock, max_rate)
        for _ in range(times):
            of.refused(of.acquire(), 0.0)
        return of

    def test_the_first_429_starts_it_at_a_guess(self) -> None:
        of = self.refused(clock := Clock(), 1)
        assert of._curve(clock.now()) == pytest.approx(FIRST_RATE * (1 - DEPTH))
        assert of._curve(clock.now() + FIRST_SECONDS) == pytest.approx(FIRST_RATE)

    def test_every_other_429_starts_it_below_the_rate_that_was_refused(self) -> None:
        of = self.refused(clock := Clock(), 1)
        clock.sleep(3 * FIRST_SECONDS)
        before = of._curve(clock.now())
        assert before == pytest.approx(FIRST_RATE * (1 + 8 * DEPTH))
        assert before is not None
        of.refused(of.acquire(), 0.0)
        assert of._curve(clock.now()) == pytest.approx(before * LEVEL * (1 - DEPTH), rel=0.05)
        assert of._curve(clock.now() + SECONDS) == pytest.approx(before * LEVEL, rel=0.05)

    def test_requests_of_one_wave_lower_it_once(self) -> None:
        of = throttle(clock := Clock())
        wave = [of.acquire() for _ in range(32)]
        for epoch in wave:
            of.refused(epoch, 0.0)
        assert of._curve(clock.now()) == pytest.approx(FIRST_RATE * (1 - DEPTH))

    def test_it_ends_where_there_is_nothing_left_to_limit(self) -> None:
        of = self.refused(clock := Clock(), 2)
        clock.sleep(60)
        assert of._curve(clock.now()) is None
        assert gaps(of, clock, 10) == [0.0] * 10

    def test_after_that_a_429_starts_from_the_guess_again(self) -> None:
        of = self.refused(clock := Clock(), 2)
        clock.sleep(60)
        of.refused(of.acquire(), 0.0)
        assert of._curve(clock.now()) == pytest.approx(FIRST_RATE * (1 - DEPTH))

    def test_a_limit_of_the_users_below_it_holds_and_is_what_was_refused(self) -> None:
        of = self.refused(clock := Clock(), 2, max_rate=2.0)
        assert of._curve(clock.now() + SECONDS) == pytest.approx(2.0 * LEVEL)
        clock.sleep(60)
        assert gaps(of, clock, 3) == [0.5] * 3


class Gateway:
    """In place of a transport: lets `rate` requests a second through for `seconds`, and then every one."""

    def __init__(self, crowd: Crowd, rate: float, burst: int, retry_after: str, seconds: float = math.inf) -> None:
        self._crowd = crowd
        self._bucket = Bucket(crowd.now)
        self._limit = rate, burst
        self._retry_after = retry_after
        self._ends = crowd.now() + seconds
        self.asked = 0
        self.passed: list[float] = []

    def send(self, *_: object, **__: object) -> Reply:
        self.asked += 1
        self._crowd.sleep(0.05)
        now = self._crowd.now()
        wait = self._bucket.wait(*self._limit) if now < self._ends else 0.0
        if wait:
            return Reply(status=429, headers=self._headers(max(1, math.ceil(wait))), body=b"")
        self.passed.append(now)
        return Reply(status=200, headers={}, body=b'{"data": 1}')

    def _headers(self, seconds: int) -> Mapping[str, str]:
        date = formatdate(math.ceil(self._crowd.now()) + seconds, usegmt=True)
        forms: dict[str, Mapping[str, str]] = {"seconds": {"retry-after": str(seconds)}, "date": {"retry-after": date}}
        return forms.get(self._retry_after, {})


def client(crowd: Crowd, transport: Any) -> Client:
    around = TimeSource(clock=crowd.now, now=crowd.now, sleep=crowd.sleep, jitter=Random(1).random)
    return Client(transport, writable=True, surroundings=around)


def ask(crowd: Crowd, gateway: Gateway, requests: int, workers: int) -> float:
    """The seconds in which so many workers got so many answers."""
    asking, left, start = client(crowd, gateway), iter(range(requests)), crowd.now()

    def worker() -> None:
        for _ in left:
            asking.get("/v1/x")

    crowd.run(*[worker] * workers)
    assert len(gateway.passed) == requests
    return crowd.now() - start


class TestStorm:
    @pytest.mark.parametrize("retry_after", ["seconds", "date", "none"])
    @pytest.mark.parametrize("burst", [1, 20])
    @pytest.mark.parametrize(("rate", "workers"), [(5, 16), (20, 32), (100, 32)])
    def test_half_a_minute_of_it_costs_few_requests_more_and_little_time(
        self, rate: int, workers: int, burst: int, retry_after: str
    ) -> None:
        """The first wave is refused whole, since nothing was known; of the rest no more than one in sixteen."""
        gateway = Gateway(crowd := Crowd(), rate, burst, retry_after)
        took = ask(crowd, gateway, 30 * rate, workers)
        refused = gateway.asked - 30 * rate
        assert refused <= workers + 30 * rate / 16
        assert gateway.asked <= 1.2 * 30 * rate
        assert took < 1.6 * 30

    def test_one_request_a_second_is_enough_for_many_workers(self) -> None:
        """Those who wait for their turn do not lose patience."""
        gateway = Gateway(crowd := Crowd(), 1, 1, "seconds")
        assert ask(crowd, gateway, 200, 64) < 1.3 * 200

    def test_afterwards_it_is_soon_as_fast_as_before(self) -> None:
        gateway = Gateway(crowd := Crowd(), 20, 20, "seconds", seconds=30)
        ask(crowd, gateway, 10_000, 32)
        start = gateway.passed[0]
        each_second = [sum(1 for at in gateway.passed if second <= at - start < second + 1) for second in range(60)]
        assert each_second[45] > 8 * 20
        assert each_second[58] > 500

    def test_the_details_of_a_large_tenant_come_through(self) -> None:
        """The whole client on the simulator, whose limit is lifted after 30 seconds."""
        crowd = Crowd()
        settings = Settings(rate_limit=20, rate_burst=20, latency=0.05)
        with Simulator(settings=settings, clock=crowd.now, sleep=crowd.sleep) as coc:
            coc.seed(700)
            api = ScriptsApi(client(crowd, Transport("http://coc.test", handler=Simulated(coc))))
            left = iter(coc.scripts())

            def worker() -> None:
                for script in left:
                    api.get(script.uuid)

            def lift() -> None:
                crowd.sleep(30)
                coc.configure(rate_limit=0)

            crowd.run(lift, *[worker] * 32)
            assert len(coc.requests) <= 1.15 * 700
