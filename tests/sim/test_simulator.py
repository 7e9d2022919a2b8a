"""The console, the settings and the noting of requests."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cocsync.sim import ConsoleError, InvalidSetting, Param, Reviewer, Settings, Simulator
from cocsync.sim.scripts.script import user_id
from tests.support import children

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sim.conftest import Tenant

SCRIPTS = "/v1/job/scripts"


def test_an_answer_has_a_date_and_a_request_id_of_its_own(tenant: Tenant) -> None:
    answers = [tenant.send("GET", SCRIPTS, limit=1), tenant.send("GET", "/nowhere")]

    assert {answer.headers["date"] for answer in answers} == {"Tue, 14 Nov 2023 22:13:20 GMT"}
    assert len({answer.headers["x-request-id"] for answer in answers}) == 2


def test_a_hand_edit_leaves_a_name_and_a_time(tenant: Tenant) -> None:
    uuid = tenant.create(script_params=None)
    tenant.now += 60
    tenant.simulator.edit(
        "restart_nginx",
        user="carol",
        description="by hand",
        risk_level="HIGH",
        version="9",
        protocol=None,
        params=[{"name": "a", "value": "not checked; at all", "sensitive": True}],
        reviewers=[{"name": "bob", "id": "1"}, "eve"],
    )

    script = tenant.simulator.script(uuid)
    assert (script.operator, script.gmt_modified, script.status) == ("carol", 1_700_000_060_000, "PENDING_APPROVE")
    assert (script.description, script.risk_level, script.version) == ("by hand", "HIGH", "9")
    assert script.params == (Param(name="a", value="not checked; at all", sensitive=True),)
    assert script.reviewers == (Reviewer(name="bob", id="1"), Reviewer(name="eve", id=user_id("eve")))
    assert script.content == "systemctl restart nginx\n"


def test_a_script_made_by_hand_may_break_every_limit(tenant: Tenant) -> None:
    uuid = tenant.simulator.create(user="carol", name="\x1b[31m::set-output", type="RUBY", description="d" * 999)

    assert tenant.detail(uuid)["name"] == "\x1b[31m::set-output"
    assert tenant.detail(uuid)["creator"] == "carol"


def test_a_name_can_be_there_twice_only_on_purpose(tenant: Tenant) -> None:
    first = tenant.simulator.create(name="twin")
    with pytest.raises(ConsoleError, match="there is a script named 'twin' already"):
        tenant.simulator.create(name="twin")

    second = tenant.simulator.create(name="twin", same_name=True)
    with pytest.raises(ConsoleError, match="2 scripts are named 'twin'; use one of the uuids"):
        tenant.simulator.edit("twin", content="x")
    tenant.simulator.delete(second)
    assert [script.uuid for script in tenant.simulator.scripts()] == [first]


def test_a_review_by_hand_needs_no_reviewer_and_ends_once(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(reviewers_only=True)
    tenant.simulator.create(name="a", reviewers=["bob"])
    tenant.simulator.review("a", approve=False, user="anybody", comment="no")

    assert (tenant.simulator.script("a").status, tenant.simulator.script("a").review_comment) == ("REJECTED", "no")
    with pytest.raises(ConsoleError, match="'a' is REJECTED and waits for no review"):
        tenant.simulator.review("a")


def test_what_cannot_be_done_by_hand_says_why(tenant: Tenant) -> None:
    simulator = tenant.simulator
    simulator.create(name="a")

    for act in (simulator.delete, simulator.review, simulator.edit, simulator.script):
        with pytest.raises(ConsoleError, match="there is no script 'gone'"):
            act("gone")
    with pytest.raises(ConsoleError, match="'name' cannot be set by hand"):
        simulator.edit("a", name="b")
    with pytest.raises(ConsoleError, match="'colour' cannot be set by hand"):
        simulator.create(colour="red")
    with pytest.raises(ConsoleError, match="a field cannot be set: expected a text, not int"):
        simulator.edit("a", content=7)
    with pytest.raises(ConsoleError, match="a field cannot be set: reviewers must be a list"):
        simulator.edit("a", reviewers="bob")
    with pytest.raises(ConsoleError, match="surrogates"):
        simulator.edit("a", content="\ud83d")


def test_seeded_scripts_are_numbered_and_go_on_behind_the_others(tenant: Tenant) -> None:
    tenant.simulator.create(name="first")
    tenant.simulator.seed(3, user="eve", prefix="s_", gap=10, reviewers=["bob"], content="y")

    _, *seeded = tenant.simulator.scripts()
    assert [(script.id, script.name) for script in seeded] == [(2, "s_00001"), (12, "s_00002"), (22, "s_00003")]
    assert {(script.creator, script.status, script.content) for script in seeded} == {("eve", "PENDING_APPROVE", "y")}
    assert len({script.uuid for script in seeded}) == 3
    with pytest.raises(ConsoleError):
        tenant.simulator.seed(1, name="all_alike")


def test_settings_are_kept_with_the_data_and_seen_by_others(tmp_path: Path) -> None:
    path = tmp_path / "sim.db"
    with Simulator(path, Settings(api_user="ci", faults=("503",))) as first, Simulator(path) as second:
        assert second.settings == first.settings == Settings(api_user="ci", faults=("503",))
        assert [str(fault) for fault in second.faults] == ["503"]

        second.configure(ids_ascending=True, faults=())
        assert first.settings == Settings(api_user="ci", ids_ascending=True)
        assert second.faults == ()

        with pytest.raises(InvalidSetting):
            first.configure(auth="guess")
        assert second.settings.auth == "none"


def test_settings_that_are_given_replace_those_stored(tmp_path: Path) -> None:
    with Simulator(tmp_path / "sim.db", Settings(api_user="ci")), Simulator(tmp_path / "sim.db", Settings()) as second:
        assert second.settings == Settings()


def test_latency_comes_before_every_answer(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(latency=0.05)
    tenant.page()
    tenant.simulator.inject("503")
    tenant.send("GET", SCRIPTS, limit=1)

    assert tenant.slept == [0.05, 0.05]


def test_requests_are_noted_and_counted(tenant: Tenant) -> None:
    uuid = tenant.create()
    tenant.detail(uuid)
    tenant.page()

    log = tenant.simulator.requests
    assert list(log) == [("POST", SCRIPTS), ("GET", f"{SCRIPTS}/{uuid}"), ("GET", SCRIPTS)]
    assert (len(log), log.count("GET"), log.count(path=f"{SCRIPTS}/*"), log.count("PUT")) == (3, 2, 1, 0)
    log.clear()
    assert len(log) == 0


def test_a_reset_empties_the_tenant_and_leaves_its_settings(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(api_user="ci")
    tenant.create()
    tenant.simulator.inject("503")
    tenant.simulator.reset()

    assert (tenant.simulator.scripts(), tenant.simulator.faults, len(tenant.simulator.requests)) == ((), (), 0)
    assert tenant.simulator.settings.api_user == "ci"


def test_faults_can_be_disarmed(tenant: Tenant) -> None:
    tenant.simulator.inject("503*")
    tenant.simulator.clear_faults()

    assert tenant.page() == []


def test_one_name_created_by_many_threads_exists_once(tenant: Tenant) -> None:
    statuses: list[int] = []
    body = {"content": "x", "description": "d", "properties": {"risk_level": "LOW", "version": "1"}}

    def create(number: int) -> None:
        names = ("shared", f"own_{number}")
        statuses.extend(tenant.send("POST", SCRIPTS, {"name": name, "type": "BAT"} | body).status for name in names)

    threads = [threading.Thread(target=create, args=(number,), daemon=True) for number in range(16)]
    for thread in threads:
        thread.start()
    children.join(*threads)

    assert sorted(statuses) == [200] * 17 + [400] * 15
    assert len({script.uuid for script in tenant.simulator.scripts()}) == 17
