"""What every verb has: the global options, before or after the verb, and where its results go."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from cocsync.engine.requests import Place
from cocsync.errors import LocalFailure, ManifestsInvalid, UsageError

if TYPE_CHECKING:
    from cocsync.report.view import View

PROGRAM_HELP = """Keep the scripts of Huawei Cloud COC in Git: manifests here, plan and apply there.

A first look without an account: cocsync init, cocsync plan, cocsync apply.
"""

MIN_WIDTH = 40

_COMMON = (
    click.option("-C", "directory", type=click.Path(path_type=Path), help="Work in this folder."),
    click.option("--target", help="Target of the project file, instead of its default_target."),
    click.option("--endpoint", help="Endpoint, instead of the target's; beats COCSYNC_ENDPOINT."),
    click.option(
        "-o", "--output", "outputs", multiple=True, metavar="FORMAT[=PATH]", help="Report format, repeatable."
    ),
    click.option("--no-color", is_flag=True, default=None, help="No colours; NO_COLOR says the same."),
    click.option("-v", "--verbose", is_flag=True, default=None, help="Say more."),
    click.option("--log-file", type=click.Path(path_type=Path), help="Append one JSON line a request to this file."),
    click.option("-q", "--quiet", is_flag=True, default=None, help="No progress and notes on stderr."),
)


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the global options to a command."""
    for option in reversed(_COMMON):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run's surroundings: the folder, what overrides the project file, and where reports go.

    `outputs` are (format, path) pairs; a path of None is stdout.
    """

    directory: Path | None
    target: str | None
    endpoint: str | None
    outputs: tuple[tuple[str, Path | None], ...]
    no_color: bool
    verbose: bool
    quiet: bool
    log_file: Path | None
    environ: Mapping[str, str]

    @property
    def place(self) -> Place:
        """Where the run works, and what overrides the project file's target."""
        return Place(directory=self.directory, target=self.target, endpoint=self.endpoint)

    def note(self, text: str) -> None:
        """A line for the person at the keyboard, on stderr."""
        if not self.quiet:
            say(text, err=True)

    @property
    def width(self) -> int:
        """Columns of a report on stdout: COLUMNS where it is set, else the terminal's."""
        from cocsync.report.view import PIPE_WIDTH

        if self.environ.get("COLUMNS") or sys.stdout.isatty():
            return max(MIN_WIDTH, shutil.get_terminal_size().columns)
        return PIPE_WIDTH

    @property
    def view(self) -> View:
        """How a report looks on stdout."""
        from cocsync.report.terminal import Style, wants_colour
        from cocsync.report.view import View

        flag = False if self.no_color else None
        style = Style(colour=wants_colour(flag, self.environ, isatty=sys.stdout.isatty()))
        return View(style=style, width=self.width, verbose=self.verbose)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Prints a text as it is, colours included. Where nobody reads it any more the run goes on all the same.

    Raises `LocalFailure` where stdout cannot be written.
    """
    try:
        click.echo(text, err=err, nl=nl, color=True)
    except BrokenPipeError:
        discard(sys.stderr if err else sys.stdout)
    except OSError as error:
        discard(sys.stderr if err else sys.stdout)
        if not err:
            raise LocalFailure(f"standard output cannot be written: {error.strerror}") from None


def discard(stream: TextIO) -> None:
    """Lets what the stream still holds, and what follows, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def verb(record_type: type | None = None, *more: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Makes a command with the global options. The function gets a `Run` first; its result is the exit code.

    -o takes the formats of the type of record that the command reports, the first is the default, and `more`, which
    the command writes itself. Without a record -o is a usage error. Errors in the repository that end the command are
    shown on stderr, each with its place.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        def wrapper(ctx: click.Context, /, **options: Any) -> Any:
            run = _run(ctx, options, (*_formats(record_type), *more))
            try:
                return function(run, **options)
            except ManifestsInvalid as error:
                _show_findings(run, error)
                raise

        update_wrapper(wrapper, function)
        command: click.Command = click.command(function.__name__.rstrip("_"))(
            common_options(click.pass_context(wrapper))
        )
        return command

    return decorate


def _formats(record_type: type | None) -> tuple[str, ...]:
    from cocsync.report.registry import formats

    return formats(record_type) if record_type else ()


def _show_findings(run: Run, error: ManifestsInvalid) -> None:
    from cocsync.diagnostics import Checked
    from cocsync.report.text.diagnostics import diagnostics_text
    from cocsync.report.view import View

    say(diagnostics_text(Checked(found=error.diagnostics), View(width=run.width)), nl=False, err=True)


def _run(ctx: click.Context, options: dict[str, Any], formats: tuple[str, ...]) -> Run:
    """Takes the global options out of `options`; those after the verb beat those before it."""
    before = ctx.find_root().params
    given = {}
    for key in ("directory", "target", "endpoint", "outputs", "no_color", "verbose", "quiet", "log_file"):
        given[key] = options.pop(key) or before.get(key)
    directory: Path | None = given["directory"]
    if directory is not None and not directory.is_dir():
        raise UsageError(f"-C {directory}: there is no such folder")
    return Run(
        directory=directory,
        target=given["target"],
        endpoint=given["endpoint"],
        outputs=_outputs(given["outputs"] or (), formats),
        no_color=bool(given["no_color"]),
        verbose=bool(given["verbose"]),
        quiet=bool(given["quiet"]),
        log_file=given["log_file"],
        environ=os.environ,
    )


def _outputs(wanted: tuple[str, ...], formats: tuple[str, ...]) -> tuple[tuple[str, Path | None], ...]:
    pairs: list[tuple[str, Path | None]] = []
    for text in wanted:
        name, given, path = text.partition("=")
        if name not in formats:
            known = f"one of {', '.join(formats)}" if formats else "none: this command has one form only"
            raise UsageError(f"-o {text}: the format is {known}")
        if given and not path:
            raise UsageError(f"-o {text}: a path is missing after `=`")
        if given and Path(path).is_dir():
            raise UsageError(f"-o {text}: {path} is a folder, name a file")
        pairs.append((name, Path(path) if given else None))
    if sum(path is None for _, path in pairs) > 1:
        raise UsageError("-o: only one report can go to stdout, give the others a path: -o json=plan.json")
    if not pairs and formats:
        pairs = [(formats[0], None)]
    return tuple(pairs)
