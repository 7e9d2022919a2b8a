"""What COC holds comes into a manifest key by key; the rest of the file stays as its author wrote it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cocsync.export.manifest import Conventions
from cocsync.export.merge import Merged, Unmergeable, merge
from cocsync.manifests import yaml_source
from cocsync.model.live import Live
from tests.support import builders
from tests.support.repository import Repository

TEXT = """\
# Who wrote this, and why.
apiVersion: cocsync/v1
kind: Script
name: disk_report   # the name in COC
description: Disk usage

# Low, since it only reads.
risk_level: LOW
version: "1.0.0"
content_file: disk.sh
params:
  # first
  - {name: path, value: /var}

  - name: token     # from the vault
    sensitive: true
    value_from: {env: VAULT_TOKEN}
    secret_version: "3"
    allow_empty: true
# the end
"""


def merged(repository: Repository, live: Live, text: str = TEXT) -> Merged | None:
    repository.write("scripts/disk.yaml", text)
    repository.write("scripts/disk.sh", "df -h\n")
    (manifest,) = repository.load().manifests
    documents, _ = yaml_source.parse(text.encode(), "scripts/disk.yaml")
    return merge(live, manifest, documents[0], text, Conventions())


def live_of(repository: Repository, text: str = TEXT, **changes: object) -> Live:
    """What COC would show of the manifest, with some of it edited."""
    repository.write("scripts/disk.yaml", text)
    repository.write("scripts/disk.sh", "df -h\n")
    (manifest,) = repository.load().manifests
    return builders.edited(builders.written(manifest), **changes)


def test_nothing_is_written_where_nothing_differs(repository: Repository) -> None:
    assert merged(repository, live_of(repository)) is None


def test_a_changed_key_is_the_only_line_that_changes(repository: Repository) -> None:
    result = merged(repository, live_of(repository, risk_level="HIGH"))

    assert result is not None
    assert result.manifest == TEXT.replace("risk_level: LOW", "risk_level: HIGH")
    assert result.content is None


def test_changed_content_goes_into_the_content_file_alone(repository: Repository) -> None:
    result = merged(repository, live_of(repository, content="df -i\n"))

    assert result == Merged(name="disk_report", content="df -i\n")


def test_changed_params_keep_where_their_values_come_from(repository: Repository) -> None:
    path, token = live_of(repository).script.params
    result = merged(repository, live_of(repository, params=(replace(path, value="/srv"), token)))

    assert result is not None
    assert result.manifest is not None
    assert "value: /srv" in result.manifest.replace('"', "")
    for kept in ("VAULT_TOKEN", "secret_version", "allow_empty", "# the end\n", "# the name in COC"):
        assert kept in result.manifest
    repository.write("scripts/disk.yaml", result.manifest)
    (manifest,) = repository.load().manifests
    assert manifest.missing_values == ("env:VAULT_TOKEN",)


def test_a_key_that_was_not_there_comes_to_the_end(repository: Repository) -> None:
    result = merged(repository, live_of(repository, reviewers=(builders.ALICE,)))

    assert result is not None
    assert result.manifest is not None
    repository.write("scripts/disk.yaml", result.manifest)
    (manifest,) = repository.load().manifests
    assert manifest.script.reviewers == (builders.ALICE,)
    assert result.manifest.startswith(TEXT.partition("# the end")[0])


def test_a_key_that_is_no_longer_in_coc_goes(repository: Repository) -> None:
    result = merged(repository, live_of(repository, params=()))

    assert result is not None
    assert result.manifest == TEXT.partition("params:")[0] + "# the end\n"


def test_the_other_documents_of_the_file_stay(repository: Repository) -> None:
    other = TEXT.replace("disk_report", "another")
    repository.write("scripts/disk.sh", "df -h\n")
    repository.write("scripts/disk.yaml", f"{TEXT}---\n{other}")
    manifests = {m.name: m for m in repository.load().manifests}
    documents, _ = yaml_source.parse(f"{TEXT}---\n{other}".encode(), "scripts/disk.yaml")
    edited = builders.edited(builders.written(manifests["disk_report"]), reviewers=(builders.ALICE,), version="2.0.0")

    result = merge(edited, manifests["disk_report"], documents[0], f"{TEXT}---\n{other}", Conventions())

    assert result is not None
    assert result.manifest is not None
    assert result.manifest.endswith(f"---\n{other}")
    repository.write("scripts/disk.yaml", result.manifest)
    after = {m.name: m.script for m in repository.load().manifests}
    assert (after["disk_report"].version, after["another"].version) == ("2.0.0", "1.0.0")
    assert after["disk_report"].reviewers == (builders.ALICE,)


def test_inline_content_is_written_inline(repository: Repository) -> None:
    text = TEXT.replace("content_file: disk.sh", "type: SHELL\ncontent: |\n  df -h\n")
    result = merged(repository, live_of(repository, text, content="df -i\n"), text)

    assert result is not None
    assert result.manifest == text.replace("df -h", "df -i")


def test_a_file_without_a_last_line_end_gets_a_new_key_on_a_line_of_its_own(repository: Repository) -> None:
    text = TEXT.partition("\nparams:")[0]
    result = merged(repository, live_of(repository, text, reviewers=(builders.ALICE,)), text)

    assert result is not None
    assert result.manifest is not None
    assert "content_file: disk.sh\nreviewers:\n" in result.manifest


def test_a_manifest_in_braces_is_left(repository: Repository) -> None:
    text = (
        "{apiVersion: cocsync/v1, kind: Script, name: x, description: d, risk_level: LOW, version: '1', "
        "type: SHELL, content: echo}"
    )

    with pytest.raises(Unmergeable, match="by hand"):
        merged(repository, live_of(repository, text, version="2"), text)


def test_a_field_that_a_target_overrides_is_left(repository: Repository) -> None:
    text = TEXT + "overrides: {local: {risk_level: MEDIUM}}\n"

    with pytest.raises(Unmergeable, match="overrides of risk_level"):
        merged(repository, live_of(repository, text, risk_level="HIGH"), text)


def test_crlf_of_a_script_that_is_sent_with_lf_is_left(repository: Repository) -> None:
    """The file would say LF again, and the plan after it the same difference."""
    with pytest.raises(Unmergeable, match="CRLF line ends"):
        merged(repository, live_of(repository, content="df -h\r\n"))
