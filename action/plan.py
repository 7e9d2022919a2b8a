"""What the action does once cocsync is installed: validate, plan, and say what came of it in outputs and step summary.

Everything that it is told stands in environment variables, so that no text of a pull request becomes part of a command.
Exits as cocsync does.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COUNTED = {"creates": ("create",), "updates": ("update", "adopt"), "deletes": ("delete", "replace", "rename")}
"""The actions behind each output: every change counts once, and as a delete whatever the guard counts as one."""


def cocsync(*arguments: str) -> int:
    """The exit code of the program that is installed beside this Python."""
    print(f"cocsync {shlex.join(arguments)}", flush=True)
    return subprocess.run([Path(sys.executable).with_name("cocsync"), *arguments], check=False).returncode


def plan_arguments(environ: Mapping[str, str], json_report: Path, markdown_report: Path) -> list[str]:
    files = {"json": json_report, "markdown": markdown_report}
    arguments = ["plan", "-o", "text", "-o", f"markdown={environ['GITHUB_STEP_SUMMARY']}"]
    arguments += [word for name, path in files.items() for word in ("-o", f"{name}={path}")]
    if environ["TARGET"]:
        arguments += ["--target", environ["TARGET"]]
    if environ["PLAN_FILE"]:
        arguments += ["--out", environ["PLAN_FILE"]]
    return arguments + shlex.split(environ["ARGS"])


def counts(plan: Mapping[str, Any]) -> dict[str, str]:
    """The outputs that tell of a plan in JSON; none where no plan could be made."""
    if any(diagnostic["severity"] == "error" for diagnostic in plan["diagnostics"]):
        return {}
    numbers = {name: sum(plan["summary"][action] for action in actions) for name, actions in COUNTED.items()}
    numbers["changes"] = len(plan["changes"])
    return {"plan_id": plan["plan_id"]} | {name: str(number) for name, number in numbers.items()}


def run_plan(environ: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """The plan's exit code, and the outputs that tell of it."""
    reports = Path(environ["RUNNER_TEMP"])
    json_report, markdown_report = reports / "cocsync-plan.json", reports / "cocsync-plan.md"
    markdown_report.unlink(missing_ok=True)
    code = cocsync(*plan_arguments(environ, json_report, markdown_report))
    if not markdown_report.exists():
        return code, {}
    return code, {"report": str(markdown_report), **counts(json.loads(json_report.read_text(encoding="utf-8")))}


def main(environ: Mapping[str, str]) -> int:
    code = cocsync("validate", "-o", "github", *(["--deep"] if environ["DEEP"] == "true" else []))
    outputs: dict[str, str] = {}
    if code == 0 and environ["FORK"] == "true":
        print("This pull request comes from a fork, which gets no secrets: it is validated, and not planned.")
    elif code == 0:
        code, outputs = run_plan(environ)
    outputs["exit_code"] = str(code)
    with Path(environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    return code


if __name__ == "__main__":
    sys.exit(main(os.environ))
