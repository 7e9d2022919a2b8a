"""What a person cannot do at the simulated console."""

from __future__ import annotations


class ConsoleError(Exception):
    """Something that a person cannot do at the console; the message says why."""
