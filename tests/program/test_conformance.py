"""The conformance suite as somebody with an account would run it, here on a simulator behind a socket."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from cocsync.sim import Settings, Simulator
from tests.support import canary, children

ROOT = Path(__file__).parents[2]


def test_asked_to_it_uses_the_account_of_the_environment_and_leaves_it_as_it_was(
    serving: Callable[[Simulator], str],
) -> None:
    ak, sk = canary.planted("ak"), canary.planted("sk")
    with Simulator(settings=Settings(auth="aksk", access_keys=((ak, sk),), ticket_speed=1000.0)) as coc:
        coc.create(name="cocsync_conformance_left_behind")
        mine = coc.create(name="mine_cocsync_conformance_not", content="echo mine\n")
        named = coc.hosts.find("db-02")
        environ = {"COCSYNC_CONFORMANCE": "1", "COCSYNC_ENDPOINT": serving(coc), "COCSYNC_CONFORMANCE_HOST": "db-02"}
        keys = {"HUAWEICLOUD_SDK_AK": ak, "HUAWEICLOUD_SDK_SK": sk}
        done = children.run(
            [sys.executable, "-m", "pytest", "-q", "-rP", "-p", "no:cacheprovider", "tests/conformance", "-k", "real"],
            cwd=ROOT,
            env=os.environ | environ | keys,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        assert not canary.is_in(done.stdout + done.stderr)
        assert "modify_content_units=4096  (the simulator's default is 4096)" in done.stdout
        assert [script.uuid for script in coc.scripts()] == [mine]
        assert len(coc.requests) > 200
        executed = {(each.resource_id, ticket.content) for ticket in coc.tickets.all() for each in ticket.instances}
        assert executed == {(named.resource_id, "echo conformance\n")}
