"""`cocsync completion`."""

from __future__ import annotations

import click

from cocsync.cli.parts.run import Run, say, verb


@verb()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(run: Run, shell: str) -> None:  # noqa: ARG001
    """Print the completion script for SHELL: source it in your shell's start file."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    if kind is not None:
        say(kind(root, {}, "cocsync", "_COCSYNC_COMPLETE").source(), nl=False)
