"""The expected failures of a run, and the exit codes they become.

    CocsyncError                 1    anything expected that ends the run
    ├── UsageError              64    a flag or argument that cannot be meant
    ├── ManifestsInvalid         1    the repository has errors; carries the diagnostics
    ├── Refused                  3    a guard, ownership, a lock or "no": nothing was written
    ├── ListingUnproven          1    COC's listing could not be proven complete
    ├── LocalFailure             1    a file here cannot be read or written
    └── coc.errors.ApiError      1    what a request ended as; see there

A user's mistake inside a file is a `Diagnostic`, not an exception.
Anything that is neither is a bug and may show a traceback.

A run that is interrupted before its first write ends with 130, whatever else fits; after one it ends with 4.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocsync.diagnostics import Diagnostic


class ExitCode(IntEnum):
    """What the process returns. `first` gives the precedence when several fit."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    REFUSED = 3
    PARTIAL = 4
    REVIEW = 5
    USAGE = 64
    INTERRUPTED = 130

    @classmethod
    def first(cls, *codes: ExitCode) -> ExitCode:
        """The code that wins among those that fit: 130, 64, 4, 1, 3, 5, 2, 0."""
        return min(codes, key=_PRECEDENCE.index, default=cls.OK)


_PRECEDENCE = (
    ExitCode.INTERRUPTED,
    ExitCode.USAGE,
    ExitCode.PARTIAL,
    ExitCode.ERROR,
    ExitCode.REFUSED,
    ExitCode.REVIEW,
    ExitCode.CHANGES,
    ExitCode.OK,
)


class CocsyncError(Exception):
    """An expected failure; its text names the thing, the cause and the next step."""

    exit_code: ExitCode = ExitCode.ERROR


class UsageError(CocsyncError):
    """The command line cannot be meant as it stands."""

    exit_code = ExitCode.USAGE


class ManifestsInvalid(CocsyncError):
    """The project file or the manifests have errors; `diagnostics` holds every one of them."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("the manifests have errors: run `cocsync validate`")
        self.diagnostics = diagnostics


class Refused(CocsyncError):
    """The run is refused before its first write; the text names the flag that allows it, where there is one."""

    exit_code = ExitCode.REFUSED


class ListingUnproven(CocsyncError):
    """The pages of a listing contradict each other, so no create or delete may rest on them."""


class LocalFailure(CocsyncError):
    """A file of ours (backup, lock, report) cannot be read or written."""


def unforeseen(error: Exception) -> str:
    """A failure that nobody foresaw, by its type and the last place of ours that it came through.

    Its own text may hold a sensitive value, and is not repeated.
    """
    package = __file__.removesuffix("errors.py")
    place, step = "", error.__traceback__
    while step:
        if (file := step.tb_frame.f_code.co_filename).startswith(package):
            place = f" in cocsync/{file.removeprefix(package)}:{step.tb_lineno}"
        step = step.tb_next
    return f"cocsync failed with an unexpected error ({type(error).__name__}{place}): please report it"
