"""The group of commands."""

from __future__ import annotations

import click
import pytest

from cocsync.cli.main import COMMANDS, cocsync


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_in_the_help_of_the_program_is_the_command_s_own(name: str) -> None:
    command = cocsync.get_command(click.Context(cocsync), name)

    assert command is not None
    assert command.get_short_help_str(500) == COMMANDS[name]
