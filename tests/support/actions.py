"""GitHub Actions as far as the workflows and the action here use it.

Expressions are evaluated and shell steps are run for real; `gh` is `tests/support/fake_gh.py`, `pip` notes what it is
to install, and the few actions of others have stand-ins.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support import children
from tests.support.program import EXECUTABLE

REPOSITORY = "payments/scripts"
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_TOKEN = re.compile(r"'[^']*'|&&|\|\||!=|!|[A-Za-z_][\w.-]*(?=\()|[A-Za-z_][\w.-]*")
_OPERATORS = {"&&": " and ", "||": " or ", "!=": "!=", "!": " not "}
_GH = f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("fake_gh.py")}" "$@"\n'
_PIP = '#!/bin/sh\necho "$*" >> "$FAKE_GITHUB/pip"\n'


def workflow(path: Path) -> dict[str, Any]:
    """A workflow or an action; its key `on`, which YAML reads as true, is `on` again."""
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else str(key): value for key, value in loaded.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened: `github` is the context of that name without what is the same for all."""

    name: str
    sha: str
    ref: str = "refs/heads/main"
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run of a workflow or an action came to: result by job, output of all steps, step summary."""

    number: int
    jobs: Mapping[str, str]
    log: str
    summary: str
    outputs: Mapping[str, str]


class GitHub:
    """A GitHub in a folder, with one repository whose Git data is the bare repository `origin`."""

    def __init__(self, folder: Path, origin: Path, *, variables: Mapping[str, str], environ: Mapping[str, str]) -> None:
        self.folder, self._origin, self._variables = folder, origin, dict(variables)
        self._runs = 0
        (folder / "bin").mkdir(parents=True)
        for name, text in (("gh", _GH), ("pip", _PIP)):
            (folder / "bin" / name).write_text(text, "utf-8")
            (folder / "bin" / name).chmod(0o755)
        path = os.pathsep.join((str(folder / "bin"), str(EXECUTABLE.parent), environ["PATH"]))
        self._environ = {**environ, "PATH": path, "FAKE_GITHUB": str(folder)}
        self.write(comments=[], issues=[], pulls=[], runs=[], calls=[])

    def write(self, **state: Any) -> None:
        before = self.state if (self.folder / "state.json").exists() else {}
        (self.folder / "state.json").write_text(json.dumps(before | state), "utf-8")

    @property
    def state(self) -> dict[str, Any]:
        """`comments`, `issues`, `pulls` and `runs` in GitHub's form, and `calls` of `gh`."""
        loaded: dict[str, Any] = json.loads((self.folder / "state.json").read_text("utf-8"))
        return loaded

    def artifact(self, run: Run, name: str) -> Path:
        return self.folder / "artifacts" / str(run.number) / name

    def run(self, path: Path, event: Event) -> Run:
        """Runs every job of the workflow in a workspace of its own, in their order."""
        described = workflow(path)
        self._runs += 1
        jobs: dict[str, str] = {}
        logs: list[str] = []
        summaries: list[str] = []
        folder = self.folder / "work" / str(self._runs)
        for name, job in described["jobs"].items():
            steps = _Steps(self, folder / name, event, self._runs, job.get("permissions", {}))
            steps.environ(described.get("env", {}))
            waits = [jobs[job["needs"]]] if "needs" in job else []
            if set(waits) - {"success"} or not steps.evaluate(job.get("if", "always()")):
                jobs[name] = "skipped"
                continue
            jobs[name] = steps.run(job["steps"])
            logs.append(steps.log)
            summaries.append(steps.summary)
        self._note_run(path, event, jobs)
        return Run(number=self._runs, jobs=jobs, log="".join(logs), summary="".join(summaries), outputs={})

    def run_action(self, path: Path, event: Event, workspace: Path, **inputs: str) -> Run:
        """Runs the composite action in an existing workspace."""
        described = workflow(path)
        self._runs += 1
        given = {name: spec.get("default", "") for name, spec in described["inputs"].items()} | inputs
        folder = self.folder / "work" / str(self._runs)
        steps = _Steps(self, folder / "action", event, self._runs, {"pull-requests": "write"}, workspace=workspace)
        steps.context["inputs"] = given
        steps.shell_environ |= {"GITHUB_ACTION_PATH": str(path.parent)}
        result = steps.run(described["runs"]["steps"])
        outputs = {name: str(steps.interpolate(spec["value"])) for name, spec in described["outputs"].items()}
        return Run(number=self._runs, jobs={"action": result}, log=steps.log, summary=steps.summary, outputs=outputs)

    def _note_run(self, path: Path, event: Event, jobs: Mapping[str, str]) -> None:
        head = event.payload.get("pull_request", {}).get("head", {})
        noted = {
            "id": self._runs,
            "path": f".github/workflows/{path.name}",
            "event": event.name,
            "status": "failure" if "failure" in jobs.values() else "success",
            "head_sha": head.get("sha", event.sha),
            "head_repository": head.get("repo", {"full_name": REPOSITORY}),
        }
        self.write(runs=[noted, *self.state["runs"]])


class _Steps:
    """The steps of one job on one machine."""

    def __init__(
        self, github: GitHub, folder: Path, event: Event, number: int, permissions: Any, workspace: Path | None = None
    ) -> None:
        self._github, self._folder, self._failed = github, folder, False
        self.workspace = workspace or folder / "workspace"
        self.log = self.summary = ""
        temp = folder / "temp"
        temp.mkdir(parents=True)
        about = {
            "event_name": event.name,
            "sha": event.sha,
            "ref": event.ref,
            "repository": REPOSITORY,
            "run_id": number,
            "run_attempt": 1,
            "token": json.dumps(permissions),
            "workflow": "workflow",
            "event": event.payload,
        }
        secrets = {name: name.lower() for name in ("COCSYNC_READ_AK", "COCSYNC_READ_SK", "COCSYNC_FINGERPRINT_KEY")}
        secrets |= {f"HUAWEICLOUD_SDK_{kind}": f"{kind.lower()}_that_writes" for kind in ("AK", "SK")}
        self.context: dict[str, Any] = {
            "github": about,
            "inputs": dict(event.inputs),
            "vars": github._variables,
            "secrets": {} if self._is_fork(event) else secrets,
            "runner": {"temp": str(temp)},
            "steps": {},
            "env": {},
        }
        self.shell_environ = github._environ | {
            "GITHUB_EVENT_NAME": event.name,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": event.sha,
            "RUNNER_TEMP": str(temp),
        }

    @staticmethod
    def _is_fork(event: Event) -> bool:
        head = event.payload.get("pull_request", {}).get("head")
        return head is not None and head["repo"]["full_name"] != REPOSITORY

    def environ(self, variables: Mapping[str, Any]) -> dict[str, str]:
        """The variables with their expressions filled in; from here on a part of the context."""
        filled = {name: str(self.interpolate(value)) for name, value in variables.items()}
        self.context["env"] |= filled
        return filled

    def run(self, steps: list[dict[str, Any]]) -> str:
        for step in steps:
            outcome, outputs = self._step(step)
            self._failed |= outcome == "failure"
            if "id" in step:
                self.context["steps"][step["id"]] = {"outcome": outcome, "outputs": outputs}
        return "failure" if self._failed else "success"

    def _step(self, step: dict[str, Any]) -> tuple[str, dict[str, str]]:
        condition = _EXPRESSION.sub(r"\1", str(step.get("if", "success()")))
        if not re.search(r"\b(always|cancelled|success|failure)\(", condition):
            condition = f"success() && ({condition})"
        if not self.evaluate(condition):
            return "skipped", {}
        if "uses" in step:
            arguments = {key: str(self.interpolate(value)) for key, value in step.get("with", {}).items()}
            return self._use(step["uses"].partition("@")[0], arguments), {}
        return self._shell(step)

    def _shell(self, step: dict[str, Any]) -> tuple[str, dict[str, str]]:
        script, output, summary = (self._folder / name for name in ("step.sh", "output", "summary"))
        script.write_text(str(self.interpolate(step["run"])), "utf-8")
        output.write_text("", "utf-8")
        summary.write_text("", "utf-8")
        variables = {name: str(self.interpolate(value)) for name, value in step.get("env", {}).items()}
        variables |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        done = children.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace / str(self.interpolate(step.get("working-directory", "."))),
            env=self.shell_environ | self.context["env"] | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.log += done.stdout
        self.summary += summary.read_text("utf-8")
        outputs = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
        return "failure" if done.returncode else "success", outputs

    def _use(self, action: str, arguments: dict[str, str]) -> str:
        match action:
            case "actions/checkout":
                self._checkout()
            case "actions/setup-python":
                pass
            case "actions/upload-artifact":
                return self._upload(**{key.replace("-", "_"): value for key, value in arguments.items()})
            case "actions/cache/restore":
                self._restore(arguments["path"], arguments["restore-keys"])
            case "actions/cache/save":
                if (kept := self._in_home(arguments["path"])).exists():
                    shutil.copytree(kept, self._github.folder / "caches" / arguments["key"])
            case _:
                raise AssertionError(f"no stand-in for {action}")
        return "success"

    def _checkout(self) -> None:
        git = ["git", "-C", str(self.workspace)]
        children.run(["git", "clone", "-q", str(self._github._origin), str(self.workspace)], check=True)
        children.run([*git, "fetch", "-q", "origin", "+refs/pull/*:refs/remotes/pull/*"], check=True)
        children.run([*git, "checkout", "-q", self.context["github"]["sha"]], check=True)

    def _restore(self, path: str, prefix: str) -> None:
        found = sorted((self._github.folder / "caches").glob(f"{prefix}*"), key=lambda cache: cache.stat().st_mtime_ns)
        if found:
            shutil.copytree(found[-1], self._in_home(path), dirs_exist_ok=True)

    def _in_home(self, path: str) -> Path:
        """The folder that is kept between runs, which lies in no checkout."""
        assert path.startswith("~/")
        return Path(self.shell_environ["HOME"]) / path.removeprefix("~/")

    def _upload(self, *, name: str, path: str, if_no_files_found: str, **_: str) -> str:
        store = self._github.folder / "artifacts" / str(self.context["github"]["run_id"]) / name
        found = [source for line in path.split() if (source := self.workspace / line).exists()]
        for source in found:
            store.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, store / source.name)
        return "failure" if if_no_files_found == "error" and not found else "success"

    def interpolate(self, value: Any) -> Any:
        """A text with its expressions filled in as GitHub does: true and false in small letters, nothing for null."""

        def filled(match: re.Match[str]) -> str:
            result = self.evaluate(match[1])
            return str(result).lower() if isinstance(result, bool) else str(result)

        return _EXPRESSION.sub(filled, value) if isinstance(value, str) else value

    def evaluate(self, expression: str) -> Any:
        """Of GitHub's expressions: contexts, strings, the operators, and four functions."""
        functions = {
            "always": lambda: True,
            "cancelled": lambda: False,
            "success": lambda: not self._failed,
            "hashFiles": lambda path: "1" if (self.workspace / path).exists() else "",
        }

        def python(match: re.Match[str]) -> str:
            token = match[0]
            if token[0] == "'" or token in functions:
                return token
            return _OPERATORS.get(token) or f"get({token!r})"

        return eval(_TOKEN.sub(python, expression.strip()), {"get": self._get, **functions})

    def _get(self, path: str) -> Any:
        """What the contexts have there; nothing is an empty text, to which GitHub's null is equal."""
        context, *keys = path.split(".")
        value = self.context[context]
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return "" if value is None else value
