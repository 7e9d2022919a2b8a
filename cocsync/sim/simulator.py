"""The simulator: one tenant of COC, with an API for programs and a console for people."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from itertools import count
from typing import Self

from cocsync.sim.auth.store import TokenStore
from cocsync.sim.database import Database
from cocsync.sim.errors import ConsoleError
from cocsync.sim.faults.exchange import Exchange
from cocsync.sim.faults.kinds import strike
from cocsync.sim.faults.script import Fault, FaultScript
from cocsync.sim.gateway import Gateway
from cocsync.sim.hosts.api import HostsApi
from cocsync.sim.hosts.fleet import Fleet
from cocsync.sim.log import RequestLog
from cocsync.sim.router import Router
from cocsync.sim.scripts.api import Api
from cocsync.sim.scripts.script import StoredScript, params_of, reviewers_of
from cocsync.sim.scripts.service import APPROVED, PENDING, Service, new_uuid
from cocsync.sim.scripts.store import Store
from cocsync.sim.scripts.validate import Fields
from cocsync.sim.settings import Settings
from cocsync.sim.tickets.api import TicketsApi
from cocsync.sim.tickets.execution import ExecutionApi
from cocsync.sim.tickets.tickets import Tickets
from cocsync.sim.wire import Rejection, Request, Response

CONSOLE_USER = "console_user"
EDITABLE = frozenset({"description", "content", "risk_level", "version", "reviewers", "protocol", "params"})
CREATABLE = EDITABLE | {"name", "type", "enterprise_project_id"}


class Simulator:
    """A COC of one's own. `handle` is its API; `edit`, `create`, `delete` and `review` are what people do by hand.

    `path` is an SQLite file that several processes may share, created where it is missing. `settings` None means those
    stored in the file, else the defaults; settings that are given are stored. Raises `StorageError` where the file
    cannot be used. `hosts` is the inventory, `tickets` what was executed. All methods are thread-safe. A context
    manager, which closes.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] = ":memory:",
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = Database(path)
        self._store = Store(self._database)
        self._tokens = TokenStore(self._database)
        self._clock = clock
        self._sleep = sleep
        self._service = Service(self._store, clock)
        self.hosts = Fleet(self._database)
        self.tickets = Tickets(self._database, self.hosts, clock)
        router = Router(
            (
                *Api(self._store, self._service).routes(),
                *HostsApi(self.hosts).routes(),
                *TicketsApi(self.tickets).routes(),
                *ExecutionApi(self._store, self.hosts, self.tickets).routes(),
            )
        )
        self._gateway = Gateway(router, self._tokens, clock)
        self._faults = FaultScript(router.is_page)
        self._settings_lock = threading.Lock()
        self._settings_text = ""
        self._settings = Settings()
        self._request_number = count(1)
        self.requests = RequestLog()
        if settings is not None:
            self._database.keep("settings", settings.dump())
        self._faults.arm(*self.settings.faults)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def handle(self, request: Request) -> Response:
        """The answer to an API request.

        Raises `ConnectionRefused`, `ConnectionLost` or `ReadTimeout` (all `Unanswered`) where a fault says so, and
        `StorageError` where the data cannot be read or written.
        """
        self.requests.add(request)
        request_id = f"{next(self._request_number):032x}"
        fault = self._faults.take(request)
        self._wait()
        response = self._struck(fault, request_id, request) if fault else self._answer(request_id, request)
        stamp = {"date": formatdate(self._clock(), usegmt=True), "x-request-id": request_id}
        return replace(response, headers={**response.headers, **stamp})

    @property
    def settings(self) -> Settings:
        """The settings in force, also where another process changed them."""
        text = self._database.text("settings")
        with self._settings_lock:
            if text != self._settings_text:
                self._settings = Settings.load(text)
                self._settings_text = text
            return self._settings

    def configure(self, **changes: object) -> None:
        """Change settings by name; raises InvalidSetting. A change of `faults` arms them afresh."""
        with self._store.transaction():
            settings = self.settings.changed(changes)
            self._database.keep("settings", settings.dump())
        if "faults" in changes:
            self._faults.clear()
            self._faults.arm(*settings.faults)

    def inject(self, *faults: Fault | str) -> None:
        """Arm faults, also in their text form; raises InvalidFault."""
        self._faults.arm(*faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that may still strike."""
        return self._faults.armed

    def clear_faults(self) -> None:
        """Disarm all faults."""
        self._faults.clear()

    def create(self, *, user: str = CONSOLE_USER, same_name: bool = False, **fields: object) -> str:
        """Create a script by hand and return its uuid.

        Fields are those of `EDITABLE` and `name`, `type`, `enterprise_project_id`; what is left out has a plain
        default. No limit is checked, so that any script that could ever be met can be made. Raises ConsoleError where
        the name is taken (unless `same_name`) or a field is not known.
        """
        given = _DEFAULTS | _fields(fields, CREATABLE)
        with self._store.transaction():
            if not same_name and self._store.named(given["name"]):
                raise ConsoleError(f"there is a script named {given['name']!r} already")
            return self._service.create(given, user, self.settings, same_name=True).uuid

    def edit(self, name_or_uuid: str, *, user: str = CONSOLE_USER, **fields: object) -> None:
        """Edit a script by hand: any of `EDITABLE`, unchecked. Raises ConsoleError."""
        given = _fields(fields, EDITABLE)
        with self._store.transaction():
            self._service.modify(self.script(name_or_uuid).uuid, given, user, self.settings)

    def delete(self, name_or_uuid: str) -> None:
        """Delete a script by hand. Raises ConsoleError."""
        with self._store.transaction():
            self._service.delete(self.script(name_or_uuid).uuid, self.settings)

    def review(self, name_or_uuid: str, *, approve: bool = True, user: str = CONSOLE_USER, comment: str = "") -> None:
        """End a script's review by hand, whoever `user` is. Raises ConsoleError where none is going on."""
        settings = self.settings.changed({"reviewers_only": False})
        with self._store.transaction():
            script = self.script(name_or_uuid)
            if script.status != PENDING:
                raise ConsoleError(f"{script.name!r} is {script.status} and waits for no review")
            self._service.review(script.uuid, approve, user, settings, comment=comment)

    def seed(self, count: int, *, user: str = "seed", prefix: str = "script_", gap: int = 1, **fields: object) -> None:
        """Create many scripts at once: names are `prefix` and a number from 00001, ids `gap` apart, fields as `edit`'s.

        Raises ConsoleError for a field that is not known; names are not looked up.
        """
        given = _DEFAULTS | _fields(fields, CREATABLE - {"name"})
        with self._store.transaction():
            first, now = self._store.next_id(), self._clock()
            self._store.write_many(
                StoredScript(
                    **given | {"name": f"{prefix}{number + 1:05d}"},
                    id=first + number * gap,
                    uuid=new_uuid(first + number * gap, now),
                    creator=user,
                    gmt_created=int(now * 1000),
                    status=PENDING if given["reviewers"] else APPROVED,
                )
                for number in range(count)
            )

    def script(self, name_or_uuid: str) -> StoredScript:
        """One script as it really is. Raises ConsoleError where there is none, or several of that name."""
        script = self._store.current(name_or_uuid)
        if script is not None:
            return script
        named = self._store.named(name_or_uuid)
        if len(named) != 1:
            raise ConsoleError(
                f"{len(named)} scripts are named {name_or_uuid!r}; use one of the uuids"
                if named
                else f"there is no script {name_or_uuid!r}"
            )
        return named[0]

    def scripts(self) -> tuple[StoredScript, ...]:
        """Every script as it really is, by id."""
        return self._store.all()

    def reset(self) -> None:
        """Back to a tenant without scripts, tickets, tokens, faults and noted requests, and with the first hosts.

        The settings stay, and ids go on.
        """
        with self._database.transaction():
            self._store.clear()
            self._tokens.clear()
            self.hosts.restore()
            self.tickets.clear()
        self._faults.clear()
        self.requests.clear()

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def _wait(self) -> None:
        latency = self.settings.latency
        if latency:
            self._sleep(latency)

    def _answer(self, request_id: str, request: Request) -> Response:
        try:
            return self._gateway.answer(request, self.settings)
        except Rejection as rejection:
            return rejection.response(request_id)

    def _struck(self, fault: Fault, request_id: str, request: Request) -> Response:
        exchange = Exchange(
            request=request,
            proceed=partial(self._answer, request_id),
            sleep=self._sleep,
            drop_tokens=self._tokens.clear,
        )
        try:
            return strike(fault.kind, fault.value, exchange)
        except Rejection as rejection:
            return rejection.response(request_id)


_DEFAULTS: Fields = {
    "name": "script",
    "type": "SHELL",
    "content": "echo hello\n",
    "description": "made by hand",
    "risk_level": "LOW",
    "version": "1.0.0",
    "reviewers": (),
    "protocol": None,
    "params": (),
    "enterprise_project_id": "0",
}


def _fields(given: Fields, allowed: AbstractSet[str]) -> Fields:
    unknown = sorted(given.keys() - allowed)
    if unknown:
        raise ConsoleError(f"{unknown[0]!r} cannot be set by hand; what can: {', '.join(sorted(allowed))}")
    try:
        return {name: _READERS.get(name, _text)(value) for name, value in given.items()}
    except (TypeError, UnicodeEncodeError) as error:
        raise ConsoleError(f"a field cannot be set: {error}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {type(value).__name__}")
    value.encode()
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


_READERS: Mapping[str, Callable[[object], object]] = {
    "reviewers": reviewers_of,
    "params": params_of,
    "protocol": _text_or_none,
}
