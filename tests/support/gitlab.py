"""GitLab CI as far as the pipeline here uses it: rules, variables, and scripts that are run for real.

`curl` is `tests/support/fake_curl.py`, `jq` is the jq of Python's package, `pip` and `apt-get` do nothing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support import children
from tests.support.program import EXECUTABLE

PROJECT, API = "42", "https://gitlab.example.com/api/v4"
_JQ = """
import json, sys, jq
*options, text = sys.argv[1:]
names = {options[i + 1]: options[i + 2] for i, option in enumerate(options) if option == "--arg"}
for result in jq.compile(text, args=names).input_text(sys.stdin.read()):
    print(result if "--raw-output" in options and isinstance(result, str) else json.dumps(result))
"""


class _Loader(yaml.SafeLoader):
    pass


class _Reference(list[str]):
    """`!reference [JOB, KEY]`."""


_Loader.add_constructor("!reference", lambda loader, node: _Reference(loader.construct_sequence(node)))  # type: ignore[arg-type]


def pipeline(path: Path) -> dict[str, Any]:
    """The jobs and the settings of a `.gitlab-ci.yml`, with the references in scripts filled in."""
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)
    for job in loaded.values():
        if isinstance(job, dict) and "script" in job:
            filled = [loaded[line[0]][line[1]] if isinstance(line, _Reference) else [line] for line in job["script"]]
            job["script"] = [line for lines in filled for line in lines]
    return loaded


class GitLab:
    """A GitLab in a folder, with one project. Its jobs share one workspace, as far as Git keeps them."""

    def __init__(self, folder: Path, workspace: Path, environ: Mapping[str, str]) -> None:
        self.folder, self.workspace = folder, workspace
        (folder / "bin").mkdir(parents=True)
        shims = {
            "curl": f'exec "{sys.executable}" "{Path(__file__).with_name("fake_curl.py")}" "$@"',
            "jq": f'exec "{sys.executable}" -c \'{_JQ}\' "$@"',
            "pip": "exit 0",
            "apt-get": "exit 0",
        }
        for name, text in shims.items():
            (folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n", "utf-8")
            (folder / "bin" / name).chmod(0o755)
        path = os.pathsep.join((str(folder / "bin"), str(EXECUTABLE.parent), environ["PATH"]))
        self._environ = {
            **environ,
            "PATH": path,
            "FAKE_GITLAB": str(folder),
            "CI_API_V4_URL": API,
            "CI_PROJECT_ID": PROJECT,
            "CI_DEFAULT_BRANCH": "main",
        }
        self.write(notes=[], issues=[], merge_requests=[], pipelines=[], jobs=[])

    def write(self, **state: Any) -> None:
        before = self.state if (self.folder / "state.json").exists() else {}
        (self.folder / "state.json").write_text(json.dumps(before | state), "utf-8")

    @property
    def state(self) -> dict[str, Any]:
        """`notes`, `issues`, `merge_requests`, `pipelines` and `jobs` in GitLab's form."""
        loaded: dict[str, Any] = json.loads((self.folder / "state.json").read_text("utf-8"))
        return loaded

    def run(self, source: str, **predefined: str) -> tuple[dict[str, int], str]:
        """Runs the jobs that their rules want, until one fails: the exit code of each, and what they print."""
        described = pipeline(self.workspace / ".gitlab-ci.yml")
        given = {"CI_PIPELINE_SOURCE": source, "COCSYNC_GITLAB_TOKEN": "token", **predefined}
        codes: dict[str, int] = {}
        log = ""
        for stage in described["stages"]:
            for name, job in described.items():
                if isinstance(job, dict) and job.get("stage") == stage and _wanted(job["rules"], self._environ | given):
                    codes[name], printed = self._job(described, job, given)
                    log += printed
            if any(codes.values()):
                break
        return codes, log

    def _job(self, described: dict[str, Any], job: dict[str, Any], given: Mapping[str, str]) -> tuple[int, str]:
        environ = {**self._environ, **described["variables"], **job.get("variables", {}), **given}
        done = children.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join([*described["default"]["before_script"], *job["script"]])],
            cwd=self.workspace,
            env={name: re.sub(r"\$(\w+)", lambda m: environ.get(m[1], ""), value) for name, value in environ.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout


def _wanted(rules: list[dict[str, str]], variables: Mapping[str, str]) -> bool:
    for rule in rules:
        text = re.sub(r"\$(\w+)", lambda match: f"get({match[1]!r})", rule.get("if", "True")).replace("&&", " and ")
        if eval(text, {"get": variables.get}):
            return rule.get("when") != "never"
    return False
