"""What cocsync relies on in COC's script API. Each test names where the fact is from.

"Reference" is the COC API Reference of 2023-11, "definition" the API Explorer's OpenAPI definition of 2025-05,
"provider" huaweicloud's Terraform provider, whose acceptance tests ran against the live service.
"""

from __future__ import annotations

import re
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest

from cocsync.coc.http.transport import Transport
from tests.conformance.account import NOT_FOUND, SCRIPTS, Account, Answer, param

DAY = 86_400_000
MASK = "*" * 17


def refused(answer: Answer) -> bool:
    """By COC, in its own shape (reference, table 4-9)."""
    return answer.status == 400 and answer.code.startswith("COC.") and bool(answer.text)


class TestCreate:
    def test_answers_with_the_uuid(self, coc: Account) -> None:
        """Reference 4.2.1; definition CreateScript: at most 128 characters."""
        assert re.fullmatch("[A-Za-z0-9]{1,128}", coc.create())

    def test_refuses_a_name_that_is_taken_and_says_so_in_the_text_alone(self, coc: Account) -> None:
        """Reference 4.2.1, table of codes: the code has other meanings too."""
        coc.create()
        answer = coc.try_to_create()
        assert (answer.status, answer.code) == (400, "COC.00040601")
        assert "same name" in answer.text.lower()

    @pytest.mark.parametrize("name", ["a b", "a/b", "a.b", "", "x" * 65])
    def test_refuses_a_name_beyond_letters_digits_and_underscores_or_64_characters(
        self, coc: Account, name: str
    ) -> None:
        """Definition AddScriptModel."""
        body = coc.body() | {"name": name}
        assert refused(coc.send("POST", SCRIPTS, body))

    def test_takes_chinese_names(self, coc: Account) -> None:
        """Definition AddScriptModel: U+4E00 to U+9FA5."""
        assert coc.detail(coc.create("磁盘"))["name"] == f"{coc.prefix}磁盘"

    @pytest.mark.parametrize(
        "change",
        [
            {"description": ""},
            {"description": "x" * 257},
            {"type": "RUBY"},
            {"content": ""},
            {"properties": {"risk_level": "LOW"}},
            {"properties": {"risk_level": "LOW", "version": "12345678901"}},
            {"properties": {"risk_level": "EXTREME", "version": "1"}},
        ],
        ids=["no description", "long description", "type", "no content", "no version", "long version", "risk"],
    )
    def test_refuses_what_is_outside_its_limits(self, coc: Account, change: dict[str, Any]) -> None:
        """Reference 4.2.1, tables 4-2 and 4-3; the missing version was also seen live in 2026-07."""
        assert refused(coc.try_to_create(**change))

    @pytest.mark.parametrize("value", ["a\nb", "a..b", "$HOME", "a;b", "é"])
    def test_refuses_a_param_value_outside_its_characters(self, coc: Account, value: str) -> None:
        """Definition CreateScript, the pattern of param_value."""
        assert refused(coc.try_to_create(script_params=[param("p", value, 1)]))

    def test_takes_content_of_10_000_characters(self, coc: Account) -> None:
        """Definition CreateScript: 100 KB."""
        content = "#" * 9_999 + "\n"
        assert coc.detail(coc.create(content=content))["content"] == content


class TestDetail:
    def test_shows_what_was_sent(self, coc: Account) -> None:
        """Reference 4.2.3; line ends and the last one as they are, as the provider's tests rely on."""
        detail = coc.detail(coc.create(content="echo 'é 中'\nexit 0\n", description="Grüße"))
        assert detail["content"].replace("\r\n", "\n") == "echo 'é 中'\nexit 0\n"
        assert (detail["name"], detail["type"]) == (f"{coc.prefix}script", "SHELL")
        assert detail["description"] == "Grüße"
        assert (detail["properties"]["risk_level"], detail["properties"]["version"]) == ("LOW", "1.0.0")

    def test_keeps_a_mark_in_the_description(self, coc: Account) -> None:
        """Definition AddScriptModel: any text of 1 to 256 characters."""
        text = "what it does [cocsync:payments_ops/1abcabcdefghij.d+abcabcdefg]"
        assert coc.detail(coc.create(description=text))["description"] == text

    def test_shows_times_in_milliseconds(self, coc: Account) -> None:
        """Reference 4.2.3, example; the provider divides by 1000."""
        assert 1_600_000_000_000 < coc.detail(coc.create())["gmt_created"] < 4_000_000_000_000

    def test_is_approved_at_once_without_reviewers(self, coc: Account) -> None:
        """Reference 4.2.1: no review where nobody is asked."""
        assert coc.detail(coc.create())["status"] == "APPROVED"

    def test_masks_a_sensitive_value_with_17_asterisks(self, coc: Account) -> None:
        """Provider, constant and acceptance test."""
        params = [param("token", "abc", 1, sensitive=True), param("path", "/var", 2)]
        shown = coc.detail(coc.create(script_params=params))["script_params"]
        assert [(p["param_name"], p["param_value"], p["sensitive"]) for p in shown] == [
            ("token", MASK, True),
            ("path", "/var", False),
        ]

    def test_keeps_the_order_of_params(self, coc: Account) -> None:
        """Reference 4.2.1: they are positional."""
        names = ["c", "a", "b"]
        uuid = coc.create(script_params=[param(name, "1", order) for order, name in enumerate(names, start=1)])
        assert [p["param_name"] for p in coc.detail(uuid)["script_params"]] == names

    def test_of_nothing_is_refused_with_a_code_of_its_own(self, coc: Account) -> None:
        """Provider: these codes with 500 in 2023, with 400 since 2024."""
        answer = coc.get("SC20200101000000deadbeef")
        assert answer.status in (400, 404, 500)
        assert answer.code in NOT_FOUND


class TestList:
    def test_has_rows_without_what_only_the_detail_shows(self, coc: Account) -> None:
        """Reference 4.2.2; the envelope is that of the definition's and the web page's examples."""
        uuid = coc.create()
        assert coc.eventually(lambda: len(coc.rows()) == 1)
        (row,) = coc.rows()
        assert (row["script_uuid"], row["type"], row["status"]) == (uuid, "SHELL", "APPROVED")
        assert isinstance(row["id"], int)
        assert not {"content", "description", "script_params"} & row.keys()

    def test_is_read_by_the_last_id_in_one_direction_each_script_once(self, coc: Account) -> None:
        """Reference 4.2.2 for the marker; that ids run in one direction is in every published example."""
        uuids = {coc.create(f"s{number}") for number in range(5)}
        assert coc.eventually(lambda: len(coc.rows()) == 5)
        pages = list(coc.pages(limit=2))
        assert {len(page) for page in pages[:-1]} == {2}
        rows = [row for page in pages for row in page]
        assert sorted(row["script_uuid"] for row in rows if row["name"].startswith(coc.prefix)) == sorted(uuids)
        assert len({after["id"] > before["id"] for before, after in pairwise(rows)}) == 1

    def test_tells_how_many_there_are(self, coc: Account) -> None:
        """Definition ListScripts: `total`."""
        before = coc.send("GET", SCRIPTS, limit=1).data["total"]
        coc.create()
        assert coc.eventually(lambda: coc.send("GET", SCRIPTS, limit=1).data["total"] == before + 1)

    @pytest.mark.parametrize("limit", [0, 101])
    def test_has_at_most_100_rows(self, coc: Account, limit: int) -> None:
        """Reference 4.2.2."""
        assert refused(coc.send("GET", SCRIPTS, limit=limit))

    @pytest.mark.parametrize(
        ("filters", "found"),
        [({"type": "PYTHON"}, {"py"}), ({"risk_level": "HIGH"}, {"risky"}), ({"type": "BAT"}, set())],
    )
    def test_is_filtered_by_type_and_risk(self, coc: Account, filters: dict[str, str], found: set[str]) -> None:
        """Reference 4.2.2."""
        coc.create("py", type="PYTHON", content="print()\n")
        coc.create("risky", properties={"risk_level": "HIGH", "version": "1"})
        assert coc.eventually(lambda: len(coc.rows()) == 2)
        assert {row["name"].removeprefix(coc.prefix) for row in coc.rows(**filters)} == found


class TestUpdate:
    def test_replaces_what_it_holds_and_keeps_uuid_name_and_type(self, coc: Account) -> None:
        """Reference 4.2.4."""
        uuid = coc.create()
        answer = coc.update(
            uuid,
            content="true\n",
            description="new",
            properties={"risk_level": "HIGH", "version": "2", "reviewers": []},
        )
        assert (answer.status, answer.data) == (200, uuid)
        detail = coc.detail(uuid)
        assert (detail["content"], detail["description"]) == ("true\n", "new")
        assert (detail["properties"]["risk_level"], detail["properties"]["version"]) == ("HIGH", "2")
        assert (detail["name"], detail["type"]) == (f"{coc.prefix}script", "SHELL")

    def test_takes_the_same_version_again(self, coc: Account) -> None:
        """Nothing says that it must change."""
        uuid = coc.create()
        assert coc.update(uuid, content="true\n").status == 200

    def test_clears_params_that_are_sent_as_an_empty_list(self, coc: Account) -> None:
        """Definition EditScriptModel; the reference's example sends an empty list of reviewers."""
        uuid = coc.create(script_params=[param("path", "/var", 1)])
        coc.update(uuid, script_params=[])
        assert not coc.detail(uuid).get("script_params")

    def test_tells_when_and_by_whom(self, coc: Account) -> None:
        """Reference 4.2.3."""
        uuid = coc.create()
        coc.update(uuid, content="true\n")
        detail = coc.detail(uuid)
        assert detail["gmt_modified"] >= detail["gmt_created"]
        assert detail["operator"]

    def test_of_nothing_is_refused(self, coc: Account) -> None:
        """Provider."""
        answer = coc.update("SC20200101000000deadbeef")
        assert answer.status in (400, 404, 500)
        assert answer.code in NOT_FOUND


class TestReview:
    def test_with_reviewers_a_script_awaits_one(self, coc: Account, reviewer: dict[str, str]) -> None:
        """Reference 4.2.1 and 4.2.4: also after each update, for which they are named again."""
        properties = {"risk_level": "LOW", "version": "1", "reviewers": [reviewer]}
        uuid = coc.create(properties=properties)
        detail = coc.detail(uuid)
        assert detail["status"] == "PENDING_APPROVE"
        assert [r["reviewer_name"] for r in detail["properties"]["reviewers"]] == [reviewer["reviewer_name"]]

        coc.update(uuid, properties=properties | {"reviewers": []})
        detail = coc.detail(uuid)
        assert (detail["status"], detail["properties"].get("reviewers") or []) == ("APPROVED", [])


class TestDelete:
    def test_answers_with_the_uuid_and_is_gone_for_every_later_request(self, coc: Account) -> None:
        """Reference 4.2.5, example; provider for the codes."""
        uuid = coc.create()
        answer = coc.send("DELETE", f"{SCRIPTS}/{uuid}")
        assert (answer.status, answer.data) == (200, uuid)
        assert coc.eventually(lambda: coc.get(uuid).code in NOT_FOUND)
        assert coc.send("DELETE", f"{SCRIPTS}/{uuid}").code in NOT_FOUND

    def test_frees_the_name(self, coc: Account) -> None:
        """What a replace relies on."""
        coc.send("DELETE", f"{SCRIPTS}/{coc.create()}")
        assert coc.eventually(lambda: coc.try_to_create().is_success)


class TestGateway:
    def test_names_each_request(self, coc: Account) -> None:
        """Definition ListResource: the header X-Request-Id."""
        first, second = (coc.send("GET", SCRIPTS, limit=1).request_id for _ in range(2))
        assert first
        assert second
        assert first != second

    def test_refuses_a_request_without_credentials_in_a_shape_of_its_own(self, coc: Account) -> None:
        """Signing guide: 401 and a code of the gateway's."""
        with closing(Transport(str(coc.transport._http.base_url), handler=_handler(coc))) as unproven:
            answer = Account(transport=unproven, prefix=coc.prefix).send("GET", SCRIPTS, limit=1)
        assert answer.status == 401
        assert answer.code.startswith(("APIGW.", "APIG."))

    def test_says_of_an_unknown_address_nothing_about_a_script(self, coc: Account) -> None:
        """So that a wrong endpoint is never taken for scripts that are gone."""
        answer = coc.send("GET", "/v1/job/no_such_scripts")
        assert answer.status == 404
        assert answer.code not in NOT_FOUND


def _handler(coc: Account) -> Any:
    """None for a real account."""
    return getattr(coc.transport._http._transport, "handler", None)
