"""Single writes to COC, each until its outcome is known or certainly unknown. Knows scripts, not plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cocsync import mark as marks
from cocsync.coc.errors import ApiError, OutcomeUnknown, Rejected
from cocsync.coc.scripts import ScriptsApi
from cocsync.live import Live
from cocsync.model import Script
from cocsync.observing.observe import read
from cocsync.outcome import Failure

APPEAR_SECONDS = 2.0
"""How long a write may take to show before it counts as not shown."""

POLL_SECONDS = 0.25

T = TypeVar("T")


class Stopped(Exception):
    """The run is to write nothing more, and this change has written nothing yet."""


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes of one change; what has begun to write goes on, whatever `stopped` says then.

    `wrote` is True once a request that may have changed something was sent, `unsettled` while nobody has seen what
    became of the last one.
    """

    api: ScriptsApi
    wait: Callable[[float], None]
    stopped: Callable[[], bool]
    enterprise_project_id: str | None = None
    wrote: bool = field(default=False, init=False)
    unsettled: bool = field(default=False, init=False)

    def create(self, script: Script, description: str) -> str | None:
        """The new script's uuid, or None where COC has a script of that name, be it this very one.

        A create whose answer was lost is looked up by name, and sent once more only where it did not show in time.
        """
        try:
            return self._post(script, description)
        except OutcomeUnknown:
            if self._await(lambda: self.api.find(script.name)):
                return None
            return self._post(script, description)

    def modify(self, live: Live, script: Script, description: str) -> bool:
        """False where the script is gone. A lost answer is repeated only where COC still shows the version before."""

        def put() -> None:
            self.api.modify(live.uuid, script, description)

        try:
            self._send(put)
        except Rejected as error:
            if error.is_not_found and read(self.api, live.uuid) is None:
                return False
            raise
        except OutcomeUnknown:
            if read(self.api, live.uuid) == live:
                self._send(put)
        return True

    def delete(self, uuid: str) -> None:
        """Gone when this returns. Raises `OutcomeUnknown` where COC still shows it."""
        try:
            self._delete(uuid)
        except OutcomeUnknown:
            if read(self.api, uuid) is not None:
                self._delete(uuid)
        if not self._await(lambda: read(self.api, uuid) is None):
            raise OutcomeUnknown(f"COC accepted the delete of {uuid} and still shows it")
        self.unsettled = False

    def put_back(self, live: Live, desired: Script) -> str:
        """Creates a deleted script again as it was, with the sensitive values of `desired`; "" where COC refuses."""
        description = marks.join(live.script.description, live.mark) if live.mark else live.script.description
        try:
            uuid = self._post(with_values(live.script, desired), description)
        except OutcomeUnknown:
            return "the old one may have been put back, COC's answer was lost: run `cocsync plan`"
        except ApiError:
            return ""
        return f"the old one was put back as {uuid}" if uuid else ""

    def await_version(self, uuid: str, is_it: Callable[[Live], bool]) -> Live | None:
        """The script once `is_it`, or as it last showed when the time is up; None where it does not show at all."""
        last: Live | None = None

        def look() -> bool:
            nonlocal last
            last = read(self.api, uuid)
            return last is not None and is_it(last)

        self._await(look)
        return last

    def _post(self, script: Script, description: str) -> str | None:
        project = self.enterprise_project_id
        try:
            return self._send(lambda: self.api.create(script, description, enterprise_project_id=project))
        except Rejected as error:
            if error.is_name_taken:
                return None
            raise

    def _delete(self, uuid: str) -> None:
        try:
            self._send(lambda: self.api.delete(uuid))
        except Rejected as error:
            if not error.is_not_found:
                raise

    def _send(self, request: Callable[[], T]) -> T:
        if self.stopped() and not self.wrote:
            raise Stopped
        try:
            result = request()
        except OutcomeUnknown:
            self.wrote = self.unsettled = True
            raise
        except Rejected as error:
            self.unsettled = self.unsettled and error.is_name_taken
            raise
        self.wrote = self.unsettled = True
        return result

    def _await(self, look: Callable[[], T]) -> T:
        """What `look` returns once that is true, or at last when the time is up."""
        for _ in range(int(APPEAR_SECONDS / POLL_SECONDS)):
            if found := look():
                return found
            self.wait(POLL_SECONDS)
        return look()


def failure_of(error: ApiError) -> Failure:
    """A request's failure, in COC's words where it answered."""
    code = error.code if isinstance(error, Rejected) else ""
    return Failure(message=str(error), code=code, request_id=error.request_id or "")


def with_values(live: Script, desired: Script) -> Script:
    """A live script with the desired one's sensitive values, by the names of their params."""
    known = {p.name: p.source for p in desired.sensitive_params}
    params = tuple(replace(p, source=known.get(p.name)) if p.sensitive else p for p in live.params)
    return replace(live, params=params)
