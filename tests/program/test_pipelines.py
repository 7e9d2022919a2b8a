"""The pipelines that users copy or `init` writes: pinned, no way in for foreign text, allowed what they need.

`make lint` shows them to actionlint, zizmor and the schemas of GitHub and GitLab.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cocsync import __version__
from tests.support import children
from tests.support.actions import workflow
from tests.support.gitlab import pipeline
from tests.support.markdown import codes, tables
from tests.support.program import EXECUTABLE, Program

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.stem: path for path in sorted((ROOT / "examples" / ".github" / "workflows").glob("*.yml"))}
ACTION = ROOT / "action.yml"
GITLAB = ROOT / "examples" / ".gitlab-ci.yml"
PERMISSIONS = {
    "validate": {"contents": "read"},
    "plan": {"contents": "read", "pull-requests": "write"},
    "apply": {"contents": "read", "actions": "read", "pull-requests": "read"},
    "drift": {"contents": "read", "issues": "write"},
}


def steps(path: Path) -> Iterator[dict[str, Any]]:
    described = workflow(path)
    jobs = described["jobs"].values() if "jobs" in described else [described["runs"]]
    for job in jobs:
        yield from job["steps"]


def actions(path: Path) -> list[str]:
    return [step["uses"].partition("@")[0] for step in steps(path) if "uses" in step]


def test_the_workflows_of_the_example_are_those_that_init_writes(cocsync: Program, tmp_path: Path) -> None:
    assert cocsync.here("init", "-C", str(tmp_path), "--owner", "payments_ops").code == 0

    written = {path.stem: path.read_bytes() for path in (tmp_path / ".github" / "workflows").iterdir()}
    assert written == {name: path.read_bytes() for name, path in WORKFLOWS.items()}
    assert pipeline(GITLAB)["variables"]["COCSYNC_VERSION"] == __version__


@pytest.mark.parametrize("path", [*WORKFLOWS.values(), ACTION], ids=lambda path: path.stem)
def test_an_action_of_others_is_pinned_to_a_commit_and_says_its_version(path: Path) -> None:
    uses = [line for line in path.read_text("utf-8").splitlines() if "uses:" in line]

    assert len(uses) == len(actions(path))
    assert [line for line in uses if not re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


@pytest.mark.parametrize("path", [*WORKFLOWS.values(), ACTION], ids=lambda path: path.stem)
def test_no_expression_becomes_a_part_of_a_shell_step(path: Path) -> None:
    """A branch may be called `$(anything)`: text reaches a shell in variables only."""
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


def shell_steps() -> Iterator[tuple[str, str]]:
    for path in [*WORKFLOWS.values(), ACTION]:
        yield from ((f"{path.stem}: {step['name']}", step["run"]) for step in steps(path) if "run" in step)
    for name, job in pipeline(GITLAB).items():
        if isinstance(job, dict) and "script" in job and name[0] != ".":
            yield f"gitlab: {name}", "\n".join(job["script"])


SHELL_STEPS = dict(shell_steps())


@pytest.mark.parametrize("name", SHELL_STEPS)
def test_shellcheck_has_nothing_to_say_on_a_shell_step(name: str) -> None:
    done = children.run(
        [EXECUTABLE.with_name("shellcheck"), "--shell=bash", "-"],
        input=SHELL_STEPS[name],
        capture_output=True,
        text=True,
    )

    assert done.stdout == ""


def test_a_job_may_do_what_it_needs_and_no_more() -> None:
    allowed: dict[str, dict[str, str]] = {}
    for path in WORKFLOWS.values():
        described = workflow(path)
        assert described["permissions"] == {}
        allowed |= {job: spec["permissions"] for job, spec in described["jobs"].items()}

    assert allowed == PERMISSIONS


def test_only_the_main_branch_saves_the_cache_and_knows_the_key_that_writes() -> None:
    saving = {name for name, path in WORKFLOWS.items() if {"actions/cache", "actions/cache/save"} & {*actions(path)}}
    writing = {name for name, path in WORKFLOWS.items() if "secrets.HUAWEICLOUD_SDK_AK" in path.read_text("utf-8")}
    apply = workflow(WORKFLOWS["apply"])

    assert saving == writing == {"apply"}
    assert set(apply["on"]) == {"push", "workflow_dispatch"}
    assert apply["jobs"]["apply"]["if"] == "github.ref == 'refs/heads/main'"
    assert apply["jobs"]["apply"]["environment"] == "cocsync"
    assert apply["concurrency"] == {"group": "cocsync-apply", "cancel-in-progress": False}
    assert "actions/cache/restore" in actions(WORKFLOWS["plan"])


def test_secrets_reach_no_step_but_the_one_that_runs_cocsync() -> None:
    for path in WORKFLOWS.values():
        assert "secrets." not in yaml.safe_dump(workflow(path).get("env", {}))
        for job in workflow(path)["jobs"].values():
            assert "env" not in job
            given = [step for step in job["steps"] if "secrets." in yaml.safe_dump(step)]
            assert [
                step for step in given if not re.search(r"^ *cocsync (plan|apply|drift)", step["run"], re.MULTILINE)
            ] == []


def test_no_project_file_says_where_a_pipeline_sends_keys() -> None:
    """A target without an endpoint beside it goes to a public host or nowhere, never to what the checkout names."""
    pinned = "${{ vars.COCSYNC_ENDPOINT || vars.COCSYNC_TARGET && 'cn' || 'sim:' }}"

    assert {workflow(path)["env"]["COCSYNC_ENDPOINT"] for path in WORKFLOWS.values()} == {pinned}
    assert pipeline(GITLAB)["variables"]["COCSYNC_ENDPOINT"] == "sim:"


def test_the_action_keeps_its_comment_as_the_workflow_does() -> None:
    (inline,) = (step["run"] for step in steps(WORKFLOWS["plan"]) if step.get("name") == "Keep one comment")
    script = (ROOT / "action" / "comment.sh").read_text("utf-8")

    assert script.partition("set -euo pipefail\n\n")[2] == inline


def test_the_documentation_lists_what_the_action_takes_and_gives_and_what_each_job_may_do() -> None:
    page = (ROOT / "docs" / "pipelines.md").read_text("utf-8")
    described = workflow(ACTION)
    listed = {kind: [codes(row[0])[0] for row in rows] for kind, rows in tables(page, "action").items()}

    assert listed == {kind: list(described[kind]) for kind in ("inputs", "outputs")}
    for row in tables(page, "permissions")["jobs"]:
        assert {f"{k}: {v}" for k, v in PERMISSIONS[codes(row[0])[0]].items()} == set(codes(row[1]))


def test_the_hook_of_pre_commit_refuses_what_validate_refuses(cocsync: Program, tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    repository = shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns(".cocsync"))
    program, *arguments = hook["entry"].split()
    assert (program, hook["language"], hook["pass_filenames"]) == ("cocsync", "python", False)

    assert cocsync.here(*arguments, folder=repository).code == 0
    (repository / "scripts" / "login_audit" / "script.yaml").write_text("kind: Script\n")
    assert cocsync.here(*arguments, folder=repository).code == 1
