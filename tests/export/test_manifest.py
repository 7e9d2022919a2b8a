"""A live script as files, which manifests are loaded from."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.export.manifest import MANIFEST_NAME, export, safe_name
from cocsync.model import mark
from cocsync.model.content import Content
from cocsync.model.desired import Manifest
from cocsync.model.fields import DESCRIPTION_MAX, FIELDS, NAME_PATTERN, PARAM_VALUE_PATTERN, same, utf16_length
from cocsync.model.normalise import Normalisation
from cocsync.model.script import NotificationChannel, Param, Reviewer, RiskLevel, Script, ScriptType
from cocsync.model.secret import MASK
from tests.support import canary, strategies
from tests.support.builders import ALICE, param, script, secret
from tests.support.repository import Repository

# What is text to one reader of YAML and something else to another, and what emitters get wrong.
TRAPS = (
    *(
        "null",
        "~",
        "true",
        "No",
        "on",
        "1_000",
        "0o17",
        "0x1f",
        "1e3",
        ".5",
        "1.4",
        "12:30:00",
        "2024-01-01",
        "=",
        "<<",
    ),
    *(
        "- a",
        "a: b",
        "a #b",
        "# a",
        "&a b",
        "*a",
        "!t x",
        "%YAML",
        "@a",
        "`a",
        "? a",
        "{a}",
        "[a",
        "'a'",
        '"a"',
        "--- a",
    ),
    *(
        " a",
        "a ",
        "a\n",
        "\na",
        "a\n\nb",
        "a\n b",
        " a\nb",
        "a \nb",
        "a\tb",
        "\t",
        "\n",
        "...\n---\nb",
        "a\r\nb",
        "a\rb",
    ),
    *(
        "\ufeffa",
        "a\x85b",
        "a\u2028b",
        "\x07",
        "\x1b]0;x\x07",
        "::error::x",
        "\u202ea",
        "磁盘",
        "\U0001f680",
        "\x7f",
        "|",
        ">",
    ),
)

_text = st.sampled_from((*TRAPS, *strategies.HOSTILE)) | st.text(max_size=40) | st.text("ab: -#\n\t'\"\\", max_size=30)
usable = _text.filter(lambda text: not re.search("[\0\ud800-\udfff]", text))
"""Text that YAML can hold at all."""

descriptions = usable.filter(
    lambda text: 0 < utf16_length(text) <= DESCRIPTION_MAX - 68 and mark.split(text)[1] is None
)
contents = usable.filter(lambda text: text and not text.startswith("\ufeff") and "\r\r\n" not in text)
"""A file's line ends become LF, and so does what CRCRLF leaves once that was done: no manifest can say it."""

values = (st.sampled_from(TRAPS) | st.text('ab01 #:",[{*./\\', max_size=12)).filter(
    lambda text: text != MASK and re.fullmatch(PARAM_VALUE_PATTERN.removesuffix("$"), text)
)
params = st.builds(Param, name=strategies.param_names, value=values, description=usable) | st.builds(
    lambda name, description: Param(name=name, description=description, sensitive=True),
    strategies.param_names | st.sampled_from(("1st", "HW_SECRET_KEY", "ci_token")),
    usable,
)
named = st.builds(
    Reviewer, name=usable.filter(bool), id=st.sampled_from(("", "0123", "7a8513cd87b7448283a1d5190eb91234", "1e5"))
)
reviewers = named.filter(lambda reviewer: reviewer.id or reviewer.name.isascii())
scripts = st.builds(
    Script,
    name=st.from_regex(NAME_PATTERN.replace("$", r"\Z"), fullmatch=True).filter(lambda name: len(name) <= 64)
    | st.sampled_from(("CON", "nul", "-rf", "null", "1e3", "2024-01-01")),
    type=st.sampled_from(ScriptType),
    description=descriptions,
    content=contents.map(Content),
    risk_level=st.sampled_from(RiskLevel),
    version=st.sampled_from(("1.4", "1.0.0", "v1", "1e3", "~", "0x1f", "2024-01-01")),
    reviewers=st.lists(reviewers, max_size=3, unique_by=(lambda r: r.name, lambda r: r.id or object())).map(tuple),
    protocol=st.sampled_from(("", *NotificationChannel)),
    params=st.lists(params, max_size=4, unique_by=lambda p: p.name).map(tuple),
)


def load_back(live: Script, *, protected: bool = False) -> Manifest:
    """What the exported files say as a manifest."""
    exported = export(live, protected=protected)
    with TemporaryDirectory() as folder:
        repository = Repository(Path(folder) / "repository")
        repository.write(f"scripts/x/{exported.content_name}", exported.content)
        repository.write(f"scripts/x/{MANIFEST_NAME}", exported.manifest)
        desired = repository.load()
        found = [f"{d.code}: {d.message}" for d in desired.diagnostics if d.is_error]
        assert not found, found
        (manifest,) = desired.manifests
        return replace(manifest, script=replace(manifest.script, content=Content(manifest.script.content.text)))


@given(scripts, st.booleans())
def test_a_manifest_of_the_files_is_the_same_script_again(live: Script, protected: bool) -> None:
    """Whatever its text says, as far as COC and a manifest can hold it: sensitive values are in neither.

    All but a BAT script is sent with LF.
    """
    manifest = load_back(live, protected=protected)
    if live.type != ScriptType.BAT:
        live = replace(live, content=live.content.changed(Normalisation.of(["line_ends"]).content_text))
    back = manifest.script
    assert manifest.protected == protected
    for field in FIELDS:
        if field.key == "protocol":
            assert (back.protocol or "DEFAULT") == (live.protocol or "DEFAULT")
        else:
            assert same(field, back, live), field.key
    assert mark.digest(back, protected=False) == mark.digest(live, protected=False)


@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_of_yaml_stays_the_text_it_is(text: str) -> None:
    back = load_back(script(description=text, params=(param(description=text),))).script
    assert (back.description, back.params[0].description) == (text, text)


def test_reads_as_somebody_would_write_it() -> None:
    exported = export(
        script(
            name="restart_nginx",
            description="Restart nginx and wait until it answers",
            reviewers=(ALICE, Reviewer(name="bob")),
            protocol="EMAIL",
            params=(param("service", "nginx", description="unit to restart"), secret(), param("empty", "")),
        ),
        protected=True,
    )
    assert exported.content_name == "restart_nginx.sh"
    assert exported.manifest == (
        "apiVersion: cocsync/v1\n"
        "kind: Script\n"
        "name: restart_nginx\n"
        "description: Restart nginx and wait until it answers\n"
        "content_file: restart_nginx.sh\n"
        "risk_level: LOW\n"
        'version: "1.0.0"\n'
        "reviewers:\n"
        "  - name: alice\n"
        '    id: "7a8513cd87b7448283a1d5190eb91234"\n'
        "  - name: bob\n"
        "protocol: EMAIL\n"
        "params:\n"
        "  - name: service\n"
        "    value: nginx\n"
        "    description: unit to restart\n"
        "  - name: token\n"
        "    sensitive: true\n"
        "    value_from:\n"
        "      env: APP_TOKEN\n"
        "  - name: empty\n"
        "protected: true\n"
    )


def test_several_lines_are_a_block() -> None:
    assert "description: |-\n  first\n  second\n" in export(script(description="first\nsecond")).manifest


def test_what_is_the_default_is_left_out() -> None:
    manifest = export(script(protocol="DEFAULT")).manifest
    assert "protocol" not in manifest
    assert "protected" not in manifest


def test_a_type_that_no_suffix_says_is_written_out() -> None:
    exported = export(replace(script(), type="POWERSHELL"))
    assert exported.content_name == "disk_report.txt"
    assert "type: POWERSHELL\n" in exported.manifest


def test_a_value_is_in_no_file() -> None:
    exported = export(script(params=(secret(value=canary.planted()),)))
    assert not canary.is_in(exported.manifest + exported.content)


class TestSafeName:
    @pytest.mark.parametrize("name", ["restart_nginx", "a", "_x", "A-b", "x" * 64])
    def test_a_harmless_name_stays(self, name: str) -> None:
        assert safe_name(name) == name

    @pytest.mark.parametrize(
        "name",
        [
            *(
                "",
                ".",
                "..",
                "../x",
                "/etc/passwd",
                "a/b",
                "a\\b",
                "-rf",
                "CON",
                "com1",
                "a\0",
                "\ud800",
                "a b",
                ".git",
            ),
            *("磁盘", "x" * 65),
        ],
    )
    def test_any_other_is_one_plain_component(self, name: str) -> None:
        safe = safe_name(name)
        assert re.fullmatch(r"[A-Za-z0-9_]{1,40}_[0-9a-f]{8}", safe)

    @given(st.lists(strategies.texts, unique=True, min_size=2, max_size=2))
    def test_two_names_have_two_files(self, names: list[str]) -> None:
        first, second = map(safe_name, names)
        assert first != second
