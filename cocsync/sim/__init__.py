"""An embedded simulator of COC's scripts API: a second implementation, which shares nothing with the engine.

In process a request goes through `Simulator.handle`; `cocsync.sim.server` puts the same simulator behind a socket.
"""

from cocsync.sim.faults import ConnectionLost, ConnectionRefused, Fault, InvalidFault, ReadTimeout, Unanswered
from cocsync.sim.script import Param, Reviewer, StoredScript
from cocsync.sim.settings import InvalidSetting, Settings
from cocsync.sim.simulator import ConsoleError, Simulator
from cocsync.sim.store import StorageError
from cocsync.sim.wire import Request, Response

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
