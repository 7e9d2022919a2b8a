"""The documentation against the code: nothing missing, nothing made up, every session as it really runs.

`pytest tests/test_docs.py --update-golden` writes the tables of docs/json.md anew from the schemas.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import pytest

from cocsync.cli.main import cocsync as program
from cocsync.cli.parts import events
from cocsync.diagnostics import Checked
from cocsync.doctor.checkup import Checkup
from cocsync.engine import look
from cocsync.errors import ExitCode
from cocsync.export.record import Import
from cocsync.manifests import manifest, project, schema, values, yaml_source, yaml_text
from cocsync.model import fields as model
from cocsync.model import mark, target
from cocsync.model.secret import MASK
from cocsync.observe.review import ReviewReport
from cocsync.plan.drift import Drift
from cocsync.plan.guards import NO_MANIFESTS, Guards
from cocsync.plan.outcome import ApplyReport
from cocsync.plan.plan import Plan
from cocsync.policy.rules import RULES
from cocsync.report.markdown import page as markdown_page
from cocsync.report.registry import formats
from cocsync.report.view import COMMENT_BUDGET
from cocsync.sim.faults.kinds import KINDS
from cocsync.sim.http.control import _VERBS
from cocsync.sim.settings import Settings
from tests.support import markdown
from tests.support.golden import Golden
from tests.support.markdown import FLAG, PAGES, ROOT, TABLE, codes, tables
from tests.support.program import EXECUTABLE, Program

TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
USER_DOCS = {name: text for name, text in TEXTS.items() if name == "README.md" or name.startswith("docs/")}
ALL = "\n".join(USER_DOCS.values())
SESSIONS = [name for name, text in TEXTS.items() if markdown.commands(text)]
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "cocsync").rglob("*.py")))


@pytest.mark.parametrize("page", SESSIONS)
def test_a_session_runs_and_prints_what_the_page_shows(page: str, tmp_path: Path) -> None:
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    environ = Program(folder, home).environ
    environ |= {"PATH": f"{EXECUTABLE.parent}{os.pathsep}{environ['PATH']}", "COLUMNS": "100"}
    session = markdown.commands(TEXTS[page])

    results = markdown.play(session, folder, environ)

    assert len(results) == len(session)
    for command, (output, status) in zip(session, results, strict=True):
        at = f"{page}:{command.line}: $ {command.text}\n{output}"
        assert status == 0, f'{at}ends with {status}: show it with `; echo "exit code $?"`'
        assert command.printed(output), f"{at}is not what the page shows"


@pytest.mark.parametrize("page", TEXTS)
def test_a_relative_link_leads_to_a_file_and_a_heading(page: str) -> None:
    for link in markdown.links(TEXTS[page]):
        path, _, anchor = link.partition("#")
        leads_to = (ROOT / page).parent / path if path else ROOT / page
        assert leads_to.exists(), f"{page} links to {link}"
        if anchor:
            assert anchor in markdown.anchors(leads_to.read_text(encoding="utf-8")), f"{page} links to {link}"


def _commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _flags(command: click.Command) -> set[str]:
    options = (parameter for parameter in command.params if isinstance(parameter, click.Option))
    return {flag for option in options for flag in (*option.opts, *option.secondary_opts)}


COMMANDS = dict(_commands(program))
GLOBAL = _flags(program) | {"-h", "--help"}
COMMON = GLOBAL - {"--version"}
"""What every command takes too."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_with_exactly_its_options(name: str) -> None:
    documented = tables(ALL, "options").get(name.replace(" ", "-"), [])

    assert f"cocsync-{name.replace(' ', '-')}" in markdown.anchors(ALL)
    assert {flag for row in documented for flag in FLAG.findall(row[0])} == _flags(COMMANDS[name]) - COMMON


def test_the_global_options_are_listed() -> None:
    assert {flag for row in tables(ALL, "options")["global"] for flag in FLAG.findall(row[0])} == GLOBAL


def test_no_page_shows_a_command_or_a_flag_that_does_not_exist() -> None:
    shown = markdown.code("\n".join(text for name, text in USER_DOCS.items() if name != "docs/mark.md"))
    flags = {flag for command in COMMANDS.values() for flag in _flags(command)} | GLOBAL
    groups = {name.split()[0] for name in COMMANDS}

    assert {flag for flag in FLAG.findall(shown) if flag.startswith("--")} <= flags
    assert set(re.findall(r"(?:^ *|`|\$ )cocsync (?:-\w+ )*([a-z]+)", shown, re.MULTILINE)) <= groups


@pytest.mark.parametrize("place", ["readme", "cli"])
def test_every_exit_code_is_listed_in_the_order_of_precedence(place: str) -> None:
    listed = [ExitCode(int(row[0])) for row in tables(ALL, "exit codes")[place]]

    assert set(listed) == set(ExitCode)
    assert all(ExitCode.first(*listed[index:]) is code for index, code in enumerate(listed))


def test_every_format_of_every_command_is_listed() -> None:
    written = {
        "validate": formats(Checked),
        "plan": formats(Plan),
        "show": formats(Plan),
        "drift": formats(Drift),
        "apply": (*formats(ApplyReport), events.FORMAT),
        "status": formats(ReviewReport),
        "doctor": formats(Checkup),
        "import": formats(Import),
    }
    listed = {name: tuple(codes(row[1])) for row in tables(ALL, "formats")["commands"] for name in codes(row[0])}

    assert listed == written


def _objects(kind: str) -> dict[str, dict[str, Any]]:
    """Every object of a schema: the whole by its kind, the others by the name of their definition or their key."""
    whole = json.loads(schema.text(kind))
    found: dict[str, dict[str, Any]] = {}

    def walk(name: str, part: dict[str, Any]) -> None:
        if "properties" in part:
            found[name] = part
        for key, value in part.get("properties", {}).items():
            walk(key, value)
        for choice in part.get("oneOf", ()):
            walk(name, choice)

    for name, definition in {kind: whole, **whole.get("$defs", {})}.items():
        walk(name, definition)
    return found


OBJECTS = {f"{kind}.{name}": part for kind in schema.kinds() for name, part in _objects(kind).items()}


@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_of_every_schema_has_a_table_with_exactly_its_keys(name: str) -> None:
    rows = tables(ALL, "schema")[name]

    assert [codes(row[0]) for row in rows] == [[key] for key in OBJECTS[name]["properties"]]


@pytest.mark.parametrize("name", [name for name in OBJECTS if name.startswith(("manifest.", "project."))])
def test_a_key_of_a_file_is_documented_with_its_values_and_limits(name: str) -> None:
    definitions = json.loads(schema.text(name.partition(".")[0]))["$defs"]
    for row in tables(ALL, "schema")[name]:
        part = OBJECTS[name]["properties"][codes(row[0])[0]]
        part = definitions[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        required = codes(row[0])[0] in OBJECTS[name].get("required", ())
        if name.endswith((".override", ".defaults", ".rules", ".waiver")):
            continue
        assert (row[2] == "required") == required, row
        limits = [part[key] for key in ("maxLength", "maxItems", "maximum") if key in part]
        told = re.findall(r"\d[\d,]*", row[3])
        assert [limit for limit in limits if str(limit) not in told and f"{limit:,}" not in told] == [], row
        wanted = [*part.get("enum", ()), *part.get("items", {}).get("enum", ()), *filter(None, [part.get("const")])]
        assert [value for value in wanted if value not in codes(row[3])] == [], row


def _type(part: dict[str, Any]) -> str:
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "anyOf" in part:
        return " or ".join(map(_type, part["anyOf"]))
    if "enum" in part and "type" not in part:
        return "string or null" if None in part["enum"] else "string"
    if part["type"] == "array":
        return f"list of {_type(part['items'])}"
    return " or ".join(part["type"]) if isinstance(part["type"], list) else str(part["type"])


def _rows(part: dict[str, Any]) -> str:
    rows = ""
    for key, value in part["properties"].items():
        choices = ", ".join(f"`{choice}`" for choice in value.get("enum", ()) if choice is not None)
        rows += f"| `{key}` | {_type(value)} | {value['description']}{f' {choices}.' if choices else ''} |\n"
    return rows


def test_the_tables_of_reports_say_what_the_schemas_say(golden: Golden) -> None:
    page = ROOT / "docs" / "json.md"

    def filled(table: re.Match[str]) -> str:
        first, *others = (_rows(OBJECTS[name]) for name in table["names"].split())
        assert all(other == first for other in others), table["names"]
        return f"<!-- schema: {table['names']} -->\n\n{table['head']}{first}"

    expected = TABLE.sub(filled, TEXTS["docs/json.md"])
    if golden.update:
        page.write_text(expected, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == expected, "pytest tests/test_docs.py --update-golden, then git diff"


def test_every_setting_of_the_simulator_is_listed_with_its_default() -> None:
    listed = {codes(row[0])[0]: codes(row[1])[0] for row in tables(ALL, "settings")["simulator"]}

    assert listed == {name: json.dumps(default) for name, default in asdict(Settings()).items()}


def test_every_fault_and_every_request_of_the_control_api_is_listed() -> None:
    assert [codes(row[0]) for row in tables(ALL, "faults")["kinds"]] == [[kind] for kind in KINDS]
    assert [codes(row[0]) for row in tables(ALL, "control")["requests"]] == [
        [f"{method} /_sim/{verb}"] for method, verb in _VERBS
    ]


def test_the_guards_of_a_plan_are_listed_with_their_defaults() -> None:
    limits = {codes(row[0])[0]: int(row[2]) for row in tables(ALL, "schema")["project.guards"]}
    guards = {codes(row[0])[0] for row in tables(ALL, "guards")["codes"]}
    planning = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "cocsync/plan").glob("*.py")))

    assert limits == asdict(Guards())
    assert guards == {NO_MANIFESTS, *re.findall(r'GuardFinding\(\s*code="([a-z-]+)"', planning)}


def test_every_rule_of_the_policy_is_listed_with_its_severity() -> None:
    listed = {codes(row[0])[0]: (codes(row[2])[0], row[3]) for row in tables(ALL, "schema")["project.rules"]}

    assert listed == {rule.id: (rule.severity, rule.text + " *Deep.*" * rule.deep) for rule in RULES}


def test_every_kind_of_conflict_has_its_remedy() -> None:
    kinds = {codes(row[0])[0] for row in tables(ALL, "conflicts")["kinds"]}

    assert kinds == set(OBJECTS["plan.conflict"]["properties"]["kind"]["enum"])


def test_every_variable_that_cocsync_reads_is_listed() -> None:
    listed = {name for row in tables(ALL, "environment")["variables"] for name in codes(row[0])}

    assert set(re.findall(r"\b(?:COCSYNC|HUAWEICLOUD|HW)_[A-Z_]*[A-Z]\b", SOURCE)) <= listed
    assert set(re.findall(r'environ\.get\("([A-Z_]+)"', SOURCE)) <= listed


@pytest.mark.parametrize(
    ("page", "fact"),
    [
        ("docs/concepts.md", f"takes {model.MARK_MAX} of the {model.DESCRIPTION_MAX} characters"),
        ("docs/concepts.md", f"at most {model.MANIFEST_DESCRIPTION_MAX}."),
        ("docs/concepts.md", f"more than {Guards().max_delete} deletes"),
        ("docs/concepts.md", f"more than {Guards().max_delete_percent} %"),
        ("docs/concepts.md", f"more than {Guards().max_review} scripts"),
        ("docs/concepts.md", f"a mask of {len(MASK)} asterisks"),
        ("docs/manifest.md", f"more than {model.CONTENT_MAX_BYTES:,} bytes are an error"),
        ("docs/manifest.md", f"more than {model.CONTENT_SAFE_LENGTH:,} characters a warning"),
        ("docs/manifest.md", f"above {model.PARAM_VALUE_SAFE_LENGTH:,} a warning"),
        ("docs/manifest.md", f"at most {values._FILE_MAX_BYTES:,} bytes"),
        ("docs/manifest.md", f"At most {yaml_text.MAX_BYTES:,} bytes, {yaml_source.MAX_DEPTH} levels"),
        ("docs/manifest.md", f"{yaml_source.MAX_NODES:,} values a file"),
        ("docs/manifest.md", ", ".join(f"`{name}`" for name in values.REFUSED_VARIABLES[:-1])),
        *(("docs/manifest.md", f"`{short}` is `{url}`") for short, url in target.SHORT_ENDPOINTS.items()),
        ("docs/cli.md", f"{look.READERS} for reads"),
        ("docs/reports.md", f"at most {COMMENT_BUDGET:,} characters"),
        ("docs/reports.md", f"more than {markdown_page.ITEMS_SHOWN} dangerous changes"),
        ("docs/cli.md", f"One below {mark.KEY_MIN_LENGTH} characters"),
    ],
)
def test_a_figure_in_the_text_is_that_of_the_code(page: str, fact: str) -> None:
    assert fact in TEXTS[page]


def test_the_mark_that_is_shown_is_the_one_that_is_written(cocsync: Program, tmp_path: Path) -> None:
    assert cocsync("init", "-C", str(tmp_path), "--owner", "payments_ops").code == 0
    loaded, _ = project.load(tmp_path)
    assert loaded is not None
    (hello,) = manifest.load(loaded, tmp_path, "local", {}).manifests
    made = mark.make(hello.script, owner="payments_ops", protected=False, keys=mark.Keyring())

    assert mark.join(hello.script.description, made) in TEXTS["docs/concepts.md"]
    assert f"`{made}`" in TEXTS["README.md"]
