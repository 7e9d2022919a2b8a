"""Live state, complete or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cocsync.coc.http.errors import OutcomeUnknown, Rejected
from cocsync.coc.http.paging import PAGE_SIZE
from cocsync.coc.scripts import PATH
from cocsync.errors import ListingUnproven
from cocsync.model import mark as marks
from cocsync.observe.reading import observe, read
from cocsync.sim import Request, Response, Settings, Simulator
from tests.support.builders import NO_KEYS, OWNER, script
from tests.support.canned import Canned, data, error
from tests.support.engine import api_for

NOT_FOUND = error(400, "COC.00040603", "The script does not exist.")
FORBIDDEN = error(403, "APIGW.0302", "no permission")


def tenant(details: dict[str, Response | Callable[[], Response]]) -> Canned:
    """A list of these uuids, newest first, and what each detail is answered with."""
    rows = [{"id": -number, "script_uuid": uuid, "name": f"of_{uuid}"} for number, uuid in enumerate(details)]

    def answer(request: Request) -> Response:
        if request.path == PATH:
            start = 1 - int(request.parameter("marker") or 1)
            return data({"total": len(rows), "data": rows[start : start + PAGE_SIZE]})
        detail = details[request.path.rpartition("/")[2]]
        return detail if isinstance(detail, Response) else detail()

    return Canned(answer)


def detail(uuid: str, **changes: Any) -> Response:
    shown = {"script_uuid": uuid, "name": f"of_{uuid}", "type": "SHELL", "description": "text", "content": "x"}
    return data(shown | changes)


class TestObserve:
    def test_everything_that_the_simulator_holds(self) -> None:
        simulator = Simulator()
        simulator.seed(250, prefix="s_", params=[{"name": "token", "value": "c4n4ry", "sensitive": True}])
        with api_for(simulator, writable=False) as api:
            seen = observe(api, parallelism=4)
        assert sorted(live.name for live in seen.scripts) == [f"s_{number:05}" for number in range(1, 251)]
        assert (seen.complete, seen.forbidden) == (True, ())
        assert "c4n4ry" not in repr(seen)
        assert {live.last_user for live in seen.scripts} == {"seed"}

    def test_an_empty_tenant_is_complete(self) -> None:
        with api_for(Simulator(), writable=False) as api:
            assert observe(api, parallelism=1).scripts == ()

    @pytest.mark.parametrize("ascending", [True, False])
    def test_scripts_stand_in_cocs_order_however_many_are_read_at_once(self, ascending: bool) -> None:
        simulator = Simulator(settings=Settings(ids_ascending=ascending))
        simulator.seed(30)
        with api_for(simulator, writable=False) as api:
            one, many = observe(api, parallelism=1), observe(api, parallelism=8)
        assert one == many
        assert (one.scripts[0].name < one.scripts[-1].name) is ascending

    def test_only_reads_are_sent(self) -> None:
        simulator = Simulator()
        simulator.seed(3)
        with api_for(simulator, writable=False) as api:
            observe(api, parallelism=2)
        assert {method for method, _ in simulator.requests} == {"GET"}

    def test_a_mark_is_told_apart_from_the_description(self) -> None:
        mark = marks.make(script(), owner=OWNER, protected=False, keys=NO_KEYS)
        server = tenant({"A": detail("A", description=f"EDITED {mark}"), "B": detail("B")})
        a, b = observe(server.api(), parallelism=1).scripts
        assert (a.script.description, a.mark) == ("EDITED", mark)
        assert (b.script.description, b.mark) == ("text", None)

    def test_a_script_that_vanishes_while_it_is_read_is_not_there(self) -> None:
        seen = observe(tenant({"A": detail("A"), "B": NOT_FOUND}).api(), parallelism=2)
        assert [live.uuid for live in seen.scripts] == ["A"]
        assert (seen.complete, seen.forbidden) == (True, ())

    def test_a_script_that_may_not_be_read_is_kept_as_its_row(self) -> None:
        seen = observe(tenant({"A": detail("A"), "B": FORBIDDEN}).api(), parallelism=2)
        assert [live.uuid for live in seen.scripts] == ["A"]
        assert [(row.uuid, row.name) for row in seen.forbidden] == [("B", "of_B")]
        assert seen.complete

    def test_where_no_script_may_be_read_it_is_the_credentials(self) -> None:
        with pytest.raises(Rejected) as caught:
            observe(tenant({"A": FORBIDDEN, "B": FORBIDDEN}).api(), parallelism=2)
        assert caught.value.is_forbidden

    @pytest.mark.parametrize(
        ("broken", "expected"),
        [
            (error(401, "APIGW.0301", "verify aksk signature fail"), Rejected),
            (error(404, "APIGW.0101", "no such API"), Rejected),
            (error(503, "APIGW.0204", "not available"), Rejected),
            (Response(status=200, body=b"<html>"), OutcomeUnknown),
            (data(7), OutcomeUnknown),
        ],
        ids=["401", "404 of the gateway", "503", "login page", "no script"],
    )
    def test_any_other_detail_that_cannot_be_had_ends_it(self, broken: Response, expected: type[Exception]) -> None:
        """A bare 404 proves nothing, so it is not taken for a script that vanished."""
        with pytest.raises(expected):
            observe(tenant({"A": detail("A"), "B": broken, "C": detail("C")}).api(), parallelism=1)

    def test_no_further_detail_is_begun_once_one_has_ended_it(self) -> None:
        server = tenant({"A": error(401), **{f"B{n}": detail(f"B{n}") for n in range(20 * PAGE_SIZE)}})
        with pytest.raises(Rejected):
            observe(server.api(), parallelism=1)
        assert len(server.requests) < 20 * PAGE_SIZE

    def test_a_list_that_is_unproven_ends_it_before_any_detail(self) -> None:
        rows = [{"id": 1, "script_uuid": "A"}, {"id": 1, "script_uuid": "B"}]
        server = Canned(lambda _: data(rows))
        with pytest.raises(ListingUnproven):
            observe(server.api(), parallelism=1)
        assert len(server.requests) == 1

    def test_a_page_that_cannot_be_had_ends_it(self) -> None:
        with pytest.raises(Rejected):
            observe(Canned(lambda _: error(403, "APIGW.0302")).api(), parallelism=1)

    def test_progress_counts_every_row_and_every_detail(self) -> None:
        told: list[tuple[str, int, int]] = []
        server = tenant({"A": detail("A"), "B": FORBIDDEN, "C": NOT_FOUND})
        observe(server.api(), parallelism=1, progress=lambda *progress: told.append(progress))
        assert told == [("Listing scripts", 3, 3), *[("Reading scripts", n, 3) for n in (1, 2, 3)]]


class TestRead:
    @pytest.mark.parametrize("code", ["COC.00040601", "COC.00040603", "COC.00040604"])
    @pytest.mark.parametrize("status", [400, 404, 500])
    def test_not_found_is_told_by_cocs_code(self, status: int, code: str) -> None:
        assert read(tenant({"A": error(status, code)}).api(), "A") is None

    @pytest.mark.parametrize(
        "answer", [error(404, "APIGW.0101"), error(400, "COC.00040701"), error(403, "COC.00040603")]
    )
    def test_anything_else_is_no_proof(self, answer: Response) -> None:
        with pytest.raises(Rejected):
            read(tenant({"A": answer}).api(), "A")

    def test_what_is_there_is_returned(self) -> None:
        body = json.loads(detail("A").body)["data"] | {"status": "REJECTED", "gmt_created": 5, "creator": "ci"}
        live = read(tenant({"A": data(body)}).api(), "A")
        assert live is not None
        assert (live.uuid, live.name, live.status, live.last_touched, live.last_user) == (
            "A",
            "of_A",
            "REJECTED",
            5,
            "ci",
        )
