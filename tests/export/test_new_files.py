"""Import, then `plan --adopt-all`: adoptions and no other difference, whatever COC holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocsync.diagnostics import errors
from cocsync.export.manifest import Conventions
from cocsync.export.new_files import describable, plan_import
from cocsync.export.record import Import
from cocsync.export.variables import Variables
from cocsync.model import mark as marks
from cocsync.model.fields import MANIFEST_DESCRIPTION_MAX, utf16_length
from cocsync.model.live import Live
from cocsync.model.mark import Keyring
from cocsync.model.normalise import Normalisation
from cocsync.model.script import Reviewer
from tests.support import builders
from tests.support.repository import Repository
from tests.support.strategies import texts

HOSTILE_NAMES = (
    "../../.ssh/authorized_keys",
    "/etc/x",
    "a/b",
    ".",
    "..",
    "",
    "x" * 300,
    "-rf",
    "CON",
    "nul.sh",
    "trailing.",
    "trailing ",
    "new\nline",
    "cafe\u0301",
    "\u202egpj",
)


def showing(live: Live, protocol: str) -> Live:
    return replace(live, script=replace(live.script, protocol=protocol))


letters = st.text("abcXYZ09_-磁", min_size=1, max_size=20)
names = letters | st.sampled_from(HOSTILE_NAMES)
params = st.builds(
    builders.param,
    name=st.text("ab_1", min_size=1, max_size=4),
    value=st.text("ab /.*", max_size=6).filter(lambda text: ".." not in text),
    description=texts,
)
secrets = st.builds(lambda name: replace(builders.secret(name), source=None), st.text("ab_1", min_size=1, max_size=4))
lives = st.builds(
    lambda protocol, **changes: showing(builders.foreign(**changes), protocol),
    name=names,
    type=st.sampled_from(("SHELL", "PYTHON", "BAT", "RUBY")),
    description=texts | st.just("long " * 60),
    content=st.builds("echo{}{}".format, st.sampled_from(("\n", "\r\n")), texts),
    risk_level=st.sampled_from(("LOW", "HIGH", "EXTREME")),
    reviewers=st.lists(st.sampled_from((builders.ALICE, builders.BOB, Reviewer(name="eve"))), unique=True).map(tuple),
    protocol=st.sampled_from(("", "DEFAULT", "SMS")),
    params=st.lists(params | secrets, max_size=3, unique_by=lambda p: p.name).map(tuple),
)


def importing(scripts: list[Live], repository: Repository | None = None, **conventions: object) -> Import:
    """The import into the folder `scripts`, written where there is a repository."""
    made = plan_import(
        tuple(scripts),
        {},
        folder="scripts",
        taken=frozenset(),
        conventions=Conventions(**{"variable": Variables().name, **conventions}),  # type: ignore[arg-type]
        modeline="",
    )
    if repository:
        for script in made.imported:
            for path, text in script.files.items():
                repository.write(path, text)
    return made


@settings(max_examples=60)
@given(scripts=st.lists(lives, max_size=4, unique_by=lambda live: live.name))
def test_a_plan_after_an_import_adopts_and_changes_nothing_else(scripts: list[Live]) -> None:
    scripts = [replace(live, uuid=f"SC{number}") for number, live in enumerate(scripts)]
    with TemporaryDirectory() as folder:
        repository = Repository(Path(folder))
        made = importing(scripts, repository)
        desired = repository.load()

        assert errors(desired.diagnostics) == ()
        assert {m.name for m in desired.manifests} == {script.name for script in made.imported}
        assert len(made.imported) + len(made.skipped) == len(scripts)
        retold = {live.name for live in scripts if describable(live)[0].description != live.script.description}
        plan = builders.plan_of(list(desired.manifests), scripts, adopt_all=True)
        for change in plan.changes:
            assert change.action == "adopt"
            assert {field.path for field in change.fields} <= ({"description"} if change.name in retold else set())
        assert len(plan.changes) == len(made.imported)


@given(scripts=st.lists(lives, max_size=4, unique_by=lambda live: live.name))
def test_no_name_leads_out_of_the_folder_or_into_another_script(scripts: list[Live]) -> None:
    made = importing(scripts)

    folders = [script.folder for script in made.imported]
    assert len({folder.casefold() for folder in folders}) == len(folders)
    for script in made.imported:
        for path in script.files:
            parts = PurePosixPath(path).parts
            assert parts[0] == "scripts"
            assert len(parts) == 3
            assert not {"..", "."} & set(parts)


def test_a_script_that_has_a_manifest_is_left() -> None:
    made = plan_import(
        (builders.foreign("mine"),),
        {"mine": builders.manifest("mine")},
        folder="scripts",
        taken=frozenset(),
        conventions=Conventions(),
        modeline="",
    )

    assert (made.left, made.imported) == (("mine",), ())


def test_names_that_differ_in_case_alone_get_folders_that_differ_in_more() -> None:
    made = importing([builders.foreign("Foo"), builders.foreign("foo", uuid="SC2")])

    assert [script.folder for script in made.imported] == ["scripts/Foo", "scripts/foo_2"]


def test_a_folder_that_is_there_is_not_used_again() -> None:
    made = plan_import(
        (builders.foreign("disk"),),
        {},
        folder="scripts",
        taken=frozenset({"scripts/disk"}),
        conventions=Conventions(),
        modeline="",
    )

    assert [script.folder for script in made.imported] == ["scripts/disk_2"]


def test_two_scripts_of_one_name_are_skipped() -> None:
    made = importing([builders.foreign("twice"), builders.foreign("twice", uuid="SC2")])

    assert {(skipped.name, skipped.why) for skipped in made.skipped} == {
        ("twice", "COC has several scripts of this name")
    }


@pytest.mark.parametrize("content", ["", "a\0b", "\ufeffecho", "\ud800"])
def test_content_that_no_manifest_can_have_is_skipped_with_the_reason(content: str) -> None:
    made = importing([builders.foreign(content=content)])

    assert [bool(skipped.why) for skipped in made.skipped] == [True]


@pytest.mark.parametrize(("kind", "imported"), [("SHELL", False), ("PYTHON", False), ("BAT", True)])
def test_a_script_that_would_not_come_back_equal_is_skipped_with_the_reason(kind: str, imported: bool) -> None:
    """SHELL and PYTHON are sent with LF."""
    live = builders.foreign(type=kind, content="echo\r\n")

    made = importing([live])

    assert (len(made.imported), len(made.skipped)) == ((1, 0) if imported else (0, 1))
    assert all("CRLF line ends" in skipped.why for skipped in made.skipped)
    assert importing([live.under(Normalisation.of(["line_ends"]))]).skipped == ()


def test_a_description_too_long_for_the_mark_is_cut_and_said(repository: Repository) -> None:
    made = importing([builders.foreign(description="\U0001f680" * 128)], repository)

    assert [script.cut for script in made.imported] == [True]
    assert utf16_length(repository.only().script.description) == MANIFEST_DESCRIPTION_MAX


def test_every_mark_in_a_description_goes() -> None:
    mark = marks.make(builders.script(), owner="x", protected=False, keys=Keyring())
    live = builders.foreign(description=marks.join(marks.join("text", mark), mark))

    (script,) = importing([live]).imported

    assert "cocsync:" not in "".join(script.files.values())


def test_a_sensitive_param_gets_a_source_of_its_own_script(repository: Repository) -> None:
    made = importing([builders.foreign("deploy", params=(replace(builders.secret(), source=None),))], repository)

    assert [script.sources for script in made.imported] == [("token",)]
    assert repository.only().missing_values == ("env:APP_DEPLOY_TOKEN",)


def test_what_the_project_says_is_not_said_again(repository: Repository) -> None:
    defaults = {"protocol": "SMS", "reviewers": ["alice"]}
    repository.project(defaults=defaults)
    same = showing(builders.foreign("same", reviewers=(builders.ALICE,)), "SMS")
    other = showing(builders.foreign("other", uuid="SC2"), "DEFAULT")

    made = importing([same, other], repository, defaults=defaults, people=frozenset({builders.ALICE}))

    texts = {script.name: "".join(script.files.values()) for script in made.imported}
    assert "reviewers" not in texts["same"]
    assert "protocol" not in texts["same"]
    plan = builders.plan_of(list(repository.load().manifests), [same, other], adopt_all=True)
    assert [(change.name, change.fields) for change in plan.changes] == [("other", ()), ("same", ())]
