"""The composite action: its steps run for real in a repository whose target is the embedded simulator."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from action.plan import COUNTED
from cocsync.plan.change import Action
from tests.support.actions import REPOSITORY, Event, GitHub, Run
from tests.support.program import Program
from tests.support.repository import Repository

ACTION = Path(__file__).parents[2] / "action.yml"
_PYTHON3 = f"""#!/bin/sh
[ "$1 $2" = "-m venv" ] || exit 1
mkdir -p "$3/bin"
cat > "$3/bin/python" <<'END'
#!/bin/sh
[ "$2" != pip ] || exec echo "$@" >> "$FAKE_GITHUB/pip"
exec "{sys.executable}" "$@"
END
chmod +x "$3/bin/python"
"""


@pytest.fixture
def github(tmp_path: Path, cocsync: Program) -> GitHub:
    made = GitHub(tmp_path / "github", tmp_path / "origin", variables={}, environ=cocsync.environ)
    (made.folder / "bin" / "python3").write_text(_PYTHON3)
    (made.folder / "bin" / "python3").chmod(0o755)
    return made


def use(github: GitHub, repository: Repository, head: str | None = REPOSITORY, **inputs: str) -> Run:
    """The action on a pull request."""
    pull = {"number": 3, "head": {"sha": "abc", "repo": {"full_name": head}}}
    event = Event(name="pull_request", sha="abc", ref="refs/pull/3/merge", payload={"pull_request": pull})
    return github.run_action(ACTION, event, repository.root, **{k.replace("_", "-"): v for k, v in inputs.items()})


def test_a_pull_request_gets_its_outputs_a_saved_plan_a_summary_and_one_comment(
    github: GitHub, repository: Repository
) -> None:
    repository.manifest()
    repository.manifest("scripts/b.yaml", name="b")

    first = use(github, repository)
    second = use(github, repository)

    saved = json.loads((repository.root / ".cocsync" / "plan.json").read_text())
    counts = {"changes": "2", "creates": "2", "updates": "0", "deletes": "0"}
    assert first.outputs == second.outputs == {**counts, "plan_id": saved["plan_id"], "exit_code": "0"}
    (comment,) = github.state["comments"]
    assert (comment["issue"], comment["body"]) == (3, first.summary)
    assert first.summary.startswith("<!-- cocsync:plan:local -->\n")


@pytest.mark.parametrize("head", ["mallory/scripts", None])
def test_a_pull_request_from_a_fork_is_only_validated(github: GitHub, repository: Repository, head: str | None) -> None:
    repository.manifest()

    run = use(github, repository, head=head)

    assert run.jobs == {"action": "success"}
    assert run.outputs == dict.fromkeys(("changes", "creates", "updates", "deletes", "plan_id"), "") | {
        "exit_code": "0"
    }
    assert "comes from a fork" in run.log
    assert github.state["calls"] == []


def test_an_invalid_repository_is_not_planned(github: GitHub, repository: Repository) -> None:
    repository.manifest(version="far too long a version")

    run = use(github, repository)

    assert (run.jobs, run.outputs["exit_code"]) == ({"action": "failure"}, "1")
    assert "cocsync plan" not in run.log


def test_a_plan_that_cannot_be_made_is_told_of_and_has_no_counts(github: GitHub, repository: Repository) -> None:
    repository.manifest()

    run = use(github, repository, args="--exclude no_such_script")

    assert (run.jobs, run.outputs["exit_code"], run.outputs["changes"]) == ({"action": "failure"}, "3", "")
    (comment,) = github.state["comments"]
    assert "no_such_script" in comment["body"]


def test_inputs_shape_the_run_and_are_never_a_command(github: GitHub, repository: Repository) -> None:
    repository.manifest()

    run = use(
        github,
        repository,
        target="prod",
        deep="false",
        comment="false",
        plan_file="",
        args="--include 'disk*' --exclude '$(touch owned); *'",
    )

    assert "cocsync validate -o github\n" in run.log
    assert "--target prod --include 'disk*'" in run.log
    assert not (repository.root / "owned").exists()
    assert not (repository.root / ".cocsync" / "plan.json").exists()
    assert github.state["calls"] == []


def test_it_installs_itself_or_the_version_that_is_named(github: GitHub, repository: Repository) -> None:
    use(github, repository)
    use(github, repository, version="0.9.1")

    itself, named = (github.folder / "pip").read_text().splitlines()
    assert itself.endswith(f"{ACTION.parent}[lint] --constraint {ACTION.parent}/requirements.lock")
    assert named.endswith("cocsync[lint]==0.9.1")


def test_every_change_counts_in_exactly_one_output() -> None:
    assert sorted(name for names in COUNTED.values() for name in names) == sorted(Action)
