"""Configuring a simulator over its own socket, below `/_sim/`.

`POST /_sim/VERB` with a JSON object calls the simulator's method of that name with the object as its arguments:
`settings` (`configure`), `create`, `edit`, `delete`, `review`, `seed`, `reset`, `host` (what a host does or shows), and
`faults` with a list of text forms under the key `faults`. `GET` shows `settings`, `scripts`, `hosts`, `tickets`,
`requests` or `faults`; `DELETE` empties the last two.
Answers are `{"data": ...}`, or 400 and `{"error": TEXT}`.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from cocsync.sim.errors import ConsoleError
from cocsync.sim.faults.script import InvalidFault
from cocsync.sim.settings import InvalidSetting
from cocsync.sim.simulator import Simulator
from cocsync.sim.wire import Request, Response, answer, data

PREFIX = "/_sim/"

Verb = Callable[..., object]


class _BadCall(Exception):
    pass


def control(simulator: Simulator, request: Request) -> Response:
    """The answer to a request below `/_sim/`."""
    verb = _VERBS.get((request.method, request.path.removeprefix(PREFIX)))
    if verb is None:
        return answer({"error": f"there is no {request.method} {request.path}"}, 404)
    try:
        call = verb(simulator)
        return data(call(**_arguments(call, request.body)))
    except (_BadCall, ConsoleError, InvalidFault, InvalidSetting) as error:
        return answer({"error": str(error)}, 400)


def _arguments(call: Verb, body: bytes) -> dict[str, Any]:
    try:
        arguments = json.loads(body or b"{}")
        inspect.signature(call).bind(**arguments)
    except (ValueError, TypeError) as error:
        raise _BadCall(f"the body is not a JSON object with the arguments of this verb: {error}") from error
    for name, wanted in _TYPES.items():
        if type(arguments.get(name, wanted())) is not wanted:
            raise _BadCall(f"{name} must be of type {wanted.__name__}")
    return dict(arguments)


_TYPES: Mapping[str, type] = {
    "name_or_uuid": str,
    "name_or_id": str,
    "user": str,
    "comment": str,
    "prefix": str,
    "approve": bool,
    "same_name": bool,
    "count": int,
    "gap": int,
    "faults": list,
}


def _inject(simulator: Simulator) -> Verb:
    def inject(faults: list[object]) -> None:
        simulator.inject(*map(str, faults))

    return inject


_VERBS: Mapping[tuple[str, str], Callable[[Simulator], Verb]] = {
    ("POST", "settings"): lambda simulator: simulator.configure,
    ("POST", "create"): lambda simulator: simulator.create,
    ("POST", "edit"): lambda simulator: simulator.edit,
    ("POST", "delete"): lambda simulator: simulator.delete,
    ("POST", "review"): lambda simulator: simulator.review,
    ("POST", "seed"): lambda simulator: simulator.seed,
    ("POST", "reset"): lambda simulator: simulator.reset,
    ("POST", "host"): lambda simulator: simulator.hosts.change,
    ("POST", "faults"): _inject,
    ("GET", "settings"): lambda simulator: lambda: asdict(simulator.settings),
    ("GET", "scripts"): lambda simulator: lambda: [asdict(script) for script in simulator.scripts()],
    ("GET", "hosts"): lambda simulator: lambda: [asdict(host) for host in simulator.hosts.all()],
    ("GET", "tickets"): lambda simulator: lambda: [asdict(ticket) for ticket in simulator.tickets.all()],
    ("GET", "requests"): lambda simulator: lambda: list(simulator.requests),
    ("GET", "faults"): lambda simulator: lambda: [str(fault) for fault in simulator.faults],
    ("DELETE", "requests"): lambda simulator: simulator.requests.clear,
    ("DELETE", "faults"): lambda simulator: simulator.clear_faults,
}
