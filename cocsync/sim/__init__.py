"""An embedded simulator of COC's scripts API: a second implementation, which shares nothing with the engine.

In process a request goes through `Simulator.handle`; `cocsync.sim.http.server` puts the same simulator behind a socket.
"""

from cocsync.sim.faults.script import ConnectionLost, ConnectionRefused, Fault, InvalidFault, ReadTimeout, Unanswered
from cocsync.sim.http.wire import Request, Response
from cocsync.sim.scripts.script import Param, Reviewer, StoredScript
from cocsync.sim.settings import InvalidSetting, Settings
from cocsync.sim.simulator import ConsoleError, Simulator
from cocsync.sim.store import StorageError

__all__ = [
    "ConnectionLost",
    "ConnectionRefused",
    "ConsoleError",
    "Fault",
    "InvalidFault",
    "InvalidSetting",
    "Param",
    "ReadTimeout",
    "Request",
    "Response",
    "Reviewer",
    "Settings",
    "Simulator",
    "StorageError",
    "StoredScript",
    "Unanswered",
]
