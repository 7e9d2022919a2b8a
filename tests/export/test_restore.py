"""A backup back into the manifests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cocsync.apply.backup import Backups
from cocsync.errors import LocalFailure, Refused
from cocsync.export.manifest import safe_name
from cocsync.export.restore import restore_into
from tests.support import canary
from tests.support.builders import ALICE, foreign, param, secret
from tests.support.repository import Repository


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Of two scripts."""
    backups = Backups(tmp_path / "backup")
    live = foreign("restart_nginx", content="by hand\n", reviewers=(ALICE,), params=(param(), secret()))
    backups.save(live)
    backups.save(foreign("磁盘", type="PYTHON", content="print()\n"))
    return backups.folder


def restore(repository: Repository, backup: Path, name: str | None = None, *, overwrite: bool = False) -> list[str]:
    manifests = {manifest.name: manifest.file for manifest in repository.load().manifests}
    written = restore_into(
        manifests, backup=backup, root=repository.root, source="scripts", name=name, overwrite=overwrite
    )
    return list(written)


def files(repository: Repository) -> dict[str, bytes]:
    return {
        path.relative_to(repository.root).as_posix(): path.read_bytes()
        for path in sorted(repository.root.rglob("*"))
        if path.is_file()
    }


def test_every_script_gets_a_folder_below_the_source(repository: Repository, backup: Path) -> None:
    assert restore(repository, backup) == [
        "scripts/restart_nginx/script.yaml",
        f"scripts/{safe_name('磁盘')}/script.yaml",
    ]
    nginx, disk = repository.load(APP_TOKEN=canary.planted()).manifests
    assert (nginx.script.content.text, nginx.script.reviewers) == ("by hand\n", (ALICE,))
    assert [(p.name, p.value, p.sensitive) for p in nginx.script.params] == [
        ("path", "/var", False),
        ("token", "", True),
    ]
    assert (disk.name, disk.script.type, disk.script.content.text) == ("磁盘", "PYTHON", "print()\n")


def test_one_script_of_it_by_its_name(repository: Repository, backup: Path) -> None:
    assert restore(repository, backup, "restart_nginx") == ["scripts/restart_nginx/script.yaml"]


def test_the_folder_of_one_script_will_do(
    repository: Repository, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(backup / "restart_nginx")
    assert restore(repository, Path()) == ["scripts/restart_nginx/script.yaml"]


class TestWhereSomethingIsThere:
    @pytest.mark.parametrize(
        "there",
        [
            {"path": "scripts/web/nginx.yaml", "name": "restart_nginx"},
            {"path": "scripts/restart_nginx/script.yaml", "name": "another"},
            {"path": "scripts/restart_nginx/script.yaml", "name": "restart_nginx", "targets": ["prod"]},
            {"path": "scripts/restart_nginx/script.yaml", "name": "restart_nginx", "risk_level": "none"},
        ],
    )
    def test_a_manifest_is_only_replaced_where_that_is_asked(
        self, repository: Repository, backup: Path, there: dict[str, Any]
    ) -> None:
        """Also one that the target does not know of, and one that cannot be loaded."""
        repository.manifest(**there)
        before = files(repository)
        with pytest.raises(Refused, match=rf"restart_nginx would replace {there['path']}: pass --overwrite"):
            restore(repository, backup)
        assert files(repository) == before

        assert there["path"] in restore(repository, backup, overwrite=True)
        assert "by hand\n" in {m.script.content.text for m in repository.load().manifests}

    def test_a_content_file_is_only_replaced_where_that_is_asked(self, repository: Repository, backup: Path) -> None:
        repository.write("scripts/restart_nginx/restart_nginx.sh", "somebody's\n")
        with pytest.raises(Refused, match=r"would replace scripts/restart_nginx/restart_nginx\.sh"):
            restore(repository, backup)

    def test_a_file_with_several_manifests_is_left(self, repository: Repository, backup: Path) -> None:
        repository.manifest(path="scripts/a.yaml", name="restart_nginx")
        one = (repository.root / "scripts/a.yaml").read_text()
        repository.write("scripts/a.yaml", f"{one}---\n{one.replace('restart_nginx', 'other')}")
        before = files(repository)
        with pytest.raises(Refused, match="holds several manifests, restart_nginx among them"):
            restore(repository, backup, overwrite=True)
        assert files(repository) == before


class TestWhatIsNoBackup:
    def test_a_folder_that_is_not_there(self, repository: Repository, tmp_path: Path) -> None:
        with pytest.raises(LocalFailure, match="cannot be read"):
            restore(repository, tmp_path / "nowhere")

    def test_a_folder_without_scripts(self, repository: Repository, tmp_path: Path) -> None:
        with pytest.raises(LocalFailure, match="holds no script: name a folder"):
            restore(repository, tmp_path)

    def test_a_script_that_is_not_in_it(self, repository: Repository, backup: Path) -> None:
        with pytest.raises(LocalFailure, match="holds no script nginx"):
            restore(repository, backup, "nginx")

    @pytest.mark.parametrize("text", ["", "- a\n", "a: 1\n", "name: x\n---\nname: y\n", "{", "name:\n"])
    def test_a_file_that_is_no_manifest(self, repository: Repository, tmp_path: Path, text: str) -> None:
        (tmp_path / "script.yaml").write_text(text)
        with pytest.raises(LocalFailure, match="holds no script"):
            restore(repository, tmp_path)

    def test_a_manifest_that_is_a_link(self, repository: Repository, backup: Path, tmp_path: Path) -> None:
        (tmp_path / "linked").mkdir()
        (tmp_path / "linked" / "script.yaml").symlink_to(backup / "restart_nginx" / "script.yaml")
        with pytest.raises(LocalFailure, match="symbolic link"):
            restore(repository, tmp_path / "linked")

    def test_a_script_whose_folder_is_a_link_out_of_the_repository(self, repository: Repository, backup: Path) -> None:
        """Whoever can commit a backup could have read the user's other repositories into this one."""
        repository.write("backup/restart_nginx/script.yaml", "name: restart_nginx\n")
        (repository.root / "backup" / "linked").symlink_to(backup / "restart_nginx")
        before = files(repository)
        with pytest.raises(LocalFailure, match="symbolic link leads out of the repository"):
            restore(repository, repository.root / "backup")
        assert files(repository) == before

    @pytest.mark.parametrize("content_file", ["../../cocsync.yaml", "/etc/passwd", "gone.sh", ""])
    def test_a_content_file_that_cannot_be_read_stops_it_before_the_first_write(
        self, repository: Repository, backup: Path, content_file: str
    ) -> None:
        (backup / "restart_nginx" / "script.yaml").write_text(f"name: restart_nginx\ncontent_file: '{content_file}'\n")
        before = files(repository)
        with pytest.raises(LocalFailure, match="content file `"):
            restore(repository, backup)
        assert files(repository) == before


def test_a_place_that_cannot_be_written_is_named(repository: Repository, backup: Path) -> None:
    repository.write("scripts/restart_nginx", "in the way")
    with pytest.raises(LocalFailure, match=r"restart_nginx.* cannot be written"):
        restore(repository, backup)
