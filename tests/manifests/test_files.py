"""Reading the user's files: nothing outside the root, nothing but regular files, nothing without end."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from cocsync.manifests import files
from cocsync.manifests.files import Found, Unreadable, inside, manifest_files, read_file


def refusal(root: Path, relative: str, max_bytes: int = 100) -> str:
    with pytest.raises(Unreadable) as refused:
        read_file(root, relative, max_bytes)
    return str(refused.value)


class TestReadFile:
    def test_reads_bytes_as_they_are(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "b.sh").write_bytes(b"#!/bin/sh\r\n\xff")
        assert read_file(tmp_path, "a/b.sh", 100) == b"#!/bin/sh\r\n\xff"
        assert read_file(tmp_path, "x/../a/./b.sh", 100) == b"#!/bin/sh\r\n\xff"

    def test_reads_no_more_than_it_may(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"12345")
        assert read_file(tmp_path, "f", 5) == b"12345"
        assert refusal(tmp_path, "f", 4) == "is larger than 4 bytes"

    def test_reads_on_where_the_file_system_tells_no_size(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As some mounts of secrets do."""
        (tmp_path / "f").write_bytes(b"12345")
        found = os.stat_result((0o100600, 0, 0, 1, 0, 0, 0, 0, 0, 0))
        monkeypatch.setattr(os, "fstat", lambda _descriptor: found)
        assert read_file(tmp_path, "f", 5) == b"12345"
        assert refusal(tmp_path, "f", 4) == "is larger than 4 bytes"

    def test_a_root_may_itself_lie_behind_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "real" / "f").write_bytes(b"x")
        (tmp_path / "root").symlink_to("real")
        assert read_file(tmp_path / "root", "f", 5) == b"x"

    @pytest.mark.parametrize("relative", ["..", "../f", "a/../../f", "../root2/f", "./../root/f"])
    def test_a_path_out_of_the_root_is_refused(self, tmp_path: Path, relative: str) -> None:
        root, sibling = tmp_path / "root", tmp_path / "root2"
        for folder in (root, sibling):
            folder.mkdir()
            (folder / "f").write_bytes(b"x")
        assert "outside the repository" in refusal(root, relative)

    @pytest.mark.parametrize("relative", ["/etc/passwd", "//host/share", "a\\b", "C:\\x"])
    def test_an_absolute_path_is_refused(self, tmp_path: Path, relative: str) -> None:
        assert "absolute" in refusal(tmp_path, relative)

    @pytest.mark.parametrize("relative", ["", "a\0b"])
    def test_what_is_no_path_is_refused(self, tmp_path: Path, relative: str) -> None:
        assert refusal(tmp_path, relative) == "is not a valid path"

    @pytest.mark.parametrize("name", [".git", ".GIT", ".Cocsync", ".git.", ".git ", ".git::$DATA", "GIT~1", "cocsyn~2"])
    @pytest.mark.parametrize("path", ["{}", "{}/config", "a/{}/config", "a/../{}/x", "./{}", ".g\u200cit/{}"])
    def test_a_folder_of_gits_or_our_own_is_refused_in_every_spelling(
        self, tmp_path: Path, name: str, path: str
    ) -> None:
        assert "which is not part of the repository's own files" in refusal(tmp_path, path.format(name))

    @pytest.mark.parametrize("name", [".gitignore", ".github", "x.git", "git", "cocsync", "~1"])
    def test_a_name_that_only_resembles_one_is_not(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"x")
        assert read_file(tmp_path, name, 5) == b"x"

    @pytest.mark.parametrize("inside_root", [True, False])
    def test_a_link_is_refused_wherever_it_leads(self, tmp_path: Path, inside_root: bool) -> None:
        root = tmp_path / "root"
        (root / "real").mkdir(parents=True)
        target = (root / "real" / "f") if inside_root else tmp_path / "f"
        target.write_bytes(b"x")
        (root / "link").symlink_to(target)
        (root / "linked").symlink_to(target.parent)
        assert "symbolic link" in refusal(root, "link")
        assert "symbolic link" in refusal(root, "linked/f")

    def test_a_link_put_there_after_the_look_is_not_followed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "f").write_bytes(b"x")
        (tmp_path / "link").symlink_to("f")
        monkeypatch.setattr(files, "_refuse_links", lambda _root, _path: None)
        assert refusal(tmp_path, "link").startswith("cannot be read")

    def test_links_are_seen_where_the_platform_cannot_refuse_to_follow(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "f").write_bytes(b"x")
        (tmp_path / "link").symlink_to("f")
        monkeypatch.setattr(files, "_OPEN_FLAGS", os.O_RDONLY)
        assert read_file(tmp_path, "f", 5) == b"x"
        assert "symbolic link" in refusal(tmp_path, "link")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_is_refused_without_waiting_for_its_writer(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert refusal(tmp_path, "pipe") == "is not a regular file"

    def test_a_device_is_refused(self) -> None:
        assert refusal(Path("/dev"), "null") == "is not a regular file"

    def test_a_socket_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("sock")
            assert refusal(tmp_path, "sock").startswith("cannot be read")

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, ".") == "is a folder: name a file"

    def test_a_missing_file_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(Unreadable) as refused:
            read_file(tmp_path, "nowhere/f", 5)
        assert (str(refused.value), refused.value.missing) == ("is missing", True)

    def test_a_file_behind_a_file_is_unreadable(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"x")
        assert refusal(tmp_path, "f/g") == "cannot be read: Not a directory"

    def test_a_name_too_long_is_unreadable(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "x" * 300).startswith("cannot be read")

    def test_a_name_that_the_system_cannot_spell_is_unreadable(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "\ud800").startswith("cannot be read")


@pytest.mark.parametrize(
    ("path", "plain"), [("a/b", "a/b"), ("./a//b/", "a/b"), ("a/../b", "b"), (".", "."), ("a/..", ".")]
)
def test_inside_gives_the_plain_path(path: str, plain: str) -> None:
    assert inside(path) == plain


class TestManifestFiles:
    def tree(self, root: Path, *paths: str) -> None:
        for path in paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(b"")

    def test_lists_yaml_files_sorted_and_passes_over_dots(self, tmp_path: Path) -> None:
        self.tree(tmp_path, "s/b.yaml", "s/a/z.yml", "s/a/x.sh", "s/.git/c.yaml", "s/.hidden.yaml", "other/d.yaml")
        assert manifest_files(tmp_path, "s") == Found(files=("s/a/z.yml", "s/b.yaml"))

    def test_the_repository_itself_may_be_the_source(self, tmp_path: Path) -> None:
        self.tree(tmp_path, "b.yaml", "a/c.yaml")
        assert manifest_files(tmp_path, ".").files == ("a/c.yaml", "b.yaml")

    def test_a_linked_folder_is_refused_and_a_linked_file_listed(self, tmp_path: Path) -> None:
        """Reading refuses the file. A folder passed over in silence would look like scripts to delete."""
        self.tree(tmp_path, "s/a.yaml", "real/b.yaml")
        (tmp_path / "s" / "linked").symlink_to(tmp_path / "real")
        (tmp_path / "s" / "c.yaml").symlink_to(tmp_path / "real" / "b.yaml")
        found = manifest_files(tmp_path, "s")
        assert found.files == ("s/a.yaml", "s/c.yaml")
        assert [name for name, _ in found.refused] == ["s/linked"]

    def test_a_name_that_is_not_utf_8_is_refused_and_printable(self, tmp_path: Path) -> None:
        (tmp_path / "s").mkdir()
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/s/\xff.yaml")).touch()
        ((name, reason),) = manifest_files(tmp_path, "s").refused
        assert name == "s/\\udcff.yaml"
        assert "UTF-8" in reason

    def test_deep_folders_are_walked(self, tmp_path: Path) -> None:
        """Deeper than Python's own recursion goes; taken down again, since pytest's clean-up does recurse."""
        (tmp_path / "kept").touch()
        folder = "s" + "/d" * 1100
        (tmp_path / "s").mkdir()
        for depth in range(3, len(folder) + 1, 2):
            (tmp_path / folder[:depth]).mkdir()
        (tmp_path / folder / "x.yaml").touch()
        try:
            assert manifest_files(tmp_path, "s").files == (f"{folder}/x.yaml",)
        finally:
            (tmp_path / folder / "x.yaml").unlink()
            os.removedirs(tmp_path / folder)

    @pytest.mark.parametrize("source", ["nowhere", "file", "link", "../outside", "/etc"])
    def test_a_source_that_is_no_folder_inside_is_refused(self, tmp_path: Path, source: str) -> None:
        self.tree(tmp_path, "file", "s/a.yaml")
        (tmp_path / "link").symlink_to("s")
        with pytest.raises(Unreadable):
            manifest_files(tmp_path, source)

    def test_a_folder_that_cannot_be_listed_ends_the_listing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.tree(tmp_path, "s/a/b.yaml")
        scandir = os.scandir

        def refusing(path: Path) -> object:
            if path.name == "a":
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refusing)
        with pytest.raises(Unreadable, match="cannot be read: Permission denied"):
            manifest_files(tmp_path, "s")
