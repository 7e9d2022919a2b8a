"""Wire <-> records: every field there and back, and answers that are none."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given

from cocsync.coc.http.client import WriteInReadOnlyRun
from cocsync.coc.http.errors import OutcomeUnknown, Rejected
from cocsync.coc.http.paging import PAGE_SIZE
from cocsync.coc.scripts import PATH, ScriptsApi, is_name_taken, is_not_found
from cocsync.model.live import ListedScript
from cocsync.model.script import Param, Reviewer, Script
from cocsync.model.secret import MASK
from cocsync.sim import Request, Response, Settings, Simulator
from tests.support import strategies
from tests.support.builders import ALICE, BOB, CREATED, MODIFIED, param, script, secret, shown
from tests.support.canned import Canned, data, error
from tests.support.engine import api_for

FULL = script(reviewers=(ALICE, BOB), protocol="EMAIL", params=(param("a", "1", description="first"), secret()))
ROW = {
    "id": 7,
    "script_uuid": "SC7",
    "name": "disk_report",
    "type": "SHELL",
    "status": "APPROVED",
    "gmt_created": CREATED,
    "gmt_modified": MODIFIED,
    "creator": "ci",
    "operator": "mallory",
}
DETAIL = {
    **{key: value for key, value in ROW.items() if key != "id"},
    "description": "Disk usage",
    "content": "df -h\n",
    "properties": {"risk_level": "LOW", "version": "1.0.0"},
}


def api_with(answer: Any) -> ScriptsApi:
    return Canned(lambda _: answer if isinstance(answer, Response) else data(answer)).api()


def numbered(*numbers: int, name: str = "x") -> list[dict[str, Any]]:
    return [{**ROW, "id": number, "script_uuid": f"SC{number}", "name": name} for number in numbers]


class TestPage:
    def test_a_row_holds_what_the_list_shows(self) -> None:
        page = api_with({"total": 1, "data": [ROW]}).page()
        assert page.total == 1
        assert page.rows == (
            ListedScript(
                id=7,
                uuid="SC7",
                name="disk_report",
                type="SHELL",
                status="APPROVED",
                created_at=CREATED,
                modified_at=MODIFIED,
                creator="ci",
                operator="mallory",
            ),
        )

    def test_null_is_empty_and_a_null_time_is_none(self) -> None:
        nulls = dict.fromkeys(("gmt_modified", "operator", "creator", "status"))
        (row,) = api_with({"data": [{**ROW, **nulls}]}).page().rows
        assert (row.modified_at, row.operator, row.creator, row.status) == (None, "", "", "")

    @pytest.mark.parametrize("answer", [[ROW], {"data": [ROW]}, {"total": "1", "data": [ROW]}])
    def test_a_flat_list_or_one_without_total_is_read(self, answer: Any) -> None:
        page = api_with(answer).page()
        assert (len(page.rows), page.total) == (1, None)

    @pytest.mark.parametrize("answer", [7, {}, {"data": 7}, {"data": {}}, {"total": 0, "data": None}])
    def test_an_answer_without_a_list_is_no_empty_list(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown):
            api_with(answer).page()

    @pytest.mark.parametrize("row", [7, {**ROW, "id": None}, {**ROW, "id": "7"}, {**ROW, "script_uuid": None}])
    def test_a_row_without_id_or_uuid_is_no_row(self, row: Any) -> None:
        with pytest.raises(OutcomeUnknown, match="without id or uuid"):
            api_with([row]).page()

    def test_asks_for_a_full_page_behind_the_marker(self) -> None:
        server = Canned(lambda _: data([]))
        api = server.api()
        api.page()
        api.page(6228, name_like="disk")
        assert server.queries == [
            {"limit": str(PAGE_SIZE)},
            {"limit": str(PAGE_SIZE), "marker": "6228", "name_like": "disk"},
        ]


class TestFind:
    def test_returns_rows_of_exactly_the_name(self) -> None:
        rows = [*numbered(1, name="disk"), *numbered(2, name="disk_report"), *numbered(3, name="DISK")]
        assert [row.uuid for row in api_with(rows).find("disk")] == ["SC1"]

    def test_searches_by_the_first_32_characters(self) -> None:
        server = Canned(lambda _: data(numbered(1, name="n" * 64)))
        assert len(server.api().find("n" * 64)) == 1
        assert server.queries[0]["name_like"] == "n" * 32

    def test_reads_every_page(self) -> None:
        def answer(request: Request) -> Response:
            first = request.parameter("marker") is None
            return data(numbered(*range(PAGE_SIZE, 0, -1)) if first else numbered(0, name="wanted"))

        assert [row.uuid for row in Canned(answer).api().find("wanted")] == ["SC0"]

    @pytest.mark.parametrize("step", [PAGE_SIZE, -PAGE_SIZE])
    def test_a_search_that_never_ends_is_given_up(self, step: int) -> None:
        def answer(request: Request) -> Response:
            marker = int(dict(request.query).get("marker", "0"))
            ids = range(marker + step // PAGE_SIZE, marker + step + step // PAGE_SIZE, step // PAGE_SIZE)
            return data({"data": [{"id": n, "script_uuid": f"SC{n + 2**62}", "name": "x"} for n in ids]})

        server = Canned(answer)
        with pytest.raises(OutcomeUnknown, match="does not end"):
            server.api().find("wanted")

    def test_a_search_whose_pages_alternate_is_given_up(self) -> None:
        pages = itertools.cycle((range(500, 400, -1), range(300, 200, -1)))

        def answer(_: Request) -> Response:
            return data({"data": [{"id": n, "script_uuid": f"SC{n}", "name": "x"} for n in next(pages)]})

        with pytest.raises(OutcomeUnknown, match="against its own order"):
            Canned(answer).api().find("wanted")

    def test_a_server_that_repeats_its_page_finds_each_script_once(self) -> None:
        rows = numbered(*range(PAGE_SIZE))
        assert len(api_with(rows).find("x")) == PAGE_SIZE

    def test_nothing_is_found_on_an_empty_page(self) -> None:
        assert api_with([]).find("x") == ()


class TestGet:
    def test_a_detail_holds_script_and_row(self) -> None:
        params = [
            {"param_name": "a", "param_value": "1", "param_description": "first", "param_order": 1, "sensitive": False},
            {"param_name": "t", "param_value": MASK, "param_description": None, "param_order": 2, "sensitive": True},
        ]
        reviewers = [{"reviewer_name": "alice", "reviewer_id": "1"}, {"reviewer_name": "bob", "reviewer_id": None}]
        properties = {"risk_level": "LOW", "version": "1.0.0", "reviewers": reviewers, "protocol": "SMS"}
        detail = api_with({**DETAIL, "script_params": params, "properties": properties}).get("SC7")
        assert detail.script == script(
            reviewers=(Reviewer(name="alice", id="1"), Reviewer(name="bob")),
            protocol="SMS",
            params=(param("a", "1", description="first"), Param(name="t", sensitive=True)),
        )
        assert (detail.row.uuid, detail.row.modified_at, detail.row.operator) == ("SC7", MODIFIED, "mallory")

    @pytest.mark.parametrize(
        "absent",
        [{}, {"script_params": None, "properties": None}, {"script_params": 7, "properties": {"reviewers": 7}}],
    )
    def test_what_is_absent_or_no_list_is_empty(self, absent: dict[str, Any]) -> None:
        seen = api_with({**DETAIL, **absent}).get("SC7").script
        assert (seen.params, seen.reviewers, seen.protocol) == ((), (), "")

    def test_an_id_or_another_uuid_in_it_changes_nothing(self) -> None:
        """A detail has no id; the uuid is the one that was asked for."""
        assert api_with({**DETAIL, "id": None, "script_uuid": None}).get("SC7").row.uuid == "SC7"

    @pytest.mark.parametrize("answer", [7, "x", [DETAIL]])
    def test_an_answer_that_is_no_script_is_none(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown, match="holds no script"):
            api_with(answer).get("SC7")

    @pytest.mark.parametrize(
        ("orders", "read"), [([2, 1], ["b", "a"]), ([1, 1], ["a", "b"]), ([None, 1], ["a", "b"]), ([3, 7], ["a", "b"])]
    )
    def test_params_go_by_their_order_where_every_one_has_its_own(self, orders: list[Any], read: list[str]) -> None:
        params = [{"param_name": n, "param_order": o} for n, o in zip("ab", orders, strict=True)]
        seen = api_with({**DETAIL, "script_params": params}).get("SC7").script
        assert [p.name for p in seen.params] == read

    @pytest.mark.parametrize(
        ("flag", "value", "expected"),
        [
            (True, MASK, Param(name="a", sensitive=True)),
            (True, "leaked", Param(name="a", sensitive=True)),
            (None, MASK, Param(name="a", sensitive=True)),
            (None, "plain", Param(name="a", value="plain")),
            (False, MASK, Param(name="a", value=MASK)),
        ],
    )
    def test_the_mask_is_never_a_value(self, flag: bool | None, value: str, expected: Param) -> None:
        """COC may leave the flag out. Where it says that a param is not sensitive, asterisks are asterisks."""
        params = [{"param_name": "a", "param_value": value, "sensitive": flag}]
        assert api_with({**DETAIL, "script_params": params}).get("SC7").script.params == (expected,)

    def test_numbers_in_place_of_texts_are_texts(self) -> None:
        assert api_with({**DETAIL, "properties": {"version": 2, "risk_level": "LOW"}}).get("SC7").script.version == "2"


class TestWrite:
    def test_a_create_sends_every_field(self) -> None:
        server = Canned(lambda _: data("SC1"))
        assert server.api().create(FULL, "Disk usage [mark]", enterprise_project_id="0") == "SC1"
        assert server.requests[-1].method == "POST"
        assert server.last_body == {
            "name": "disk_report",
            "type": "SHELL",
            "description": "Disk usage [mark]",
            "content": "df -h\n",
            "properties": {
                "risk_level": "LOW",
                "version": "1.0.0",
                "reviewers": [
                    {"reviewer_name": "alice", "reviewer_id": ALICE.id},
                    {"reviewer_name": "bob", "reviewer_id": BOB.id},
                ],
                "protocol": "EMAIL",
            },
            "script_params": [
                {
                    "param_name": "a",
                    "param_value": "1",
                    "param_description": "first",
                    "param_order": 1,
                    "sensitive": False,
                },
                {
                    "param_name": "token",
                    "param_value": "s3cret",
                    "param_description": "",
                    "param_order": 2,
                    "sensitive": True,
                },
            ],
            "enterprise_project_id": "0",
        }

    def test_a_modification_sends_empty_lists_and_neither_name_nor_type(self) -> None:
        """COC may keep what is left out."""
        server = Canned(lambda _: data("SC1"))
        server.api().modify("SC1", script(), "text")
        assert (server.requests[-1].method, server.requests[-1].path) == ("PUT", f"{PATH}/SC1")
        assert server.last_body == {
            "description": "text",
            "content": "df -h\n",
            "properties": {"risk_level": "LOW", "version": "1.0.0", "reviewers": [], "protocol": "DEFAULT"},
            "script_params": [],
        }

    def test_a_delete_names_the_uuid(self) -> None:
        server = Canned(lambda _: data("SC1"))
        server.api().delete("SC1")
        assert (server.requests[-1].method, server.requests[-1].path) == ("DELETE", f"{PATH}/SC1")

    @pytest.mark.parametrize("answer", [7, "", {"uuid": "SC1"}])
    def test_a_create_answered_without_uuid_is_unknown(self, answer: Any) -> None:
        with pytest.raises(OutcomeUnknown, match="no uuid"):
            api_with(answer).create(script(), "text")

    @pytest.mark.parametrize("token", [secret(value=None), secret(value=MASK), Param(name="token", sensitive=True)])
    def test_neither_the_mask_nor_a_missing_value_is_ever_sent(self, token: Param) -> None:
        server = Canned(lambda _: data("SC1"))
        with pytest.raises(AssertionError, match="param token"):
            server.api().modify("SC1", script(params=(token,)), "text")
        assert server.requests == []

    @pytest.mark.parametrize(
        "write",
        [
            lambda api: api.create(script(), "text"),
            lambda api: api.modify("SC1", script(), "text"),
            lambda api: api.delete("SC1"),
        ],
        ids=["create", "modify", "delete"],
    )
    def test_a_run_that_must_not_write_sends_none(self, write: Any) -> None:
        server = Canned(lambda _: data("SC1"))
        with pytest.raises(WriteInReadOnlyRun):
            write(server.api(writable=False))
        assert server.requests == []


class TestErrors:
    def test_a_refusal_keeps_status_code_and_text(self) -> None:
        with pytest.raises(Rejected, match="same name") as caught:
            api_with(error(400, "COC.00040601", "Exist script with same name: x.")).create(script(), "text")
        assert (caught.value.status, caught.value.code, is_name_taken(caught.value)) == (400, "COC.00040601", True)

    @pytest.mark.parametrize("code", ["COC.00040601", "COC.00040603", "COC.00040604"])
    def test_a_500_that_says_not_found_did_nothing_but_to_a_create(self, code: str) -> None:
        server = Canned(lambda _: error(500, code))
        api = server.api()
        for request in (lambda: api.get("u"), lambda: api.modify("u", FULL, "text"), lambda: api.delete("u")):
            with pytest.raises(Rejected) as caught:
                request()
            assert is_not_found(caught.value)
        with pytest.raises(OutcomeUnknown):
            api.create(FULL, "text")
        assert [request.method for request in server.requests] == ["GET", "PUT", "DELETE", "POST"]

    def test_no_message_holds_a_value(self) -> None:
        with pytest.raises(Rejected) as caught:
            api_with(error(400, "COC.00040601", "invalid paramValue")).create(FULL, "text")
        assert "s3cret" not in str(caught.value)


class TestOnTheSimulator:
    @pytest.mark.parametrize("settings", [Settings(), Settings(omits_empty=True, shows_protocol=True)])
    def test_a_script_comes_back_as_it_was_sent(self, settings: Settings) -> None:
        with api_for(Simulator(settings=settings), writable=True) as api:
            for of in (FULL, script(name="plain")):
                uuid = api.create(of, of.description)
                assert api.get(uuid).script == shown(of, protocol=settings.shows_protocol)
                changed = script(name=of.name, version="2")
                api.modify(uuid, changed, changed.description)
                assert api.get(uuid).script == shown(changed, protocol=settings.shows_protocol)
            assert [row.name for row in api.page().rows] == ["plain", "disk_report"]
            assert len(api.find("plain")) == 1

    @given(strategies.scripts(strategies.plain_texts, description="x", content="x"))
    def test_any_script_fits_on_the_wire_and_comes_back(self, of: Script) -> None:
        """A canned COC that keeps what it was sent and masks the values."""
        kept: dict[str, Any] = {}

        def answer(request: Request) -> Response:
            if request.method == "POST":
                kept.update(server.last_body)
                return data("SC1")
            masked = [p | {"param_value": MASK} if p["sensitive"] else p for p in kept["script_params"]]
            return data(kept | {"script_params": masked})

        if any(p.source and p.source.value is None for p in of.params):
            return
        server = Canned(answer)
        api = server.api()
        assert api.get(api.create(of, of.description)).script == shown(of, protocol=True)
