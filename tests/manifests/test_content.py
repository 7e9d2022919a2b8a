"""A script's content: type, line ends, limits, and what is no text."""

from __future__ import annotations

import os
from typing import Any

import pytest

from cocsync.diagnostics import Position, Severity
from cocsync.model.content import ContentChanged
from tests.support.repository import Repository


def from_file(repository: Repository, data: str | bytes, name: str = "disk.sh", **fields: Any) -> None:
    repository.write(f"scripts/{name}", data)
    repository.manifest(**{"type": None, "content": None, "content_file": name, **fields})


@pytest.mark.parametrize(("name", "kind"), [("a.sh", "SHELL"), ("a.PY", "PYTHON"), ("b/a.bat", "BAT")])
def test_the_suffix_says_the_type(repository: Repository, name: str, kind: str) -> None:
    from_file(repository, "x", name)
    manifest = repository.only()
    assert (manifest.script.type, manifest.content_file) == (kind, f"scripts/{name}")


def test_a_type_that_the_suffix_contradicts_wins_with_a_warning(repository: Repository) -> None:
    from_file(repository, "x", "a.py", type="SHELL")
    assert repository.load().manifests[0].script.type == "SHELL"
    assert repository.findings() == [("type-suffix", "type SHELL for a content file that ends in .py, which is PYTHON")]


@pytest.mark.parametrize("name", ["a", "a.txt", "sh"])
def test_a_type_must_be_said_where_no_suffix_says_it(repository: Repository, name: str) -> None:
    from_file(repository, "x", name)
    assert repository.codes() == ["type-missing"]
    from_file(repository, "x", name, type="PYTHON")
    assert repository.only().script.type == "PYTHON"


def test_a_type_must_be_said_beside_inline_content(repository: Repository) -> None:
    repository.manifest(type=None)
    assert repository.codes() == ["type-missing"]


class TestLineEnds:
    """Only CRLF counts as a line end of its own, and the last line end is content."""

    @pytest.mark.parametrize("name", ["a.sh", "a.py"])
    def test_shell_and_python_are_sent_with_lf(self, repository: Repository, name: str) -> None:
        from_file(repository, b"#!/bin/sh\r\nx\ry\nz\r\r\n\r\n", name)
        assert repository.load().manifests[0].script.content.text == "#!/bin/sh\nx\ry\nz\r\n\n"

    @pytest.mark.parametrize("data", ["x\r\ny\r\n", "x\ny\n"])
    def test_bat_is_sent_as_the_file_has_it(self, repository: Repository, data: str) -> None:
        from_file(repository, data, "a.bat")
        assert repository.only().script.content.text == data

    @pytest.mark.parametrize("data", ["x", "x\n", "x\n\n", "\n", " \t"])
    def test_the_end_of_the_file_is_kept(self, repository: Repository, data: str) -> None:
        from_file(repository, data)
        assert repository.only().script.content.text == data

    def test_inline_content_too(self, repository: Repository) -> None:
        repository.manifest(content="x\r\ny")
        assert repository.only().script.content.text == "x\ny"
        repository.manifest(content="x\r\ny", type="BAT")
        assert repository.only().script.content.text == "x\r\ny"


class TestPaths:
    def test_a_path_is_relative_to_its_manifest(self, repository: Repository) -> None:
        repository.write("lib/x.sh", "x\n")
        repository.manifest("scripts/a/b.yaml", content=None, content_file="../../lib/./x.sh")
        assert repository.only().content_file == "lib/x.sh"

    @pytest.mark.parametrize(
        "path", ["../../x.sh", "../../../../etc/passwd", "/etc/passwd", "..\\x.sh", "../../r2/x.sh"]
    )
    def test_a_path_out_of_the_repository_is_refused(self, repository: Repository, path: str) -> None:
        (repository.root.parent / "r2").mkdir()
        for outside in ("x.sh", "r2/x.sh"):
            (repository.root.parent / outside).write_text("x\n")
        repository.manifest(content=None, content_file=path)
        assert repository.codes() == ["content-unreadable"]

    def test_a_link_is_refused(self, repository: Repository) -> None:
        repository.write("scripts/real.sh", "x\n")
        (repository.root / "scripts" / "link.sh").symlink_to("real.sh")
        repository.manifest(content=None, content_file="link.sh")
        assert repository.codes() == ["content-unreadable"]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_does_not_hang(self, repository: Repository) -> None:
        os.mkfifo(repository.root / "scripts" / "pipe.sh")
        repository.manifest(content=None, content_file="pipe.sh")
        assert repository.codes() == ["content-unreadable"]

    def test_a_huge_file_is_not_read(self, repository: Repository) -> None:
        from_file(repository, "")
        os.truncate(repository.root / "scripts" / "disk.sh", 2**21)
        assert repository.findings() == [
            ("content-unreadable", "content file `scripts/disk.sh` is larger than 1048576 bytes")
        ]

    def test_a_missing_file_is_named_at_its_key(self, repository: Repository) -> None:
        repository.manifest(content=None, content_file="nowhere.sh")
        (found,) = repository.load().diagnostics
        assert found.message == "content file `scripts/nowhere.sh` is missing"
        assert found.at == Position(file="scripts/disk.yaml", line=8, column=1)
        assert found.excerpt == "content_file: nowhere.sh"

    def test_two_manifests_may_share_a_file(self, repository: Repository) -> None:
        repository.write("scripts/x.sh", "x\n")
        for name in ("a", "b"):
            repository.manifest(f"scripts/{name}.yaml", name=name, content=None, content_file="x.sh")
        assert [m.content_file for m in repository.load().manifests] == ["scripts/x.sh", "scripts/x.sh"]


class TestText:
    def test_an_empty_file_is_refused(self, repository: Repository) -> None:
        from_file(repository, "")
        assert repository.findings() == [("content-empty", "content file `scripts/disk.sh` is empty")]

    @pytest.mark.parametrize(
        ("data", "code", "line", "column"),
        [
            ("echo grün\n".encode("latin-1"), "content-encoding", 1, 8),
            ("a\nö".encode() + b"\xff", "content-encoding", 2, 2),
            ("echo\n".encode("utf-16"), "content-encoding", 1, 1),
            (b"\xef\xbb\xbf#!/bin/sh\n", "content-bom", 1, 1),
            (b"a\nbc\0d\0\n", "content-nul", 2, 3),
        ],
        ids=["latin-1", "bad-byte", "utf-16", "bom", "nul"],
    )
    def test_what_is_no_clean_utf_8_is_one_error_in_the_file(
        self, repository: Repository, data: bytes, code: str, line: int, column: int
    ) -> None:
        from_file(repository, data)
        (found,) = repository.load().diagnostics
        assert (found.severity, found.code) == (Severity.ERROR, code)
        assert found.at == Position(file="scripts/disk.sh", line=line, column=column)

    def test_a_nul_in_inline_content_is_refused_by_the_yaml_guard(self, repository: Repository) -> None:
        repository.manifest(content="a\0b")
        assert repository.codes() == ["yaml-encoding"]


class TestLimits:
    def test_longer_than_some_sites_take_is_a_warning(self, repository: Repository) -> None:
        from_file(repository, "x" * 4096)
        assert repository.codes() == []
        from_file(repository, "x" * 4097)
        assert repository.findings() == [
            ("content-long", "content has 4097 characters, and some COC sites take only 4096")
        ]

    def test_characters_are_utf_16_units(self, repository: Repository) -> None:
        from_file(repository, "😀" * 2049)
        assert repository.codes() == ["content-long"]

    def test_longer_than_coc_takes_is_an_error_in_bytes(self, repository: Repository) -> None:
        from_file(repository, "x" * 102_400)
        assert repository.codes() == ["content-long"]
        from_file(repository, "é" * 51_201)
        assert repository.findings() == [("content-too-long", "content has 102402 bytes, COC takes 102400: shorten it")]

    def test_a_targets_own_limit_is_hard_and_known(self, repository: Repository) -> None:
        repository.project(targets={"local": {"endpoint": "sim:", "limits": {"content": 5000}}})
        from_file(repository, "x" * 5000)
        assert repository.codes() == []
        from_file(repository, "x" * 5001)
        assert repository.findings() == [
            ("content-too-long", "content has 5001 characters, this target takes 5000: shorten it")
        ]

    def test_line_ends_count_as_they_are_sent(self, repository: Repository) -> None:
        from_file(repository, "\r\n" * 4096)
        assert repository.codes() == []

    def test_a_finding_about_inline_content_stands_at_its_key(self, repository: Repository) -> None:
        repository.manifest(content="x" * 4097)
        (found,) = repository.load().diagnostics
        assert found.at == Position(file="scripts/disk.yaml", line=6, column=1)


def test_an_override_replaces_content_by_a_file_and_back(repository: Repository) -> None:
    repository.write("scripts/x.py", "print()\n")
    repository.manifest(
        type=None, content=None, content_file="x.py", overrides={"prod": {"content": "y", "type": "BAT"}}
    )
    here, there = repository.only("local"), repository.only("prod")
    assert (here.script.type, here.script.content.text, here.content_file) == ("PYTHON", "print()\n", "scripts/x.py")
    assert (there.script.type, there.script.content.text, there.content_file) == ("BAT", "y", None)


class TestLeftInItsFile:
    """Contents are not kept once they are digested and judged."""

    @pytest.mark.parametrize("name", ["a.sh", "a.bat"])
    def test_it_is_read_again_with_the_line_ends_that_are_sent(self, repository: Repository, name: str) -> None:
        from_file(repository, "x\r\ny\n", name)
        content = repository.load().manifests[0].script.content
        assert content.text == ("x\r\ny\n" if name == "a.bat" else "x\ny\n")

    @pytest.mark.parametrize("change", [b"y\n", b"\xff", None])
    def test_a_file_that_changed_since_is_named(self, repository: Repository, change: bytes | None) -> None:
        from_file(repository, "x\n")
        content = repository.load().manifests[0].script.content
        file = repository.root / "scripts" / "disk.sh"
        file.unlink()
        if change is not None:
            file.write_bytes(change)
        with pytest.raises(
            ContentChanged, match=r"`scripts/disk\.sh` was changed or removed while cocsync was at work"
        ):
            _ = content.text

    def test_what_stands_in_the_manifest_needs_no_file(self, repository: Repository) -> None:
        repository.manifest()
        content = repository.load().manifests[0].script.content
        (repository.root / "scripts" / "disk.yaml").unlink()
        assert content.text == "df -h\n"
