"""A user's repository for one test: files to write, and what becomes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cocsync.manifests import manifest, project
from cocsync.model.desired import Desired, Manifest

PROJECT: dict[str, Any] = {
    "apiVersion": "cocsync/v1",
    "kind": "Project",
    "owner": "payments_ops",
    "people": {"alice": "7a8513cd87b7448283a1d5190eb91234", "bob": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"},
    "default_target": "local",
    "targets": {"local": {"endpoint": "sim:"}, "prod": {"endpoint": "sim:prod.db"}},
    "secrets": {"env": ["[A-Z]*", "VAULT_TOKEN"]},
    "policy": {"rules": {"param-unused": "off"}},  # the content is the same, whatever the params are
}
MANIFEST: dict[str, Any] = {
    "apiVersion": "cocsync/v1",
    "kind": "Script",
    "name": "disk_report",
    "description": "Disk usage",
    "type": "SHELL",
    "content": "df -h\n",
    "risk_level": "LOW",
    "version": "1.0.0",
}


def to_yaml(*documents: dict[str, Any]) -> str:
    """Fields that are None are left out."""
    kept = [{key: value for key, value in document.items() if value is not None} for document in documents]
    return yaml.safe_dump_all(kept, sort_keys=False, allow_unicode=True)


class Repository:
    """Below `root`, with a project file, an empty folder `scripts`, and cocsync's state kept out of git."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "scripts").mkdir(parents=True)
        self.write(".gitignore", ".cocsync/\n")
        self.project()

    def write(self, path: str, data: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())

    def project(self, **fields: Any) -> None:
        self.write("cocsync.yaml", to_yaml({**PROJECT, **fields}))

    def manifest(self, path: str = "scripts/disk.yaml", **fields: Any) -> None:
        """A valid manifest with changed fields; None leaves one out."""
        self.write(path, to_yaml({**MANIFEST, **fields}))

    def load(self, target: str = "local", **environ: str) -> Desired:
        loaded, found = project.load(self.root)
        assert loaded is not None, found
        return manifest.load(loaded, self.root, target, environ)

    def only(self, target: str = "local", **environ: str) -> Manifest:
        """The one manifest, of which nothing is to be said."""
        desired = self.load(target, **environ)
        assert desired.diagnostics == ()
        (found,) = desired.manifests
        return found

    def findings(self, target: str = "local", **environ: str) -> list[tuple[str, str]]:
        """Code and message of each diagnostic, in their order."""
        return [(d.code, d.message) for d in self.load(target, **environ).diagnostics]

    def codes(self, target: str = "local", **environ: str) -> list[str]:
        return [code for code, _ in self.findings(target, **environ)]
