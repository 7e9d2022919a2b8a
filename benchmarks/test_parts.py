"""`make bench-micro`: what single steps of a run cost, each on what one script needs of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpus import ENVIRONMENT, RICH, SMALL, write
from cocsync.coc.auth.authenticator import Outgoing
from cocsync.coc.auth.signing import Signer
from cocsync.manifests import manifest, project, schema, yaml_source
from cocsync.model.live import Live
from cocsync.model.script import Script, mark
from cocsync.model.secret import Secret
from cocsync.observe.recall import entry_of
from cocsync.plan.diff import differences

NAME = "restart_00000"
FOLDER = f"scripts/{NAME}"
KEYS = mark.Keyring((Secret(ENVIRONMENT["COCSYNC_FINGERPRINT_KEY"]),))
NOW = 1_704_164_645.0
Loader: TypeAlias = Callable[..., Script]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    """Loads a rich script from a repository, with texts of its files replaced."""

    def loaded(**texts: str) -> Script:
        write(tmp_path, 1, rich=True, port=1)
        for file in (tmp_path / FOLDER).iterdir():
            text = file.read_text(encoding="utf-8")
            for old, new in texts.items():
                text = text.replace(old, new)
            file.write_text(text, encoding="utf-8")
        its, _ = project.load(tmp_path)
        assert its is not None
        return manifest.load(its, tmp_path, "bench", ENVIRONMENT).manifests[0].with_text().script

    return loaded


def live(script: Script) -> Live:
    """As COC would show the script after an apply."""
    made = mark.make(script, owner="bench", protected=False, keys=KEYS)
    return Live(uuid="SC0", script=script, mark=made, status="APPROVED", created_at=1, modified_at=2, creator="ops")


@pytest.mark.benchmark(group="yaml")
@pytest.mark.parametrize("text", [RICH, SMALL], ids=["rich", "small"])
def test_parse(benchmark: BenchmarkFixture, text: str) -> None:
    documents, found = benchmark(yaml_source.parse, text.encode(), "script.yaml")
    assert (len(documents), found) == (1, ())


@pytest.mark.benchmark(group="schema")
@pytest.mark.parametrize("judge", ["jsonschema", "fast"])
def test_validate(benchmark: BenchmarkFixture, judge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (document,), _ = yaml_source.parse(RICH.encode(), "script.yaml")
    if judge == "jsonschema":
        monkeypatch.setattr(schema, "_surely_valid", lambda _kind: lambda _data: False)
    else:
        monkeypatch.delattr(schema, "_validator")
    assert benchmark(schema.validate, "manifest", document) == ()


@pytest.mark.benchmark(group="digest")
@pytest.mark.parametrize("digest", [mark.canonical_form, mark.digest], ids=["canonical_form", "digest"])
def test_mark(benchmark: BenchmarkFixture, digest: Callable[[Script], object], load: Loader) -> None:
    assert benchmark(digest, load())


@pytest.mark.benchmark(group="digest")
def test_cache_entry(benchmark: BenchmarkFixture, load: Loader) -> None:
    assert benchmark(entry_of, live(load())) is not None


@pytest.mark.benchmark(group="diff")
@pytest.mark.parametrize(
    ("there", "paths"),
    [
        ({}, set()),
        ({"1.4.0": "1.3.9"}, {"version"}),
        ({"seconds - 1": "seconds - 2", "exit 1": "exit 3"}, {"content"}),
        ({"value: nginx": "value: httpd", "how long": "how many seconds"}, {"params"}),
    ],
    ids=["equal", "version", "content", "params"],
)
def test_differences(benchmark: BenchmarkFixture, there: dict[str, str], paths: set[str], load: Loader) -> None:
    desired, seen = load(), live(load(**there))
    changes = benchmark(differences, desired, seen)
    assert {change.path.partition("[")[0] for change in changes} == paths


@pytest.mark.benchmark(group="signing")
@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b"x" * 5_000)], ids=["GET", "POST of 5 kB"])
def test_sign(benchmark: BenchmarkFixture, method: str, body: bytes) -> None:
    request = Outgoing(
        method=method,
        host="coc.myhuaweicloud.com",
        path="/v1/job/scripts",
        query="" if body else "limit=100&marker=12345",
        headers={"content-type": "application/json"},
        body=body,
    )
    signer = Signer(access_key="EXAMPLEAK0000000000", secret_key=Secret("ExampleSk"), clock=lambda: NOW)
    assert "authorization" in benchmark(signer.headers, request)
