"""The life of scripts under any order of calls, checked against a model of a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from cocsync.sim import Request, Settings, Simulator
from cocsync.sim.scripts.service import new_uuid
from cocsync.sim.wire import encode

if TYPE_CHECKING:
    from cocsync.sim import Response

SCRIPTS = "/v1/job/scripts"
NAMES = st.sampled_from(["a", "b", "c", "d"])
CONTENTS = st.sampled_from(["x\n", "y\n", "中"])


class Life(RuleBasedStateMachine):
    """Creates, edits, reviews and deletes through the API and by hand, in any order."""

    uuids: Bundle[str] = Bundle("uuids")

    @initialize(ascending=st.booleans(), previous=st.booleans())
    def open(self, ascending: bool, previous: bool) -> None:
        self.simulator = Simulator(settings=Settings(ids_ascending=ascending, pending_shows_previous=previous))
        self.ascending = ascending
        self.previous = previous
        self.model: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        self.simulator.close()

    @rule(target=uuids, name=NAMES, content=CONTENTS, reviewed=st.booleans())
    def create(self, name: str, content: str, reviewed: bool) -> str:
        response = self.send("POST", SCRIPTS, {"name": name, "type": "SHELL"} | body(content, reviewed))
        taken = any(script["name"] == name for script in self.model.values())
        assert response.status == (400 if taken else 200)
        if taken:
            return new_uuid(10**6, 0)
        uuid = response.body.decode()[9:-2]
        self.model[uuid] = {"name": name} | after(None, content, reviewed)
        return uuid

    @rule(uuid=uuids, content=CONTENTS, reviewed=st.booleans(), by_hand=st.booleans())
    def modify(self, uuid: str, content: str, reviewed: bool, by_hand: bool) -> None:
        if uuid in self.model and by_hand:
            self.simulator.edit(uuid, content=content, reviewers=["bob"] * reviewed)
        else:
            response = self.send("PUT", f"{SCRIPTS}/{uuid}", body(content, reviewed))
            assert response.status == (200 if uuid in self.model else 400)
        if uuid in self.model:
            self.model[uuid] |= after(self.model[uuid], content, reviewed)

    @rule(uuid=uuids, approve=st.booleans())
    def review(self, uuid: str, approve: bool) -> None:
        status = "APPROVED" if approve else "REJECTED"
        response = self.send("POST", f"{SCRIPTS}/{uuid}/action", {"status": status})
        waits = self.model.get(uuid, {}).get("status") == "PENDING_APPROVE"
        assert response.status == (200 if waits else 400)
        if waits:
            self.model[uuid] |= {"status": status} | ({"approved": self.model[uuid]["content"]} if approve else {})

    @rule(uuid=consumes(uuids))
    def delete(self, uuid: str) -> None:
        known = self.model.pop(uuid, None)
        assert self.send("DELETE", f"{SCRIPTS}/{uuid}").status == (200 if known else 400)

    @invariant()
    def details_show_what_the_model_says(self) -> None:
        for script in self.simulator.scripts():
            known = self.model[script.uuid]
            assert (script.name, script.content, script.status) == (known["name"], known["content"], known["status"])
            waits = self.previous and script.status == "PENDING_APPROVE" and known["approved"] is not None
            shown = self.send("GET", f"{SCRIPTS}/{script.uuid}").body
            assert encode({"content": known["approved"] if waits else known["content"]})[1:-1] in shown

    @invariant()
    def lists_hold_every_script_once(self) -> None:
        scripts = self.simulator.scripts()
        ids = [script.id for script in scripts]
        page = self.send("GET", SCRIPTS, limit="100").body

        assert {script.uuid for script in scripts} == self.model.keys()
        assert ids == sorted(set(ids))
        assert page.startswith(b'{"data":{"total":%d,' % len(ids))
        order = [page.index(script.uuid.encode()) for script in scripts]
        assert order == sorted(order, reverse=not self.ascending)

    def send(self, method: str, path: str, content: object = None, **query: str) -> Response:
        sent = b"" if content is None else encode(content)
        return self.simulator.handle(Request(method=method, path=path, query=tuple(query.items()), body=sent))


def body(content: str, reviewed: bool) -> dict[str, object]:
    reviewers = [{"reviewer_name": "bob", "reviewer_id": ""}] * reviewed
    properties = {"risk_level": "LOW", "version": "1", "reviewers": reviewers}
    return {"content": content, "description": "d", "properties": properties}


def after(before: dict[str, Any] | None, content: str, reviewed: bool) -> dict[str, Any]:
    """What the model knows after a write: content, status, and the content approved last."""
    kept = None if before is None else before["content"] if before["status"] == "APPROVED" else before["approved"]
    status = "PENDING_APPROVE" if reviewed else "APPROVED"
    return {"content": content, "status": status, "approved": kept if reviewed else content}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
