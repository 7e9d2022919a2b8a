"""What a target gets, as YAML. Offline."""

from __future__ import annotations

from cocsync.engine.workspace import Workspace
from cocsync.errors import Refused
from cocsync.export.manifest import render as render_manifest


def render(workspace: Workspace, name: str | None) -> str:
    """Each manifest, or the named one, with defaults and overrides merged in. Raises `Refused` for an unknown name."""
    manifests = [m for m in workspace.desired().manifests if name in (None, m.name)]
    if name is not None and not manifests:
        raise Refused(f"there is no manifest {name} for target {workspace.target.name}")
    return "".join(render_manifest(manifest) for manifest in manifests)
