"""Bringing a backup back into the manifests. Writes files here and nothing to COC."""

from __future__ import annotations

from cocsync.engine.requests import RestoreRequest
from cocsync.engine.workspace import Workspace
from cocsync.export.restore import restore_into


def restore(workspace: Workspace, request: RestoreRequest) -> tuple[str, ...]:
    """The manifests written, relative to the repository. Raises what `restore_into` raises."""
    return restore_into(
        {manifest.name: manifest.file for manifest in workspace.manifests().manifests},
        backup=request.backup,
        root=workspace.root,
        source=workspace.project.sources[0],
        name=request.name,
        overwrite=request.overwrite,
    )
