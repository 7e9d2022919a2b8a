"""What the engine's work looks like from the command line: notes, a live line, a line for each request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cocsync.cli.parts.log import request_log
from cocsync.cli.parts.progress import StatusLine, status_line
from cocsync.cli.parts.run import Run, say
from cocsync.engine.feedback import Feedback


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The engine's feedback, and the live line that it moves."""

    feedback: Feedback
    line: StatusLine


@contextmanager
def watching(run: Run) -> Iterator[Watch]:
    """Shows the engine's work while the block runs. Raises `LocalFailure` for a log file that cannot be opened."""
    with request_log(run) as log, status_line(run) as line:

        def note(text: str) -> None:
            line.clear()
            run.note(text)

        yield Watch(feedback=Feedback(note=note, warn=_warn, progress=line, request=log), line=line)


def _warn(text: str) -> None:
    say(text, err=True)
