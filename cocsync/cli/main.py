"""`cocsync`: the group of commands, each imported only when it is run, and the way every run ends."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from cocsync import __version__
from cocsync.cli.common import PROGRAM_HELP, common_options
from cocsync.errors import CocsyncError, ExitCode

COMMANDS = (
    "init",
    "validate",
    "plan",
    "apply",
    "drift",
    "show",
    "restore",
    "doctor",
    "sim",
    "schema",
    "completion",
    "version",
)


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"cocsync.cli.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_LazyGroup, help=PROGRAM_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="cocsync %(version)s")
@common_options
def cocsync(**_: object) -> None:
    pass


def main() -> None:
    """Runs the command line and leaves with one of `errors.ExitCode`."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    try:
        code = cocsync.main(standalone_mode=False)
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except click.UsageError as error:
        error.show()
        code = ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        code = ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = ExitCode.ERROR
    except CocsyncError as error:
        from cocsync.terminal import harmless

        click.echo(f"Error: {harmless(str(error))}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        code = ExitCode.ERROR
    _leave(int(code or 0))


def _leave(code: int) -> None:
    """Ends the process with its code also where nobody reads stdout any more."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
