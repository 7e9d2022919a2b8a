"""Which command writes what in which format, where it goes, and that it is written whatever becomes of the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cocsync.sim import Simulator
from tests.support.program import Program
from tests.support.repository import Repository

FORMATS = {
    "plan": ("text", "json", "markdown", "github", "html"),
    "show plan.json": ("text", "json", "markdown", "github", "html"),
    "apply": ("text", "json", "markdown", "ndjson"),
    "drift": ("text", "json", "markdown", "github", "junit", "html"),
    "validate": ("text", "json", "sarif", "junit", "github"),
}
PAIRS = [(command, name) for command, names in FORMATS.items() for name in names]

LOOKS: dict[str, Callable[[str], object]] = {
    "text": lambda text: text.splitlines()[0],
    "json": json.loads,
    "markdown": lambda text: text.index("<!-- cocsync:"),
    "github": lambda text: text.index("::notice title=cocsync "),
    "html": lambda text: text.index("</html>"),
    "junit": lambda text: ET.fromstring(text.encode()),
    "sarif": lambda text: json.loads(text)["runs"][0],
    "ndjson": lambda text: [json.loads(line) for line in text.splitlines()],
}


@pytest.fixture
def planned(cocsync: Program, repository: Repository) -> Repository:
    """A repository with one new script and a saved plan."""
    repository.manifest()
    assert cocsync.here("plan", "--out", "plan.json").code == 0
    return repository


@pytest.mark.usefixtures("planned")
class TestFormats:
    @pytest.mark.parametrize("command", FORMATS)
    def test_a_command_takes_exactly_these(self, cocsync: Program, command: str) -> None:
        done = cocsync.here(*command.split(), "-o", "xml")
        assert (done.code, done.err) == (64, f"Error: -o xml: the format is one of {', '.join(FORMATS[command])}\n")

    @pytest.mark.parametrize(("command", "name"), PAIRS)
    def test_each_is_what_its_name_says(self, cocsync: Program, command: str, name: str) -> None:
        done = cocsync.here(*command.split(), *(("--yes",) if command == "apply" else ()), "-o", name)
        assert done.code in (0, 2)
        LOOKS[name](done.out)

    @pytest.mark.parametrize("command", FORMATS)
    def test_all_of_them_at_once(self, cocsync: Program, planned: Repository, command: str) -> None:
        outputs = [part for name in FORMATS[command] for part in ("-o", f"{name}=out/report.{name}")]
        done = cocsync.here(*command.split(), *(("--yes",) if command == "apply" else ()), *outputs)
        assert (done.code in (0, 2), done.out) == (True, "")
        for name in FORMATS[command]:
            LOOKS[name]((planned.root / f"out/report.{name}").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("command", "name"), [pair for pair in PAIRS if pair[0] in ("plan", "apply", "drift") and pair[1] != "text"]
)
def test_a_run_that_fails_says_why_in_every_format(
    cocsync: Program, repository: Repository, command: str, name: str
) -> None:
    repository.manifest(risk_level="EXTREME")
    done = cocsync.here(command, "-o", name)
    assert done.code == 1
    assert "EXTREME" in done.out or "risk_level" in done.out


@pytest.mark.parametrize("name", ["json", "markdown", "ndjson"])
def test_an_apply_that_is_refused_says_why_in_every_format(cocsync: Program, planned: Repository, name: str) -> None:
    done = cocsync.here("apply", "-o", f"{name}=report")
    text = (planned.root / "report").read_text(encoding="utf-8")
    assert done.code == 3
    assert "there is no terminal to ask at" in text
    assert "disk_report" in text


class TestPlaces:
    @pytest.mark.parametrize("command", ["plan", "drift", "validate"])
    def test_annotations_and_code_scanning_name_files_from_the_top_of_the_git_repository(
        self, cocsync: Program, repository: Repository, command: str
    ) -> None:
        (repository.root.parent / ".git").mkdir()
        repository.manifest(risk_level="EXTREME" if command == "validate" else "LOW")
        assert "file=repository/scripts/disk.yaml,line=" in cocsync.here(command, "-o", "github").out

    def test_without_git_they_start_at_the_project_file(self, cocsync: Program, repository: Repository) -> None:
        repository.manifest(risk_level="EXTREME")
        assert "file=scripts/disk.yaml," in cocsync.here("validate", "-o", "github").out
        assert '"uri": "scripts/disk.yaml"' in cocsync.here("validate", "-o", "sarif").out

    def test_junit_has_a_case_for_every_file_that_path_covers(self, cocsync: Program, repository: Repository) -> None:
        for name in ("a", "b"):
            repository.manifest(f"scripts/{name}/script.yaml", name=name)
        cases = ET.fromstring(cocsync.here("validate", "-o", "junit").out.encode()).iter("testcase")
        assert [case.get("name") for case in cases] == ["scripts/a/script.yaml", "scripts/b/script.yaml"]
        only = ET.fromstring(cocsync.here("validate", "scripts/a", "-o", "junit").out.encode()).iter("testcase")
        assert [case.get("name") for case in only] == ["scripts/a/script.yaml"]


def test_a_step_summary_holds_more_than_a_comment(cocsync: Program, repository: Repository, tmp_path: Path) -> None:
    content = "".join(f"echo 'step {n:03} of a long procedure'\n" for n in range(110))
    for number in range(30):
        repository.manifest(f"scripts/{number}.yaml", name=f"script_{number:02}", content=content)
    summary = tmp_path / "summary.md"
    outputs = ("-o", "markdown=comment.md", "-o", f"markdown={summary}")
    assert cocsync.here("plan", *outputs, GITHUB_STEP_SUMMARY=str(summary)).code == 0
    comment = (repository.root / "comment.md").read_text(encoding="utf-8")
    assert 50_000 < len(comment) <= 60_000
    assert "**Left out**" in comment
    assert len(summary.read_text(encoding="utf-8")) > 100_000
    assert "**Left out**" not in summary.read_text(encoding="utf-8")


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("command", ["plan", "show plan.json"])
def test_a_summary_is_a_line_a_change(cocsync: Program, command: str) -> None:
    done = cocsync.here(*command.split(), "--summary")
    assert "\nCreate (1)\n  + create  disk_report  low risk\n\nPlan id: " in done.out


def test_drift_in_a_test_view_fails_what_was_edited(
    cocsync: Program, repository: Repository, simulator: Simulator
) -> None:
    for name in ("a", "b"):
        repository.manifest(f"scripts/{name}.yaml", name=name)
    cocsync.here("apply", "--yes")
    simulator.edit("a", user="mallory", content="by hand\n")
    suite = ET.fromstring(cocsync.here("drift", "-o", "junit").out.encode())
    failed = {case.get("name"): case.find("failure") is not None for case in suite.iter("testcase")}
    assert failed == {"a": True, "b": False}
    assert "mallory" in cocsync.here("drift", "-o", "markdown").out
