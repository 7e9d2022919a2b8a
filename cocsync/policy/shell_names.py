"""What a shell script's names stand for: variables with one known value, its functions, and those that never end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocsync.policy.commands import as_quoted
from cocsync.policy.shell_tree import Tree
from cocsync.policy.shell_words import Part

if TYPE_CHECKING:
    from tree_sitter import Node

_QUERY = """
(variable_assignment) @assignment
(for_statement variable: (_) @loop)
(function_definition) @function
"""
_COMMANDS = "(command) @command"
_SETS = re.compile(r"\b(?:read|mapfile|readarray|getopts|printf[ \t]+-v)\b[^\n;|&]*")
_LITERAL = frozenset({"word", "raw_string", "string", "number", "concatenation"})
_ARGUMENTS = frozenset({"$@", "$*", "${@}", "${@:1}", "${@:2}"})
_BACKGROUND = re.compile(r"&(?<![&>|<]&)(?![&>\d])")
_ENDLESS = frozenset({":", "true", "1"})
_SELF = frozenset({"$0", "${0}"})


@dataclass(frozen=True, slots=True)
class Names:
    """`runners` are functions that run their arguments; `bombs` and `restarts` are where something starts itself

    without end: a function (the byte where its definition begins), and a command (the offset of its name).
    """

    constants: dict[str, Part] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    runners: frozenset[str] = frozenset()
    bombs: frozenset[int] = frozenset()
    restarts: frozenset[int] = frozenset()


def names(tree: Tree, outer: Names) -> Names:
    """Those of the text, and of the one that it stands in."""
    found = tree.captures(_QUERY)
    functions = {_name(tree, node): node for node in found.get("function", [])}
    in_background = "&" in tree.text and _BACKGROUND.search(tree.text) is not None
    commands = tree.captures(_COMMANDS).get("command", []) if in_background and "$" in tree.text else []
    return Names(
        constants=outer.constants | _constants(tree, found.get("assignment", []), found.get("loop", [])),
        functions=outer.functions | functions.keys(),
        runners=outer.runners | {name for name, node in functions.items() if _runs_arguments(tree, node)},
        bombs=frozenset(
            node.start_byte for name, node in functions.items() if in_background and _is_bomb(tree, name, node)
        ),
        restarts=frozenset(tree.offset(node.start_byte) for node in commands if _restarts(tree, node)),
    )


def _name(tree: Tree, node: Node) -> str:
    name = node.child_by_field_name("name")
    return tree.of(name) if name else ""


def _constants(tree: Tree, assignments: list[Node], loops: list[Node]) -> dict[str, Part]:
    """Variables that are given one literal value, once."""
    given: dict[str, list[Node | None]] = {}
    for node in assignments:
        given.setdefault(_name(tree, node), []).append(_value(node))
    for node in loops:
        given.setdefault(tree.of(node), []).append(None)
    values = {name: nodes[0] for name, nodes in given.items() if len(nodes) == 1}
    literal = {name: tree.of(node) for name, node in values.items() if node is not None and _is_plain(tree, node)}
    read = set(re.findall(r"\w+", " ".join(_SETS.findall(tree.text)))) if literal else set()
    return {name: _part(text) for name, text in literal.items() if text.strip("\"'") and name not in read}


def _value(node: Node) -> Node | None:
    """None where it is no plain `name=value` of the script's own, such as `name+=value` or `local name=value`."""
    value = node.child_by_field_name("value")
    plain = any(child.type == "=" for child in node.children)
    before_command = node.parent is not None and node.parent.type == "command"
    return value if plain and not before_command else None


def _is_plain(tree: Tree, node: Node) -> bool:
    text = tree.of(node)
    return node.type in _LITERAL and not set(text) & set("$`\\")


def _part(text: str) -> Part:
    bare = text.strip("\"'")
    is_quoted = text[:1] in ("'", '"')
    if not is_quoted and set(text) & {"'", '"'}:
        bare = re.sub("[\"']", "", text)
    return Part(bare, as_quoted(bare) if is_quoted and bare.startswith("~") else bare)


def _command_name(tree: Tree, node: Node) -> str:
    name = node.child_by_field_name("name")
    return tree.of(name) if name else ""


def _within(node: Node) -> list[Node]:
    found: list[Node] = []
    rest = [node]
    while rest:
        one = rest.pop()
        found.append(one)
        rest += one.named_children
    return found


def _runs_arguments(tree: Tree, function: Node) -> bool:
    """Its body has a command that is its arguments: `"$@"`."""
    text = tree.of(function)
    if "$@" not in text and "$*" not in text and "${@" not in text:
        return False
    return any(
        node.type == "command" and _command_name(tree, node).strip('"') in _ARGUMENTS for node in _within(function)
    )


def _is_bomb(tree: Tree, name: str, function: Node) -> bool:
    """Its body starts the function twice, in the background or as both ends of a pipe."""
    calls = [node for node in _within(function) if node.type == "command" and _command_name(tree, node) == name]
    apart = [node for node in calls if _is_in_background(node) or _is_piped(node)]
    return len(calls) > 1 and bool(apart) and any(map(_is_in_background, calls))


def _is_piped(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "pipeline"


def _is_in_background(node: Node) -> bool:
    statement = node.parent if node.parent is not None and _is_piped(node) else node
    after = statement.next_sibling
    return after is not None and after.type == "&"


def _restarts(tree: Tree, node: Node) -> bool:
    """The script itself, in the background of a loop without end, or as both ends of a pipe."""
    words = (*node.children_by_field_name("name"), *node.children_by_field_name("argument"))
    if not any(tree.of(word).strip('"') in _SELF for word in words[:2]) or not _is_in_background(node):
        return False
    if node.parent is not None and _is_piped(node):
        return sum("$0" in tree.of(stage) for stage in node.parent.named_children) > 1
    loop = node.parent.parent if node.parent is not None and node.parent.type == "do_group" else None
    condition = loop.child_by_field_name("condition") if loop is not None and loop.type == "while_statement" else None
    return condition is not None and tree.of(condition) in _ENDLESS
