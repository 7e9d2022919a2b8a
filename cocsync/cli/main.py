"""`cocsync`: the group of commands, each imported only when it is run, and the way every run ends."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import click

from cocsync import __version__
from cocsync.cli.parts.interrupt import interrupt_on_signals, leave_on_signals
from cocsync.cli.parts.run import PROGRAM_HELP, common_options, discard, say
from cocsync.errors import CocsyncError, ExitCode

COMMANDS = {
    "init": "Begin a repository: a project file, one script, schemas for editors, workflows.",
    "validate": "Check the project file and the manifests, offline.",
    "plan": "Show what apply would do.",
    "apply": "Plan, ask, and make COC match the manifests.",
    "drift": "Show where COC differs from the manifests, who caused it, and who touched it when.",
    "show": "Show a saved plan in any format of `plan`.",
    "status": "Show the review state of every script of ours, who is awaited and since when.",
    "release": "Take the mark off scripts of ours and let them go.",
    "render": "Print what the target gets: each manifest, or NAME's, with defaults and overrides merged in.",
    "import": "Write manifests and content files for scripts that are in COC.",
    "restore": "Bring a backup back into the manifests: DIR is a folder below .cocsync/backups, NAME one script of it.",
    "doctor": "Check project, endpoint, credentials, clock, network and permissions; say how to fix what is wrong.",
    "cache": "Look at what is remembered of COC, or remove it.",
    "sim": "Try things out without an account: the simulator of COC that `sim:` targets use.",
    "schema": "Print the JSON Schema of KIND; without KIND, what kinds there are.",
    "completion": "Print the completion script for SHELL: source it in your shell's start file.",
    "version": "Print the version.",
}
"""Every command and its line in the help of the program, which is shown without importing them all."""


_OBJECTS_BETWEEN_COLLECTIONS = 50_000


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command = getattr(import_module(f"cocsync.cli.{name}"), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, click.Command(name, help=text).get_short_help_str(limit)) for name, text in COMMANDS.items()]
            )


@click.group(cls=_LazyGroup, help=PROGRAM_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="cocsync %(version)s")
@common_options
def cocsync(**_: object) -> None:
    pass


def main() -> None:
    """Runs the command line and leaves with one of `errors.ExitCode`."""
    _prepare()
    try:
        code = cocsync.main(standalone_mode=False)
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except click.UsageError as error:
        error.show()
        code = ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        leave_on_signals(ExitCode.INTERRUPTED)
        say("Interrupted.", err=True)
        code = ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = ExitCode.ERROR
    except CocsyncError as error:
        from cocsync.report.terminal import sanitised

        say(f"Error: {sanitised(str(error))}", err=True)
        code = error.exit_code
    _leave(int(code or 0))


def _prepare() -> None:
    """Makes SIGTERM a Ctrl-C, and a second one leave; puts nothing in place of a closed stream; has characters
    escaped that one lacks.

    Python looks for garbage every 700 objects, which is a fifth of a plan of 10,000 scripts, and finds hardly any.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 100)
    interrupt_on_signals()
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - to the end
        elif mode == "w" and (reconfigure := getattr(stream, "reconfigure", None)):
            reconfigure(errors="backslashreplace")


def _leave(code: int) -> None:
    """Ends the process with its code, also where nobody reads stdout any more or a signal comes late."""
    leave_on_signals(code)
    try:
        sys.stdout.flush()
    except OSError:
        discard(sys.stdout)
    sys.exit(code)
