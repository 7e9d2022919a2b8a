"""An embedded simulator of COC's scripts, hosts and tickets.

It is a second implementation, which shares nothing with the engine. In process a request goes through
`Simulator.handle`; `cocsync.sim.http.server` puts the same simulator behind a socket.
"""

from cocsync.sim.database import StorageError
from cocsync.sim.errors import ConsoleError
from cocsync.sim.faults.script import ConnectionLost, ConnectionRefused, Fault, InvalidFault, ReadTimeout, Unanswered
from cocsync.sim.scripts.script import Param, Reviewer, StoredScript
from cocsync.sim.settings import InvalidSetting, Settings
from cocsync.sim.simulator import Simulator
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
