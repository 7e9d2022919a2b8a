"""The events of an apply, written and flushed as they happen: what `-o ndjson` asks for."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cocsync import __version__
from cocsync.cli.parts.run import Run, say
from cocsync.errors import LocalFailure
from cocsync.system import storage

if TYPE_CHECKING:
    from cocsync.diagnostics import Diagnostic
    from cocsync.plan.change import Change
    from cocsync.plan.outcome import ApplyReport, Result
    from cocsync.plan.plan import Plan
    from cocsync.report.ndjson import Event

FORMAT = "ndjson"


class Events:
    """Where the events of one run go: stdout, files, or nowhere.

    A place that cannot be written gets nothing more, and `finished` says so: the apply goes on.
    """

    def __init__(self, run: Run) -> None:
        self._places = [path for name, path in run.outputs if name == FORMAT]
        self._begun: set[Path] = set()
        self._told: tuple[Diagnostic, ...] | None = None
        self._failed: list[str] = []
        self._lock = Lock()

    def planned(self, plan: Plan) -> None:
        """The plan is there, and nothing written yet."""
        from cocsync.report import ndjson

        self._told = plan.diagnostics
        self._write((ndjson.version(__version__), *ndjson.planned(plan)))

    def started(self, change: Change) -> None:
        from cocsync.report import ndjson

        self._write((ndjson.started(change),))

    def ended(self, result: Result) -> None:
        from cocsync.report import ndjson

        self._write((ndjson.ended(result),))

    def finished(self, report: ApplyReport) -> None:
        """The run is over, however it ended. Raises `LocalFailure` where not every event could be written."""
        from cocsync.report import ndjson

        begin = () if self._told is not None else (ndjson.version(__version__),)
        fresh = (ndjson.diagnostic(found) for found in report.diagnostics if found not in (self._told or ()))
        self._write((*begin, *fresh, ndjson.summed_up(report)))
        if self._failed:
            raise LocalFailure("; ".join(self._failed))

    def _write(self, events: Iterable[Event]) -> None:
        from cocsync.report import ndjson

        if not self._places:
            return
        with self._lock:
            at = time.time_ns() // 1_000_000
            text = "".join(ndjson.line(event, at=at) for event in events)
            self._places = [place for place in self._places if self._written(place, text)]

    def _written(self, place: Path | None, text: str) -> bool:
        try:
            if place is None:
                say(text, nl=False)
            else:
                self._append(place, text)
        except LocalFailure as error:
            self._failed.append(str(error))
        except OSError as error:
            self._failed.append(f"the report {place} cannot be written: {error.strerror}")
        else:
            return True
        return False

    def _append(self, place: Path, text: str) -> None:
        with storage.open_named(place, append=place in self._begun) as file:
            file.write(text.encode())
        self._begun.add(place)
