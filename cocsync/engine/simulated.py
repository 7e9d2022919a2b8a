"""The embedded simulator in the network's place: what leaves the transport goes to it, in this process."""

from __future__ import annotations

from urllib.parse import parse_qsl

from cocsync.coc.http.answer import Reply
from cocsync.coc.http.outgoing import Outgoing
from cocsync.engine.workspace import Workspace
from cocsync.errors import LocalFailure, UsageError
from cocsync.model.target import SIMULATOR, SIMULATOR_FILE
from cocsync.sim import ConnectionRefused, Request, Simulator, StorageError, Unanswered
from cocsync.system import storage


def simulator_of(workspace: Workspace) -> Simulator:
    """The target's simulator. Raises `UsageError` for a target that has none, `LocalFailure` for unusable data."""
    where = workspace.target.endpoint
    if not where.startswith(SIMULATOR):
        raise UsageError(f"target {workspace.target.name} is not a simulator: its endpoint is {where}")
    path = workspace.root / (where.removeprefix(SIMULATOR) or SIMULATOR_FILE)
    try:
        return Simulator(storage.named(path))
    except StorageError as error:
        raise LocalFailure(str(error)) from None
    except OSError as error:
        raise LocalFailure(f"the simulator's data {path} cannot be used: {error.strerror}") from None


class Simulated:
    """A `Handler` that answers from a simulator, and closes it."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def handle(self, request: Outgoing) -> Reply:
        """The answer, with its body as it would come over a socket.

        Raises `ConnectionRefusedError` where nothing was sent, `ConnectionResetError` where the answer is lost, and
        `LocalFailure` where the simulator's data cannot be used.
        """
        asked = Request(
            method=request.method,
            path=request.path,
            query=tuple(parse_qsl(request.query, keep_blank_values=True)),
            headers=request.headers,
            body=request.body,
        )
        try:
            answer = self._simulator.handle(asked)
        except ConnectionRefused as error:
            raise ConnectionRefusedError(str(error)) from None
        except Unanswered as error:
            raise ConnectionResetError(str(error)) from None
        except StorageError as error:
            raise LocalFailure(str(error)) from None
        return Reply(status=answer.status, headers=answer.headers, body=answer.body)

    def close(self) -> None:
        self._simulator.close()
