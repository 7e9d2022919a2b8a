"""`make demo`: the whole story on a copy of `examples/` with the embedded simulator, one screen a step.

Ends with 1 at the first step that does not do what it shows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command, what it has to end with, and what has to be in its output.

    `shows` are patterns; lines with `leaves_out` are not printed, so that a step fits on a screen.
    """

    says: str
    command: tuple[str, ...]
    code: int = 0
    shows: tuple[str, ...]
    leaves_out: str | None = None
    before: Callable[[Path], None] | None = None


def delete_manifest(repository: Path) -> None:
    shutil.rmtree(repository / "scripts" / "port_diagnosis")
    print("$ rm -r scripts/port_diagnosis")


STORY = (
    Step(
        says="The repository is sound: checked without network or credentials",
        command=("validate",),
        shows=("in 17 scripts.",),
    ),
    Step(
        says="A plan says what an apply would do. Nothing is written",
        command=("plan",),
        shows=(r"\+ create", r"\(sensitive\)", "Plan: 17 to create, 0 to update"),
        leaves_out=r"^$|^ {6}",
    ),
    Step(
        says="Apply does it, and says who has to review what",
        command=("apply", "--yes"),
        shows=("PENDING_APPROVE, awaiting alice, bob", "Apply: 17 applied, 0 failed"),
        leaves_out=r"^$|^ {6}(?!PENDING)|^  \+ create .* (risk|RISK) ",
    ),
    Step(
        says="A second plan is empty: COC is what the repository says",
        command=("plan",),
        shows=("No changes. COC matches the manifests.",),
    ),
    Step(
        says="Somebody edits a script by hand in COC, past the repository",
        command=("sim", "edit", "disk_inode_report", "--user", "dave", "--append", "echo 'quick fix'"),
        shows=("disk_inode_report edited by dave",),
    ),
    Step(
        says="Drift says what was changed, by whom and when (and ends with 2)",
        command=("drift",),
        code=2,
        shows=(
            "disk_inode_report",
            "origin: drift",
            r"by dave, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
            "-echo 'quick fix'",
            "Drift: 1 changed, 0 missing",
        ),
    ),
    Step(
        says="Apply heals it. The edited version is kept under .cocsync/backups",
        command=("apply", "--yes"),
        shows=("~ update", "disk_inode_report", "Apply: 1 applied, 0 failed"),
    ),
    Step(
        says="COC is what the repository says again",
        command=("plan",),
        shows=("No changes. COC matches the manifests.",),
    ),
    Step(
        says="A manifest is deleted. Its script is prunable now, and nothing deletes it unasked",
        command=("plan",),
        shows=("Prunable", "port_diagnosis", "1 prunable"),
        before=delete_manifest,
    ),
    Step(
        says="With --prune it is deleted",
        command=("apply", "--yes", "--prune"),
        shows=("- delete", "port_diagnosis", "Apply: 1 applied, 0 failed"),
    ),
    Step(
        says="And that is all there was to do",
        command=("plan",),
        shows=("0 prunable", "No changes. COC matches the manifests."),
    ),
)


def screen(output: str, leaves_out: str | None) -> str:
    """The output without the lines that would fill more than a screen, and how many these are."""
    lines = output.rstrip().splitlines()
    shown = [line for line in lines if leaves_out is None or not re.search(leaves_out, line)]
    if left_out := len(lines) - len(shown):
        shown.append(f"({left_out} lines are left out here)")
    return "\n".join(shown)


def play(step: Step, repository: Path, environment: dict[str, str]) -> bool:
    """Runs a step and shows it. Whether it did what it has to."""
    if step.before:
        step.before(repository)
    quoted = (f'"{word}"' if " " in word else word for word in step.command)
    print(f"$ cocsync {' '.join(quoted)}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "cocsync", *step.command],
        cwd=repository,
        env=environment,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    missing = [pattern for pattern in step.shows if not re.search(pattern, done.stdout)]
    as_it_should = done.returncode == step.code and not missing
    print(screen(done.stdout, step.leaves_out) if as_it_should else done.stdout)
    if not as_it_should:
        print(f"\nFAILED: exit code {done.returncode}, expected {step.code}; missing in the output: {missing}")
    return as_it_should


def main() -> int:
    ours = ("COCSYNC_", "HUAWEICLOUD_", "HW_", "APP_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"APP_TOKEN": "demo-token", "COCSYNC_FINGERPRINT_KEY": "a-key-for-the-demo-only"}
    with tempfile.TemporaryDirectory(prefix="cocsync-demo-") as folder:
        repository = Path(folder) / "repository"
        environment["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        shutil.copytree(EXAMPLES, repository, ignore=shutil.ignore_patterns(".cocsync"))
        for number, step in enumerate(STORY, start=1):
            print(f"\n=== {number}/{len(STORY)}  {step.says}")
            if not play(step, repository, environment):
                return 1
    print("\nThat was the whole story. The next step: `cocsync init` in a folder of your own.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
