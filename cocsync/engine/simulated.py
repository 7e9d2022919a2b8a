"""The embedded simulator of a `sim:` target."""

from __future__ import annotations

from cocsync.engine.workspace import Workspace
from cocsync.errors import LocalFailure, UsageError
from cocsync.model.target import SIMULATOR, SIMULATOR_FILE
from cocsync.sim import Simulator, StorageError
from cocsync.system import storage


def simulator_of(workspace: Workspace) -> Simulator:
    """The target's simulator. Raises `UsageError` for a target that has none, `LocalFailure` for unusable data."""
    where = workspace.target.endpoint
    if not where.startswith(SIMULATOR):
        raise UsageError(f"target {workspace.target.name} is no simulator: its endpoint is {where}")
    path = workspace.root / (where.removeprefix(SIMULATOR) or SIMULATOR_FILE)
    try:
        return Simulator(storage.named(path))
    except StorageError as error:
        raise LocalFailure(str(error)) from None
    except OSError as error:
        raise LocalFailure(f"the simulator's data {path} cannot be used: {error.strerror}") from None
