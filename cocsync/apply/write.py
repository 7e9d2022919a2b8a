"""Single writes to COC, each until its outcome is known or certainly unknown. Knows scripts, not plans.

COC takes neither a condition ("only if it is still this version") nor a request id of the client's with a write. So a
write whose answer was lost can neither be repeated blindly nor be asked about; looking at the script settles it:

- A create is looked up by name. A script of that name may be this very one or somebody else's: the caller tells by the
  mark, which this write alone can have made. None after `APPEAR_SECONDS` means that it was not done.
- A modification is settled by a read. The version before: not done, so it is sent again. Another version: `Changed`,
  and the caller tells whether it is the one that was sent. Gone: nothing to write any more.
- A delete is settled the same way, and then waited for, since a list may lag behind.

Each is sent once more at most. `unsettled` stays True until a look settles it, so that a failure in between ends the
change as unknown and not as failed: a failure promises that COC was left as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cocsync.coc.http.errors import ApiError, NotSent, OutcomeUnknown, Rejected
from cocsync.coc.scripts import ScriptsApi, is_name_taken, is_not_found
from cocsync.errors import LocalFailure
from cocsync.model import mark as marks
from cocsync.model.live import Live
from cocsync.model.script import Script
from cocsync.observe.reading import read

APPEAR_SECONDS = 2.0
"""How long a write may take to show before it counts as not shown."""

POLL_SECONDS = 0.25

T = TypeVar("T")


class NotWritten(Exception):
    """A PUT or DELETE was not sent, or not sent again, and why is in the subclass."""


class Stopped(NotWritten):
    """The run is to write nothing more, and this change has written nothing yet."""


class Changed(NotWritten):
    """COC shows another version, `live`, than the one that was to be written over or deleted."""

    def __init__(self, live: Live) -> None:
        super().__init__(live.name)
        self.live = live


class _Gone(NotWritten):
    """COC shows the script no more."""


class _LookFailed(NotWritten):
    """The look before the write ended as `error`."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes of one change; what has begun to write goes on, whatever `stopped` says then.

    A PUT or DELETE takes the version that was looked at, by `look`, right before. It is sent again, after whatever
    wait, only where a fresh look shows that very version: `Changed` is raised where it shows another one.

    `wrote` is True once a request that may have changed something was sent, `unsettled` while nobody has seen what
    became of the last one.
    """

    api: ScriptsApi
    wait: Callable[[float], None]
    stopped: Callable[[], bool]
    enterprise_project_id: str | None = None
    wrote: bool = field(default=False, init=False)
    unsettled: bool = field(default=False, init=False)

    def look(self, uuid: str) -> Live | None:
        """The script as it is now, for a write that follows; None where COC says that it is not there."""
        return read(self.api, uuid, before_write=True)

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
        """Writes over `live`; False where it is gone. Repeats a lost write only where COC still shows `live`."""

        def put() -> None:
            self.api.modify(live.uuid, script, description, again=lambda: self._look_again(live))

        try:
            try:
                self._send(put)
            except OutcomeUnknown:
                if self.look(live.uuid) == live:
                    self._send(put)
        except _Gone:
            return False
        except Rejected as error:
            if is_not_found(error) and read(self.api, live.uuid) is None:
                return False
            raise
        return True

    def delete(self, live: Live) -> None:
        """Gone when this returns. Raises `OutcomeUnknown` where COC still shows it."""
        try:
            self._delete(live)
        except OutcomeUnknown:
            if self._shows(live):
                self._delete(live)
        if not self._await(lambda: read(self.api, live.uuid) is None):
            raise OutcomeUnknown(f"COC accepted the delete of {live.uuid} and still shows it")
        self.unsettled = False

    def put_back(self, live: Live, desired: Script) -> str:
        """Creates a deleted script again as it was, with the sensitive values of `desired`; "" where COC refuses."""
        description = marks.join(live.script.description, live.mark) if live.mark else live.script.description
        try:
            uuid = self._post(with_values(live.script, desired), description)
        except Exception:  # noqa: BLE001 - whatever it is, the caller has to say where the copy is
            lost = "the old one may have been put back, COC's answer was lost: run `cocsync plan`"
            return lost if self.unsettled else ""
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
            if is_name_taken(error):
                return None
            raise

    def _delete(self, live: Live) -> None:
        try:
            self._send(lambda: self.api.delete(live.uuid, again=lambda: self._look_again(live)))
        except _Gone:
            pass
        except Rejected as error:
            if not is_not_found(error):
                raise

    def _look_again(self, live: Live) -> None:
        """Raises what ends a write that has waited, where COC does not show this version any more."""
        if self.stopped() and not self.wrote:
            raise Stopped
        try:
            if not self._shows(live):
                raise _Gone
        except ApiError as error:
            raise _LookFailed(error) from None

    def _shows(self, live: Live) -> bool:
        """Whether COC shows this version: False where it is gone; raises `Changed` for another one."""
        seen = self.look(live.uuid)
        if seen is not None and seen != live:
            self.unsettled = False
            raise Changed(seen)
        return seen is not None

    def _send(self, request: Callable[[], T]) -> T:
        if self.stopped() and not self.wrote:
            raise Stopped
        try:
            result = request()
        except _LookFailed as failed:
            raise failed.error from None
        except Rejected as error:
            self.unsettled = self.unsettled and is_name_taken(error)
            raise
        except (NotWritten, NotSent, LocalFailure):
            raise
        except Exception:
            # An answer that was lost, or a failure that nobody foresaw: the request may have been done.
            self.wrote = self.unsettled = True
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


def with_values(live: Script, desired: Script) -> Script:
    """A live script with the desired one's sensitive values, by the names of their params."""
    known = {p.name: p.source for p in desired.sensitive_params}
    params = tuple(replace(p, source=known.get(p.name)) if p.sensitive else p for p in live.params)
    return replace(live, params=params)
