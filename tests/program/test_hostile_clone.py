"""A clone of what an attacker committed, and the installed program in it, with keys of all kinds in the environment.

Whatever a test runs, no key shows or reaches a file (the suite's own search) or COC, and nothing outside the clone but
cocsync's own cache changes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cocsync.manifests import schema
from cocsync.manifests.validated import Validated
from cocsync.sim import Simulator
from cocsync.system import state
from tests.support.canary import plant, planted
from tests.support.hostile import (
    APPLY,
    IMPORT,
    KEYS,
    RESTORE,
    VERBS,
    Recorder,
    User,
    booby_trap,
    elsewhere,
    forged,
    link,
    sensitive,
)
from tests.support.program import Program
from tests.support.repository import Repository
from tests.system.test_programs import run_git

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs links")

Clone = Callable[[], Path]


@pytest.fixture
def user(tmp_path: Path, serving: Callable[[Simulator], str]) -> Iterator[User]:
    """COC has a script that was written by hand."""
    (tmp_path / "home" / ".cache").mkdir(parents=True)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("precious\n")
    with Recorder() as coc:
        coc.create(name="nginx", content="nginx -t\n")
        program_ = Program(tmp_path / "clone", tmp_path / "home")
        yield User(program=program_, coc=coc, url=serving(coc), files=tmp_path)


@pytest.fixture
def theirs(tmp_path: Path) -> Repository:
    """The attacker's project, in a sub-folder of their repository, with a manifest and a backup."""
    project = Repository(tmp_path / "theirs" / "project")
    project.project(secrets=None)
    project.manifest()
    project.write("backup/kept/script.yaml", "name: kept\ncontent_file: kept.sh\n")
    project.write("backup/kept/kept.sh", "echo kept\n")
    return project


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """Commits everything that is theirs, ignored or not, and returns the project in a clone of the bare repository."""

    def make() -> Path:
        top = tmp_path / "theirs"
        for arguments in (["init", "-q"], ["add", "--all", "--force"], ["commit", "-q", "-m", "a pull request"]):
            run_git(top, *arguments)
        run_git(tmp_path, "clone", "-q", "--bare", str(top), "origin.git")
        run_git(tmp_path, "clone", "-q", str(tmp_path / "origin.git"), "clone")
        return tmp_path / "clone" / "project"

    return make


@pytest.mark.parametrize("verb", [("validate", "--deep"), ("doctor",), *VERBS], ids=" ".join)
def test_a1_nothing_that_a_clone_holds_is_run(
    user: User, theirs: Repository, clone: Clone, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    witness = tmp_path / "witness"
    booby_trap(theirs, witness)
    project = clone()
    subprocess.run(["git", "-c", "safe.bareRepository=all", "status"], cwd=project, check=False, capture_output=True)
    assert witness.exists(), "the trap itself does not work"
    witness.unlink()
    path = os.pathsep.join(("", ".", str(project), user.program.environ["PATH"]))

    done = user(*verb, folder=project, PATH=path)

    assert not witness.exists()
    assert done.code in (0, 1, 2)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
@pytest.mark.parametrize("kind", ["report", "folder", "file"])
def test_a2_state_that_is_committed_is_refused_before_anything_is_asked(
    user: User, theirs: Repository, clone: Clone, tmp_path: Path, verb: tuple[str, ...], kind: str
) -> None:
    if kind == "report":
        theirs.write(".cocsync/runs/1.json", json.dumps({"results": [{"name": "nginx", "outcome": "applied"}]}))
    elif kind == "folder":
        link(theirs, ".cocsync", tmp_path / "precious")
    else:
        link(theirs, ".cocsync/lock", tmp_path / "precious" / "new")

    done = user(*verb, folder=clone())

    assert (done.code, user.coc.sent) == (3, [])
    assert ".cocsync" in done.err


def test_a2_memory_that_is_committed_is_not_believed_even_where_the_cache_folder_lies_in_the_clone(
    user: User, theirs: Repository, clone: Clone, tmp_path: Path
) -> None:
    theirs.manifest(surprise=1)
    cache = tmp_path / "clone" / "cache"
    place = state.memory({"XDG_CACHE_HOME": str(cache)}, tmp_path, tmp_path / "clone" / "project")
    for folder in (theirs.root / ".cocsync", tmp_path / "theirs" / place.relative_to(tmp_path / "clone")):
        forged = Validated(folder / "validated", schema.text("manifest"))
        forged.add((theirs.root / "scripts/disk.yaml").read_bytes())
        forged.save()
    project = clone()
    shutil.copytree(cache, tmp_path / "cache")
    believed = user.program("validate", folder=project, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert "surprise" not in believed.out, "the forged memory itself does not work"

    for environ in ({}, {"XDG_CACHE_HOME": str(cache)}):
        done = user("validate", folder=project, **environ)
        assert (done.code, "surprise" in done.out) == (1, True)


@pytest.mark.parametrize(
    ("verb", "place"),
    [
        *((IMPORT, place) for place in ("scripts", "scripts/nginx", "scripts/.nginx.part")),
        *(((*IMPORT, "--overwrite"), f"scripts/nginx/{name}") for name in ("script.yaml", "nginx.sh", "")),
        *(
            (RESTORE, place)
            for place in ("scripts", "scripts/kept", "scripts/kept/kept.sh", "scripts/kept/script.yaml")
        ),
        *(((*RESTORE, "--overwrite"), f"scripts/kept/{name}") for name in ("script.yaml", "kept.sh", "")),
        *((RESTORE, f"backup{name}") for name in ("", "/kept", "/kept/kept.sh", "/kept/script.yaml")),
    ],
)
def test_a3_import_and_restore_follow_no_link(
    user: User, theirs: Repository, clone: Clone, tmp_path: Path, verb: tuple[str, ...], place: str
) -> None:
    name = verb[1].replace("backup", "kept")
    if "--overwrite" in verb:
        theirs.manifest(f"scripts/{name}/script.yaml", name=name, type=None, content=None, content_file=f"{name}.sh")
        theirs.write(f"scripts/{name}/{name}.sh", "old\n")
    link(theirs, place, tmp_path / "precious" / "moved")
    project = clone()

    done = user(*verb, folder=project)

    went_beside = "--overwrite" not in verb and place in ("scripts/nginx", "scripts/.nginx.part")
    assert done.code in ((0,) if went_beside else (1, 3))


@pytest.mark.parametrize("place", ["../.git/token", "../.GIT/token", "../.cocsync/token", "link", "../project/link"])
@pytest.mark.parametrize("key", ["content_file", "value_from"])
def test_a4_no_manifest_reads_what_lies_beside_it_in_the_checkout(
    user: User, clone: Clone, tmp_path: Path, place: str, key: str
) -> None:
    """A clone in a pipeline holds the token of its checkout in `.git`, which is where the links lead, too."""
    top = Repository(tmp_path / "theirs")
    top.project(secrets=None)
    if key == "content_file":
        top.manifest(content=None, content_file=place)
    else:
        top.manifest(params=[sensitive({"file": f"scripts/{place}"})])
    for name in ("scripts/link", "project/link"):
        link(top, name, Path("../.git/token"))
    folder = clone().parent
    for name in (".git", ".GIT", ".cocsync"):
        (folder / name).mkdir(exist_ok=True)
        plant(folder / name / "token", planted("checkout"))

    for verb in ("validate",), APPLY:
        done = user(*verb, folder=folder)
        assert (done.code, "scripts/disk.yaml" in done.out + done.err) == (1, True)
    assert {request.method for request in user.coc.sent} <= {"GET"}


@pytest.mark.parametrize(
    ("name", "env"), [(name, env) for name in (*KEYS, "HTTPS_PROXY") for env in (None, ["*"])] + [("DEPLOY_KEY", None)]
)
def test_a5_no_variable_is_sent_that_is_not_named(
    user: User, theirs: Repository, clone: Clone, name: str, env: list[str] | None
) -> None:
    theirs.project(secrets=env and {"env": env})
    theirs.manifest(params=[sensitive({"env": name})])
    extra = {} if name in KEYS else {name: planted("variable")}

    done = user(*APPLY, folder=clone(), **extra)

    assert (done.code, f"env:{name}" in done.err, user.coc.sent) == (1, True, [])


def test_a5_no_file_outside_is_sent_that_is_not_named(
    user: User, theirs: Repository, clone: Clone, tmp_path: Path
) -> None:
    key = plant(tmp_path / "precious" / "key", planted("file"))
    theirs.manifest(params=[sensitive({"file": str(key)})])

    done = user(*APPLY, folder=clone())

    assert (done.code, user.coc.sent) == (1, [])


def test_a5_a_plan_says_where_a_value_comes_from_and_a_lookalike_reviewer_is_refused(
    user: User, theirs: Repository, clone: Clone
) -> None:
    theirs.project(secrets={"env": ["APP_*"]})
    theirs.manifest(params=[sensitive({"env": "APP_OTHER"})])
    theirs.manifest("scripts/look.yaml", name="look", reviewers=[{"name": "\u0430lice"}], targets=["prod"])
    project = clone()

    planned = user("plan", folder=project, APP_OTHER="aValue1234")
    lookalike = user("plan", "--target", "prod", folder=project, APP_OTHER="aValue1234")

    assert (planned.code, "env:APP_OTHER" in planned.out, "aValue1234" in planned.out) == (0, True, False)
    assert (lookalike.code, "is not plain ASCII" in lookalike.err) == (1, True)


@pytest.fixture
def applied(user: User, theirs: Repository) -> User:
    """`disk_report` is in COC as the manifest before the pull request has it."""
    assert user(*APPLY, folder=theirs.root).code == 0
    shutil.rmtree(theirs.root / ".cocsync")
    return user


def test_a6_a_plan_shows_what_a_manifest_ignores_and_a_write_sends(
    applied: User, theirs: Repository, clone: Clone
) -> None:
    applied.coc.edit("disk_report", version="9")
    theirs.manifest(ignore=["version"], risk_level="MEDIUM")

    done = applied("plan", folder=clone())

    assert "version: 9 -> 1.0.0 (ignored in comparison, will be sent)" in " ".join(done.out.split())


@pytest.mark.parametrize("field", ["content", "params", "risk_level"])
def test_a6_what_a_script_does_cannot_be_ignored(applied: User, theirs: Repository, clone: Clone, field: str) -> None:
    applied.coc.edit("disk_report", content="reboot\n", risk_level="HIGH")
    theirs.manifest(ignore=[field])
    project = clone()

    for verb in ("plan",), APPLY:
        done = applied(*verb, folder=project)
        assert (done.code, f"not `{field}`" in done.out + done.err) == (1, True)


@pytest.mark.parametrize("verb", VERBS[:5], ids=" ".join)
def test_a7_a_host_that_only_the_clone_names_gets_no_token_and_a_signature_with_a_warning(
    user: User, theirs: Repository, clone: Clone, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    with elsewhere(tmp_path) as (coc, url):
        coc.create(name="nginx", content="nginx -t\n")
        theirs.project(secrets=None, targets={"local": {"endpoint": url}})
        project = clone()
        environ = {"COCSYNC_ENDPOINT": "", "SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        token = {"COCSYNC_AUTH_TOKEN": planted("ready-token"), "HUAWEICLOUD_SDK_AK": "", "HUAWEICLOUD_SDK_SK": ""}

        refused = user(*verb, folder=project, **environ, **token)
        assert (refused.code, coc.sent, "is not sent to 0.0.0.0" in refused.err) == (3, [], True)

        signed = user(*verb, folder=project, **environ)
        assert ("go to 0.0.0.0, which is neither" in signed.err, bool(coc.sent)) == (True, True)
        assert not coc.holds_a_key()

        named = user("status", folder=project, **environ, **token, COCSYNC_ALLOWED_HOSTS="0.0.0.0")
        assert (named.code, "x-auth-token" in coc.sent[-1].headers) == (0, True)


@pytest.mark.parametrize("kind", ["replace", "create", "delete nginx", "delete disk_report", "junk"])
def test_a8_a_forged_plan_does_nothing_that_no_manifest_asks_for(
    applied: User, theirs: Repository, clone: Clone, kind: str
) -> None:
    theirs.manifest(version="2.0.0")
    assert applied("plan", "--out", "it.plan", folder=theirs.root).code == 0
    theirs.write("it.plan", forged(json.loads((theirs.root / "it.plan").read_text()), applied.coc, kind))
    before = applied.coc.scripts()

    done = applied("apply", "it.plan", "--yes", folder=clone())

    assert (done.code, applied.coc.scripts()) == (3, before)
