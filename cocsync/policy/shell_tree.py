"""A shell script as the syntax tree of tree-sitter's grammar for bash, which also reads what is not yet finished.

The parser is loaded when the first script is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query

DEPTH_MAX = 60
"""Nested deeper than this is no script that somebody wrote."""

_LOOP_WITHOUT_IN = re.compile(r"(for(?<!\wfor)[ \t]+\w+)[ \t](?=[ \t]*do\b)", re.ASCII)
_EXTENDED_BEGINS = ("?(", "*(", "+(", "@(", "!(")
_ESCAPED_WORD = re.compile(r"\\(?<![^\s;&|({!]\\)(?=[A-Za-z])")
_MASK = "\x01"
_QUOTE_OUTSIDE = re.compile(r"\"|\$\([^()]*\)|`[^`]*`|\$\{[^{}]*\}")
_EXTENDED = re.compile(r"(?<=[\s\w/.*?\"'}\]|-])[?*+@!]\([^()\s;&\"'`$]*\)", re.ASCII)


class Tree:
    """The tree of one text. Nodes count in bytes; `offset` says which character of the text that is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.source = text.encode("utf-8", "surrogatepass")
        self.root: Node = _parser().parse(_readable(text).encode("utf-8", "surrogatepass")).root_node
        self._offsets = None if text.isascii() else _offsets(text)

    def offset(self, byte: int) -> int:
        return byte if self._offsets is None else self._offsets[byte]

    def slice(self, start: int, end: int) -> str:
        return self.source[start:end].decode("utf-8", "surrogatepass")

    def of(self, node: Node) -> str:
        return self.slice(node.start_byte, node.end_byte)

    def at(self, offset: int) -> Node:
        """The smallest node there; of a `$`, what it expands."""
        byte = offset if self._offsets is None else len(self.text[:offset].encode("utf-8", "surrogatepass"))
        node = self.root.descendant_for_byte_range(byte, byte + 1) or self.root
        return node if node.is_named or node.parent is None else node.parent

    def is_quoted(self, body: Node) -> bool:
        """Whether nothing is expanded in this body of a here-document."""
        redirect = body.parent
        start = next((one for one in redirect.children if one.type == "heredoc_start"), None) if redirect else None
        return start is not None and bool(set(self.of(start)) & set("'\"\\"))

    def captures(self, query: str) -> dict[str, list[Node]]:
        from tree_sitter import QueryCursor

        return QueryCursor(_query(query)).captures(self.root)


def _readable(text: str) -> str:
    """As many bytes, without what the grammar does not know: `for x do`, patterns of extglob, `\\rm` on a new line."""
    if "\\" in text:
        text = _ESCAPED_WORD.sub(" ", text)
    if " do" in text:
        text = _LOOP_WITHOUT_IN.sub(r"\1;", text)
    if any(map(text.__contains__, _EXTENDED_BEGINS)):
        text = _EXTENDED.sub(lambda match: "*" * len(match[0].encode("utf-8", "surrogatepass")), text)
    return text


@dataclass(frozen=True, slots=True)
class HereDocument:
    """Its body. `string` is the same in double quotes, which says what is expanded in it; None where nothing is."""

    body: Node
    string: Tree | None


def here_document(tree: Tree, redirect: Node) -> HereDocument | None:
    """None of one that the grammar does not make out. What is expanded in a body it does not say reliably."""
    parts = {child.type: child for child in redirect.children}
    body, start = parts.get("heredoc_body"), parts.get("heredoc_start")
    if body is None or start is None:
        return None
    if tree.is_quoted(body):
        return HereDocument(body, None)
    return HereDocument(body, Tree(f'"{_QUOTE_OUTSIDE.sub(_masked, tree.of(body))}"'))


def unmasked(text: str) -> str:
    """A text of `HereDocument.string` as it stands in the here-document."""
    return text.replace(_MASK, '"')


def _masked(match: re.Match[str]) -> str:
    return _MASK if match[0] == '"' else match[0]


def children(node: Node) -> Iterator[Node]:
    """The named ones, without comments."""
    return (child for child in node.named_children if child.type != "comment")


@cache
def _parser() -> Parser:
    from tree_sitter import Parser

    return Parser(_language())


@cache
def _language() -> Language:
    import tree_sitter_bash
    from tree_sitter import Language

    return Language(tree_sitter_bash.language())


@cache
def _query(query: str) -> Query:
    from tree_sitter import Query

    return Query(_language(), query)


def _offsets(text: str) -> list[int]:
    """Of each byte, which character it belongs to; and of the end."""
    widths = [len(character.encode("utf-8", "surrogatepass")) for character in text]
    return [index for index, width in enumerate(widths) for _ in range(width)] + [len(text)]
