"""Sensitive values: where they come from, what a plan says of them, and that they are in no output, file or log.

Every value and key here is planted: the suite's own check (tests/conftest.py) fails a test that lets one show.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocsync.sim import Request, Response, Simulator
from cocsync.sim.wire import answer
from tests.support.canary import leaks_below, plant, planted
from tests.support.program import Done, Program
from tests.support.repository import Repository

KEY = planted("fingerprint-key")
ENV: dict[str, Any] = {"APP_TOKEN": planted("token"), "COCSYNC_FINGERPRINT_KEY": KEY}
TOKEN: dict[str, Any] = {
    "name": "token",
    "description": "API token",
    "sensitive": True,
    "value_from": {"env": "APP_TOKEN"},
}


@pytest.fixture
def written(cocsync: Program, repository: Repository, simulator: Simulator) -> Repository:
    """A script with a value and one without, and COC that matches them."""
    repository.manifest("scripts/a.yaml", name="a", params=[TOKEN])
    repository.manifest("scripts/b.yaml", name="b")
    done = cocsync.here("apply", "--yes", **ENV)
    assert done.code == 0, done.err
    assert simulator.script("a").params[0].value == ENV["APP_TOKEN"]
    return repository


def changes(done: Done) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done.report("plan")["changes"]
    return found


def test_only_the_value_changed_is_one_update_of_one_field(
    cocsync: Program, written: Repository, simulator: Simulator
) -> None:
    rotated = ENV | {"APP_TOKEN": planted("rotated")}
    done = cocsync("plan", "-o", "json", "-o", "text=plan.txt", "--detailed-exitcode", **rotated)
    assert done.code == 2
    (change,) = changes(done)
    (field,) = change["fields"]
    assert (change["name"], change["action"], change["value_only"]) == ("a", "update", True)
    assert field == {
        "path": "params[token].value",
        "before": "(sensitive)",
        "after": "(sensitive)",
        "sensitive": True,
        "diff": None,
        "forms": [],
        "note": "",
        "ignored": False,
    }
    assert "params[token].value: (sensitive), another value" in (written.root / "plan.txt").read_text()

    assert cocsync("apply", "--yes", "-v", "-o", "json=apply.json", "-o", "text", **rotated).code == 0
    assert simulator.script("a").params[0].value == rotated["APP_TOKEN"]
    assert cocsync.here("plan", "--detailed-exitcode", **rotated).code == 0


class TestNotVerified:
    """Reported and counted, never read as a change."""

    @pytest.mark.parametrize(
        ("environ", "said"),
        [
            ({"APP_TOKEN": ""}, "env:APP_TOKEN not available"),
            ({"COCSYNC_FINGERPRINT_KEY": ""}, "no COCSYNC_FINGERPRINT_KEY here"),
            ({"COCSYNC_FINGERPRINT_KEY": planted("another-key")}, "written under another fingerprint key"),
        ],
    )
    def test_what_cannot_be_compared(
        self, cocsync: Program, written: Repository, environ: dict[str, Any], said: str
    ) -> None:
        done = cocsync.here("plan", "--detailed-exitcode", "-o", "json=plan.json", "-o", "text", **ENV | environ)
        assert done.code == 0
        assert said in done.out
        assert "1 not verified" in done.out
        assert cocsync.here("drift", folder=written.root, **ENV | environ).code == 0

    def test_written_without_a_key_it_stays_so_until_it_is_written_with_one(
        self, cocsync: Program, repository: Repository
    ) -> None:
        repository.manifest(params=[TOKEN])
        cocsync.here("apply", "--yes", APP_TOKEN=ENV["APP_TOKEN"])
        done = cocsync.here("plan", **ENV)
        assert (done.code, "written without a fingerprint key" in done.out) == (0, True)
        assert cocsync.here("apply", "--yes", "--renew-marks", **ENV).code == 0
        assert "not verified" not in cocsync.here("plan", **ENV).out

    def test_several_keys_verify_and_the_first_writes(self, cocsync: Program, written: Repository) -> None:
        both = ENV | {"COCSYNC_FINGERPRINT_KEY": f" {planted('second-key-0123')} , {KEY} "}
        done = cocsync.here("plan", "--detailed-exitcode", folder=written.root, **both)
        assert (done.code, "not verified" in done.out) == (0, False)
        assert cocsync.here("apply", "--yes", "--renew-marks", **both).code == 0
        assert "another fingerprint key" in cocsync.here("plan", **ENV).out

    @pytest.mark.parametrize("verb", [("plan",), ("apply", "--yes"), ("drift",)], ids=lambda verb: verb[0])
    def test_a_short_key_is_refused_by_the_name_of_its_variable(
        self, cocsync: Program, written: Repository, verb: tuple[str, ...]
    ) -> None:
        """Also beside a long one; the key itself is in no output."""
        written.manifest("scripts/a.yaml", name="a", params=[TOKEN], version="2")
        short = {"COCSYNC_FINGERPRINT_KEY": f"{KEY},{planted('x')}"}
        done = cocsync(*verb, folder=written.root, **ENV | short)
        assert (done.code, "COCSYNC_FINGERPRINT_KEY holds a key of fewer than 16" in done.err) == (3, True)


class TestEmptied:
    """What a pipeline makes of a secret that is missing."""

    def test_it_changes_nothing_and_the_others_are_planned_as_ever(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        emptied = ENV | {"APP_TOKEN": ""}
        simulator.edit("b", content="by hand\n")
        done = cocsync.here("plan", "-o", "json", **emptied)
        assert [change["name"] for change in changes(done)] == ["b"]
        assert cocsync.here("apply", "--yes", folder=written.root, **emptied).code == 0
        assert simulator.script("a").params[0].value == ENV["APP_TOKEN"]

    def test_a_write_that_needs_it_says_so_and_is_refused_before_any_other(
        self, cocsync: Program, written: Repository, simulator: Simulator
    ) -> None:
        emptied = ENV | {"APP_TOKEN": ""}
        for name in ("a", "b"):
            simulator.edit(name, content="by hand\n")
        done = cocsync.here("plan", "-o", "json", folder=written.root, **emptied)
        assert done.code == 0
        assert [change["needs"] for change in changes(done)] == [["env:APP_TOKEN"], []]
        done = cocsync.here("apply", "--yes", **emptied)
        assert (done.code, "env:APP_TOKEN" in done.err) == (3, True)
        assert {script.content for script in simulator.scripts()} == {"by hand\n"}

    def test_where_empty_is_meant_it_is_a_value(
        self, cocsync: Program, repository: Repository, simulator: Simulator
    ) -> None:
        repository.manifest(params=[TOKEN | {"allow_empty": True}])
        assert cocsync.here("apply", "--yes", **ENV | {"APP_TOKEN": ""}).code == 0
        assert simulator.script("disk_report").params[0].value == ""


def test_a_version_of_the_secret_is_seen_without_a_key(cocsync: Program, written: Repository) -> None:
    written.manifest("scripts/a.yaml", name="a", params=[TOKEN | {"secret_version": "2"}])
    (change,) = changes(cocsync.here("plan", "-o", "json", APP_TOKEN=ENV["APP_TOKEN"]))
    assert [field["path"] for field in change["fields"]] == ["params[token].secret_version"]


def test_a_value_from_a_file(cocsync: Program, repository: Repository, simulator: Simulator, tmp_path: Path) -> None:
    source = plant(tmp_path / "token", planted("from-a-file") + "\n")
    repository.project(secrets={"files": [str(tmp_path)]})
    repository.manifest(params=[TOKEN | {"value_from": {"file": str(source)}}])
    assert cocsync.here("apply", "--yes", "-v", COCSYNC_FINGERPRINT_KEY=KEY).code == 0
    assert simulator.script("disk_report").params[0].value == planted("from-a-file")


def test_a_hand_edit_of_a_script_with_a_value_is_saved_without_it(
    cocsync: Program, written: Repository, simulator: Simulator
) -> None:
    simulator.edit("a", content="by hand\n")
    assert cocsync.here("apply", "--yes", **ENV).code == 0
    (manifest,) = (written.root / ".cocsync" / "backups").glob("*/a/script.yaml")
    assert "sensitive: true" in manifest.read_text()
    assert leaks_below(written.root) == []


class TestRefusedValues:
    """Said by param, source and position, never by what they are."""

    def test_one_that_coc_would_not_take(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(params=[TOKEN])
        bad = ENV | {"APP_TOKEN": planted("a;b")}
        for verb in ["validate"], ["plan"], ["apply", "--yes"], ["validate", "-o", "json"]:
            done = cocsync.here(*verb, **bad)
            assert done.code == 1
            assert f"character at position {len(planted('a;'))}" in done.out + done.err
            assert "env:APP_TOKEN" in done.out + done.err

    @pytest.mark.parametrize(
        "param",
        [
            {"name": "token", "sensitive": True, "value": planted("literal")},
            {"name": "token", "sensitive": True, "value_from": planted("literal")},
            {"name": "token", "sensitive": True, "value_from": {"env": planted("literal")}},
            {"name": "token", "sensitive": True, "value_from": {"env": "APP_TOKEN"}, "values": planted("literal")},
        ],
    )
    def test_one_that_stands_in_the_manifest(
        self, cocsync: Program, repository: Repository, param: dict[str, Any]
    ) -> None:
        repository.manifest(params=[param])
        plant(repository.root / "scripts/disk.yaml", (repository.root / "scripts/disk.yaml").read_text())
        for verb in ["validate"], ["validate", "-o", "json"], ["plan", "-o", "json"], ["apply", "--yes"]:
            assert cocsync.here(*verb).code == 1


def test_what_coc_repeats_of_a_value_is_not_repeated(
    cocsync: Program, repository: Repository, simulator: Simulator
) -> None:
    """An error text of a server's may hold what it refuses."""
    repository.manifest(params=[TOKEN])
    simulator.configure(faults=[f"POST *:400={ENV['APP_TOKEN']}"])
    done = cocsync.here("apply", "--yes", "-o", "json", **ENV)
    assert done.code == 1
    assert "(sensitive)" in done.report("apply")["results"][0]["error"]["message"]


@pytest.mark.parametrize("status", [400, 403, 500])
@pytest.mark.parametrize("form", ["plain", "prefix", "hex", "base64", "url", "upper"])
def test_a_refused_write_shows_code_and_request_id_alone_where_its_text_may_repeat_a_value(
    cocsync: Program, repository: Repository, serving: Callable[[Simulator], str], form: str, status: int
) -> None:
    value = ENV["APP_TOKEN"]
    text = {
        "plain": value,
        "prefix": value[:4],
        "hex": value.encode().hex(),
        "base64": base64.b64encode(b"x" + value.encode()).decode(),
        "url": "".join(f"%{ord(c):02x}" for c in value),
        "upper": value.upper(),
    }[form]

    class Repeating(Simulator):
        def handle(self, request: Request) -> Response:
            if request.method != "POST":
                return super().handle(request)
            return answer({"error_code": "COC.00040001", "error_msg": f"not allowed: {text}"}, status)

    repository.manifest(params=[TOKEN])
    with Repeating() as coc:
        done = cocsync.here("apply", "--yes", "-o", "json", "-v", "--endpoint", serving(coc), **ENV)

    error = done.report("apply")["results"][0]["error"]
    assert text not in done.out + done.err
    assert "COC.00040001" in error["message"]
    assert "(sensitive) text, left out since it may repeat a value that was sent" in error["message"]


@pytest.mark.parametrize("name", ["GH_TOKEN", "AWS_SECRET_ACCESS_KEY", "VAULT_TOKEN", "HTTPS_PROXY", "DEPLOY_KEY"])
@pytest.mark.parametrize("env", [None, ["APP_*"], ["*_NOTHING"]])
@pytest.mark.parametrize("verb", [["validate"], ["plan"], ["apply", "--yes"]])
def test_no_variable_is_sent_that_the_project_file_does_not_name(
    cocsync: Program, repository: Repository, simulator: Simulator, name: str, env: list[str] | None, verb: list[str]
) -> None:
    repository.project(secrets=None if env is None else {"env": env})
    repository.manifest(params=[{**TOKEN, "value_from": {"env": name}}])
    environ: dict[str, Any] = {name: planted(name.lower())}
    done = cocsync.here(*verb, **environ)

    assert (done.code, len(simulator.scripts())) == (1, 0)
    assert f"secrets: {{env: [{name}]}}" in " ".join((done.out + done.err).split())


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json", "github"])
def test_a_plan_says_of_every_write_where_its_sensitive_values_come_from(
    cocsync: Program, written: Repository, form: str
) -> None:
    """A changed source with the same value is no change; the next write shows it, the one before is not known."""
    written.manifest("scripts/a.yaml", name="a", params=[{**TOKEN, "value_from": {"env": "OTHER_TOKEN"}}])
    environ = {**ENV, "OTHER_TOKEN": planted("another")}
    done = cocsync.here("plan", "-o", form, **environ)

    assert done.code == 0
    if form == "json":
        (change,) = changes(done)
        assert change["sources"] == [{"param": "token", "source": "env:OTHER_TOKEN"}]
    else:
        assert "env:OTHER_TOKEN" in done.out
        assert "(source before: not known)" in " ".join(done.out.split())


def test_a_source_that_cannot_be_compared_is_said_with_the_script(cocsync: Program, written: Repository) -> None:
    written.manifest("scripts/a.yaml", name="a", params=[{**TOKEN, "value_from": {"env": "OTHER_TOKEN"}}])
    done = cocsync.here("plan")

    assert "a write would send token <- env:OTHER_TOKEN (source before: not known)" in done.out


def test_a_saved_plan_is_refused_where_a_value_has_another_source_now(cocsync: Program, written: Repository) -> None:
    written.manifest("scripts/a.yaml", name="a", version="2", params=[TOKEN])
    assert cocsync.here("plan", "--out", "plan.json", **ENV).code == 0
    written.manifest("scripts/a.yaml", name="a", version="2", params=[{**TOKEN, "value_from": {"env": "OTHER_TOKEN"}}])
    done = cocsync.here("apply", "plan.json", "--yes", **ENV, OTHER_TOKEN=planted("another"))

    assert (done.code, "the manifest of a changed since the plan" in done.err) == (3, True)
