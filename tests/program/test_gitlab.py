"""The pipeline for GitLab: the same story as on GitHub, its scripts run for real."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from cocsync.sim import Simulator
from tests.support import children
from tests.support.gitlab import PROJECT, GitLab
from tests.support.program import Program
from tests.support.repository import Repository

PIPELINE = Path(__file__).parents[2] / "examples" / ".gitlab-ci.yml"
MERGE_REQUEST = {"CI_MERGE_REQUEST_IID": "5", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": PROJECT, "CI_COMMIT_BRANCH": ""}
MAIN = {"CI_COMMIT_BRANCH": "main", "CI_MERGE_REQUEST_IID": ""}
MARKER = "<!-- cocsync:plan:local -->\n"


@pytest.fixture
def gitlab(tmp_path: Path, repository: Repository, cocsync: Program) -> GitLab:
    shutil.copy(PIPELINE, repository.root)
    repository.write(".gitignore", ".cocsync/\n")
    repository.manifest()
    for arguments in (["init", "-q"], ["add", "--all"]):
        children.run(["git", *arguments], cwd=repository.root, check=True, env=cocsync.environ)
    return GitLab(tmp_path / "gitlab", repository.root, cocsync.environ)


def merged(gitlab: GitLab, sha: str, **pipeline: Any) -> None:
    """The merge request is merged as `sha`, and its pipeline's plan is kept."""
    gitlab.write(
        merge_requests=[{"iid": 5, "state": "merged", "merge_commit_sha": sha, "commits": [sha]}],
        pipelines=[
            {"id": 8, "merge_request": 5, "source": "merge_request_event", "project_id": int(PROJECT), **pipeline},
            {"id": 7, "merge_request": 5, "source": "merge_request_event", "project_id": int(PROJECT)},
        ],
        jobs=[{"id": 9, "pipeline": 8, "name": "plan", "status": "success"}],
    )
    kept = gitlab.folder / "artifacts" / "9" / ".cocsync"
    kept.mkdir(parents=True)
    (gitlab.workspace / ".cocsync" / "plan.json").rename(kept / "plan.json")


def test_a_merge_request_gets_one_note_that_is_edited_in_place(gitlab: GitLab, repository: Repository) -> None:
    forged = {"id": 1, "noteable_iid": 5, "author": {"id": 66}, "body": MARKER}
    gitlab.write(notes=[forged])

    first, _ = gitlab.run("merge_request_event", **MERGE_REQUEST)
    repository.manifest(version="1.1.0")
    second, _ = gitlab.run("merge_request_event", **MERGE_REQUEST)

    assert first == second == {"validate": 0, "plan": 0}
    left, ours = gitlab.state["notes"]
    assert left == forged
    assert (ours["id"], ours["body"]) == (2, (gitlab.workspace / ".cocsync" / "plan.md").read_text())
    assert ours["body"].startswith(MARKER)


def test_a_merge_request_from_a_fork_is_validated_and_nothing_else(gitlab: GitLab) -> None:
    codes, _ = gitlab.run("merge_request_event", **MERGE_REQUEST | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "66"})

    assert (codes, gitlab.state["notes"]) == ({"validate": 0}, [])


def test_a_merge_applies_the_plan_of_its_merge_request(gitlab: GitLab, simulator: Simulator) -> None:
    gitlab.run("merge_request_event", **MERGE_REQUEST)
    merged(gitlab, "abc")

    codes, _ = gitlab.run("push", CI_COMMIT_SHA="abc", **MAIN)

    assert codes == {"validate": 0, "apply": 0}
    assert simulator.script("disk_report").version == "1.0.0"


@pytest.mark.parametrize("pipeline", [{"project_id": 66}, {"source": "push"}])
def test_only_the_newest_pipeline_of_the_merge_request_in_this_project_counts(
    gitlab: GitLab, simulator: Simulator, pipeline: dict[str, Any]
) -> None:
    gitlab.run("merge_request_event", **MERGE_REQUEST)
    merged(gitlab, "abc", **pipeline)

    codes, log = gitlab.run("push", CI_COMMIT_SHA="abc", **MAIN)

    assert codes == {"validate": 0, "apply": 1}
    assert "Nothing was written. Plan again" in log
    assert simulator.scripts() == ()


def test_a_commit_without_a_merge_request_is_not_applied_until_its_plan_is_named(
    gitlab: GitLab, simulator: Simulator
) -> None:
    refused, log = gitlab.run("push", CI_COMMIT_SHA="abc", **MAIN)
    planned, shown = gitlab.run("web", **MAIN)
    (plan_id,) = set(re.findall(r"sha256:[0-9a-f]{64}", shown))
    applied, _ = gitlab.run("web", PLAN_ID=plan_id, **MAIN)

    assert refused == {"validate": 0, "apply": 1}
    assert "Plan again" in log
    assert planned == {"validate": 0, "plan": 0}
    assert applied == {"validate": 0, "plan": 0, "apply": 0}
    assert simulator.script("disk_report").version == "1.0.0"


def test_drift_keeps_one_issue_until_nothing_differs(gitlab: GitLab, cocsync: Program, simulator: Simulator) -> None:
    assert cocsync.here("apply", "--yes").code == 0
    assert gitlab.run("schedule", **MAIN)[0] == {"drift": 0}
    assert gitlab.state["issues"] == []

    simulator.edit("disk_report", user="dave", content="date\n")
    assert [gitlab.run("schedule", **MAIN)[0] for _ in range(2)] == [{"drift": 0}] * 2
    (issue,) = gitlab.state["issues"]
    assert (issue["state"], issue["title"]) == ("opened", "COC differs from the repository: local")
    assert "dave" in issue["description"]

    assert cocsync.here("apply", "--yes").code == 0
    assert gitlab.run("schedule", **MAIN)[0] == {"drift": 0}
    assert [issue["state"] for issue in gitlab.state["issues"]] == ["closed"]


def test_what_an_apply_saw_is_remembered_for_the_next_run(gitlab: GitLab, cocsync: Program) -> None:
    gitlab.run("merge_request_event", **MERGE_REQUEST)
    merged(gitlab, "abc")
    gitlab.run("push", CI_COMMIT_SHA="abc", **MAIN)
    kept = {path.name for path in (gitlab.workspace / ".cocsync" / "memory").rglob("*") if path.is_file()}
    shutil.rmtree(cocsync.memory())

    codes, _ = gitlab.run("merge_request_event", **MERGE_REQUEST)

    assert codes == {"validate": 0, "plan": 0}
    assert kept >= {"cache.db", "validated"}
    assert (cocsync.memory() / "cache.db").exists()


def test_what_a_merge_request_committed_as_memory_is_not_believed(gitlab: GitLab, repository: Repository) -> None:
    repository.write(".cocsync/memory/x/validated", "")
    children.run(["git", "add", "--force", ".cocsync"], cwd=repository.root, check=True)

    codes, _ = gitlab.run("merge_request_event", **MERGE_REQUEST)

    assert codes == {"validate": 0, "plan": 1}
