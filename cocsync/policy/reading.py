"""A script, and what its content says, read at most once for all rules and only where one asks. Pure."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from cocsync.model.script import Script, ScriptType
from cocsync.policy.commands import Command

if TYPE_CHECKING:
    from cocsync.policy.shell_tree import Tree


_QUOTE = re.compile(r"[\"'\\]")
_CODE = re.compile(r"\\[xuU0-7]")
_COMMENT = re.compile(r"[ \t]*#[^\"'`]*\Z")
"""With a quote in it, it may be the end of a text over several lines."""
_WORD = re.compile(r"[\w-]+")
_BETWEEN = "".join(chr(c) if chr(c).isalnum() or chr(c) in "_-" else " " for c in range(128))
"""What `str.translate` makes of ASCII: all that is in no word becomes space."""
_QUOTES = {ord(quote): None for quote in "\"'\\"}


class Reading:
    """What the rules are asked about."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.text = script.content.text

    @cached_property
    def bare(self) -> str:
        """The text as a shell glues its words together: without quotes and backslashes, continued lines, and comments

        that fill a line.
        """
        if self.script.type == ScriptType.BAT:
            return self.text.replace("^\r\n", "").replace("^\n", "").replace("^", "").replace('"', "")
        text = self.text
        if self.script.type == ScriptType.PYTHON:
            return text.replace('""', "").replace("''", "")
        if "#" in text:
            text = "\n".join(line for line in text.split("\n") if not _COMMENT.match(line))
        if "\\" in text:
            text = text.replace("\\\r\n", "").replace("\\\n", "").replace("\\n", "\n").replace("\\t", "\t")
        return text.translate(_QUOTES) if text.isascii() else _QUOTE.sub("", text)

    @cached_property
    def is_coded(self) -> bool:
        """Whether it spells characters by their numbers, so that `bare` does not show them."""
        return "$'" in self.text and _CODE.search(self.text) is not None

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of `bare`, in lower case: what no word is the name of, no command is."""
        bare = self.bare.lower()
        return frozenset(bare.translate(_BETWEEN).split() if bare.isascii() else _WORD.findall(bare))

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """In the order of the content. None of a type that is not known."""
        match self.script.type:
            case ScriptType.SHELL:
                from cocsync.policy import python_commands, shell

                return shell.read(self.tree, python_commands.commands)
            case ScriptType.PYTHON:
                from cocsync.policy import python_commands

                return python_commands.commands(self.text)
            case ScriptType.BAT:
                from cocsync.policy import batch

                return batch.commands(self.text)
        return ()

    @cached_property
    def tree(self) -> Tree:
        """Of a SHELL script."""
        from cocsync.policy.shell_tree import Tree

        return Tree(self.text)
