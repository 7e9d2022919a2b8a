"""Which of its params a content uses: COC passes them by position. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocsync.policy import batch, python_source
from cocsync.policy.heads import positions_used
from cocsync.policy.reading import Reading

if TYPE_CHECKING:
    from tree_sitter import Node

    from cocsync.policy.shell_tree import Tree

_SPELT = re.compile(
    r"\$(?:(?P<one>[1-9])|\{(?P<some>[1-9][0-9]{0,3})(?![0-9])|(?P<all>[@*]|\{[@*!]|\{?BASH_ARGV))", re.ASCII
)
_WORDS = ("shift", "getopts", "set", "for", "select", "trap", "eval")
_POSITION = re.compile(r"\$\{?[1-9]")
_IN_TEXT = re.compile(r"\$(?:\{([1-9][0-9]{0,3})|([1-9]))")
_ALL_IN_TEXT = re.compile(r"\$[@*]|\$\{[!@*]|\\?\$\{\\?\$")
_SCRIPT_ITSELF = ("$0", "${0}")

_BAT_VARIABLE = re.compile(r"%[A-Za-z_][\w.()~:=,-]*%")
_BAT_USE = re.compile(r"(?<!%)%(?:~[A-Za-z$:]{0,9})?([1-9])")
_BAT_ALL = re.compile(r"(?<!%)%(?:~[A-Za-z]{0,9})?\*|\bshift\b", re.IGNORECASE)
_BAT_SUBROUTINE = re.compile(r"\bcall[ \t]+\"?:", re.IGNORECASE)

_PYTHON_PARSERS = frozenset(
    {"argparse", "absl", "click", "docopt", "fileinput", "fire", "getopt", "optparse", "plac", "typer"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """Positions that the content uses: `seen` in some way, `certain` (with the offset) for sure as the script's own.

    `everything`: as a whole, or in a way that cannot be followed.
    """

    seen: frozenset[int]
    certain: dict[int, int]
    everything: bool = False


NOTHING = Uses(seen=frozenset(), certain={})


def in_shell(reading: Reading) -> Uses:
    """Functions have positions of their own; `set --` gives the script new ones."""
    text = reading.text
    if not reading.script.params and not _POSITION.search(text):
        return NOTHING
    if plain := _plainly(text, len(reading.script.params)):
        return plain
    tree = reading.tree
    positions: dict[int, int] = {}
    seen: set[int] = set()
    everything = resets = False
    for match in _SPELT.finditer(text):
        node = tree.at(match.start())
        if not _is_expanded(tree, node, match) or _is_in_function(node):
            continue
        if position := match["one"] or match["some"]:
            positions.setdefault(int(position), match.start())
        else:
            everything = everything or not _starts_again(tree, node)
    for word, offset in _words(text):
        node = tree.at(offset)
        if _is_in_function(node):
            continue
        words = _command(tree, node)
        resets = resets or (word == "set" and _sets_positions(words))
        later = " ".join(words[1:]) if word in ("trap", "eval") else ""
        seen |= {int(one or other) for one, other in _IN_TEXT.findall(later)}
        takes = bool(words) and word in ("shift", "getopts")
        everything = everything or takes or _loops_over_all(node) or _ALL_IN_TEXT.search(later) is not None
    return Uses(seen=frozenset(seen | positions.keys()), certain={} if resets else positions, everything=everything)


def _plainly(text: str, count: int) -> Uses | None:
    """Without a parser: where the first lines use all params, and no line spells a position behind them."""
    if count == 0 or any(int(one or other) > count for one, other in _IN_TEXT.findall(text)):
        return None
    seen = positions_used(text, count)
    return Uses(seen=seen, certain={}) if seen.issuperset(range(1, count + 1)) else None


def _words(text: str) -> Iterator[tuple[str, int]]:
    """The words that may say something of all positions, and where they are."""
    for word in _WORDS:
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                yield word, at
            at = text.find(word, end)


def _is_in_function(node: Node) -> bool:
    parent: Node | None = node
    while parent is not None and parent.type != "function_definition":
        parent = parent.parent
    return parent is not None


def _is_expanded(tree: Tree, node: Node, match: re.Match[str]) -> bool:
    """What is expanded in a here-document or a pattern, the grammar does not say."""
    if node.type in ("simple_expansion", "expansion"):
        return True
    body = node.parent if node.type == "heredoc_content" else node
    if body is None or body.type not in ("heredoc_body", "regex") or match.string[match.start() - 1] == "\\":
        return False
    return body.type == "regex" or not tree.is_quoted(body)


def _starts_again(tree: Tree, node: Node) -> bool:
    """`exec bash "$0" "$@"`: a script that starts itself under another shell hands its params on, and uses none."""
    words = _command(tree, node, anywhere=True)
    return any(word.strip('"') in _SCRIPT_ITSELF for word in words[:4])


def _loops_over_all(node: Node) -> bool:
    """`for x; do`."""
    return node.type == "for_statement" and node.child_by_field_name("value") is None


def _command(tree: Tree, node: Node, *, anywhere: bool = False) -> tuple[str, ...]:
    """The words of the command that the node is the name of, or stands anywhere in."""
    command: Node | None = node
    while command is not None and command.type != "command":
        command = command.parent
    if command is None:
        return ()
    name = command.child_by_field_name("name")
    if not anywhere and (name is None or name.start_byte != node.start_byte):
        return ()
    words = (*command.children_by_field_name("name"), *command.children_by_field_name("argument"))
    return tuple(map(tree.of, words))


def _sets_positions(words: tuple[str, ...]) -> bool:
    return "--" in words or any(word[:1] not in ("-", "+") for word in words[1:2])


def in_python(reading: Reading) -> Uses:
    if "argv" not in reading.text:
        return Uses(seen=frozenset(), certain={}, everything=not _PYTHON_PARSERS.isdisjoint(reading.words))
    tree = python_source.parsed(reading.text)
    if tree is None:
        return Uses(seen=frozenset(), certain={}, everything=True)
    imported = python_source.names(tree)
    followed = {id(argv): use for use in ast.walk(tree) for argv in _arguments_in(use, imported)}
    positions: dict[int, int] = {}
    everything = _parses(tree) or "sys.argv" in imported.values()
    for node in python_source.walked(tree):
        if not _is_arguments(node, imported):
            continue
        position = _position(followed.get(id(node)))
        everything = everything or position is None
        if position:
            positions.setdefault(position, python_source.offset(reading.text, node))
    return Uses(seen=frozenset(positions), certain=positions, everything=everything)


def _is_arguments(node: ast.AST, imported: dict[str, str]) -> bool:
    return isinstance(node, ast.Attribute | ast.Name) and python_source.qualified(node, imported) == "sys.argv"


def _arguments_in(use: ast.AST, imported: dict[str, str]) -> Iterator[ast.AST]:
    """`sys.argv` where it is only counted, or asked for one position."""
    if isinstance(use, ast.Subscript) and _is_arguments(use.value, imported):
        yield use.value
    elif isinstance(use, ast.Call) and isinstance(use.func, ast.Name) and use.func.id == "len":
        yield from (argument for argument in use.args if _is_arguments(argument, imported))


def _position(use: ast.AST | None) -> int | None:
    """0 where it is counted; None where it may be any."""
    if isinstance(use, ast.Call):
        return 0
    if isinstance(use, ast.Subscript) and isinstance(use.slice, ast.Constant) and isinstance(use.slice.value, int):
        return use.slice.value
    return None


def _parses(tree: ast.Module) -> bool:
    modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return any(module.partition(".")[0] in _PYTHON_PARSERS for module in modules)


def in_bat(reading: Reading) -> Uses:
    """Subroutines have positions of their own."""
    code = _BAT_VARIABLE.sub(lambda match: " " * len(match[0]), batch.without_comments(reading.text))
    positions: dict[int, int] = {}
    for match in _BAT_USE.finditer(code):
        positions.setdefault(int(match[1]), match.start())
    certain = {} if _BAT_SUBROUTINE.search(code) else positions
    return Uses(seen=frozenset(positions), certain=certain, everything=_BAT_ALL.search(code) is not None)
